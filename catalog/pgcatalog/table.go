package pgcatalog

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// Env is what the rows are made from.
type Env struct {
	Catalog    *catalog.Catalog
	User       string
	Database   string
	SearchPath []string
	Now        time.Time
	// Live gives the rows of a table that only the running server can know ("streamsql.queries", "pg_catalog.pg_settings"), in the order of the
	// table's columns; nil where it knows none.
	Live func(table string) [][]any
}

// table is one virtual table.
type table struct {
	schema string
	name   string
	oid    uint32
	cols   []col
	rows   func(e *Env) [][]any // nil: Env.Live
	doc    string
}

// col is a column: its name and type.
type col struct {
	name string
	typ  types.Type
}

// Relations are all virtual tables, for the catalog.
func Relations() []*catalog.Relation {
	out := make([]*catalog.Relation, 0, len(tables))
	for _, t := range tables {
		r := &catalog.Relation{OID: t.oid, Schema: t.schema, Name: t.name, Kind: catalog.System, Comment: t.doc}
		for _, c := range t.cols {
			r.Columns = append(r.Columns, catalog.Column{Name: c.name, Type: c.typ})
		}
		out = append(out, r)
	}
	return out
}

// Rows gives the rows of a virtual table.
func Rows(rel *catalog.Relation, e *Env) (*types.Batch, error) {
	for _, t := range tables {
		if t.oid == rel.OID {
			if t.rows != nil {
				return batch(t, t.rows(e))
			}
			return batch(t, e.Live(t.schema+"."+t.name))
		}
	}
	return nil, fmt.Errorf("pgcatalog: no table %s", rel.FullName())
}

// batch puts rows of Go values into columns.
func batch(t *table, rows [][]any) (*types.Batch, error) {
	b := &types.Batch{N: len(rows)}
	f := types.UTCFormat(0)
	for i, c := range t.cols {
		bld := types.NewBuilder(c.typ)
		for _, r := range rows {
			var v any
			if i < len(r) {
				v = r[i]
			}
			if err := appendValue(bld, v, c.typ, f); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", t.name, c.name, err)
			}
		}
		b.Cols = append(b.Cols, bld.NewArray())
	}
	return b, nil
}

// appendValue appends a Go value; everything that has no case goes through its text form.
func appendValue(b array.Builder, v any, t types.Type, f *types.Format) error {
	switch v := v.(type) {
	case nil:
		b.AppendNull()
		return nil
	case time.Time:
		if v.IsZero() {
			b.AppendNull()
			return nil
		}
		return types.ParseText(b, v.UTC().Format("2006-01-02 15:04:05.999999Z"), t, f)
	case bool:
		if v {
			return types.ParseText(b, "t", t, f)
		}
		return types.ParseText(b, "f", t, f)
	}
	return types.ParseText(b, fmt.Sprint(v), t, f)
}
