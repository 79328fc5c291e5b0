package pgcatalog

import (
	"fmt"
	"sync"
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
	Printer    Printer
	Format     *types.Format // how constants are written in printed expressions
	// Live gives the rows of a table that only the running server can know ("streamsql.queries", "pg_catalog.pg_settings"), in the order of the
	// table's columns; nil where it knows none.
	Live func(table string) [][]any

	views map[uint32]bool // the virtual tables that are views to clients
}

// table is one virtual table.
type table struct {
	schema string
	name   string
	oid    uint32
	view   bool // shown as a view
	cols   []col
	rows   func(e *Env) [][]any // nil: Env.Live
	doc    string
}

// col is a column: its name and type.
type col struct {
	name string
	typ  types.Type
}

// hasXmin says whether t has the system column xmin, by which some clients look for changes: the tables of pg_catalog have. It is always 1.
func (t *table) hasXmin() bool { return t.schema == catalog.PgCatalog && !t.view }

// Relations are all virtual tables, for the catalog.
func Relations() []*catalog.Relation {
	out := make([]*catalog.Relation, 0, len(tables))
	for _, t := range tables {
		r := &catalog.Relation{OID: t.oid, Schema: t.schema, Name: t.name, Kind: catalog.System, Comment: t.doc}
		for _, c := range t.cols {
			r.Columns = append(r.Columns, catalog.Column{Name: c.name, Type: c.typ})
		}
		if t.hasXmin() {
			r.Columns = append(r.Columns, catalog.Column{Name: "xmin", Type: types.Xid, Hidden: true})
		}
		out = append(out, r)
	}
	return out
}

// Rows gives the rows of a virtual table.
func Rows(rel *catalog.Relation, e *Env) (*types.Batch, error) {
	t := byOID()[rel.OID]
	if t == nil {
		return nil, fmt.Errorf("pgcatalog: no table %s", rel.FullName())
	}
	if t.rows == nil {
		return batch(t, e.Live(t.schema+"."+t.name))
	}
	env := *e
	env.views = views()
	return batch(t, t.rows(&env))
}

var byOID = sync.OnceValue(func() map[uint32]*table {
	m := map[uint32]*table{}
	for _, t := range tables {
		m[t.oid] = t
	}
	return m
})

var views = sync.OnceValue(func() map[uint32]bool {
	m := map[uint32]bool{}
	for _, t := range tables {
		m[t.oid] = t.view
	}
	return m
})

// Values puts rows of Go values (nil, bool, string, numbers, time.Time) into columns of the types, as the virtual tables do.
func Values(ts []types.Type, rows [][]any) (*types.Batch, error) {
	t := &table{name: "values"}
	for i, typ := range ts {
		t.cols = append(t.cols, col{fmt.Sprintf("column%d", i+1), typ})
	}
	return batch(t, rows)
}

// batch puts rows of Go values into columns. Rows may be shorter than the table: the rest is NULL.
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
	if t.hasXmin() {
		bld := types.NewBuilder(types.Xid)
		for range rows {
			if err := appendValue(bld, 1, types.Xid, f); err != nil {
				return nil, err
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
		if b, ok := b.(*array.BooleanBuilder); ok {
			b.Append(v)
			return nil
		}
	case string:
		if b, ok := b.(*array.StringBuilder); ok {
			b.Append(v)
			return nil
		}
		return types.ParseText(b, v, t, f)
	case uint32:
		if b, ok := b.(*array.Uint32Builder); ok {
			b.Append(v)
			return nil
		}
	case int:
		switch b := b.(type) {
		case *array.Uint32Builder:
			b.Append(uint32(v))
			return nil
		case *array.Int32Builder:
			b.Append(int32(v))
			return nil
		case *array.Int16Builder:
			b.Append(int16(v))
			return nil
		}
	}
	return types.ParseText(b, fmt.Sprint(v), t, f)
}
