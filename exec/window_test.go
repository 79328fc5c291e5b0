package exec

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

const second = int64(1e6)

var eventTypes = []types.Type{types.TimestampTZ, types.Int4, types.Int8}

func windowOf(in plan.Node, fn string, size, slide int64) *plan.TimeWindow {
	cols := append(plan.Schema{}, in.Schema()...)
	cols = append(cols, plan.Col{Name: "window_start", Type: types.TimestampTZ}, plan.Col{Name: "window_end", Type: types.TimestampTZ})
	return &plan.TimeWindow{In: in, Func: fn, Size: size, Slide: slide, Cols: cols}
}

// windowed counts by window and c1, closing at window_end.
func windowed(t testing.TB, w plan.Node, onClose bool, calls ...plan.AggCall) *plan.Aggregate {
	n := len(w.Schema())
	if calls == nil {
		calls = []plan.AggCall{agg(t, "count"), agg(t, "sum", col(w, 2)), agg(t, "max", col(w, 2))}
	}
	a := aggregateOf(w, []expr.Expr{col(w, n-2), col(w, n-1), col(w, 1)}, calls...)
	a.Close, a.OnClose = col(a, 1), onClose
	return a
}

// events makes n rows in [0, span) seconds, out of order by at most jitter seconds.
func events(rnd *rand.Rand, n, span, jitter int) []row {
	var out []row
	for i := range n {
		s := max(0, i*span/n-rnd.Intn(jitter+1))
		out = append(out, row{[]string{fmt.Sprintf("2026-01-01 00:%02d:%02d+00", s/60, s%60), fmt.Sprint(rnd.Intn(3)), fmt.Sprint(rnd.Intn(100))}, 1})
	}
	return out
}

var windowCases = map[string]func(in plan.Node) *plan.TimeWindow{
	"tumble":   func(in plan.Node) *plan.TimeWindow { return windowOf(in, "tumble", 10*second, 10*second) },
	"hop":      func(in plan.Node) *plan.TimeWindow { return windowOf(in, "hop", 10*second, 4*second) },
	"hop by 1": func(in plan.Node) *plan.TimeWindow { return windowOf(in, "hop", 24*second, second) },
	"hop gaps": func(in plan.Node) *plan.TimeWindow { return windowOf(in, "hop", 4*second, 10*second) },
	"cumulate": func(in plan.Node) *plan.TimeWindow { return windowOf(in, "cumulate", 20*second, 5*second) },
}

// TestWindows: without late rows, in update mode with eviction the integrated result is the batch result; in append mode what was handed on
// are the windows that the watermark closed, each once.
func TestWindows(t *testing.T) {
	for name, mk := range windowCases {
		t.Run(name, func(t *testing.T) {
			rows := events(seeded(t), 200, 300, 8)
			s := table(catalog.Stream, 0, eventTypes...)
			want := runBatch(t, windowed(t, mk(s), false), rows)
			for _, v := range variants {
				v.delay = 8 * second
				got, stats := runSteps(t, windowed(t, mk(s), false), plan.Update, rows, v)
				if got.String() != want.String() {
					t.Fatalf("update %+v:\n%s\n--- want\n%s", v, got, want)
				}
				if late := dropped(stats); late != 0 {
					t.Fatalf("update %+v: %d late rows", v, late)
				}
				got, _ = runSteps(t, windowed(t, mk(s), true), plan.Append, rows, v)
				checkClosed(t, got, want, watermarkOf(rows, 8))
			}
			for _, v := range pagedVariants {
				v.delay = 8 * second
				if got, _ := runPaged(t, windowed(t, mk(s), false), plan.Update, rows, v.variant, v.from); got.String() != want.String() {
					t.Fatalf("paged update %+v:\n%s\n--- want\n%s", v, got, want)
				}
				got, _ := runPaged(t, windowed(t, mk(s), true), plan.Append, rows, v.variant, v.from)
				checkClosed(t, got, want, watermarkOf(rows, 8))
			}
		})
	}
}

func dropped(stats []OpStats) (late int64) {
	for _, s := range stats {
		late += s.Dropped["late"]
	}
	return late
}

// watermarkOf is the watermark after all rows, with a delay in seconds.
func watermarkOf(rows []row, delay int) string {
	last := 0
	for _, r := range rows {
		var m, s int
		fmt.Sscanf(r.vals[0], "2026-01-01 00:%02d:%02d", &m, &s)
		last = max(last, m*60+s-delay)
	}
	return fmt.Sprintf("2026-01-01 00:%02d:%02d+00", last/60, last%60)
}

// checkClosed compares what append mode gave with the rows of want that end at or before wm.
func checkClosed(t *testing.T, got, want *result, wm string) {
	t.Helper()
	closed := &result{rows: map[string]int64{}}
	for s, w := range want.rows {
		if end := strings.Split(s, "|")[1]; end <= wm {
			closed.rows[s] = w
		}
	}
	if got.String() != closed.String() || got.minus > 0 || len(closed.rows) == 0 {
		t.Fatalf("append:\n%s\n--- want\n%s", got, closed)
	}
}

