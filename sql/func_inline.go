package sql

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// A function in SQL has no run time of its own: its body becomes a part of the query that calls it. An expression takes the place of the call; a
// query becomes a sub-select that is correlated by the arguments, or in FROM a LATERAL one.

// maxInlined is how deeply functions may call each other.
const maxInlined = 100

// frame is the function whose body is being bound: what $1 and the names of its arguments mean.
type frame struct {
	fn    *catalog.Function
	scope *scope
}

// userCall is a call of a user's function with all its arguments, cast to what the function takes.
type userCall struct {
	fn   *catalog.Function
	ret  types.Type // polymorphic results are settled
	args []expr.Expr
	pos  int
}

// userArgs puts the arguments of a resolved call in the function's order: repeated ones in an array, defaults for those left out.
func (b *binder) userArgs(f *catalog.Function, r *expr.Resolved, args []expr.Expr, at []int, pos int) (*userCall, error) {
	b.use(f)
	c := &userCall{fn: f, ret: r.Ret, args: make([]expr.Expr, len(f.Args)), pos: pos}
	var rest []expr.Expr
	var elem types.Type
	for i, x := range args {
		x, err := b.cast(x, r.ArgType[i].Base(), 'i', at[i])
		if err != nil {
			return nil, err
		}
		k := i
		if r.Order != nil {
			k = r.Order[i]
		}
		if r.Repeats && k >= len(f.Args)-1 {
			rest, elem = append(rest, x), r.ArgType[i].Base()
			continue
		}
		c.args[k] = x
	}
	if rest != nil {
		t, ok := elem.Array()
		if !ok {
			return nil, sqlerr.New(sqlerr.UndefinedObject, "could not find array type for data type %s", elem).At(pos)
		}
		c.args[len(f.Args)-1] = &expr.ArrayOf{Items: rest, Typ: t}
	}
	for i, a := range f.Args {
		if c.args[i] != nil {
			continue
		}
		x, err := b.defaultArg(f, a, pos)
		if err != nil {
			return nil, err
		}
		c.args[i] = x
	}
	return c, nil
}

func (b *binder) defaultArg(f *catalog.Function, a catalog.FuncArg, pos int) (expr.Expr, error) {
	tree, err := parser.ParseExpr(a.Default)
	if err != nil {
		return nil, sqlerr.From(err).At(pos)
	}
	movePositions(tree, func(ast.Pos) ast.Pos { return ast.Pos(pos) })
	leave := b.enter(f, nil)
	x, err := b.scalar(tree, &scope{}, "DEFAULT expressions")
	leave()
	if err != nil {
		return nil, err
	}
	return b.cast(x, a.Type.Base(), 'a', pos)
}

// enter begins the text of a function: its own search path and arguments, none of the names around the call. The answer ends it.
func (b *binder) enter(f *catalog.Function, fr *frame) func() {
	path, ctes, old, stored, uses := b.path, b.ctes, b.inside, b.stored, b.uses
	b.uses = uses.inside(f)
	b.path, b.ctes, b.inside, b.stored = f.SearchPath, nil, fr, nil
	if b.env.Frozen {
		b.stored = &b.env.Functions
	}
	b.inlined++
	return func() {
		b.path, b.ctes, b.inside, b.stored, b.uses, b.inlined = path, ctes, old, stored, uses, b.inlined-1
	}
}

// bodyTree parses the body of a function; all positions in it are that of the call.
func (b *binder) bodyTree(c *userCall) (*ast.Query, error) {
	if b.inlined >= maxInlined {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").At(c.pos).
			WithDetail("SQL function %q calls itself.", c.fn.Name).WithHint("A function in SQL becomes a part of the query and cannot be recursive.")
	}
	q, err := parseBody(c.fn.Body, c.fn.Return)
	if err != nil {
		return nil, sqlerr.From(err).At(c.pos)
	}
	movePositions(q, func(ast.Pos) ast.Pos { return ast.Pos(c.pos) })
	return q, nil
}

