package sql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// TestBind runs the files of testdata. "setup" takes CREATE statements, "plan" prints the bound plan of a query, "dml" that of
// INSERT, UPDATE or DELETE; an error is printed with a caret under its position.
func TestBind(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		env := &Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			run := map[string]func(string, *Env) (string, error){"setup": setup, "plan": planText, "dml": dmlText}[d.Cmd]
			if run == nil {
				t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
			}
			e := *env
			e.Continuous = d.HasArg("continuous")
			out, err := run(d.Input, &e)
			if err != nil {
				return errorText(err, d.Input)
			}
			return out
		})
	})
}

func setup(text string, env *Env) (string, error) {
	stmts, err := parser.Parse(text)
	if err != nil {
		return "", err
	}
	for _, p := range stmts {
		rel := &catalog.Relation{OID: catalog.FirstOID + uint32(len(env.Catalog.Relations())), Schema: catalog.Public}
		switch s := p.Stmt.(type) {
		case *ast.CreateTable:
			rel.Kind, rel.Name = catalog.Table, s.Names[len(s.Names)-1]
			def, err := BindColumnDefs(s.Names[len(s.Names)-1], s.Cols, s.Keys, s.Checks, env)
			if err != nil {
				return "", err
			}
			rel.Columns, rel.Primary, rel.Checks = def.Columns, def.Primary, def.Checks
			rel.Uniques = def.Uniques
		case *ast.CreateStream:
			rel.Kind, rel.Name = catalog.Stream, s.Names[len(s.Names)-1]
			def, err := BindColumnDefs(s.Names[len(s.Names)-1], s.Cols, nil, nil, env)
			if err != nil {
				return "", err
			}
			rel.Columns = def.Columns
			for i := range s.Watermarks {
				if rel.Watermark, err = BindWatermark(&s.Watermarks[i], rel.Columns, env); err != nil {
					return "", err
				}
			}
		case *ast.CreateView:
			q, err := BindQuery(s.Query, s.SQL, env)
			if err != nil {
				return "", err
			}
			rel.Kind, rel.Name, rel.SQL, rel.SearchPath, rel.Deps = catalog.View, s.Names[len(s.Names)-1], s.SQL, env.SearchPath, q.Deps
			if s.Materialized {
				rel.Kind = catalog.MatView
			}
			cols := q.Root.Schema()
			for i, c := range cols[:len(cols)-q.Hidden] {
				if i < len(s.Cols) {
					c.Name = s.Cols[i]
				}
				rel.Columns = append(rel.Columns, catalog.Column{Name: c.Name, Type: c.Type})
			}
		default:
			return "", fmt.Errorf("cannot set up %T", s)
		}
		env.Catalog.Put(rel)
	}
	return "ok", nil
}

func planText(text string, env *Env) (string, error) {
	q, err := parser.ParseQuery(text)
	if err != nil {
		return "", err
	}
	pq, err := BindQuery(q, text, env)
	if err != nil {
		return "", err
	}
	var cols []string
	schema := pq.Root.Schema()
	for _, c := range schema[:len(schema)-pq.Hidden] {
		cols = append(cols, fmt.Sprintf("%s %s", c.Name, c.Type))
	}
	out := plan.Explain(pq.Root) + "=> " + strings.Join(cols, ", ")
	if pq.Hidden > 0 {
		out += fmt.Sprintf(" (+%d hidden)", pq.Hidden)
	}
	if len(pq.Params) > 0 {
		out += fmt.Sprintf("\nparams: %v", pq.Params)
	}
	return out, nil
}

// errorText prints an error as psql does.
func errorText(err error, text string) string {
	e := sqlerr.From(err)
	out := fmt.Sprintf("ERROR:  %s: %s\n", e.Code, e.Message)
	if e.Pos > 0 {
		from := strings.LastIndexByte(text[:e.Pos-1], '\n') + 1
		line, _, _ := strings.Cut(text[from:], "\n")
		n := strings.Count(text[:from], "\n") + 1
		head := fmt.Sprintf("LINE %d: ", n)
		out += head + line + "\n" + strings.Repeat(" ", len(head)+e.Pos-1-from) + "^\n"
	}
	if e.Detail != "" {
		out += "DETAIL:  " + e.Detail + "\n"
	}
	if e.Hint != "" {
		out += "HINT:  " + e.Hint + "\n"
	}
	return out
}

// dmlText prints what INSERT, UPDATE and DELETE are bound to.
func dmlText(text string, env *Env) (string, error) {
	stmts, err := parser.Parse(text)
	if err != nil {
		return "", err
	}
	c, err := BindChange(stmts[0].Stmt, env)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	switch in := c.(type) {
	case *Insert:
		fmt.Fprintf(&b, "columns %v\n", in.Cols)
		if in.Rows != nil {
			fmt.Fprintf(&b, "%d literal rows\n", in.Rows.N)
			ctx := &expr.Ctx{Format: env.Format}
			full, err := in.Row.Complete(ctx, in.Rows)
			if err == nil {
				err = in.Row.Check(ctx, full)
			}
			if err != nil {
				return b.String(), err
			}
			for i := range full.N {
				b.WriteString(in.Row.rowText(ctx, full, i) + "\n")
			}
		} else {
			b.WriteString(plan.Explain(in.Source))
		}
		if c := in.Conflict; c != nil {
			fmt.Fprintf(&b, "on conflict %v nothing=%v\n", c.Keys, c.Nothing)
			for _, s := range c.Sets {
				fmt.Fprintf(&b, "  set %d = %s\n", s.Col, s.X)
			}
			if c.Where != nil {
				fmt.Fprintf(&b, "  where %s\n", c.Where)
			}
		}
	case *Update:
		fmt.Fprintf(&b, "sets %v\n%s", in.Sets, plan.Explain(in.Source))
	case *Delete:
		b.WriteString(plan.Explain(in.Source))
	}
	rest(&b, c.Common().Returning, c.Common().Params)
	return b.String(), nil
}

func rest(b *strings.Builder, r *Returning, params []types.Type) {
	if r != nil {
		b.WriteString("returning")
		for i, x := range r.Items {
			fmt.Fprintf(b, " %s=%s", r.Cols[i].Name, x)
		}
		b.WriteByte('\n')
	}
	if len(params) > 0 {
		fmt.Fprintf(b, "params: %v\n", params)
	}
}
