package exec

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// table makes a relation of the kind with columns c0, c1, ...; time >= 0: the column with the watermark.
func table(kind catalog.Kind, time int, ts ...types.Type) *plan.Scan {
	rel := &catalog.Relation{OID: 1, Name: "t", Kind: kind}
	s := &plan.Scan{Rel: rel, Alias: "t"}
	for i, t := range ts {
		rel.Columns = append(rel.Columns, catalog.Column{Name: fmt.Sprintf("c%d", i), Type: t})
		s.Cols = append(s.Cols, i)
	}
	if time >= 0 {
		rel.Watermark = &catalog.Watermark{Column: time}
	}
	return s
}

func col(n plan.Node, i int) expr.Expr {
	c := n.Schema()[i]
	return &expr.Column{Idx: i, Name: c.Name, Typ: c.Type}
}

func op(t testing.TB, l expr.Expr, name string, r expr.Expr) expr.Expr {
	t.Helper()
	res, err := expr.ResolveOp(name, l.Type(), r.Type())
	if err != nil {
		t.Fatal(err)
	}
	return &expr.Call{Fn: res.Fn, Args: []expr.Expr{l, r}, Typ: res.Ret, Pos: -1}
}

func agg(t testing.TB, name string, xs ...expr.Expr) plan.AggCall {
	t.Helper()
	ts := make([]types.Type, len(xs))
	for i, x := range xs {
		ts[i] = x.Type()
	}
	r, err := expr.ResolveAgg(name, ts)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range xs {
		if x.Type() != r.ArgType[i] {
			t.Fatalf("%s: argument %d needs a cast to %s", name, i, r.ArgType[i])
		}
	}
	return plan.AggCall{Fn: r.Agg, Args: xs, Typ: r.Ret}
}

func aggregateOf(in plan.Node, group []expr.Expr, calls ...plan.AggCall) *plan.Aggregate {
	a := &plan.Aggregate{In: in, Group: group, Aggs: calls, Pos: -1}
	for _, g := range group {
		a.Cols = append(a.Cols, plan.Col{Name: "k", Type: g.Type()})
	}
	for _, c := range calls {
		a.Cols = append(a.Cols, plan.Col{Name: c.Fn.Name, Type: c.Typ})
	}
	return a
}

// row is a row in PostgreSQL's text forms; "NULL" is NULL.
type row struct {
	vals []string
	w    int64
}

func rowsOf(lines ...string) []row {
	var out []row
	for _, l := range lines {
		w := int64(1)
		if rest, ok := strings.CutPrefix(l, "-"); ok {
			l, w = rest, -1
		}
		out = append(out, row{strings.Split(strings.TrimPrefix(l, "+"), "|"), w})
	}
	return out
}

func batchOf(t testing.TB, ts []types.Type, rows []row) *types.Batch {
	t.Helper()
	b := &types.Batch{N: len(rows)}
	f := types.UTCFormat(0)
	for k, typ := range ts {
		bld := types.NewBuilder(typ)
		for _, r := range rows {
			if r.vals[k] == "NULL" {
				bld.AppendNull()
			} else if err := types.ParseText(bld, r.vals[k], typ, f); err != nil {
				t.Fatalf("%q: %v", r.vals[k], err)
			}
		}
		b.Cols = append(b.Cols, bld.NewArray())
	}
	if slices.ContainsFunc(rows, func(r row) bool { return r.w != 1 }) {
		for _, r := range rows {
			b.W = append(b.W, r.w)
		}
	}
	return b
}

func textOf(ts []types.Type, b *types.Batch, i int) string {
	out := make([]string, len(b.Cols))
	for k, c := range b.Cols {
		out[k] = "NULL"
		if c.IsValid(i) {
			out[k] = string(types.AppendText(nil, c, i, ts[k], types.UTCFormat(0)))
		}
	}
	return strings.Join(out, "|")
}

// result collects changes: rows with weights.
type result struct {
	ts    []types.Type
	rows  map[string]int64
	order []string
	minus int
}

