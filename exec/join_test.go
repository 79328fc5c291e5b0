package exec

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

var joinTypes = []types.Type{types.Int4, types.Text, types.Int8, types.Float8}

var joinValues = [][]string{{"1", "2", "3", "4"}, {"a", "b", ""}, {"1", "2", "3", "50"}, {"0", "-0", "1.5", "NaN"}}

// joinOf makes a join of two inputs; keys are pairs of columns, rest is over both sides.
func joinOf(t testing.TB, kind string, l, r plan.Node, keys [][2]int, rest expr.Expr) *plan.Join {
	j := &plan.Join{Kind: kind, L: l, R: r, LTime: -1, RTime: -1, Pos: -1}
	var all []expr.Expr
	n := len(l.Schema())
	for _, k := range keys {
		lx, rx := col(l, k[0]), col(r, k[1])
		j.LKeys, j.RKeys = append(j.LKeys, lx), append(j.RKeys, rx)
		all = append(all, op(t, lx, "=", expr.Remap(rx, func(c int) int { return c + n })))
	}
	j.Rest = rest
	if rest != nil {
		all = append(all, rest)
	}
	switch len(all) {
	case 0:
	case 1:
		j.Cond = all[0]
	default:
		j.Cond = &expr.And{Args: all}
	}
	j.Cols = slices.Concat(l.Schema(), r.Schema())
	if kind == "semi" || kind == "anti" {
		j.Cols = l.Schema()
	}
	return j
}

