package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// explained is a plan with what EXPLAIN says of it.
type explained struct {
	verb   string            // of a statement that changes rows: Insert, Update, Delete, Merge
	rel    *catalog.Relation // that it changes
	root   plan.Node         // nil: constant rows
	before plan.Node         // before the rules; nil: it is not shown
	rules  []string
	notes  []string // of a continuous query
	// settings are what of the session bears on the plan; nil: that was not asked for.
	settings []planSetting
	est      *optimizer.Estimator
	stats    map[plan.Node]exec.NodeStats // nil: it did not run

	planning, execution time.Duration
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
	began := time.Now()
	x, err := s.explain(selectInto(st.Stmt), text, nil, opt)
	if err != nil {
		return nil, err
	}
	x.planning = time.Since(began)
	if opt.settings {
		x.settings = s.planSettings()
	}
	if opt.analyze && x.notes == nil {
		if err := s.analyzeExplained(ctx, x, selectInto(st.Stmt), text); err != nil {
			return nil, err
		}
	}
	return s.withTag(fixedRows(cols, x.render(opt)), "EXPLAIN"), nil
}

// explain plans what EXPLAIN names; params are the types of its parameters.
func (s *session) explain(st ast.Stmt, text string, params []types.Type, opt explainOptions) (*explained, error) {
	switch st := st.(type) {
	case *ast.QueryStmt:
		return s.explainQuery(st.Query, text, params, opt)
	case *ast.Declare:
		if st.Query != nil {
			return s.explainQuery(st.Query, text, params, opt)
		}
	case *ast.Execute:
		p, err := s.prepared(st.Name)
		if err != nil {
			return nil, err
		}
		if _, again := p.stmt.(*ast.Execute); !again {
			if _, err := s.executeArgs(st, p); err != nil {
				return nil, err
			}
			return s.explain(p.stmt, p.text, p.params, opt)
		}
	case *ast.CreateTable:
		if st.As != nil {
			return s.explainQuery(st.As, text, params, opt)
		}
	case *ast.Insert, *ast.Update, *ast.Delete, *ast.Merge:
		return s.explainChange(st, params, opt)
	case *ast.CreateView:
		if st.Materialized {
			return s.explainContinuous(st.Query, text, st.Options, plan.Update, opt)
		}
	case *ast.CreateSink:
		query, text, err := s.sinkQuery(st, text)
		if err != nil {
			return nil, err
		}
		return s.explainContinuous(query, text, st.Options, plan.Append, opt)
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN of this statement is not supported").
		WithHint("EXPLAIN shows SELECT, INSERT, UPDATE, DELETE, MERGE, EXECUTE, DECLARE CURSOR, CREATE TABLE AS, CREATE MATERIALIZED VIEW ... AS and CREATE SINK ... AS.")
}

func (s *session) explainQuery(q *ast.Query, text string, params []types.Type, opt explainOptions) (*explained, error) {
	bound, _, err := sql.BindSelect(q, text, s.env(params))
	if err != nil {
		return nil, err
	}
	x := &explained{}
	x.plan(bound, s.planOptions(), opt)
	return x, nil
}

// plan optimizes what was bound.
func (x *explained) plan(bound *plan.Query, o optimizer.Options, opt explainOptions) {
	q, fired := optimizer.OptimizeTrace(bound, o)
	x.root, x.rules = q.Root, fired
	if opt.verbose {
		x.before = bound.Root
	}
	if opt.costs == "on" || opt.costs == "" && (opt.format != "text" || analyzedBefore(q.Root)) {
		x.est = optimizer.NewEstimator(o.Stats)
	}
}

// analyzedBefore says whether ANALYZE looked at a relation that the plan reads.
func analyzedBefore(root plan.Node) bool {
	found := false
	plan.Walk(root, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok && s.Rel.Stats != nil {
			found = true
		}
	})
	return found
}

func (s *session) explainContinuous(q *ast.Query, text string, opts []ast.Option, mode plan.Mode, opt explainOptions) (*explained, error) {
	for _, o := range opts {
		if o.Key == "output_mode" {
			mode = plan.Mode(strings.ToLower(o.Value))
		}
	}
	if q.EmitClose {
		mode = plan.Append
	}
	stats := s.eng.noteStats()
	bound, fin, err := s.eng.bindContinuous(q, text, s.eng.continuousEnv(s.cat(), s.SearchPath()), mode, nil, stats)
	if err != nil {
		return nil, err
	}
	x := &explained{root: bound.Root, notes: append([]string{"Output mode: " + string(mode)}, fin.Lines...)}
	if opt.costs == "on" {
		x.est = optimizer.NewEstimator(stats)
	}
	if len(fin.Key) > 0 {
		var names []string
		for _, k := range fin.Key {
			names = append(names, bound.Root.Schema()[k].Name)
		}
		x.notes = append(x.notes, "Key: "+strings.Join(names, ", "))
	}
	for _, n := range fin.Notices {
		x.notes = append(x.notes, "Note: "+n.Text)
	}
	if opt.analyze {
		x.notes = append(x.notes, "Note: EXPLAIN does not run a continuous query; EXPLAIN ANALYZE its SELECT.")
	}
	return x, nil
}

