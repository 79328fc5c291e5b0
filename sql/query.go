package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// bound is a bound query or a part of one. The last hidden columns of node only serve ORDER BY.
type bound struct {
	node   plan.Node
	hidden int
	pos    []int // where each visible column stands in the text
}

// cols are the visible columns.
func (o *bound) cols() plan.Schema {
	s := o.node.Schema()
	return s[:len(s)-o.hidden]
}

// visible cuts the hidden columns off.
func (o *bound) visible() plan.Node {
	if o.hidden == 0 {
		return o.node
	}
	cols := o.cols()
	return &plan.Project{In: o.node, Items: columnsOf(cols, 0), Cols: cols, Pos: o.node.Offset()}
}

// columnsOf reads each column of a schema, which begins at column from.
func columnsOf(cols plan.Schema, from int) []expr.Expr {
	out := make([]expr.Expr, len(cols))
	for i, c := range cols {
		out[i] = &expr.Column{Idx: from + i, Name: c.Name, Typ: c.Type}
	}
	return out
}

// query binds a query expression. parent is the scope around it, for correlation. keepUnknown leaves untyped literals
// in the select list as they are, for a caller that gives them their types.
func (b *binder) query(q *ast.Query, parent *scope, keepUnknown bool) (*bound, error) {
	if b.nested++; b.nested > maxNested {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").At(q.Pos.Offset())
	}
	defer func() { b.nested-- }()
	if in, ok := q.Body.(*ast.Query); ok {
		if err := checkBrackets(q, in); err != nil {
			return nil, err
		}
		return b.query(q.Around(in), parent, keepUnknown)
	}
	outer := b.ctes
	defer func() { b.ctes = outer }()
	if err := b.with(q, parent); err != nil {
		return nil, err
	}
	if body, ok := q.Body.(*ast.Select); ok {
		return b.selectBlock(body, q, parent, keepUnknown)
	}
	out, err := b.body(q.Body, parent, keepUnknown)
	if err != nil {
		return nil, err
	}
	if q.ForUpdate {
		if _, ok := q.Body.(*ast.Values); ok {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "%s cannot be applied to VALUES", q.Locks[0].Clause())
		}
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "%s is not allowed with UNION/INTERSECT/EXCEPT", q.Locks[0].Clause())
	}
	if len(q.OrderBy) > 0 {
		keys, err := b.outputOrder(q.OrderBy, out)
		if err != nil {
			return nil, err
		}
		out.node = &plan.Sort{In: out.node, Keys: keys, Pos: loc(q.OrderBy[0].X)}
	}
	out.node, err = b.limit(out.node, q, parent)
	return out, err
}

// checkBrackets refuses a clause both within and behind the brackets of a query.
func checkBrackets(q, in *ast.Query) error {
	switch {
	case len(q.With) > 0 && len(in.With) > 0:
		return sqlerr.New(sqlerr.SyntaxError, "multiple WITH clauses not allowed").At(int(q.Pos))
	case len(q.OrderBy) > 0 && len(in.OrderBy) > 0:
		return sqlerr.New(sqlerr.SyntaxError, "multiple ORDER BY clauses not allowed").At(loc(q.OrderBy[0].X))
	case q.Limit != nil && in.Limit != nil:
		return sqlerr.New(sqlerr.SyntaxError, "multiple LIMIT clauses not allowed").At(loc(q.Limit))
	case q.Offset != nil && in.Offset != nil:
		return sqlerr.New(sqlerr.SyntaxError, "multiple OFFSET clauses not allowed").At(loc(q.Offset))
	}
	return nil
}

// body binds a body without ORDER BY and LIMIT of its own.
func (b *binder) body(body ast.Body, parent *scope, keepUnknown bool) (*bound, error) {
	switch body := body.(type) {
	case *ast.Select:
		return b.selectBlock(body, &ast.Query{Pos: body.Pos}, parent, keepUnknown)
	case *ast.SetOp:
		return b.setOp(body, parent)
	case *ast.Values:
		return b.values(body, parent, keepUnknown)
	case *ast.Query:
		out, err := b.query(body, parent, keepUnknown)
		if err == nil {
			out.node, out.hidden = out.visible(), 0
		}
		return out, err
	}
	return nil, sqlerr.New(sqlerr.InternalError, "unknown query body %T", body)
}

