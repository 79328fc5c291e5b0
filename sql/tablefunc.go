package sql

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// tableFunc binds a function in FROM. left is what stands before it (nil: nothing). lateral says that it reads columns of left: its node
// is then over left's, with the function's columns behind; else it stands for itself.
func (b *binder) tableFunc(t *ast.TableFunc, left *fromItem, parent *scope, outer bool) (it *fromItem, lateral bool, err error) {
	if len(t.Alias.Types) > 0 {
		return nil, false, notYet(t.Offset(), "a column definition list is not supported")
	}
	who, err := b.callee(t.Calls[0])
	if err != nil {
		return nil, false, err
	}
	name := who.name
	if it, err := b.stateRows(t, who); it != nil || err != nil {
		return it, false, err
	}
	s := &scope{parent: parent}
	if left != nil {
		s = left.scope(parent)
	}
	s.clause = "functions in FROM"
	if len(t.Calls) == 1 && (who.only || !expr.IsSetReturning(name)) {
		return b.scalarFunc(t, t.Calls[0], name, left, s)
	}
	n := &plan.TableFunc{In: oneRow(t.Offset()), Ordinality: t.Ordinality, Pos: t.Calls[0].Offset()}
	var calls []*expr.Call
	for _, a := range t.Calls {
		more, err := b.setCalls(a, s)
		if err != nil {
			return nil, false, err
		}
		for _, c := range more {
			lateral = lateral || left != nil && (len(expr.Columns(c)) > 0 || b.hasMark(c, markSub))
			n.More = append(n.More, plan.SetCall{Fn: c.Fn, Args: c.Args})
		}
		calls = append(calls, more...)
	}
	n.Fn, n.Args, n.More = n.More[0].Fn, n.More[0].Args, n.More[1:]
	if lateral {
		n.In, n.Outer = left.node, outer
	}
	xs := n.Exprs()
	if n.In, err = b.attach(n.In, xs); err != nil {
		return nil, false, err
	}
	n = n.WithExprs(xs).(*plan.TableFunc)
	n.Cols = slices.Clone(n.In.Schema())
	from := len(n.Cols)
	table := or(t.Alias.Name, name)
	for _, call := range calls {
		switch {
		case len(call.Fn.RetCols) > 0:
			for _, c := range setCols(call) {
				n.Cols = append(n.Cols, plan.Col{Name: c.Name, Type: c.Type, Table: table})
			}
		case len(calls) > 1:
			n.Cols = append(n.Cols, plan.Col{Name: call.Fn.Name, Type: call.Typ, Table: table})
		default:
			n.Cols = append(n.Cols, plan.Col{Name: table, Type: call.Typ, Table: table})
		}
	}
	if t.Ordinality {
		n.Cols = append(n.Cols, plan.Col{Name: "ordinality", Type: types.Int8, Table: table})
	}
	rows := rowColumns(n, from, table)
	if it, err = tailItem(rows, from, t.Alias, table); err == nil {
		it.srcs[0].scalar = len(calls) == 1 && calls[0].Fn.RetCols == nil && !t.Ordinality && rows == plan.Node(n)
	}
	return it, lateral, err
}

// rowColumns puts the fields of rows of known columns, from column from on, in their place: a function in FROM that gives rows gives their columns.
func rowColumns(n plan.Node, from int, table string) plan.Node {
	cols := n.Schema()
	p := &plan.Project{In: n, Pos: n.Offset()}
	for i, x := range columnsOf(cols, 0) {
		fields := cols[i].Type.Fields()
		if i < from || fields == nil {
			p.Items, p.Cols = append(p.Items, x), append(p.Cols, cols[i])
			continue
		}
		for k, f := range fields {
			p.Items, p.Cols = append(p.Items, expr.NewField(x, k, f.Type, n.Offset())), append(p.Cols, plan.Col{Name: f.Name, Type: f.Type, Table: table})
		}
	}
	if len(p.Cols) == len(cols) && !slices.ContainsFunc(cols[from:], func(c plan.Col) bool { return c.Type.Fields() != nil }) {
		return n
	}
	return p
}

// setCalls binds a function in FROM beside which others may stand: unnest of several arrays is one call for each, and a function of one value gives one row.
func (b *binder) setCalls(a *ast.Call, s *scope) ([]*expr.Call, error) {
	who, err := b.callee(a)
	if err != nil {
		return nil, err
	}
	name := who.name
	if who.only || !expr.IsSetReturning(name) {
		x, err := b.call(a, s)
		if err != nil {
			return nil, err
		}
		if x, err = b.known(x, a.Offset()); err != nil {
			return nil, err
		}
		return []*expr.Call{{Fn: oneValue(name), Args: []expr.Expr{x}, Typ: x.Type()}}, nil
	}
	if err := plainCall(a, name); err != nil {
		return nil, err
	}
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, err
	}
	groups := [][]expr.Expr{args}
	if name == "unnest" && len(args) > 1 {
		groups = groups[:0]
		for i := range args {
			groups = append(groups, args[i:i+1])
		}
	}
	var out []*expr.Call
	for _, g := range groups {
		x, err := b.callWith(a, who, g, locs(a.Args))
		if err != nil {
			return nil, err
		}
		out = append(out, x.(*expr.Call))
	}
	return out, nil
}

// oneValue is a set-returning function that gives its argument once for each row.
func oneValue(name string) *expr.Func {
	return &expr.Func{Name: name, Set: func(_ *expr.Ctx, n int, vs []expr.Vec) ([]arrow.Array, []int32, error) {
		rows := make([]int32, n)
		for i := range rows {
			rows[i] = int32(i)
		}
		return []arrow.Array{vs[0].Array(n)}, rows, nil
	}}
}

// tailItem names the columns of a node from place from on.
func tailItem(n plan.Node, from int, a ast.Alias, table string) (*fromItem, error) {
	all := nodeItem(n, n.Schema())
	all.cols = all.cols[from:]
	for i := range all.cols {
		all.cols[i].rel, all.cols[i].att = 0, 0
	}
	return all.alias(a, table, nil)
}

// scalarFunc is a function of one value in FROM: a table of one row.
func (b *binder) scalarFunc(t *ast.TableFunc, a *ast.Call, name string, left *fromItem, s *scope) (*fromItem, bool, error) {
	x, err := b.call(a, s)
	if err != nil {
		return nil, false, err
	}
	if x, err = b.known(x, a.Offset()); err != nil {
		return nil, false, err
	}
	lateral := left != nil && (len(expr.Columns(x)) > 0 || b.hasMark(x, markSub))
	p := &plan.Project{In: oneRow(t.Offset()), Pos: a.Offset()}
	if lateral {
		p.In = left.node
		p.Cols = slices.Clone(p.In.Schema())
		p.Items = columnsOf(p.Cols, 0)
	}
	xs := []expr.Expr{x}
	if p.In, err = b.attach(p.In, xs); err != nil {
		return nil, false, err
	}
	x = xs[0]
	from := len(p.Cols)
	table := or(t.Alias.Name, name)
	p.Items = append(p.Items, x)
	p.Cols = append(p.Cols, plan.Col{Name: table, Type: x.Type(), Table: table})
	if t.Ordinality {
		p.Items = append(p.Items, expr.ConstInt8(1))
		p.Cols = append(p.Cols, plan.Col{Name: "ordinality", Type: types.Int8, Table: table})
	}
	it, err := tailItem(p, from, t.Alias, table)
	return it, lateral, err
}
