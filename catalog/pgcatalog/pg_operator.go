package pgcatalog

import (
	"fmt"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// pgOperator is pg_catalog.pg_operator: the operators there are; the rows are PostgreSQL's.
var pgOperator = pg("pg_operator", 2617, false, operatorRows, []col{
	{"oid", types.OID}, {"oprname", types.Name}, {"oprnamespace", types.OID}, {"oprowner", types.OID}, {"oprkind", types.Char},
	{"oprcanmerge", types.Bool}, {"oprcanhash", types.Bool}, {"oprleft", types.OID}, {"oprright", types.OID}, {"oprresult", types.OID},
	{"oprcom", types.OID}, {"oprnegate", types.OID}, {"oprcode", types.RegProc}, {"oprrest", types.RegProc}, {"oprjoin", types.RegProc},
})

var operatorData = static("pg_operator.tsv")

func operatorRows(*Env) [][]any {
	have := map[string]bool{}
	for _, f := range expr.Funcs() {
		if !expr.IsOperator(f.Name) {
			continue
		}
		left, right := uint32(0), f.Args[len(f.Args)-1].OID
		if len(f.Args) == 2 {
			left = f.Args[0].OID
		}
		have[fmt.Sprintf("%s %d %d", f.Name, left, right)] = true
	}
	var rows [][]any
	for _, r := range operatorData() {
		if have[fmt.Sprintf("%s %s %s", r[1], r[7], r[8])] {
			rows = append(rows, r)
		}
	}
	return rows
}