// parseBody reads the body of a function: one query, or the expression of RETURN.
func parseBody(text string, isReturn bool) (*ast.Query, error) {
	if isReturn {
		return parser.ParseQuery("SELECT " + text)
	}
	list, err := parser.Parse(text)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errNoSelect()
	}
	for _, p := range list {
		if _, ok := p.Stmt.(*ast.QueryStmt); !ok {
			return nil, notYet(p.Start, "a SQL function can only hold a query")
		}
	}
	if len(list) > 1 {
		return nil, notYet(list[1].Start, "a SQL function of several statements is not supported")
	}
	return list[0].Stmt.(*ast.QueryStmt).Query, nil
}

func errNoSelect() *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidFunctionDefinition, "return type mismatch in function").
		WithDetail("Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.")
}

// inline gives the value of a call of a function that returns one.
func (b *binder) inline(c *userCall) (expr.Expr, error) {
	if givesRow(c.fn) {
		c.ret = b.rowResult(c.fn)
	}
	q, err := b.bodyTree(c)
	if err != nil {
		return nil, err
	}
	if item := onlyExpr(q, givesRow(c.fn)); item != nil {
		if x, err := b.inlineExpr(c, item); x != nil || err != nil {
			return x, err
		}
	}
	out, fs, err := b.bodyNode(c, q)
	if err != nil {
		return nil, err
	}
	n := b.firstRow(out)
	x, err := b.result(c, columnsOf(n.Schema(), 0))
	if err != nil {
		return nil, err
	}
	if _, plain := x.(*expr.Column); !plain {
		n = &plan.Project{In: n, Items: []expr.Expr{x}, Cols: plan.Schema{{Name: c.fn.Name, Type: x.Type()}}, Pos: c.pos}
	}
	if !b.correlated(n) && !b.env.Continuous {
		x = &expr.Subquery{Plan: n, Kind: "scalar", Typ: x.Type()}
	} else if x, err = b.functionMark(n, fs, c.pos, x.Type()); err != nil {
		return nil, err
	}
	return c.strict(x), nil
}

// result makes what a function returns of the columns of its body: one value, or the row of all.
func (b *binder) result(c *userCall, xs []expr.Expr) (expr.Expr, error) {
	if !givesRow(c.fn) {
		return b.cast(xs[0], c.ret, 'a', c.pos)
	}
	if anyRow(c.fn) {
		fields := make([]types.Field, len(xs))
		for i, x := range xs {
			x, err := b.known(x, c.pos)
			if err != nil {
				return nil, err
			}
			xs[i], fields[i] = x, types.Field{Name: "f" + strconv.Itoa(i+1), Type: x.Type()}
		}
		return expr.NewRow(xs, types.RecordOf(fields), false, c.pos), nil
	}
	for i := range xs {
		x, err := b.cast(xs[i], c.fn.Cols[i].Type, 'a', c.pos)
		if err != nil {
			return nil, err
		}
		xs[i] = x
	}
	return expr.NewRow(xs, c.ret, false, c.pos), nil
}

// givesRow says whether a function returns rows, not plain values.
func givesRow(f *catalog.Function) bool { return len(f.Cols) > 1 || f.RowOf != 0 || anyRow(f) }

// anyRow says whether a function returns record, whose columns only its body tells.
func anyRow(f *catalog.Function) bool {
	return f.Returns.Is(types.Record) && f.RowOf == 0 && f.Cols == nil
}

// rowResult is the type of the rows that a function returns.
func (b *binder) rowResult(f *catalog.Function) types.Type {
	if f.RowOf == 0 {
		fields := make([]types.Field, len(f.Cols))
		for i, c := range f.Cols {
			fields[i] = types.Field{Name: c.Name, Type: c.Type}
		}
		return types.RecordOf(fields)
	}
	if rel := b.env.Catalog.ByOID(f.RowOf); rel != nil {
		return rel.RowType()
	}
	return types.Type{OID: f.RowOf, Mod: -1}
}

// functionMark is markScalar for the query of a function, which gives one row at most.
func (b *binder) functionMark(n plan.Node, fs *scope, pos int, typ types.Type) (expr.Expr, error) {
	d := &decorrelator{b: b, s: fs}
	sub, err := d.scalar(n, pos)
	if err != nil {
		return nil, err
	}
	sub.args = true
	return b.newMark(mark{kind: markSub, scope: fs, sub: sub, pos: pos}, typ), nil
}

