package pgcatalog

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// emptyTables are the tables of things that the server does not have (triggers, sequences, publications ...). Clients read them all the same, so they
// are there and empty, but for those with a file of rows in data. Their columns are in data/empty.txt: schema, name, OID, relkind and name:type for each column.
func emptyTables() []*table {
	var out []*table
	for line := range strings.Lines(readData("empty.txt")) {
		w := strings.Fields(line)
		oid, err := strconv.ParseUint(w[2], 10, 32)
		if err != nil {
			panic(err) // the file is part of the program
		}
		t := &table{schema: w[0], name: w[1], oid: uint32(oid), view: w[3] == "v", rows: func(*Env) [][]any { return nil }}
		if file := w[1] + ".tsv"; hasData(file) {
			rows := static(file)
			t.rows = func(*Env) [][]any { return rows() }
		}
		for _, c := range w[4:] {
			name, typ, _ := strings.Cut(c, ":")
			t.cols = append(t.cols, col{name, typeNamed(typ)})
		}
		out = append(out, t)
	}
	return out
}

// typeNamed finds a type by its name in pg_type.
func typeNamed(name string) types.Type {
	for _, in := range types.All() {
		if in.Name == name {
			return in.Type
		}
	}
	panic(fmt.Sprintf("pgcatalog: no type %s", name))
}
