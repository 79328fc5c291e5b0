package engine

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// updatable gives the query of a cursor with all columns of its table behind its own, and the table, where each row of the cursor is one of a table
// with a primary key.
func (s *session) updatable(q *ast.Query) (*ast.Query, *catalog.Relation) {
	sel, ok := q.Body.(*ast.Select)
	if !ok || len(q.With) > 0 || len(sel.From) != 1 || sel.Distinct || len(sel.DistinctOn) > 0 || len(sel.GroupBy) > 0 || sel.Having != nil {
		return nil, nil
	}
	t, ok := sel.From[0].(*ast.Table)
	if !ok || t.AsOf != nil || t.Sample != nil {
		return nil, nil
	}
	rel := s.cat().Lookup(t.Names, s.SearchPath())
	if rel == nil || rel.Kind != catalog.Table || len(rel.Primary) == 0 {
		return nil, nil
	}
	name := t.Alias.Name
	if name == "" {
		name = rel.Name
	}
	n, body := *q, *sel
	body.Items = append([]ast.SelectItem{}, sel.Items...)
	for _, c := range rel.Primary {
		body.Items = append(body.Items, ast.SelectItem{X: &ast.ColumnRef{Names: []string{name, rel.Columns[c].Name}}})
	}
	n.Body = &body
	return &n, rel
}

// currentOf puts the row of a cursor in place of WHERE CURRENT OF.
func (s *session) currentOf(st ast.Stmt) (ast.Stmt, error) {
	var where *ast.Expr
	var t *ast.Table
	switch x := st.(type) {
	case *ast.Update:
		n := *x
		st, where, t = &n, &n.Where, x.Table
	case *ast.Delete:
		n := *x
		st, where, t = &n, &n.Where, x.Table
	default:
		return st, nil
	}
	cur, ok := (*where).(*ast.CurrentOf)
	if !ok {
		return st, nil
	}
	rel, err := s.cat().Resolve(t.Names, s.SearchPath())
	if err != nil {
		return nil, sqlerr.AtDefault(err, t.Offset())
	}
	cond, err := s.cursorRow(cur.Cursor, rel, t.Alias.Name)
	if err != nil {
		return nil, err
	}
	*where, err = parser.ParseExpr(cond)
	return st, err
}

// cursorRow is a condition for the row of rel that a cursor stands on.
func (s *session) cursorRow(name string, rel *catalog.Relation, alias string) (string, error) {
	p, err := s.cursor(name)
	if err != nil {
		return "", err
	}
	c := p.cur
	switch {
	case p.hold && p.kept:
		return "", sqlerr.New(sqlerr.InvalidCursorState, "cursor %q is held from a previous transaction", name)
	case c.base == nil || c.base.OID != rel.OID:
		return "", sqlerr.New(sqlerr.InvalidCursorState, "cursor %q is not a simply updatable scan of table %q", name, rel.Name)
	case !c.onRow():
		return "", sqlerr.New(sqlerr.InvalidCursorState, "cursor %q is not positioned on a row", name)
	}
	row := c.row(c.pos)
	if alias == "" {
		alias = rel.Name
	}
	var parts []string
	for i, k := range rel.Primary {
		key := *row
		key.Cols = nil
		for range rel.Columns {
			key.Cols = append(key.Cols, row.Cols[c.width+i])
		}
		parts = append(parts, parser.QuoteIdent(alias)+"."+parser.QuoteIdent(rel.Columns[k].Name)+" = "+literal(&key, 0, k, rel))
	}
	return strings.Join(parts, " AND "), nil
}
