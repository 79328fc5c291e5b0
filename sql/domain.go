package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// domain is the general way to take correlation out, for what decorrelator cannot pull up: the distinct values of the outer columns that a
// sub-select reads become a table, which is joined inside the sub-select below all that reads them, and goes up with each row.
type domain struct {
	b     *binder
	s     *scope
	marks []int       // the outer columns, as mark numbers
	node  plan.Node   // their distinct values, in this order
	works map[int]int // recursive queries being pushed into: the number of what they become
}

// domainOf gives inner for each row of the domain that host has, and the conditions that join host with it; inner's columns, which come
// first, then stand behind host's. refs are the outer columns over host.
func (b *binder) domainOf(host, inner plan.Node, refs map[int]expr.Expr, s *scope, pos int) (plan.Node, []expr.Expr, error) {
	d := &domain{b: b, s: s, marks: b.outerMarks(inner, s)}
	p := &plan.Project{In: host, Pos: pos}
	for _, m := range d.marks {
		p.Items = append(p.Items, refs[m])
		p.Cols = append(p.Cols, plan.Col{Name: "outer", Type: refs[m].Type()})
	}
	d.node = &plan.Distinct{In: p, Pos: pos}
	in, err := d.push(inner)
	if err != nil {
		return nil, nil, err
	}
	at := plan.Width(host) + plan.Width(inner)
	var conds []expr.Expr
	for i, x := range p.Items {
		conds = append(conds, &expr.IsDistinct{L: x, R: &expr.Column{Idx: at + i, Name: "outer", Typ: x.Type()}, Not: true})
	}
	return in, conds, nil
}

// domainJoin evaluates sub for each row of n: n left joined with the sub-select over its domain, and the value over that join.
func (b *binder) domainJoin(n plan.Node, sub *subselect, s *scope, pos int) (plan.Node, expr.Expr, error) {
	in, conds, err := b.domainOf(n, sub.inner, sub.refs, s, pos)
	if err != nil {
		return nil, nil, err
	}
	join := &plan.Join{Kind: "left", L: n, R: in, Cond: andAll(conds), Cols: slices.Concat(n.Schema(), in.Schema()), LTime: -1, RTime: -1, Pos: pos}
	value, err := b.overJoin(sub.value, sub.refs, plan.Width(n))
	return join, value, err
}

// inside reads the outer columns from the domain's columns, which begin at place at.
func (d *domain) inside(x expr.Expr, at int) expr.Expr {
	if x == nil {
		return nil
	}
	return expr.Transform(x, func(e expr.Expr) expr.Expr {
		p, ok := e.(*expr.Param)
		if !ok {
			return e
		}
		if i := slices.Index(d.marks, p.N); i >= 0 {
			return &expr.Column{Idx: at + i, Name: "outer", Typ: p.Typ}
		}
		return e
	})
}

func (d *domain) all(xs []expr.Expr, at int) []expr.Expr {
	out := make([]expr.Expr, len(xs))
	for i, x := range xs {
		out[i] = d.inside(x, at)
	}
	return out
}

// has says whether n reads the outer columns, or rows that have them.
func (d *domain) has(n plan.Node) bool {
	found := len(d.b.outerMarks(n, d.s)) > 0
	if len(d.works) > 0 && !found {
		plan.Walk(n, func(n plan.Node) {
			if w, ok := n.(*plan.WorkTable); ok {
				found = found || d.works[w.ID] > 0
			}
		})
	}
	return found
}

// push gives n for each row of the domain, whose columns stand behind those of n.
func (d *domain) push(n plan.Node) (plan.Node, error) {
	if !d.has(n) {
		return d.cross(n), nil
	}
	ins := n.Inputs()
	switch n := n.(type) {
	case *plan.Values:
		return d.values(n)
	case *plan.Join:
		return d.join(n)
	case *plan.SetOp:
		return d.setOp(n)
	case *plan.Limit:
		return d.limit(n)
	case *plan.Match:
		return d.match(n)
	case *plan.Recursive:
		return d.recursive(n)
	case *plan.WorkTable:
		return &plan.WorkTable{ID: d.works[n.ID], Cols: slices.Concat(n.Cols, d.node.Schema()), Pos: n.Pos}, nil
	case *plan.Filter, *plan.Sort, *plan.Project, *plan.Aggregate, *plan.TableFunc, *plan.Distinct, *plan.TimeWindow, *plan.Over:
		in, err := d.push(ins[0])
		if err != nil {
			return nil, err
		}
		return d.unary(n, in, len(ins[0].Schema()))
	}
	word, _, _ := strings.Cut(n.Explain(), " ")
	return nil, notYet(n.Offset(), "a correlated subquery is not supported with %s", strings.ToUpper(word))
}

func (d *domain) cross(n plan.Node) plan.Node {
	return &plan.Join{Kind: "inner", L: n, R: d.node, Cols: slices.Concat(n.Schema(), d.node.Schema()), LTime: -1, RTime: -1, Pos: n.Offset()}
}