// limit adds LIMIT and OFFSET.
func (b *binder) limit(n plan.Node, q *ast.Query, parent *scope) (plan.Node, error) {
	if q.Limit == nil && q.Offset == nil {
		return n, nil
	}
	l := &plan.Limit{In: n, WithTies: q.WithTies}
	var err error
	if q.Limit != nil {
		l.Pos = loc(q.Limit)
		if lit, ok := q.Limit.(*ast.Literal); !ok || lit.Kind != ast.LitNull {
			if l.Count, err = b.limitExpr(q.Limit, parent, "LIMIT"); err != nil {
				return nil, err
			}
		}
		if q.WithTies && len(q.OrderBy) == 0 {
			return nil, sqlerr.New(sqlerr.SyntaxError, "WITH TIES cannot be specified without ORDER BY clause")
		}
	}
	if q.Offset != nil {
		if l.Count == nil {
			l.Pos = loc(q.Offset)
		}
		if l.Skip, err = b.limitExpr(q.Offset, parent, "OFFSET"); err != nil {
			return nil, err
		}
	}
	if l.Count == nil && l.Skip == nil {
		return n, nil
	}
	return l, nil
}

func (b *binder) limitExpr(a ast.Expr, parent *scope, what string) (expr.Expr, error) {
	pos := loc(a)
	x, err := b.scalar(a, &scope{parent: parent}, what)
	if err != nil {
		if e := sqlerr.From(err); e.Code == sqlerr.UndefinedColumn || e.Code == sqlerr.UndefinedTable {
			return nil, sqlerr.New(sqlerr.InvalidColumnReference, "argument of %s must not contain variables", what).At(pos)
		}
		return nil, err
	}
	if !isUnknown(x) && !expr.CanCast(x.Type(), types.Int8, 'a') {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type bigint, not type %s", what, x.Type().Base()).At(pos)
	}
	if x, err = b.cast(x, types.Int8, 'a', pos); err != nil {
		return nil, err
	}
	x, err = expr.Fold(&expr.Ctx{Format: b.env.Format}, x)
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	if c, ok := x.(*expr.Const); ok && !c.IsNull() {
		if v, _ := constInt(c); v < 0 {
			code := sqlerr.InvalidRowCountInLimit
			if what == "OFFSET" {
				code = sqlerr.InvalidRowCountInOffset
			}
			return nil, sqlerr.New(code, "%s must not be negative", what)
		}
	}
	return x, nil
}

// outputOrder binds ORDER BY over a set operation or VALUES: names and numbers of output columns only.
func (b *binder) outputOrder(items []ast.SortItem, out *bound) ([]plan.SortKey, error) {
	cols := out.cols()
	var keys []plan.SortKey
	for _, o := range items {
		key := sortKey(o)
		i := -1
		if n, ok, err := ordinal(o.X, len(cols), "ORDER BY"); err != nil {
			return nil, err
		} else if ok {
			i = n
		} else if r, ok := o.X.(*ast.ColumnRef); ok && (len(r.Names) == 1 || len(r.Names) == 2 && r.Names[0] == "*VALUES*") {
			for k, c := range cols {
				if c.Name != r.Names[len(r.Names)-1] {
					continue
				}
				if i >= 0 {
					return nil, sqlerr.New(sqlerr.AmbiguousColumn, "ORDER BY %q is ambiguous", c.Name).At(loc(o.X))
				}
				i = k
			}
			if i < 0 {
				return nil, schemaScope(cols).missing(r)
			}
		}
		if i < 0 {
			return nil, notOutput(loc(o.X))
		}
		key.X = &expr.Column{Idx: i, Name: cols[i].Name, Typ: cols[i].Type}
		if !slices.ContainsFunc(keys, func(k plan.SortKey) bool { return expr.Equal(k.X, key.X) }) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func notOutput(pos int) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause").At(pos).
		WithDetail("Only result column names can be used, not expressions or functions.").
		WithHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
}
