package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// tableFunc binds a function in FROM. left is what stands before it (nil: nothing). lateral says that it reads columns of left: its node
// is then over left's, with the function's columns behind; else it stands for itself.
func (b *binder) tableFunc(t *ast.TableFunc, left *fromItem, parent *scope, outer bool) (it *fromItem, lateral bool, err error) {
	if len(t.Calls) != 1 {
		return nil, false, notYet(t.Offset(), "ROWS FROM with more than one function is not supported")
	}
	if len(t.Alias.Types) > 0 {
		return nil, false, notYet(t.Offset(), "a column definition list is not supported")
	}
	a := t.Calls[0]
	name, err := funcName(a)
	if err != nil {
		return nil, false, err
	}
	s := &scope{parent: parent}
	if left != nil {
		s = left.scope(parent)
	}
	s.clause = "functions in FROM"
	if !expr.IsSetReturning(name) {
		return b.scalarFunc(t, a, name, left, s)
	}
	if err := plainCall(a, name); err != nil {
		return nil, false, err
	}
	args, err := b.exprs(a.Args, s)
	if err != nil {
		return nil, false, err
	}
	x, err := b.callWith(a, name, args, locs(a.Args))
	if err != nil {
		return nil, false, err
	}
	if err := b.noSubMarks(x); err != nil {
		return nil, false, err
	}
	call := x.(*expr.Call)
	lateral = len(expr.Columns(x)) > 0
	n := &plan.TableFunc{In: oneRow(t.Offset()), Fn: call.Fn, Args: call.Args, Ordinality: t.Ordinality, Pos: a.Offset()}
	if lateral {
		n.In, n.Outer = left.node, outer
	}
	n.Cols = slices.Clone(n.In.Schema())
	from := len(n.Cols)
	table := or(t.Alias.Name, name)
	if len(call.Fn.RetCols) > 0 {
		for _, c := range call.Fn.RetCols {
			n.Cols = append(n.Cols, plan.Col{Name: c.Name, Type: c.Type, Table: table})
		}
	} else {
		n.Cols = append(n.Cols, plan.Col{Name: table, Type: call.Typ, Table: table})
	}
	if t.Ordinality {
		n.Cols = append(n.Cols, plan.Col{Name: "ordinality", Type: types.Int8, Table: table})
	}
	it, err = tailItem(n, from, t.Alias, table)
	return it, lateral, err
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
	if err := b.noSubMarks(x); err != nil {
		return nil, false, err
	}
	if x, err = b.known(x, a.Offset()); err != nil {
		return nil, false, err
	}
	lateral := len(expr.Columns(x)) > 0
	p := &plan.Project{In: oneRow(t.Offset()), Pos: a.Offset()}
	if lateral {
		p.In = left.node
		p.Cols = slices.Clone(p.In.Schema())
		p.Items = columnsOf(p.Cols, 0)
	}
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
