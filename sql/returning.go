package sql

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Returning is a RETURNING list. Items are over all columns of the changed relation (dropped ones included), then those of FROM or USING. Where they
// read sub-selects, Plan computes them instead: it reads the rows through Given.
type Returning struct {
	Items []expr.Expr
	Cols  plan.Schema
	Plan  plan.Node
	Given *catalog.Relation
}

// returning binds a RETURNING list; nil where there is none.
func (b *binder) returning(list []ast.SelectItem, ch *changed) (*Returning, error) {
	if len(list) == 0 {
		return nil, nil
	}
	s := *ch.scope
	s.clause = "RETURNING"
	items, err := b.itemList(list, &s, true)
	if err != nil {
		return nil, err
	}
	r := &Returning{}
	plain := true
	for _, it := range items {
		x, err := b.known(it.x, it.pos)
		if err != nil {
			return nil, err
		}
		plain = plain && !b.hasMark(x, markSub) && !hasSubquery(x)
		it.col.Type = x.Type()
		r.Items, r.Cols = append(r.Items, x), append(r.Cols, it.col)
	}
	if plain {
		return r, nil
	}
	r.Given = b.given("returning", ch.cols)
	n := plan.Node(targetScan(r.Given, "", -1))
	if n, err = b.attach(n, r.Items); err != nil {
		return nil, err
	}
	r.Plan = &plan.Project{In: n, Items: r.Items, Cols: r.Cols, Pos: loc(list[0].X)}
	return r, nil
}

// given makes a relation for rows that the statement will have at hand.
func (b *binder) given(name string, cols plan.Schema) *catalog.Relation {
	b.gives++
	rel := &catalog.Relation{OID: ^uint32(0) - uint32(b.gives), Name: name, Kind: catalog.Given}
	for _, c := range cols {
		rel.Columns = append(rel.Columns, catalog.Column{Name: c.Name, Type: c.Type})
	}
	return rel
}
