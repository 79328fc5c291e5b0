package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// columnNames are the names that a WITH item gives to the columns of its query.
func columnNames(c *ast.CTE, out *bound) []string {
	var names []string
	for i, col := range out.cols() {
		if i < len(c.Cols) {
			col.Name = c.Cols[i]
		}
		names = append(names, col.Name)
	}
	return names
}

// hideLast hides the last n columns from *.
func hideLast(cols plan.Schema, n int) plan.Schema {
	out := slices.Clone(cols)
	for i := len(out) - n; i < len(out); i++ {
		out[i].Hidden = true
	}
	return out
}

// searchOrCycle writes out what SEARCH and CYCLE of a recursive WITH item mean: further columns of both sides of its UNION. SEARCH DEPTH keeps the array of
// the rows on the way, SEARCH BREADTH a row with their number first, CYCLE the array of the rows and whether the last one was there before. names are the
// columns that the item has without them.
func (b *binder) searchOrCycle(c *ast.CTE, op *ast.SetOp, names []string, parent *scope) (*ast.CTE, *ast.SetOp, error) {
	if err := b.checkSearch(c, op, names, parent); err != nil {
		return nil, nil, err
	}
	out := *c
	l := wrapped{cols: names, query: op.L}
	r := wrapped{cols: names, query: op.R}
	self, at := selfOf(op.R, c.Name)
	if self == nil {
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported,
			"with a SEARCH or CYCLE clause, the recursive reference to WITH query %q must be at the top level of its right-hand SELECT", c.Name)
	}
	inner := *self
	own := func(name string) ast.SelectItem {
		return ast.SelectItem{X: &ast.ColumnRef{Pos: self.Pos, Names: []string{at, name}}, Alias: name}
	}
	out.Cols = slices.Clone(names)
	if s := c.Search; s != nil {
		inner.Items = append(slices.Clone(inner.Items), own(s.Seq))
		out.Cols = append(out.Cols, s.Seq)
		l.extra = append(l.extra, searchStart(s))
		r.extra = append(r.extra, searchStep(s))
		r.inner = append(r.inner, s.Seq)
	}
	if y := c.Cycle; y != nil {
		inner.Items = append(slices.Clone(inner.Items), own(y.Mark), own(y.Path))
		value, none := cycleMarks(y)
		differs := &ast.Binary{Pos: y.Pos, Op: "<>", L: own(y.Mark).X, R: value}
		inner.Where = andWith(inner.Where, differs, y.Pos)
		out.Cols = append(out.Cols, y.Mark, y.Path)
		row := &ast.Row{Pos: y.Pos, Items: columnRefs(y.Pos, y.Cols)}
		path := &ast.ColumnRef{Pos: y.Pos, Names: []string{y.Path}}
		seen := &ast.Quantified{Pos: y.Pos, Op: "=", X: row, Array: path}
		l.extra = append(l.extra, chosen(y.Pos, &ast.Literal{Pos: y.Pos, Kind: ast.LitBool, Text: "false"}, value, none), &ast.Array{Pos: y.Pos, Items: []ast.Expr{row}})
		r.extra = append(r.extra, chosen(y.Pos, seen, value, none), &ast.Binary{Pos: y.Pos, Op: "||", L: path, R: row})
		r.inner = append(r.inner, y.Mark, y.Path)
	}
	r.query = inPlace(op.R, &inner)
	return &out, &ast.SetOp{Pos: op.Pos, Op: op.Op, All: op.All, L: l.body(op.Pos, "*TLOCRN*"), R: r.body(op.Pos, "*TROCRN*")}, nil
}

// wrapped is a side of the UNION: SELECT cols, extra FROM (query) AS name (cols, inner).
type wrapped struct {
	cols, inner []string
	query       ast.Body
	extra       []ast.Expr
}