// strict makes NULL of x where an argument is NULL and the function says so.
func (c *userCall) strict(x expr.Expr) expr.Expr {
	if !c.fn.Strict || len(c.args) == 0 {
		return x
	}
	var null []expr.Expr
	for _, a := range c.args {
		null = append(null, &expr.IsTest{X: a, Test: "null"})
	}
	cond := null[0]
	if len(null) > 1 {
		cond = &expr.Or{Args: null}
	}
	return &expr.Case{Whens: []expr.When{{Cond: cond, Then: expr.ConstNull(x.Type())}}, Else: x, Typ: x.Type()}
}

// onlyExpr is the expression of SELECT expression, or the row of several; nil where a query is more than that.
func onlyExpr(q *ast.Query, row bool) ast.Expr {
	sel, ok := q.Body.(*ast.Select)
	if !ok || len(q.With) > 0 || len(q.OrderBy) > 0 || q.Limit != nil || q.Offset != nil || q.EmitClose ||
		sel.Distinct || sel.DistinctOn != nil || len(sel.From) > 0 || sel.Where != nil || sel.GroupBy != nil || sel.Having != nil {
		return nil
	}
	list := &ast.Row{Pos: sel.Pos}
	for _, it := range sel.Items {
		if r, ok := it.X.(*ast.ColumnRef); ok && r.Star {
			return nil
		}
		list.Items = append(list.Items, it.X)
	}
	switch {
	case row:
		return list
	case len(list.Items) == 1:
		return list.Items[0]
	}
	return nil
}

// inlineExpr puts the expression in place of the call. It gives nothing where the expression needs a query around it.
func (b *binder) inlineExpr(c *userCall, item ast.Expr) (expr.Expr, error) {
	fs := c.scope()
	for i := range fs.cols {
		fs.cols[i].x = &expr.Column{Idx: i, Name: c.fn.Args[i].Name, Typ: c.args[i].Type()}
	}
	fs.srcs[0].cols = fs.cols
	marks := len(b.marks)
	leave := b.enter(c.fn, &frame{c.fn, fs})
	body, err := b.expr(item, fs)
	leave()
	if err != nil {
		return nil, err
	}
	if b.hasMark(body, markAgg, markGrouping, markOver, markSet, markSub) {
		b.marks = b.marks[:marks]
		return nil, nil
	}
	xs := []expr.Expr{body}
	if givesRow(c.fn) {
		if xs, _ = expr.RowItems(body); len(xs) != len(c.fn.Cols) && !anyRow(c.fn) {
			return nil, nil
		}
	}
	if body, err = b.result(c, xs); err != nil {
		return nil, err
	}
	if b.opaque(c, body) {
		if hasSubquery(body) {
			return nil, nil
		}
		return &expr.Call{Fn: b.bodyFunc(c, body), Args: c.args, Typ: body.Type(), Pos: c.pos}, nil
	}
	x := expr.Transform(body, func(e expr.Expr) expr.Expr {
		if col, ok := e.(*expr.Column); ok {
			return c.args[col.Idx]
		}
		return e
	})
	for i := range c.args {
		if !strictIn(body, i) {
			return c.strict(x), nil
		}
	}
	return x, nil
}

// opaque says whether the body must stay a call: an argument that is not the same twice is read more than once, or the function is declared more
// stable than its body is.
func (b *binder) opaque(c *userCall, body expr.Expr) bool {
	if c.fn.Volatility != byte(expr.Volatile) && expr.MaxVolatility(body) == expr.Volatile ||
		c.fn.Volatility == byte(expr.Immutable) && expr.MaxVolatility(body) != expr.Immutable {
		return true
	}
	uses := make([]int, len(c.args))
	expr.Walk(body, func(e expr.Expr) bool {
		if col, ok := e.(*expr.Column); ok {
			uses[col.Idx]++
		}
		return true
	})
	for i, a := range c.args {
		if uses[i] != 1 && (expr.MaxVolatility(a) == expr.Volatile) || c.fn.Strict && expr.MaxVolatility(a) == expr.Volatile {
			return true
		}
	}
	return false
}