// TestLate: a row is late for a window that had closed when the step began; rows without a time are late everywhere.
func TestLate(t *testing.T) {
	rows := rowsOf("2026-01-01 00:00:05+00|1|1", "2026-01-01 00:00:25+00|1|1", "2026-01-01 00:00:06+00|1|7", "NULL|1|1", "2026-01-01 00:00:21+00|1|5")
	s := table(catalog.Stream, 0, eventTypes...)
	for _, restart := range []bool{false, true} {
		v := variant{steps: 5, splits: 1, batch: 10, par: 1, restart: restart, delay: 0}
		got, stats := runSteps(t, windowed(t, windowCases["tumble"](s), false), plan.Update, rows, v)
		want := "2026-01-01 00:00:00+00|2026-01-01 00:00:10+00|1|1|1|1\n2026-01-01 00:00:20+00|2026-01-01 00:00:30+00|1|2|6|5"
		if got.String() != want {
			t.Fatalf("restart %v:\n%s\n--- want\n%s", restart, got, want)
		}
		if late := dropped(stats); !restart && late != 2 {
			t.Fatalf("%d late rows, want 2", late)
		}
		got, _ = runSteps(t, windowed(t, windowCases["tumble"](s), true), plan.Append, rows, v)
		if want := "2026-01-01 00:00:00+00|2026-01-01 00:00:10+00|1|1|1|1"; got.String() != want {
			t.Fatalf("append, restart %v:\n%s\n--- want\n%s", restart, got, want)
		}
		// In a single step nothing is late but the row without a time.
		got, stats = runSteps(t, windowed(t, windowCases["tumble"](s), true), plan.Append, rows, variant{1, 1, 10, 1, restart, 0})
		if late := dropped(stats); !restart && late != 1 {
			t.Fatalf("%d late rows in one step, want 1", late)
		}
		if want := "2026-01-01 00:00:00+00|2026-01-01 00:00:10+00|1|2|8|7"; got.String() != want {
			t.Fatalf("one step:\n%s\n--- want\n%s", got, want)
		}
	}
}

// TestWindowedState: aggregates whose state is a multiset, and grouping sets of which some never close, under windows that do, with restarts.
func TestWindowedState(t *testing.T) {
	rows := events(seeded(t), 60, 90, 8)
	s := table(catalog.Stream, 0, eventTypes...)
	for name, mk := range windowCases {
		plans := map[string]func(onClose bool) plan.Node{
			"multisets": func(onClose bool) plan.Node {
				w := mk(s)
				d, o, x := agg(t, "count", col(w, 2)), agg(t, "array_agg", col(w, 2)), agg(t, "array_agg", col(w, 2))
				d.Distinct = true
				o.OrderBy = []plan.SortKey{{X: col(w, 2), Desc: true}}
				return windowed(t, w, onClose, d, o, x)
			},
			"sets": func(bool) plan.Node {
				a := windowed(t, mk(s), false)
				a.Sets = [][]int{{0, 1, 2}, {2}, {}}
				return a
			},
			"no other key": func(onClose bool) plan.Node {
				w := mk(s)
				a := aggregateOf(w, []expr.Expr{col(w, 3), col(w, 4)}, agg(t, "avg", col(w, 2)))
				a.Close, a.OnClose = col(a, 1), onClose
				return a
			},
		}
		for kind, p := range plans {
			want := runBatch(t, p(false), rows)
			for _, v := range variants {
				v.delay = 8 * second
				if got, _ := runSteps(t, p(false), plan.Update, rows, v); got.String() != want.String() {
					t.Fatalf("%s %s %+v:\n%s\n--- want\n%s", name, kind, v, got, want)
				}
				if kind != "sets" {
					got, _ := runSteps(t, p(true), plan.Append, rows, v)
					checkClosed(t, got, want, watermarkOf(rows, 8))
				}
			}
			for _, v := range pagedVariants {
				v.delay = 8 * second
				if got, _ := runPaged(t, p(false), plan.Update, rows, v.variant, v.from); got.String() != want.String() {
					t.Fatalf("paged %s %s %+v:\n%s\n--- want\n%s", name, kind, v, got, want)
				}
				if kind != "sets" {
					got, _ := runPaged(t, p(true), plan.Append, rows, v.variant, v.from)
					checkClosed(t, got, want, watermarkOf(rows, 8))
				}
			}
		}
	}
}

// TestHopBelowProject: a projection between the window and the aggregate does not keep it from working by panes.
func TestHopBelowProject(t *testing.T) {
	rows := events(seeded(t), 60, 90, 8)
	s := table(catalog.Stream, 0, eventTypes...)
	w := windowCases["hop"](s)
	p := &plan.Project{In: w, Items: []expr.Expr{op(t, col(w, 2), "+", expr.ConstInt8(1)), col(w, 4), col(w, 1)}}
	for _, x := range p.Items {
		p.Cols = append(p.Cols, plan.Col{Type: x.Type()})
	}
	a := aggregateOf(p, []expr.Expr{col(p, 1), col(p, 2)}, agg(t, "sum", col(p, 0)))
	a.Close = col(a, 0)
	checkLaw(t, a, rows)
	g, err := Build(a, Config{Mode: plan.Update, NewCtx: testCtx})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range g.ops {
		if _, ok := o.(*hopMerge); ok {
			return
		}
	}
	t.Fatal("not by panes")
}