func (w *wrapped) body(pos ast.Pos, name string) ast.Body {
	from := &ast.Derived{Pos: pos, Query: &ast.Query{Pos: pos, Body: w.query}, Alias: ast.Alias{Name: name, Cols: slices.Concat(w.cols, w.inner)}}
	sel := &ast.Select{Pos: pos, From: []ast.TableRef{from}}
	for _, x := range append(columnRefs(pos, w.cols), w.extra...) {
		sel.Items = append(sel.Items, ast.SelectItem{X: x, Pos: pos})
	}
	return sel
}

func columnRefs(pos ast.Pos, names []string) []ast.Expr {
	var out []ast.Expr
	for _, n := range names {
		out = append(out, &ast.ColumnRef{Pos: pos, Names: []string{n}})
	}
	return out
}

// inPlace is body, a SELECT or one in brackets, with sel in place of the SELECT.
func inPlace(body ast.Body, sel *ast.Select) ast.Body {
	q, ok := body.(*ast.Query)
	if !ok {
		return sel
	}
	c := *q
	c.Body = inPlace(q.Body, sel)
	return &c
}

// selfOf finds the recursive reference in the FROM clause of the recursive term, and the name that it has there.
func selfOf(body ast.Body, name string) (*ast.Select, string) {
	if q, ok := body.(*ast.Query); ok {
		if slices.ContainsFunc(q.With, func(c ast.CTE) bool { return c.Name == name }) {
			return nil, ""
		}
		return selfOf(q.Body, name)
	}
	sel, ok := body.(*ast.Select)
	if !ok {
		return nil, ""
	}
	var ref func(ast.TableRef) string
	ref = func(t ast.TableRef) string {
		switch t := t.(type) {
		case *ast.Table:
			if len(t.Names) == 1 && t.Names[0] == name {
				return or(t.Alias.Name, name)
			}
		case *ast.Join:
			return or(ref(t.L), ref(t.R))
		}
		return ""
	}
	for _, t := range sel.From {
		if at := ref(t); at != "" {
			return sel, at
		}
	}
	return nil, ""
}

// searchStart is the sequence column of a row that the search begins with.
func searchStart(s *ast.Search) ast.Expr {
	row := &ast.Row{Pos: s.Pos, Items: columnRefs(s.Pos, s.Cols)}
	if s.Breadth {
		zero := &ast.Cast{Pos: s.Pos, X: &ast.Literal{Pos: s.Pos, Kind: ast.LitInt, Text: "0"}, Type: ast.TypeName{Pos: s.Pos, Name: []string{"int8"}}}
		row.Items = append([]ast.Expr{zero}, row.Items...)
		return row
	}
	return &ast.Array{Pos: s.Pos, Items: []ast.Expr{row}}
}

// searchStep is the sequence column of a row that comes after another.
func searchStep(s *ast.Search) ast.Expr {
	seq := &ast.ColumnRef{Pos: s.Pos, Names: []string{s.Seq}}
	row := &ast.Row{Pos: s.Pos, Items: columnRefs(s.Pos, s.Cols)}
	if s.Breadth {
		deeper := &ast.Binary{Pos: s.Pos, Op: "+", L: &ast.Field{Pos: s.Pos, X: seq, Name: "f1"}, R: &ast.Literal{Pos: s.Pos, Kind: ast.LitInt, Text: "1"}}
		row.Items = append([]ast.Expr{deeper}, row.Items...)
		return row
	}
	return &ast.Binary{Pos: s.Pos, Op: "||", L: seq, R: row}
}

// cycleMarks are the values of CYCLE's mark: of a row that was there before, and of another.
func cycleMarks(y *ast.Cycle) (value, none ast.Expr) {
	if y.Value != nil {
		return y.Value, y.Default
	}
	return &ast.Literal{Pos: y.Pos, Kind: ast.LitBool, Text: "true"}, &ast.Literal{Pos: y.Pos, Kind: ast.LitBool, Text: "false"}
}

