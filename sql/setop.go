package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// setOp binds UNION, INTERSECT, EXCEPT: both sides get the columns' common types.
func (b *binder) setOp(a *ast.SetOp, parent *scope) (*bound, error) {
	l, r, err := b.setSides(a, parent)
	if err != nil {
		return nil, err
	}
	word := strings.ToUpper(a.Op)
	lc, rc := l.cols(), r.cols()
	if len(lc) != len(rc) {
		at := a.Pos.Offset()
		if len(r.pos) > 0 {
			at = r.pos[0]
		}
		return nil, sqlerr.New(sqlerr.SyntaxError, "each %s query must have the same number of columns", word).At(at)
	}
	cols := slices.Clone(lc)
	for i := range cols {
		t, err := b.commonType([]types.Type{lc[i].Type, rc[i].Type}, []int{l.pos[i], r.pos[i]}, word)
		if err == nil && !(a.All && a.Op == "union") {
			err = needsEquality(t, l.pos[i])
		}
		if err != nil {
			return nil, err
		}
		cols[i] = plan.Col{Name: lc[i].Name, Type: t}
	}
	want := cols.Types()
	if l.node, err = b.coerce(l.node, want, l.pos); err != nil {
		return nil, err
	}
	if r.node, err = b.coerce(r.node, want, r.pos); err != nil {
		return nil, err
	}
	return &bound{node: &plan.SetOp{Op: a.Op, All: a.All, L: l.node, R: r.node, Cols: cols, Pos: a.Pos.Offset()}, pos: l.pos}, nil
}

// coerce casts the columns of a node to the given types.
func (b *binder) coerce(n plan.Node, want []types.Type, pos []int) (plan.Node, error) {
	cols := n.Schema()
	same := true
	for i := range want {
		same = same && cols[i].Type == want[i]
	}
	if same {
		return n, nil
	}
	cols = slices.Clone(cols)
	out := &plan.Project{In: n, Items: columnsOf(cols, 0), Pos: n.Offset()}
	if p, ok := n.(*plan.Project); ok { // literals take their types in place
		out.In, out.Items = p.In, slices.Clone(p.Items)
	}
	if v, ok := n.(*plan.Values); ok {
		return b.coerceValues(v, want, pos)
	}
	for i, t := range want {
		x, err := b.cast(out.Items[i], t, 'i', pos[i])
		if err != nil {
			return nil, err
		}
		out.Items[i], cols[i].Type = x, t
	}
	out.Cols = cols
	return out, nil
}

func (b *binder) coerceValues(v *plan.Values, want []types.Type, pos []int) (plan.Node, error) {
	out := &plan.Values{Cols: slices.Clone(v.Cols), Pos: v.Pos}
	for i, t := range want {
		out.Cols[i].Type = t
	}
	for _, row := range v.Rows {
		next := make([]expr.Expr, len(row))
		for i, x := range row {
			var err error
			if next[i], err = b.cast(x, want[i], 'i', pos[i]); err != nil {
				return nil, err
			}
		}
		out.Rows = append(out.Rows, next)
	}
	return out, nil
}

// values binds VALUES.
func (b *binder) values(a *ast.Values, parent *scope, keepUnknown bool) (*bound, error) {
	s := &scope{parent: parent, clause: "VALUES"}
	n := len(a.Rows[0])
	v := &plan.Values{Pos: a.Pos.Offset()}
	out := &bound{node: v}
	cols := make([][]expr.Expr, n)
	pos := make([][]int, n)
	for _, row := range a.Rows {
		if len(row) != n {
			return nil, sqlerr.New(sqlerr.SyntaxError, "VALUES lists must all be the same length").At(loc(row[0]))
		}
		for i, f := range row {
			x, err := b.expr(f, s)
			if err != nil {
				return nil, err
			}
			cols[i], pos[i] = append(cols[i], x), append(pos[i], loc(f))
		}
	}
	v.Rows = make([][]expr.Expr, len(a.Rows))
	for i := range cols {
		t := types.Unknown
		if !keepUnknown || slices.ContainsFunc(cols[i], func(x expr.Expr) bool { return !isUnknown(x) }) {
			var err error
			if cols[i], t, err = b.common(cols[i], pos[i], "VALUES"); err != nil {
				return nil, err
			}
		}
		for r, x := range cols[i] {
			v.Rows[r] = append(v.Rows[r], x)
		}
		v.Cols = append(v.Cols, plan.Col{Name: fmt.Sprintf("column%d", i+1), Type: t})
		out.pos = append(out.pos, pos[i][0])
	}
	var err error
	out.node, err = b.attachRows(v)
	return out, err
}

// attachRows joins the sub-selects of VALUES, row by row.
func (b *binder) attachRows(v *plan.Values) (plan.Node, error) {
	if !slices.ContainsFunc(v.Exprs(), func(x expr.Expr) bool { return b.hasMark(x, markSub) }) {
		return v, nil
	}
	var out plan.Node
	for _, row := range v.Rows {
		xs := slices.Clone(row)
		in, err := b.attach(oneRow(v.Pos), xs)
		if err != nil {
			return nil, err
		}
		out = unionAll(out, &plan.Project{In: in, Items: xs, Cols: v.Cols, Pos: v.Pos})
	}
	return out, nil
}

// setSides binds both sides. A recursive query may not be read where rows of a side make others go.
func (b *binder) setSides(a *ast.SetOp, parent *scope) (l, r *bound, err error) {
	inner := func(side ast.Body, counted bool) (*bound, error) {
		if counted {
			defer b.place(strings.ToUpper(a.Op))()
		}
		return b.body(side, parent, true)
	}
	if l, err = inner(a.L, a.Op != "union" && a.All); err != nil {
		return nil, nil, err
	}
	r, err = inner(a.R, a.Op == "except" || a.Op == "intersect" && a.All)
	return l, r, err
}