// naive is the join of two bags of rows, pair by pair.
func naive(t testing.TB, j *plan.Join, l, r []row) *result {
	t.Helper()
	lt, rt := j.L.Schema().Types(), j.R.Schema().Types()
	var pairs []row
	for _, x := range l {
		for _, y := range r {
			pairs = append(pairs, row{slices.Concat(x.vals, y.vals), 1})
		}
	}
	cond := j.Cond
	if cond == nil {
		cond = expr.ConstBool(true)
	}
	if j.NotIn {
		cond = &expr.IsTest{X: cond, Test: "false", Not: true}
	}
	hit := make([]bool, len(pairs))
	if len(pairs) > 0 {
		sel, err := expr.FilterRows(testCtx(), cond, batchOf(t, slices.Concat(lt, rt), pairs), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range sel {
			hit[i] = true
		}
	}
	var out []row
	lhit, rhit := make([]bool, len(l)), make([]bool, len(r))
	for k, p := range pairs {
		if hit[k] {
			lhit[k/len(r)], rhit[k%len(r)] = true, true
			if j.Kind != "semi" && j.Kind != "anti" {
				out = append(out, p)
			}
		}
	}
	for i, x := range l {
		switch {
		case j.Kind == "semi" && lhit[i], j.Kind == "anti" && !lhit[i]:
			out = append(out, x)
		case (j.Kind == "left" || j.Kind == "full") && !lhit[i]:
			out = append(out, row{slices.Concat(x.vals, slices.Repeat([]string{"NULL"}, len(rt))), 1})
		}
	}
	for i, y := range r {
		if (j.Kind == "right" || j.Kind == "full") && !rhit[i] {
			out = append(out, row{slices.Concat(slices.Repeat([]string{"NULL"}, len(lt)), y.vals), 1})
		}
	}
	res := newResult(j)
	if err := res.add(batchOf(t, res.ts, out)); err != nil {
		t.Fatal(err)
	}
	return res
}

// joinSteps runs a plan over two scans; each step reads a part of both inputs. delay < 0: no watermark.
func joinSteps(t testing.TB, root plan.Node, mode plan.Mode, ins [2][]row, v variant) (*result, []OpStats) {
	t.Helper()
	return joinPaged(t, root, mode, ins, v, math.MaxInt)
}

// joinPaged is joinSteps with hardly any memory for state from a step on.
func joinPaged(t testing.TB, root plan.Node, mode plan.Mode, ins [2][]row, v variant, paged int) (*result, []OpStats) {
	t.Helper()
	cold := newMemCold()
	page := func(g *Graph, n int) {
		if n >= paged {
			if err := g.Page(cold); err != nil {
				t.Fatal(err)
			}
		}
	}
	build := func() *Graph {
		g, err := Build(root, Config{Mode: mode, Parallelism: v.par, NewCtx: testCtx})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	g, r, wm := build(), newResult(root), int64(NoWatermark)
	page(g, 0)
	var saved []Chunk
	for n := range v.steps {
		in := make([]Input, len(g.Scans()))
		for i, s := range g.Scans() {
			rows := ins[s.Rel.OID%20000]
			per := (len(rows) + v.steps - 1) / v.steps
			part := rows[min(n*per, len(rows)):min(n*per+per, len(rows))]
			in[i] = Input{Splits: cut(t, s.Schema().Types(), projected(part, s.Cols), v.splits, v.batch)}
		}
		st := &Step{N: int64(n + 1), WMStart: wm, Last: mode == plan.Batch}
		if v.delay >= 0 {
			st.Advance = func(seen []Seen) int64 {
				end := int64(NoWatermark)
				for i, s := range seen {
					if i == 0 || s.Max-v.delay < end {
						end = s.Max - v.delay
					}
				}
				return max(end, wm)
			}
		}
		var err error
		if wm, err = g.Run(context.Background(), st, in, r.add); err != nil {
			t.Fatal(err)
		}
		if v.restart || paged == 0 {
			chunks, err := g.SaveDelta()
			if err != nil {
				t.Fatal(err)
			}
			if saved = append(saved, chunks...); n%3 == 2 {
				if saved, err = g.SaveAll(); err != nil {
					t.Fatal(err)
				}
			}
			cold.commit()
			g.Evict(int64(n) % 4 * 1000)
		}
		if v.restart {
			g = build()
			page(g, n+1)
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
		o, ok := p.(*join)
		if !ok {
			continue
		}
		rows, _ := o.Size()
		for _, kind := range []string{"r", "t"} {
			if stored := cold.under(o.name, kind); int64(stored) != rows && (stored != 0 || kind == "r") {
				t.Fatalf("%+v: %d keys %q for %d rows of %s", v, stored, kind, rows, o.name)
			}
		}
	}
	return r, g.Stats()
}

var joinVariants = []variant{
	{1, 1, 1000, 1, false, -1}, {2, 2, 3, 2, true, -1}, {7, 3, 2, 7, true, -1}, {50, 1, 1, 1, true, -1}, {9, 2, 5, 2, false, -1},
}

// joinPagedVariants are ways to run a join whose state has memory for hardly a row, from a step on.
var joinPagedVariants = []pagedVariant{
	{variant{9, 2, 3, 2, false, -1}, 0}, {variant{13, 1, 2, 1, true, -1}, 0}, {variant{40, 1, 1, 7, false, -1}, 0}, {variant{11, 1, 4, 1, true, -1}, 5},
}

// sides makes the two scans, of relations 0 and 1.
func sides(kind [2]catalog.Kind, time int, ts []types.Type) (l, r *plan.Scan) {
	l, r = table(kind[0], time, ts...), table(kind[1], time, ts...)
	l.Rel.OID, r.Rel.OID = 0, 1
	return l, r
}

// joinConds are conditions over two inputs of joinTypes.
func joinConds(t *testing.T) map[string]func(l, r plan.Node) ([][2]int, expr.Expr) {
	less := func(l, r plan.Node) expr.Expr {
		return op(t, col(l, 2), "<", &expr.Column{Idx: len(l.Schema()) + 2, Name: "r2", Typ: types.Int8})
	}
	return map[string]func(l, r plan.Node) ([][2]int, expr.Expr){
		"int":        func(l, r plan.Node) ([][2]int, expr.Expr) { return [][2]int{{0, 0}}, nil },
		"text":       func(l, r plan.Node) ([][2]int, expr.Expr) { return [][2]int{{1, 1}}, nil },
		"float":      func(l, r plan.Node) ([][2]int, expr.Expr) { return [][2]int{{3, 3}}, nil },
		"two":        func(l, r plan.Node) ([][2]int, expr.Expr) { return [][2]int{{0, 0}, {1, 1}}, nil },
		"int + rest": func(l, r plan.Node) ([][2]int, expr.Expr) { return [][2]int{{0, 0}}, less(l, r) },
		"non-equi":   func(l, r plan.Node) ([][2]int, expr.Expr) { return nil, less(l, r) },
		"none":       func(l, r plan.Node) ([][2]int, expr.Expr) { return nil, nil },
		"never":      func(l, r plan.Node) ([][2]int, expr.Expr) { return [][2]int{{0, 0}}, expr.ConstBool(false) },
	}
}

// TestJoinLaw: the integrated output of every kind with every condition is the naive join, however the inputs are cut.
func TestJoinLaw(t *testing.T) {
	kinds := [][2]catalog.Kind{{catalog.Stream, catalog.Stream}, {catalog.Table, catalog.Table}, {catalog.Stream, catalog.Table}}
	for name, cond := range joinConds(t) {
		for _, kind := range []string{"inner", "left", "right", "full", "semi", "anti"} {
			t.Run(kind+" "+name, func(t *testing.T) {
				rnd := seeded(t)
				for _, k := range kinds {
					for _, n := range [][2]int{{0, 5}, {6, 0}, {25, 18}} {
						l, r := sides(k, -1, joinTypes)
						keys, rest := cond(l, r)
						checkJoin(t, joinOf(t, kind, l, r, keys, rest), [2][]row{
							randomRows(rnd, n[0], joinValues, k[0] == catalog.Table), randomRows(rnd, n[1], joinValues, k[1] == catalog.Table)})
					}
				}
			})
		}
	}
}

func checkJoin(t *testing.T, j *plan.Join, ins [2][]row) {
	t.Helper()
	left := [2][]row{consolidated(ins[0]), consolidated(ins[1])}
	want := naive(t, j, left[0], left[1]).String()
	for _, v := range []variant{{1, 3, 4, 2, false, -1}, {1, 1, 1, 1, false, -1}} {
		if got, _ := joinSteps(t, j, plan.Batch, left, v); got.String() != want || got.minus > 0 {
			t.Fatalf("batch %+v:\n%s\n--- want\n%s\n--- plan\n%s", v, got, want, plan.Explain(j))
		}
	}
	for _, v := range joinVariants {
		if got, _ := joinSteps(t, j, plan.Update, ins, v); got.String() != want {
			t.Fatalf("update %+v:\n%s\n--- want\n%s\n--- plan\n%s", v, got, want, plan.Explain(j))
		}
	}
	for _, v := range joinPagedVariants {
		if got, _ := joinPaged(t, j, plan.Update, ins, v.variant, int(v.from)); got.String() != want {
			t.Fatalf("paged %+v:\n%s\n--- want\n%s\n--- plan\n%s", v, got, want, plan.Explain(j))
		}
	}
}

// TestNotIn: one NULL on the right leaves nothing; a NULL on the left is left only by an empty right side.
func TestNotIn(t *testing.T) {
	rnd := seeded(t)
	for _, hashed := range []bool{true, false} {
		for _, n := range []int{0, 1, 2, 12} {
			for _, nulls := range []bool{false, true} {
				l, r := sides([2]catalog.Kind{catalog.Table, catalog.Table}, -1, joinTypes)
				rx := &expr.Column{Idx: len(joinTypes) + 2, Name: "r", Typ: types.Int8}
				cond := op(t, col(l, 2), "=", rx)
				if !hashed {
					cond = op(t, op(t, col(l, 2), "-", rx), "=", expr.ConstInt8(0))
				}
				j := joinOf(t, "anti", l, r, nil, cond)
				j.Rest, j.NotIn = nil, true
				right := randomRows(rnd, n, joinValues, true)
				if !nulls {
					right = slices.DeleteFunc(right, func(x row) bool { return x.vals[2] == "NULL" })
				}
				checkJoin(t, j, [2][]row{randomRows(rnd, 20, joinValues, true), right})
			}
		}
	}
}

// TestSelfJoin: one input on both ports, in batch too, where the right side has to be complete first.
func TestSelfJoin(t *testing.T) {
	rnd := seeded(t)
	for _, kind := range []string{"inner", "left", "full", "semi", "anti"} {
		s := table(catalog.Table, -1, joinTypes...)
		s.Rel.OID = 0
		rest := op(t, col(s, 2), "<", &expr.Column{Idx: len(joinTypes) + 2, Name: "r2", Typ: types.Int8})
		rows := randomRows(rnd, 30, joinValues, true)
		checkJoin(t, joinOf(t, kind, s, s, [][2]int{{0, 0}}, rest), [2][]row{rows, rows})
	}
}

// TestJoinOfAggregates joins what operators give at the end of a step, and joins of joins.
func TestJoinOfAggregates(t *testing.T) {
	rnd := seeded(t)
	l, r := sides([2]catalog.Kind{catalog.Table, catalog.Table}, -1, joinTypes)
	la := aggregateOf(l, []expr.Expr{col(l, 0)}, agg(t, "count"))
	ra := aggregateOf(r, []expr.Expr{col(r, 0)}, agg(t, "max", col(r, 2)))
	inner := joinOf(t, "full", la, ra, [][2]int{{0, 0}}, nil)
	root := joinOf(t, "left", inner, joinOf(t, "inner", l, ra, [][2]int{{0, 0}}, nil), [][2]int{{0, 0}, {1, 2}}, nil)
	ins := [2][]row{randomRows(rnd, 40, joinValues, true), randomRows(rnd, 40, joinValues, true)}
	want, _ := joinSteps(t, root, plan.Batch, [2][]row{consolidated(ins[0]), consolidated(ins[1])}, variant{1, 2, 7, 2, false, -1})
	if len(want.rows) == 0 {
		t.Fatal("no rows")
	}
	for _, v := range joinVariants {
		if got, _ := joinSteps(t, root, plan.Update, ins, v); got.String() != want.String() {
			t.Fatalf("%+v:\n%s\n--- want\n%s", v, got, want)
		}
	}
	for _, v := range joinPagedVariants {
		if got, _ := joinPaged(t, root, plan.Update, ins, v.variant, int(v.from)); got.String() != want.String() {
			t.Fatalf("paged %+v:\n%s\n--- want\n%s", v, got, want)
		}
	}
}

// TestLookup: a row meets the table as it is when the row arrives; later changes correct nothing.
func TestLookup(t *testing.T) {
	for _, kind := range []string{"inner", "left"} {
		l, r := sides([2]catalog.Kind{catalog.Stream, catalog.Table}, -1, []types.Type{types.Int4, types.Text})
		j := joinOf(t, kind, l, r, [][2]int{{0, 0}}, nil)
		j.Lookup = "proctime"
		left := rowsOf("1|a", "2|b", "1|c", "NULL|d", "1|e", "2|f")
		right := rowsOf("1|x", "-1|x", "1|y", "-1|y", "2|z", "2|z")
		want := "1|a|1|x\n1|c|1|y\n2|f|2|z (2)"
		if kind == "left" {
			want = "1|a|1|x\n1|c|1|y\n1|e|NULL|NULL\n2|b|NULL|NULL\n2|f|2|z (2)\nNULL|d|NULL|NULL"
		}
		for _, restart := range []bool{false, true} {
			got, _ := joinSteps(t, j, plan.Append, [2][]row{left, right}, variant{6, 1, 1, 1, restart, -1})
			if got.String() != want || got.minus > 0 {
				t.Fatalf("%s, restart %v:\n%s\n--- want\n%s", kind, restart, got, want)
			}
		}
	}
}

func timed(rnd *rand.Rand, n, span, jitter int) []row {
	rows := events(rnd, n, span, jitter)
	for i := range rows {
		if rnd.Intn(10) == 0 {
			rows[i].vals[1] = "NULL"
		}
	}
	return rows
}

// bounded joins on column 1 with the left time in [right time + lo, right time + hi] seconds.
func bounded(t *testing.T, kind string, l, r plan.Node, lo, hi int64) *plan.Join {
	lt := col(l, 0)
	rt := &expr.Column{Idx: len(l.Schema()), Name: "r0", Typ: types.TimestampTZ}
	iv := func(s int64) expr.Expr {
		c, err := expr.ConstOf(types.Interval, fmt.Sprintf("%d seconds", s), types.UTCFormat(0))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	rest := &expr.And{Args: []expr.Expr{op(t, lt, ">=", op(t, rt, "+", iv(lo))), op(t, lt, "<=", op(t, rt, "+", iv(hi)))}}
	j := joinOf(t, kind, l, r, [][2]int{{1, 1}}, rest)
	j.LTime, j.RTime, j.Lo, j.Hi, j.LClose, j.RClose = 0, 0, lo*second, hi*second, 1, 1
	return j
}

// TestTimeBound: without late rows the result is the naive join: in update mode all of it, in append mode nothing is ever taken back and what a last
// far row closes is all of it too; and the state goes.
func TestTimeBound(t *testing.T) {
	for _, bound := range [][2]int64{{-10, 0}, {0, 7}, {-5, 5}, {3, 9}, {-9, -4}} {
		for _, kind := range []string{"inner", "left", "right", "full", "semi", "anti"} {
			t.Run(fmt.Sprint(kind, bound), func(t *testing.T) {
				rnd := seeded(t)
				l, r := sides([2]catalog.Kind{catalog.Stream, catalog.Stream}, 0, eventTypes)
				j := bounded(t, kind, l, r, bound[0], bound[1])
				last := row{[]string{"2026-01-01 00:59:00+00", "NULL", "0"}, 1}
				ins := [2][]row{append(timed(rnd, 60, 200, 4), last), append(timed(rnd, 60, 200, 4), last)}
				want := naive(t, j, ins[0], ins[1])
				closes := *j
				closes.OnClose = true
				for _, v := range joinVariants {
					v.delay = 20 * second
					got, stats := joinSteps(t, j, plan.Update, ins, v)
					if got.String() != want.String() || dropped(stats) > 0 {
						t.Fatalf("update %+v:\n%s\n--- want\n%s", v, got, want)
					}
					got, stats = joinSteps(t, &closes, plan.Append, ins, v)
					if got.String() != want.String() || dropped(stats) > 0 || got.minus > 0 {
						t.Fatalf("append %+v:\n%s\n--- want\n%s", v, got, want)
					}
					noRows(t, v, stats)
				}
				for _, v := range joinPagedVariants {
					v.delay = 20 * second
					got, stats := joinPaged(t, j, plan.Update, ins, v.variant, int(v.from))
					if got.String() != want.String() || dropped(stats) > 0 {
						t.Fatalf("paged update %+v:\n%s\n--- want\n%s", v, got, want)
					}
					noRows(t, v.variant, stats)
					got, stats = joinPaged(t, &closes, plan.Append, ins, v.variant, int(v.from))
					if got.String() != want.String() || dropped(stats) > 0 || got.minus > 0 {
						t.Fatalf("paged append %+v:\n%s\n--- want\n%s", v, got, want)
					}
					noRows(t, v.variant, stats)
				}
			})
		}
	}
}

func noRows(t *testing.T, v variant, stats []OpStats) {
	t.Helper()
	for _, s := range stats {
		if s.StateRows > 0 {
			t.Fatalf("%+v: %d rows left in the state of %s", v, s.StateRows, s.Op)
		}
	}
}

// TestJoinLate: a row behind the watermark at the step's start is dropped and counted; an unmatched row comes in the step whose watermark proves it.
func TestJoinLate(t *testing.T) {
	l, r := sides([2]catalog.Kind{catalog.Stream, catalog.Stream}, 0, eventTypes)
	j := bounded(t, "left", l, r, -5, 0) // left in [right - 5, right]
	j.OnClose = true
	at := func(s int, rest string) string { return fmt.Sprintf("2026-01-01 00:00:%02d+00|%s", s, rest) }
	left := rowsOf(at(10, "1|1"), at(12, "2|2"), at(20, "3|3"), at(11, "1|4"), at(17, "9|5"))
	right := rowsOf(at(10, "9|1"), at(14, "1|2"), at(18, "9|3"), at(17, "2|4"), at(19, "9|5"))
	var steps []string
	for n := 1; n <= 5; n++ {
		got, stats := joinSteps(t, j, plan.Append, [2][]row{left[:n], right[:n]}, variant{n, 1, 1, 1, n%2 == 0, 0})
		steps = append(steps, fmt.Sprintf("%d late %d:\n%s", n, dropped(stats), got))
	}
	want := []string{
		"1 late 0:\n", // watermark 10
		"2 late 0:\n" + at(10, "1|1|") + at(14, "1|2"),                                       // 12
		"3 late 0:\n" + at(10, "1|1|") + at(14, "1|2") + "\n" + at(12, "2|2|NULL|NULL|NULL"), // 18: 12 + 5 < 18
	}
	for i, w := range want {
		if steps[i] != w {
			t.Fatalf("step %s\n--- want\n%s", steps[i], w)
		}
	}
	// The fourth rows are behind the watermark 18; the left row of 17 in the fifth too.
	if got := steps[4]; !strings.HasPrefix(got, "5 late 3:") || strings.Contains(got, "|4") {
		t.Fatalf("step %s", got)
	}
}

// projected is the rows with these columns only.
func projected(rows []row, cols []int) []row {
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i].w = r.w
		for _, c := range cols {
			out[i].vals = append(out[i].vals, r.vals[c])
		}
	}
	return out
}

// TestJoinPayload: values of all layouts come out as they went in, and are taken back as what they were.
func TestJoinPayload(t *testing.T) {
	vals := [][]string{
		{"1", "2"}, {"t", "f"}, {"-3", "7"}, {"2026-01-31", "1999-12-01"}, {"2026-01-01 00:00:05.123456+00"}, {"1.0", "1.00", "-12345678901234567890.5"},
		{"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-0000-0000-000000000001"}, {"1 mon", "30 days", "12:00:00"}, {`\x00ff`, `\x`},
		{"{1,NULL,3}", "{}", "{5}"}, {"{a,\"b c\",NULL}", "{}"}, {"1.5", "-0", "NaN"}, {"x  ", "y"},
	}
	ints, _ := types.Int4.Array()
	texts, _ := types.Text.Array()
	ts := []types.Type{types.Int4, types.Bool, types.Int2, types.Date, types.TimestampTZ, types.Numeric, types.UUID, types.Interval, types.Bytea,
		ints, texts, types.Float4, types.BPChar}
	rnd := seeded(t)
	for _, kind := range []string{"inner", "full", "anti"} {
		for _, key := range []int{0, 5, 7, 9} {
			l, r := sides([2]catalog.Kind{catalog.Table, catalog.Stream}, -1, ts)
			checkJoin(t, joinOf(t, kind, l, r, [][2]int{{key, key}}, nil), [2][]row{randomRows(rnd, 30, vals, true), randomRows(rnd, 20, vals, false)})
		}
	}
}