// strictIn says whether x is NULL wherever argument i is.
func strictIn(x expr.Expr, i int) bool {
	switch x := x.(type) {
	case *expr.Column:
		return x.Idx == i
	case *expr.Cast:
		return strictIn(x.X, i)
	case *expr.Call:
		return !x.Fn.CalledOnNull && slices.ContainsFunc(x.Args, func(a expr.Expr) bool { return strictIn(a, i) })
	}
	return false
}

// bodyFunc is a function that computes the body over the columns of its arguments; the same one for the same call.
func (b *binder) bodyFunc(c *userCall, body expr.Expr) *expr.Func {
	key := fmt.Sprint(c.fn.OID, exprTypes(c.args))
	if f := b.bodies[key]; f != nil {
		return f
	}
	f := *b.userFunc(c.fn)
	f.Args, f.Ret, f.OID = exprTypes(c.args), body.Type(), 0
	f.Kernel = expr.BodyKernel(body, c.fn.Strict)
	if b.bodies == nil {
		b.bodies = map[string]*expr.Func{}
	}
	b.bodies[key] = &f
	return &f
}

// scope is what the body may name: the arguments, by name and by the function's name.
func (c *userCall) scope() *scope {
	src := &source{name: c.fn.Name, alias: true}
	for i, a := range c.args {
		src.cols = append(src.cols, scol{name: c.fn.Args[i].Name, x: a})
	}
	return &scope{srcs: []*source{src}, cols: src.cols, args: true}
}

// argument is $n of the function whose body is bound, as read from scope s.
func (b *binder) argument(p *ast.Param, s *scope) (expr.Expr, error) {
	fr := b.inside
	if p.N < 1 || p.N > len(fr.fn.Args) {
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", p.N).At(p.Offset())
	}
	return b.argRef(fr.scope, fr.scope.cols[p.N-1].x, s, p.Offset()), nil
}

// argRef reads an argument from scope s inside the body: as it is where it reads no column of the query that calls, else as a column of an outer query.
func (b *binder) argRef(fs *scope, x expr.Expr, s *scope, pos int) expr.Expr {
	if s == fs || len(expr.Columns(x)) == 0 && expr.MaxVolatility(x) != expr.Volatile && !b.hasMark(x, markAgg, markGrouping, markOver, markSet, markSub) {
		return x
	}
	return b.outerRef(fs, x, pos)
}

// bodyNode binds the query of a function. Its arguments are columns of scope fs, which stands around it.
func (b *binder) bodyNode(c *userCall, q *ast.Query) (n *bound, fs *scope, err error) {
	for _, a := range c.args {
		if b.hasMark(a, markOver, markSet) {
			return nil, nil, notYet(c.pos, "a window function or a set as an argument of the function %s, which is a query, is not supported", c.fn.Signature()).
				WithHint("Compute the argument in a sub-select in FROM.")
		}
		if expr.MaxVolatility(a) == expr.Volatile {
			return nil, nil, notYet(c.pos, "a volatile argument of the function %s, which is a query, is not supported", c.fn.Signature())
		}
	}
	fs = c.scope()
	leave := b.enter(c.fn, &frame{c.fn, fs})
	n, err = b.query(q, fs, false)
	leave()
	if err != nil {
		return nil, nil, err
	}
	if len(n.cols()) != max(len(c.fn.Cols), 1) && !anyRow(c.fn) {
		return nil, nil, sqlerr.New(sqlerr.InvalidFunctionDefinition, "return type mismatch in function declared to return %s", c.ret).At(c.pos)
	}
	return n, fs, nil
}

// firstRow is the first row of a query's result, which is all that a function without SETOF returns.
func (b *binder) firstRow(out *bound) plan.Node {
	n := out.node
	for {
		p, ok := n.(*plan.Project)
		if !ok {
			break
		}
		n = p.In
	}
	single := false
	switch n := n.(type) {
	case *plan.Aggregate:
		single = len(n.Group) == 0 && n.Sets == nil
	case *plan.Values:
		single = len(n.Rows) == 1
	case *plan.Limit:
		c, _ := n.Count.(*expr.Const)
		v, ok := constIntOf(c)
		single = ok && v == 1 && !n.WithTies
	}
	if !single {
		out.node = &plan.Limit{In: out.node, Count: expr.ConstInt8(1), Pos: out.node.Offset()}
	}
	return out.visible()
}
