package parser

import (
	tast "github.com/pingcap/tidb/pkg/parser/ast"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// query reads a SELECT or a set operation with its WITH and the island of its ORDER BY.
func (c *converter) query(n tast.Node) *ast.Query {
	q := &ast.Query{}
	switch n := n.(type) {
	case *tast.SelectStmt:
		q.With = c.with(n.With)
		q.Body = c.block(n)
		c.tail(q, n.OrderBy)
	case *tast.SetOprStmt:
		q.With = c.with(n.With)
		q.Body = c.setOps(n.SelectList.Selects)
		c.tail(q, n.OrderBy)
	default:
		c.lost("query")
	}
	return q
}

func (c *converter) with(w *tast.WithClause) []ast.CTE {
	if w == nil {
		return nil
	}
	ctes := make([]ast.CTE, len(w.CTEs))
	for k, n := range w.CTEs {
		is, ok := c.island(n.Name.O).(*cteIsland)
		if !ok {
			c.lost("WITH")
		}
		ctes[k] = is.cte
		if is.cte.Stmt == nil {
			ctes[k].Query = c.query(n.Query.Query)
		}
	}
	return ctes
}

// tail reads the island that stands alone in ORDER BY.
func (c *converter) tail(q *ast.Query, by *tast.OrderByClause) {
	if by == nil {
		return
	}
	call, ok := by.Items[0].Expr.(*tast.FuncCallExpr)
	if !ok {
		c.lost("ORDER BY")
	}
	is, ok := c.island(call.FnName.O).(*queryIsland)
	if !ok {
		c.lost("ORDER BY")
	}
	a := c.exprs(call.Args)
	q.Pos, q.Recursive, q.WithTies, q.ForUpdate, q.Locks = is.pos, is.recursive, is.withTies, is.locks != nil, is.locks
	q.EmitClose, q.EmitPos = is.emit, is.emitPos
	q.OrderBy = readSort(is.order, a)
	q.LimitAll = is.all
	if is.limit > 0 {
		q.Limit = a.x[a.i+is.limit-1]
		if l, ok := q.Limit.(*ast.Literal); ok && l.Kind == ast.LitNull {
			q.Limit, q.LimitAll = nil, true
		}
	}
	if is.offset > 0 {
		q.Offset = a.x[a.i+is.offset-1]
	}
}

// setOps reads the flat list of a set operation from the left.
func (c *converter) setOps(list []tast.Node) ast.Body {
	var body ast.Body
	for k, n := range list {
		sel, ok := n.(*tast.SelectStmt)
		if !ok {
			c.lost("set operation")
		}
		right := c.block(sel)
		if k == 0 {
			body = right
			continue
		}
		op := &ast.SetOp{Pos: bodyPos(right), L: body, R: right}
		switch *sel.AfterSetOperator {
		case tast.Union:
			op.Op = "union"
		case tast.UnionAll:
			op.Op, op.All = "union", true
		case tast.Except:
			op.Op = "except"
		case tast.ExceptAll:
			op.Op, op.All = "except", true
		case tast.Intersect:
			op.Op = "intersect"
		case tast.IntersectAll:
			op.Op, op.All = "intersect", true
		}
		body = op
	}
	return body
}

// bodyPos is where an error about one side of a set operation points.
func bodyPos(b ast.Body) ast.Pos {
	switch b := b.(type) {
	case *ast.Select:
		return b.Pos
	case *ast.SetOp:
		return b.Pos
	case *ast.Values:
		return b.Pos
	case *ast.Query:
		return b.Pos
	}
	return 0
}

// block reads one SELECT block; its first field is the selectIsland.
func (c *converter) block(n *tast.SelectStmt) ast.Body {
	if n.Fields == nil || len(n.Fields.Fields) == 0 {
		c.lost("SELECT")
	}
	call, ok := n.Fields.Fields[0].Expr.(*tast.FuncCallExpr)
	if !ok {
		c.lost("SELECT")
	}
	is, ok := c.island(call.FnName.O).(*selectIsland)
	if !ok {
		c.lost("SELECT")
	}
	body := is.read(c.p, c.exprs(call.Args))
	sel, ok := body.(*ast.Select)
	if !ok || is.wrapped {
		return body
	}
	for k, f := range n.Fields.Fields[1:] {
		sel.Items = append(sel.Items, ast.SelectItem{X: c.expr(f.Expr), Alias: is.itemName[k], Pos: is.itemPos[k]})
	}
	if n.From != nil {
		sel.From = c.from(n.From.TableRefs, sel.From)
	}
	if n.Where != nil {
		sel.Where = c.expr(n.Where)
	}
	if n.GroupBy != nil {
		call := n.GroupBy.Items[0].Expr.(*tast.FuncCallExpr)
		g := c.island(call.FnName.O).(*groupIsland)
		sel.GroupBy, sel.GroupDistinct = g.read(c.exprs(call.Args)), g.distinct
	}
	if n.Having != nil {
		sel.Having = c.expr(n.Having.Expr)
	}
	return sel
}

// from takes a comma list apart: joins without a condition, nested to the left.
func (c *converter) from(n tast.ResultSetNode, refs []ast.TableRef) []ast.TableRef {
	j, ok := n.(*tast.Join)
	if !ok || j.On != nil {
		if ref := c.ref(n); ref != nil {
			refs = append(refs, ref)
		}
		return refs
	}
	refs = c.from(j.Left, refs)
	if j.Right != nil {
		refs = c.from(j.Right, refs)
	}
	return refs
}

// ref reads one table or join; nil for the table of a SELECT without FROM.
func (c *converter) ref(n tast.ResultSetNode) ast.TableRef {
	switch n := n.(type) {
	case *tast.Join:
		if n.Right == nil {
			return c.ref(n.Left)
		}
		return c.join(n)
	case *tast.TableSource:
		return c.table(n)
	}
	c.lost("table")
	return nil
}

func (c *converter) join(n *tast.Join) ast.TableRef {
	if n.On == nil {
		c.lost("join")
	}
	call, ok := n.On.Expr.(*tast.FuncCallExpr)
	if !ok {
		c.lost("join")
	}
	is, ok := c.island(call.FnName.O).(*joinIsland)
	if !ok {
		c.lost("join")
	}
	j := &is.join
	j.L, j.R = c.ref(n.Left), c.ref(n.Right)
	if is.on {
		j.On = c.expr(call.Args[0])
	}
	return j
}

func (c *converter) table(n *tast.TableSource) ast.TableRef {
	name := n.AsName.O
	if t, ok := n.Source.(*tast.TableName); ok && name == "" {
		if t.Name.O != noTable {
			c.lost("table")
		}
		return nil
	}
	is, ok := c.island(name).(tableIsland)
	if !ok {
		c.lost("table")
	}
	sel, ok := n.Source.(*tast.SelectStmt)
	if ok && sel.OrderBy == nil {
		if call, ok := sel.Fields.Fields[0].Expr.(*tast.FuncCallExpr); ok && call.FnName.O == name {
			var src ast.TableRef
			if sel.From != nil {
				src = c.ref(sel.From.TableRefs)
			}
			return is(c.exprs(call.Args), src, nil)
		}
	}
	if _, ok := n.Source.(*tast.TableName); ok {
		return is(nil, nil, nil)
	}
	return is(nil, nil, c.query(n.Source))
}
