package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// explainOptions are the options of EXPLAIN.
type explainOptions struct{ analyze, verbose, json bool }

func readExplainOptions(list []ast.Option) (explainOptions, error) {
	var x explainOptions
	for _, o := range list {
		v := "on"
		var err error
		if o.HasValue && o.Key != "format" {
			v, err = boolean(o.Value)
		}
		if err != nil {
			return x, sqlerr.New(sqlerr.SyntaxError, "%s requires a Boolean value", o.Key).At(int(o.Pos))
		}
		switch o.Key {
		case "analyze":
			x.analyze = v == "on"
		case "verbose":
			x.verbose = v == "on"
		case "costs", "timing", "summary", "buffers", "settings", "wal":
		case "format":
			switch strings.ToLower(o.Value) {
			case "json":
				x.json = true
			case "text":
			default:
				return x, sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized value for EXPLAIN option \"format\": %q", o.Value).At(int(o.Pos)).WithHint("Formats: text, json.")
			}
		default:
			return x, sqlerr.New(sqlerr.SyntaxError, "unrecognized EXPLAIN option %q", o.Key).At(int(o.Pos))
		}
	}
	return x, nil
}

func explainColumns(st *ast.Explain) ([]Column, error) {
	if st.Watermark != nil {
		return watermarkColumns, nil
	}
	x, err := readExplainOptions(st.Options)
	if err != nil {
		return nil, err
	}
	t := types.Text
	if x.json {
		t = types.JSON
	}
	return []Column{{Name: "QUERY PLAN", Type: t}}, nil
}

// explained is a plan with what EXPLAIN says of it.
type explained struct {
	Plan   []string `json:"Plan"`
	Rules  []string `json:"Rules,omitempty"`
	Lines  []string `json:"Notes,omitempty"`
	Before []string `json:"Before,omitempty"` // the plan before the rules
}

// openExplain runs EXPLAIN.
func (s *session) openExplain(ctx context.Context, st *ast.Explain, text string) (*rowSource, error) {
	cols, err := explainColumns(st)
	if err != nil {
		return nil, err
	}
	if st.Watermark != nil {
		return s.explainWatermark(st, cols)
	}
	opt, err := readExplainOptions(st.Options)
	if err != nil {
		return nil, err
	}
	x, err := s.explain(ctx, st.Stmt, text, opt)
	if err != nil {
		return nil, err
	}
	return s.withTag(fixedRows(cols, x.render(opt)), "EXPLAIN"), nil
}

func (x *explained) render(opt explainOptions) *types.Batch {
	if opt.json {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode([]*explained{x}); err != nil {
			return textRows(1, [][]string{{err.Error()}})
		}
		return textRows(1, [][]string{{strings.TrimSuffix(b.String(), "\n")}})
	}
	var rows [][]string
	for _, l := range append(x.Plan, x.Lines...) {
		rows = append(rows, []string{l})
	}
	if opt.verbose && len(x.Rules) > 0 {
		rows = append(rows, []string{"Rules: " + strings.Join(x.Rules, ", ")})
	}
	if opt.verbose && len(x.Rules) > 0 && len(x.Before) > 0 {
		rows = append(rows, []string{"Before:"})
		for _, l := range x.Before {
			rows = append(rows, []string{"  " + l})
		}
	}
	return textRows(1, rows)
}

func planLines(n plan.Node) []string {
	return strings.Split(strings.TrimRight(plan.Explain(n), "\n"), "\n")
}

func (s *session) explain(ctx context.Context, st ast.Stmt, text string, opt explainOptions) (*explained, error) {
	switch st := st.(type) {
	case *ast.QueryStmt:
		bound, with, err := sql.BindSelect(st.Query, text, s.env(nil))
		if err != nil {
			return nil, err
		}
		if opt.analyze && len(with) > 0 {
			return nil, sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN ANALYZE of a data-modifying statement is not supported")
		}
		q, fired := optimizer.OptimizeTrace(bound, s.planOptions())
		x := &explained{Plan: planLines(q.Root), Rules: fired}
		if opt.verbose {
			x.Before = planLines(bound.Root)
		}
		if opt.analyze {
			x.Lines, err = s.analyzeQuery(ctx, q)
		}
		return x, err
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return s.explainChange(st, opt)
	case *ast.CreateView:
		if st.Materialized {
			return s.explainContinuous(st.Query, text, st.Options, plan.Update)
		}
	case *ast.CreateSink:
		query, text, err := s.sinkQuery(st, text)
		if err != nil {
			return nil, err
		}
		return s.explainContinuous(query, text, st.Options, plan.Append)
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN of this statement is not supported").WithHint("EXPLAIN shows SELECT, INSERT, UPDATE, DELETE, MERGE, CREATE MATERIALIZED VIEW ... AS and CREATE SINK ... AS.")
}

func (s *session) explainContinuous(q *ast.Query, text string, opts []ast.Option, mode plan.Mode) (*explained, error) {
	for _, o := range opts {
		if o.Key == "output_mode" {
			mode = plan.Mode(strings.ToLower(o.Value))
		}
	}
	if q.EmitClose {
		mode = plan.Append
	}
	bound, fin, err := s.eng.bindContinuous(q, text, s.eng.continuousEnv(s.SearchPath()), mode, nil, s.eng.noteStats())
	if err != nil {
		return nil, err
	}
	x := &explained{Plan: planLines(bound.Root), Lines: append([]string{"Output mode: " + string(mode)}, fin.Lines...)}
	if len(fin.Key) > 0 {
		var names []string
		for _, k := range fin.Key {
			names = append(names, bound.Root.Schema()[k].Name)
		}
		x.Lines = append(x.Lines, "Key: "+strings.Join(names, ", "))
	}
	for _, n := range fin.Notices {
		x.Lines = append(x.Lines, "Note: "+n.Text)
	}
	return x, nil
}

// analyzeQuery runs the query and reports what each operator did.
func (s *session) analyzeQuery(ctx context.Context, q *plan.Query) ([]string, error) {
	r := &queryRun{sess: s, tx: s.begin(), now: s.now()}
	defer r.release()
	g, inputs, err := r.prepare(ctx, q.Root)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	var rows int64
	if err := r.run(ctx, g, inputs, func(b *types.Batch) error { rows += int64(b.N); return nil }); err != nil {
		return nil, err
	}
	var lines []string
	for _, o := range g.Stats() {
		lines = append(lines, fmt.Sprintf("%s: rows in %d, rows out %d, time %.3f ms", o.Op, o.RowsIn, o.RowsOut, float64(o.Nanos)/1e6))
	}
	return append(lines, fmt.Sprintf("Rows: %d", rows), fmt.Sprintf("Execution Time: %.3f ms", float64(time.Since(began).Microseconds())/1e3)), nil
}

// collect runs a query and gives all its rows.
func (s *session) collect(ctx context.Context, q *plan.Query, args []expr.Vec) ([]*types.Batch, int64, error) {
	src, err := s.openQuery(ctx, q, args)
	if err != nil {
		return nil, 0, err
	}
	defer src.close()
	var out []*types.Batch
	var n int64
	err = src.run(ctx, func(b *types.Batch) error {
		out, n = append(out, b), n+int64(b.N)
		return nil
	})
	return out, n, err
}
