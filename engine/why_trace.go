package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/types"
)

// How many rows of a source are followed: tracedRows at most, and once tracedTime has passed, no more than fewTraced.
const (
	tracedRows = 1000
	fewTraced  = 100
	tracedTime = 2 * time.Second
)

// tracer follows rows of a query's sources through its plan, operator by operator, each run as a batch over what is there now.
type tracer struct {
	*queryRun
	ctx  context.Context
	rel  *catalog.Relation
	root plan.Node
	f    *types.Format
	info stream.Info
	late []stream.Dropped

	onTime  bool                       // a row is followed that was not late, although equal ones were
	pending string                     // why a row that is not in the result may still come
	wholes  map[plan.Node]*types.Batch // what operators give over all that is there
	rows    map[plan.Node]map[string][]int32
	result  *resultRows
	found   map[*plan.Match]*matchPlans
}

// step is an operator on the way from a scan to the result, and which of its inputs the way comes from.
type step struct {
	node plan.Node
	port int
}

// trace answers streamsql.why.
func (s *session) trace(ctx context.Context, rel *catalog.Relation, match []whyMatch) ([][]string, error) {
	q, err := s.eng.streamQuery(s.cat(), rel)
	if err != nil {
		return nil, err
	}
	t := &tracer{queryRun: &queryRun{sess: s, tx: s.begin(), now: s.now()}, ctx: ctx, rel: rel, root: q.Plan.Root, f: s.format(),
		wholes: map[plan.Node]*types.Batch{}, rows: map[plan.Node]map[string][]int32{}, found: map[*plan.Match]*matchPlans{}}
	defer t.release()
	for _, i := range s.eng.mgr.Infos() {
		if i.Rel.OID == rel.OID {
			t.info = i
		}
	}
	for _, d := range s.eng.mgr.LateRows() {
		if d.Rel.OID == rel.OID {
			t.late = append(t.late, d)
		}
	}
	var out [][]string
	searched := false
	var walk func(n plan.Node, way []step) error
	walk = func(n plan.Node, way []step) error {
		if scan, ok := n.(*plan.Scan); ok {
			rows, ok, err := t.source(scan, way, match)
			out, searched = append(out, rows...), searched || ok
			return err
		}
		for i, in := range n.Inputs() {
			if err := walk(in, append([]step{{n, i}}, way...)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(t.root, nil); err != nil {
		return nil, err
	}
	if !searched {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "no source of %q has the column %q", rel.Name, match[0].col).
			WithHint("Name columns of the streams and tables that the query reads.")
	}
	return out, nil
}

// source follows the matching rows of one scan; ok is false where the relation lacks a column of the match.
func (t *tracer) source(scan *plan.Scan, way []step, match []whyMatch) (out [][]string, ok bool, err error) {
	all := &plan.Scan{Rel: scan.Rel, Alias: scan.Alias, Pos: scan.Pos}
	for i := range scan.Rel.Columns {
		all.Cols = append(all.Cols, i)
	}
	var words []string
	want := make([]arrow.Array, len(match))
	cols := make([]int, len(match))
	for i, m := range match {
		if cols[i] = scan.Rel.Column(m.col); cols[i] < 0 {
			return nil, false, nil
		}
		words = append(words, m.col+" IS NULL")
		b := types.NewBuilder(scan.Rel.Columns[cols[i]].Type)
		if b.AppendNull(); m.text != nil {
			words[i] = m.col + " = " + *m.text
			b = types.NewBuilder(scan.Rel.Columns[cols[i]].Type)
			if err := types.ParseText(b, *m.text, scan.Rel.Columns[cols[i]].Type, t.f); err != nil {
				return nil, false, err
			}
		}
		want[i] = b.NewArray()
	}
	splits, err := t.read(t.ctx, all)
	if err != nil {
		return nil, false, err
	}
	schema := all.Schema()
	more, begin, lates := false, time.Now(), equalRows{}
	for _, sp := range splits {
		err := sp.Read(t.ctx, func(b *types.Batch) error {
			for i := 0; i < b.N && !more; i++ {
				if !t.matches(b, i, cols, want, schema) {
					continue
				}
				if more = len(out) == tracedRows || len(out) >= fewTraced && time.Since(begin) > tracedTime; more {
					break
				}
				row := b.Slice(i, i+1)
				fate, reason, late, err := t.follow(scan, row.Project(scan.Cols), way)
				if err != nil {
					return err
				}
				out = append(out, []string{scan.Rel.Name, rowJSON(row, 0, schema, t.f), fate, reason})
				if late != nil {
					lates.add(out[len(out)-1], row, late)
				}
			}
			return nil
		})
		if err != nil {
			return nil, false, err
		}
	}
	if err := t.settleEqual(lates, scan, way); err != nil {
		return nil, false, err
	}
	if more {
		out = append(out, []string{scan.Rel.Name, "", "not followed", fmt.Sprintf("there are more rows with %s than these %d", strings.Join(words, " and "), len(out))})
	}
	if len(out) == 0 {
		out = append(out, []string{scan.Rel.Name, "", "not arrived", "no row of " + scan.Rel.Name + " has " + strings.Join(words, " and ")})
	}
	return out, true, nil
}

func (t *tracer) matches(b *types.Batch, i int, cols []int, want []arrow.Array, schema plan.Schema) bool {
	for k, c := range cols {
		null := want[k].IsNull(0)
		if b.Cols[c].IsNull(i) != null || !null && types.NewComparer(schema[c].Type)(b.Cols[c], i, want[k], 0) != 0 {
			return false
		}
	}
	return true
}

// follow tells what became of a row of a scan; late: an operator dropped such rows.
func (t *tracer) follow(scan *plan.Scan, b *types.Batch, way []step) (fate, reason string, late []drop, err error) {
	if scan.Filter != nil {
		if x, err := t.failing(scan.Filter, b); x != nil || err != nil {
			return "filtered", fmt.Sprintf("%s is not true", x), nil, err
		}
	}
	schema := scan.Schema()
	t.pending = ""
	for _, s := range way {
		if late := t.lateAt(s.node, b, schema); late != nil {
			return "late", late[0].String(), late, nil
		}
		next, fate, reason, err := t.through(s, b, schema)
		if err != nil || fate != "" {
			return fate, reason, nil, err
		}
		b, schema = next, s.node.Schema()
	}
	fate, reason, err = t.arrived(b, schema)
	if fate == "not in the result" && t.pending != "" {
		return "waiting", t.pending, nil, err
	}
	return fate, reason, nil, err
}

// through gives what comes of rows behind an operator, or the fate that ends their way.
func (t *tracer) through(s step, b *types.Batch, schema plan.Schema) (next *types.Batch, fate, reason string, err error) {
	switch n := s.node.(type) {
	case *plan.Filter:
		x, err := t.failing(n.Cond, b)
		if x != nil || err != nil {
			return nil, "filtered", fmt.Sprintf("%s is not true", x), err
		}
	case *plan.Aggregate:
		return t.grouped(n, b)
	case *plan.Match:
		return t.matched(n, b, schema)
	case *plan.Distinct, *plan.Sort, *plan.Limit, *plan.Over, *plan.SetOp:
		if t.pending == "" {
			if t.pending, err = t.held(s.node, b); err != nil {
				return nil, "", "", err
			}
		}
		next, err = t.within(s.node, b, schema)
		if err == nil && next == nil {
			if t.pending != "" {
				return nil, "waiting", t.pending, nil
			}
			return nil, "left out", "by " + s.node.Explain(), nil
		}
		return next, "", "", err
	case *plan.TimeWindow:
		if n.Func == "session" {
			next, err = t.within(n, b, schema)
		} else {
			next, err = t.run1(s, b, schema)
		}
		if err == nil && next == nil {
			return nil, "late", "its event time is NULL: it belongs to no window", nil
		}
		return next, "", "", err
	case *plan.Join:
		if reason, err := t.unsettled(n, s.port, b); reason != "" || err != nil {
			return nil, "waiting", reason, err
		}
		if reason, err := t.lonely(s, n, b, schema); reason != "" || err != nil {
			return nil, "waiting", reason, err
		}
		next, err = t.run1(s, b, schema)
		switch {
		case err == nil && next == nil && n.Kind == "anti":
			return nil, "left out", "it has a partner: " + n.Explain(), nil
		case err == nil && next == nil:
			return nil, "joined with nothing", n.Explain(), nil
		}
		return next, "", "", err
	}
	next, err = t.run1(s, b, schema)
	if err == nil && next == nil {
		return nil, "left out", "by " + s.node.Explain(), nil
	}
	return next, "", "", err
}

// unsettled says of a row that waits for the version of a table at its time for what it waits.
func (t *tracer) unsettled(n *plan.Join, port int, b *types.Batch) (string, error) {
	if n.Lookup != "time" || !n.OnClose || port != 0 {
		return "", nil
	}
	ts, err := expr.EvalArray(t.sess.exprCtx(nil), n.AsOfTime, b)
	if err != nil || ts.IsNull(0) || types.Int64s(ts)[0] < t.sess.eng.clock().UnixMicro() {
		return "", err
	}
	return fmt.Sprintf("the version of the table that holds at its time is known when the clock has passed %s",
		micros(types.Int64s(ts)[0]).Format("2006-01-02 15:04:05.999999Z07:00")), nil
}

// grouped looks at a row's group: does it wait for the watermark, and what is its row.
func (t *tracer) grouped(n *plan.Aggregate, b *types.Batch) (next *types.Batch, fate, reason string, err error) {
	if n.Close != nil && n.OnClose {
		if reason, err := t.untilClose("its group closes", n.Close, n.Group, b); reason != "" || err != nil {
			return nil, "waiting", reason, err
		}
	}
	keys := &types.Batch{N: b.N}
	for _, g := range n.Group {
		a, err := expr.EvalArray(t.sess.exprCtx(nil), g, b)
		if err != nil {
			return nil, "", "", err
		}
		keys.Cols = append(keys.Cols, a)
	}
	next, err = t.within(n, keys, n.Schema()[:len(n.Group)])
	if err == nil && next == nil {
		return nil, "left out", "its group is not there: " + n.Explain(), nil
	}
	return next, "", "", err
}

// failing is the first conjunct that is not true for any row of b; nil: there is none.
func (t *tracer) failing(cond expr.Expr, b *types.Batch) (expr.Expr, error) {
	list := []expr.Expr{cond}
	if and, ok := cond.(*expr.And); ok {
		list = and.Args
	}
	for _, x := range list {
		rows, err := expr.FilterRows(t.sess.exprCtx(nil), x, b, nil)
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			return x, nil
		}
	}
	return nil, nil
}

// arrived looks for rows in the result.
func (t *tracer) arrived(b *types.Batch, schema plan.Schema) (fate, reason string, err error) {
	if t.rel.Kind == catalog.Sink && t.rel.Connector() != "memory" {
		return "in the result", "handed on to the sink, once the query has come to it", nil
	}
	table, err := t.sess.eng.mgr.Table(t.rel)
	if err != nil {
		return "", "", err
	}
	res, err := t.resultOf(table)
	if err != nil {
		return "", "", err
	}
	for row := range t.rowSet(b, res.cols, schema) {
		if res.whole[row] {
			return "in the result", "", nil
		}
	}
	for row := range t.rowSet(b, t.rel.Key, schema) {
		if len(t.rel.Key) > 0 && res.keyed[row] {
			return "in the result", fmt.Sprintf("its key is there, with other values: late rows (%d so far) are not counted, nor rows that have yet to be read", t.info.Late), nil
		}
	}
	return "not in the result", fmt.Sprintf("the query has not come to it yet, or it came too late (%d rows were late)", t.info.Late), nil
}