func (r *result) add(b *types.Batch) error {
	if len(b.Cols) != len(r.ts) {
		return fmt.Errorf("%d columns, want %d", len(b.Cols), len(r.ts))
	}
	for k, c := range b.Cols {
		if c.Len() != b.N || !arrow.TypeEqual(c.DataType(), r.ts[k].Arrow()) {
			return fmt.Errorf("column %d: %d rows of %s, want %d of %s", k, c.Len(), c.DataType(), b.N, r.ts[k])
		}
	}
	for i := range b.N {
		s := textOf(r.ts, b, i)
		r.order = append(r.order, s)
		if r.rows[s] += b.Weight(i); r.rows[s] == 0 {
			delete(r.rows, s)
		}
		if b.Weight(i) < 0 {
			r.minus++
		}
	}
	return nil
}

func (r *result) String() string {
	var out []string
	for s, w := range r.rows {
		if w != 1 {
			s = fmt.Sprintf("%s (%d)", s, w)
		}
		out = append(out, s)
	}
	sort.Strings(out)
	return strings.Join(out, "\n")
}

func newResult(root plan.Node) *result {
	return &result{ts: root.Schema().Types(), rows: map[string]int64{}}
}

func testCtx() *expr.Ctx { return &expr.Ctx{Format: types.UTCFormat(0)} }

