package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// isWhy says whether a FROM item is streamsql.why('view', column => value, ...).
func isWhy(t ast.TableRef) (*ast.Call, bool) {
	f, ok := t.(*ast.TableFunc)
	if !ok || len(f.Calls) != 1 || len(f.Calls[0].Name) != 2 {
		return nil, false
	}
	c := f.Calls[0]
	return c, c.Name[0] == catalog.StreamSQL && c.Name[1] == "why"
}

// whyExpander puts what streamsql.why found into the place of its calls in FROM.
type whyExpander struct {
	s     *session
	ctx   context.Context
	found bool
}

// expandWhy gives q with the answers of streamsql.why in it, and says whether it was called at all. q itself stays as it is.
func (s *session) expandWhy(ctx context.Context, q *ast.Query, text string) (*ast.Query, bool, error) {
	if !strings.Contains(strings.ToLower(text), "why") {
		return q, false, nil
	}
	x := &whyExpander{s: s, ctx: ctx}
	out, err := x.query(q)
	return out, x.found, err
}

func (x *whyExpander) query(q *ast.Query) (*ast.Query, error) {
	n := *q
	n.With = append([]ast.CTE(nil), q.With...)
	for i := range n.With {
		var err error
		if n.With[i].Query, err = x.query(n.With[i].Query); err != nil {
			return nil, err
		}
	}
	var err error
	n.Body, err = x.body(q.Body)
	return &n, err
}

func (x *whyExpander) body(b ast.Body) (_ ast.Body, err error) {
	switch b := b.(type) {
	case *ast.Query:
		return x.query(b)
	case *ast.SetOp:
		n := *b
		if n.L, err = x.body(b.L); err != nil {
			return nil, err
		}
		n.R, err = x.body(b.R)
		return &n, err
	case *ast.Select:
		n := *b
		n.From = append([]ast.TableRef(nil), b.From...)
		for i := range n.From {
			if n.From[i], err = x.from(n.From[i]); err != nil {
				return nil, err
			}
		}
		return &n, nil
	}
	return b, nil
}

func (x *whyExpander) from(t ast.TableRef) (_ ast.TableRef, err error) {
	switch t := t.(type) {
	case *ast.Derived:
		n := *t
		n.Query, err = x.query(t.Query)
		return &n, err
	case *ast.Join:
		n := *t
		if n.L, err = x.from(t.L); err != nil {
			return nil, err
		}
		n.R, err = x.from(t.R)
		return &n, err
	case *ast.TableFunc:
		call, ok := isWhy(t)
		if !ok {
			return t, nil
		}
		x.found = true
		rows, err := x.s.why(x.ctx, call)
		if err != nil {
			return nil, sqlerr.AtDefault(err, call.Offset())
		}
		q, err := parser.ParseQuery(whyValues(rows))
		alias := t.Alias
		if alias.Name == "" {
			alias.Name = "why"
		}
		return &ast.Derived{Pos: t.Pos, Query: q, Alias: alias}, err
	}
	return t, nil
}

// whyValues is a query that gives the rows.
func whyValues(rows [][]string) string {
	var b strings.Builder
	b.WriteString("SELECT source, \"row\"::jsonb AS \"row\", fate, reason FROM (VALUES (NULL::text, NULL::text, NULL::text, NULL::text)")
	for _, r := range rows {
		b.WriteString(", (")
		for i, v := range r {
			if i > 0 {
				b.WriteString(", ")
			}
			if v == "" {
				b.WriteString("NULL")
			} else {
				b.WriteString("'" + strings.ReplaceAll(v, "'", "''") + "'")
			}
		}
		b.WriteString(")")
	}
	b.WriteString(") AS v (source, \"row\", fate, reason) WHERE source IS NOT NULL")
	return b.String()
}

// whyMatch is a column => value of the call; a nil value is NULL.
type whyMatch struct {
	col  string
	text *string
}

// why answers a call: rows of source, row, fate, reason.
func (s *session) why(ctx context.Context, call *ast.Call) ([][]string, error) {
	args, err := sql.BindStandalone(s.env(nil), "streamsql.why", call.Args...)
	if err != nil {
		return nil, err
	}
	texts := make([]*string, len(args))
	for i, a := range args {
		arr, err := expr.EvalArray(s.exprCtx(nil), a, &types.Batch{N: 1})
		if err != nil {
			return nil, err
		}
		if !arr.IsNull(0) {
			t := string(types.AppendText(nil, arr, 0, a.Type(), s.format()))
			texts[i] = &t
		}
	}
	if len(args) == 0 || texts[0] == nil || len(call.ArgNames) > 0 && call.ArgNames[0] != "" {
		return nil, whyUsage(call)
	}
	var match []whyMatch
	for i := range args[1:] {
		if call.ArgNames == nil || call.ArgNames[i+1] == "" {
			return nil, whyUsage(call)
		}
		match = append(match, whyMatch{call.ArgNames[i+1], texts[i+1]})
	}
	if len(match) == 0 {
		return nil, whyUsage(call)
	}
	rel, err := s.queryNamed(*texts[0])
	if err != nil {
		return nil, err
	}
	return s.trace(ctx, rel, match)
}

func whyUsage(call *ast.Call) error {
	return sqlerr.New(sqlerr.UndefinedFunction, "streamsql.why takes the name of a continuous query, and columns with their values").At(call.Offset()).
		WithHint("SELECT * FROM streamsql.why('view', column => value, ...)")
}