// render writes the plan in the format that was asked for.
func (x *explained) render(opt explainOptions) *types.Batch {
	switch opt.format {
	case "text":
		var rows [][]string
		for _, l := range x.text(opt) {
			rows = append(rows, []string{l})
		}
		return textRows(1, rows)
	case "json":
		var b strings.Builder
		b.WriteString("[\n  ")
		writeJSON(&b, x.group(opt), "  ")
		b.WriteString("\n]")
		return textRows(1, [][]string{{b.String()}})
	case "yaml":
		var b strings.Builder
		b.WriteString("- ")
		writeYAML(&b, x.group(opt), "  ")
		return textRows(1, [][]string{{b.String()}})
	}
	var b strings.Builder
	b.WriteString("<explain xmlns=\"http://www.postgresql.org/2009/explain\">\n  <Query>\n")
	writeXML(&b, x.group(opt), "    ")
	b.WriteString("  </Query>\n</explain>")
	return textRows(1, [][]string{{b.String()}})
}

// group is the whole as clients read it.
func (x *explained) group(opt explainOptions) group {
	var g group
	var below group
	if x.root != nil {
		var extra []entry
		if x.verb != "" {
			extra = append(extra, entry{"Parent Relationship", "Outer"})
		}
		below = x.nodeGroup(x.root, opt, extra...)
	} else {
		below = group{{"Node Type", "Values Scan"}}
	}
	if x.verb != "" {
		m := group{{"Node Type", "ModifyTable"}, {"Operation", x.verb}, {"Parallel Aware", false}, {"Async Capable", false}, {"Relation Name", x.rel.Name}, {"Alias", x.rel.Name}}
		if x.stats != nil {
			m.add("Actual Total Time", decimal{millis(x.execution), 3})
			m.add("Actual Rows", int64(0))
			m.add("Actual Loops", int64(1))
		}
		m.add("Plans", []group{below})
		below = m
	}
	g.add("Plan", below)
	if len(x.rules) > 0 {
		g.add("Rules", x.rules)
	}
	if len(x.notes) > 0 {
		g.add("Notes", x.notes)
	}
	if x.before != nil {
		plain := &explained{}
		g.add("Before", plain.nodeGroup(x.before, opt))
	}
	if len(x.settings) > 0 {
		var all group
		for _, p := range x.settings {
			all.add(p.name, p.value)
		}
		g.add("Settings", all)
	}
	if x.summed(opt) {
		g.add("Planning Time", decimal{millis(x.planning), 3})
	}
	if x.stats != nil {
		g.add("Triggers", []string{})
		if opt.summary != "off" {
			g.add("Execution Time", decimal{millis(x.execution), 3})
		}
	}
	return g
}

// summed says whether the time of planning is told.
func (x *explained) summed(opt explainOptions) bool {
	return opt.summary == "on" || opt.summary == "" && x.stats != nil
}

// text is the plan as lines.
func (x *explained) text(opt explainOptions) []string {
	var out []string
	lines := []string{"Values"}
	if x.root != nil {
		lines = planLines(x.root, func(n plan.Node) (string, []string) { return x.noted(n, opt) })
	}
	if x.verb == "" {
		out = lines
	} else {
		head := x.verb + " on " + x.rel.Name
		if x.stats != nil {
			head += x.actual(0, x.execution, opt)
		}
		out = append(out, head)
		for i, l := range lines {
			indent := "      "
			if i == 0 {
				indent = "  ->  "
			}
			out = append(out, indent+l)
		}
	}
	out = append(out, x.notes...)
	if opt.verbose && len(x.rules) > 0 {
		out = append(out, "Rules: "+strings.Join(x.rules, ", "))
		if x.before != nil {
			out = append(out, "Before:")
			for _, l := range planLines(x.before, nil) {
				out = append(out, "  "+l)
			}
		}
	}
	if l := settingsLine(x.settings); l != "" {
		out = append(out, l)
	}
	if x.summed(opt) {
		out = append(out, fmt.Sprintf("Planning Time: %.3f ms", millis(x.planning)))
	}
	if x.stats != nil && opt.summary != "off" {
		out = append(out, fmt.Sprintf("Execution Time: %.3f ms", millis(x.execution)))
	}
	return out
}

// noted is what stands behind and below an operator's line: estimates, and what it did.
func (x *explained) noted(n plan.Node, opt explainOptions) (behind string, below []string) {
	if c, ok := x.cost(n); ok {
		behind = fmt.Sprintf("  (cost=0.00..%.2f rows=%.0f width=%d)", c.total, math.Min(c.rows, 1e18), c.width)
	}
	s, ok := x.stats[n]
	if !ok {
		return behind, nil
	}
	behind += x.actual(s.Rows, x.total(n), opt)
	if s.Removed > 0 {
		below = append(below, fmt.Sprintf("Rows Removed by Filter: %d", s.Removed))
	}
	if opt.buffers && s.Bytes > 0 {
		below = append(below, fmt.Sprintf("Memory: %dkB", (s.Bytes+1023)/1024))
	}
	return behind, below
}

func (x *explained) actual(rows int64, d time.Duration, opt explainOptions) string {
	if opt.timing == "off" {
		return fmt.Sprintf(" (actual rows=%d loops=1)", rows)
	}
	return fmt.Sprintf(" (actual time=0.000..%.3f rows=%d loops=1)", millis(d), rows)
}

func planLines(n plan.Node, note func(plan.Node) (string, []string)) []string {
	return slices.Collect(strings.SplitSeq(strings.TrimRight(plan.ExplainNoted(n, note), "\n"), "\n"))
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
