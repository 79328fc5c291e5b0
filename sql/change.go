package sql

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Change is a bound statement that changes rows: *Insert, *Update, *Delete or *Merge.
type Change interface{ Common() *Head }

// Head is what all changes have.
type Head struct {
	Returning *Returning // nil: none
	With      []*With    // of the statement; nil in those of a WITH clause
	Reads     []*With    // the items of With that this one reads
	Params    []types.Type
	Deps      []uint32
}

// Common gives the head of a change.
func (h *Head) Common() *Head { return h }

// With is a data-modifying item of WITH. It runs once, whether it is read or not; its result is read through Rows.
type With struct {
	Name   string
	Change Change
	Rows   *catalog.Relation // nil: without RETURNING
}

// BindChange binds INSERT, UPDATE, DELETE or MERGE.
func BindChange(st ast.Stmt, env *Env) (Change, error) {
	b := newBinder(env)
	c, err := b.change(st)
	if err != nil {
		return nil, err
	}
	h := c.Common()
	h.With, h.Deps = b.withs, b.depList()
	h.Params, err = b.paramList()
	return c, err
}

// change binds one of the changes, also as an item of WITH.
func (b *binder) change(st ast.Stmt) (Change, error) {
	outer, reads := b.ctes, b.reads
	b.reads = nil
	defer func() { b.ctes, b.reads = outer, reads }()
	c, err := b.changeOf(st)
	if err != nil {
		return nil, err
	}
	c.Common().Reads = b.reads
	return c, nil
}

func (b *binder) changeOf(st ast.Stmt) (Change, error) {
	switch st := st.(type) {
	case *ast.Insert:
		return bindChange(b, st.With, st, b.insert)
	case *ast.Update:
		return bindChange(b, st.With, st, b.update)
	case *ast.Delete:
		return bindChange(b, st.With, st, b.delete)
	case *ast.Merge:
		return bindChange(b, st.With, st, b.merge)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "%T changes no rows", st)
}

func bindChange[S ast.Stmt, C Change](b *binder, w ast.With, st S, bind func(S) (C, error)) (Change, error) {
	if err := b.with(&ast.Query{With: w.Items, Recursive: w.Recursive}, nil); err != nil {
		return nil, err
	}
	inside := b.noChange
	b.noChange = true
	defer func() { b.noChange = inside }()
	c, err := bind(st)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// modifying binds a data-modifying item of WITH; out is nil where it has no RETURNING.
func (b *binder) modifying(c *ast.CTE, parent *scope) (out *bound, w *With, err error) {
	pos := c.Pos.Offset()
	if parent != nil || b.nested > 1 || b.noChange {
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "WITH clause containing a data-modifying statement must be at the top level").At(pos)
	}
	if _, is := c.Stmt.(*ast.Merge); is {
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "MERGE not supported in WITH query").At(pos)
	}
	b.noChange = true
	change, err := b.change(c.Stmt)
	b.noChange = false
	if err != nil {
		return nil, nil, err
	}
	w = &With{Name: c.Name, Change: change}
	b.withs = append(b.withs, w)
	r := change.Common().Returning
	if r == nil {
		return nil, w, nil
	}
	w.Rows = b.given(c.Name, r.Cols)
	cols := make(plan.Schema, len(r.Cols))
	for i, col := range r.Cols {
		cols[i] = plan.Col{Name: col.Name, Type: col.Type}
	}
	return &bound{node: &plan.Project{In: targetScan(w.Rows, "", pos), Items: columnsOf(cols, 0), Cols: cols, Pos: pos}}, w, nil
}

// Modifies says whether the WITH clause of a query changes rows.
func Modifies(q *ast.Query) bool {
	for i := range q.With {
		if q.With[i].Stmt != nil {
			return true
		}
	}
	return false
}