func chosen(pos ast.Pos, cond, yes, no ast.Expr) ast.Expr {
	return &ast.Case{Pos: pos, Whens: []ast.When{{Cond: cond, Then: yes}}, Else: no}
}

func andWith(x, y ast.Expr, pos ast.Pos) ast.Expr {
	if x == nil {
		return y
	}
	return &ast.Binary{Pos: pos, Op: "and", L: x, R: y}
}

// checkSearch checks the names of SEARCH and CYCLE, and the mark's types.
func (b *binder) checkSearch(c *ast.CTE, op *ast.SetOp, names []string, parent *scope) error {
	if isSetOp(op.L) {
		return sqlerr.New(sqlerr.FeatureNotSupported, "with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT")
	}
	if isSetOp(op.R) {
		return sqlerr.New(sqlerr.SyntaxError, "with a SEARCH or CYCLE clause, the right side of the UNION must be a SELECT")
	}
	if s := c.Search; s != nil {
		if err := searchColumns(s.Cols, names, "search", s.Offset()); err != nil {
			return err
		}
		if slices.Contains(names, s.Seq) {
			return sqlerr.New(sqlerr.SyntaxError, "search sequence column name %q already used in WITH query column list", s.Seq).At(s.Offset())
		}
	}
	y := c.Cycle
	if y == nil {
		return nil
	}
	if err := searchColumns(y.Cols, names, "cycle", y.Offset()); err != nil {
		return err
	}
	if slices.Contains(names, y.Mark) {
		return sqlerr.New(sqlerr.SyntaxError, "cycle mark column name %q already used in WITH query column list", y.Mark).At(y.Offset())
	}
	if err := b.checkMarks(y, parent); err != nil {
		return err
	}
	switch {
	case slices.Contains(names, y.Path):
		return sqlerr.New(sqlerr.SyntaxError, "cycle path column name %q already used in WITH query column list", y.Path).At(y.Offset())
	case y.Mark == y.Path:
		return sqlerr.New(sqlerr.SyntaxError, "cycle mark column name and cycle path column name are the same").At(y.Offset())
	case c.Search != nil && c.Search.Seq == y.Mark:
		return sqlerr.New(sqlerr.SyntaxError, "search sequence column name and cycle mark column name are the same").At(c.Search.Offset())
	case c.Search != nil && c.Search.Seq == y.Path:
		return sqlerr.New(sqlerr.SyntaxError, "search sequence column name and cycle path column name are the same").At(c.Search.Offset())
	}
	return nil
}

// isSetOp says whether a side of a UNION is a set operation, perhaps in brackets.
func isSetOp(body ast.Body) bool {
	if q, ok := body.(*ast.Query); ok && len(q.With) == 0 && q.OrderBy == nil && q.Limit == nil && q.Offset == nil {
		return isSetOp(q.Body)
	}
	_, ok := body.(*ast.SetOp)
	return ok
}

func searchColumns(cols, names []string, what string, pos int) error {
	for i, n := range cols {
		if !slices.Contains(names, n) {
			return sqlerr.New(sqlerr.SyntaxError, "%s column %q not in WITH query column list", what, n).At(pos)
		}
		if slices.Contains(cols[:i], n) {
			return sqlerr.New(sqlerr.DuplicateColumn, "%s column %q specified more than once", what, n).At(pos)
		}
	}
	return nil
}

// checkMarks finds the common type of CYCLE's two values, which must know equality.
func (b *binder) checkMarks(y *ast.Cycle, parent *scope) error {
	value, none := cycleMarks(y)
	s := &scope{parent: parent}
	var xs []expr.Expr
	for _, a := range []ast.Expr{value, none} {
		x, err := b.expr(a, s)
		if err != nil {
			return err
		}
		xs = append(xs, x)
	}
	_, t, err := b.common(xs, []int{loc(value), loc(none)}, "CYCLE")
	if err != nil {
		return err
	}
	if err := needsEquality(t, 0); err != nil {
		return unplaced(err)
	}
	return nil
}