// cut turns rows into splits of batches of the given sizes.
func cut(t testing.TB, ts []types.Type, rows []row, splits, batch int) []types.Split {
	var out []types.Split
	per := (len(rows) + splits - 1) / max(splits, 1)
	for from := 0; from < len(rows); from += per {
		part := rows[from:min(from+per, len(rows))]
		out = append(out, types.Split{Read: func(_ context.Context, emit func(*types.Batch) error) error {
			for b := range slices.Chunk(part, batch) {
				if err := emit(batchOf(t, ts, b)); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	return out
}

// scanned gives the columns that the scan reads.
func scanned(s *plan.Scan, rows []row) []row {
	if len(s.Cols) == len(s.Rel.Columns) {
		return rows
	}
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i].w = r.w
		for _, c := range s.Cols {
			out[i].vals = append(out[i].vals, r.vals[c])
		}
	}
	return out
}

// runBatch runs the plan as a batch query; every scan reads the same rows.
func runBatch(t testing.TB, root plan.Node, rows []row) *result {
	t.Helper()
	g, err := Build(root, Config{Mode: plan.Batch, Parallelism: 2, NewCtx: testCtx})
	if err != nil {
		t.Fatal(err)
	}
	var in []Input
	for _, s := range g.Scans() {
		in = append(in, Input{Splits: cut(t, s.Schema().Types(), scanned(s, rows), 3, 5)})
	}
	r := newResult(root)
	if _, err := g.Run(context.Background(), &Step{N: 1, WMStart: NoWatermark, Last: true}, in, r.add); err != nil {
		t.Fatal(err)
	}
	return r
}

// variant is one way to run a continuous query.
type variant struct {
	steps, splits, batch, par int
	restart                   bool
	delay                     int64 // of the watermark; < 0: none
}

// runSteps runs the plan continuously over the rows.
func runSteps(t testing.TB, root plan.Node, mode plan.Mode, rows []row, v variant) (*result, []OpStats) {
	t.Helper()
	return runPaged(t, root, mode, rows, v, math.MaxInt64)
}

// runPaged is runSteps with hardly any memory for state from a step on.
func runPaged(t testing.TB, root plan.Node, mode plan.Mode, rows []row, v variant, paged int64) (*result, []OpStats) {
	t.Helper()
	cfg := Config{Mode: mode, Parallelism: v.par, NewCtx: testCtx, shard: &shardSizes{groups: 2, rows: 3}}
	build := func() *Graph {
		g, err := Build(root, cfg)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g := build()
	var saved []Chunk
	cold := newMemCold()
	page := func(n int64) {
		if n >= paged {
			if err := g.Page(cold); err != nil {
				t.Fatal(err)
			}
		}
	}
	page(1)
	r := newResult(root)
	wm := int64(NoWatermark)
	per := max(1, (len(rows)+v.steps-1)/v.steps)
	n := int64(0)
	for from := 0; from < max(1, len(rows)); from += per {
		n++
		part := rows[from:min(from+per, len(rows))]
		var in []Input
		for _, s := range g.Scans() {
			in = append(in, Input{Splits: cut(t, s.Schema().Types(), scanned(s, part), v.splits, v.batch)})
		}
		st := &Step{N: n, WMStart: wm}
		if v.delay >= 0 {
			st.Advance = func(seen []Seen) int64 {
				end := wm
				for _, s := range seen {
					end = max(end, s.Max-v.delay)
				}
				return end
			}
		}
		var err error
		if wm, err = g.Run(context.Background(), st, in, r.add); err != nil {
			t.Fatal(err)
		}
		if v.restart || paged == 1 {
			chunks, err := g.SaveDelta()
			if err != nil {
				t.Fatal(err)
			}
			if saved = append(saved, chunks...); n%3 == 0 {
				if saved, err = g.SaveAll(); err != nil {
					t.Fatal(err)
				}
			}
			cold.commit()
			g.Evict(n % 4 * 500)
		}
		if v.restart {
			g = build()
			page(n + 1)
			if err := g.Load(saved); err != nil {
				t.Fatal(err)
			}
			if len(g.pagers) > 0 {
				if saved, err = g.SaveAll(); err != nil {
					t.Fatal(err)
				}
				cold.commit()
			}
		}
	}
	for _, p := range g.pagers {
		if o, ok := p.(*aggregate); ok && o.keys.n == 0 && o.page.away == 0 && cold.under(o.name, "s")+cold.under(o.name, "r") > len(o.multisets()) {
			t.Fatalf("%+v: no group of %s is left, but entries are stored", v, o.name)
		}
	}
	return r, g.Stats()
}

var variants = []variant{
	{1, 1, 1000, 1, false, -1}, {1, 3, 2, 2, false, -1}, {2, 1, 3, 1, true, -1}, {5, 2, 4, 2, true, -1}, {7, 3, 1, 7, false, -1},
	{1000, 1, 1, 1, false, -1}, {13, 2, 2, 2, true, -1},
}

// pagedVariant is a way to run a query whose state has memory for hardly a row.
type pagedVariant struct {
	variant
	from int64 // the step from which on
}

var pagedVariants = []pagedVariant{{variant{9, 2, 3, 2, false, -1}, 1}, {variant{13, 2, 2, 2, true, -1}, 1}, {variant{11, 1, 4, 1, true, -1}, 5}}

// allVariants are all ways to run a query, those without paging first.
var allVariants = func() []pagedVariant {
	var out []pagedVariant
	for _, v := range variants {
		out = append(out, pagedVariant{v, math.MaxInt64})
	}
	return append(out, pagedVariants...)
}()

// checkLaw runs the plan in all variants and compares the integrated output with the batch result over the integrated input.
func checkLaw(t *testing.T, root plan.Node, rows []row) {
	t.Helper()
	want := runBatch(t, root, consolidated(rows)).String()
	for _, v := range variants {
		got, _ := runSteps(t, root, plan.Update, rows, v)
		if got.String() != want {
			t.Fatalf("%+v:\n%s\n--- want\n%s\n--- plan\n%s", v, got, want, plan.Explain(root))
		}
	}
	for _, v := range pagedVariants {
		if got, _ := runPaged(t, root, plan.Update, rows, v.variant, v.from); got.String() != want {
			t.Fatalf("paged %+v:\n%s\n--- want\n%s\n--- plan\n%s", v, got, want, plan.Explain(root))
		}
	}
}

// consolidated is what is left of the rows, in order of arrival.
func consolidated(rows []row) []row {
	left := map[string]int64{}
	for _, r := range rows {
		left[strings.Join(r.vals, "|")] += r.w
	}
	var out []row
	for _, r := range rows {
		if k := strings.Join(r.vals, "|"); left[k] > 0 && r.w > 0 {
			left[k]--
			out = append(out, row{r.vals, 1})
		}
	}
	return out
}

// randomRows makes n rows of the given values by column; NULLs are put in. retract: about a third of them are taken back later.
func randomRows(rnd *rand.Rand, n int, vals [][]string, retract bool) []row {
	var out, live []row
	for len(out) < n {
		if retract && len(live) > 0 && rnd.Intn(3) == 0 {
			k := rnd.Intn(len(live))
			out = append(out, row{live[k].vals, -1})
			live = slices.Delete(live, k, k+1)
			continue
		}
		r := row{w: 1}
		for _, vs := range vals {
			v := "NULL"
			if rnd.Intn(8) > 0 {
				v = vs[rnd.Intn(len(vs))]
			}
			r.vals = append(r.vals, v)
		}
		out, live = append(out, r), append(live, r)
	}
	return out
}

func seeded(t *testing.T) *rand.Rand {
	const seed = 20261121
	t.Logf("seed %d", seed)
	return rand.New(rand.NewSource(seed))
}
