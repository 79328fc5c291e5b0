package exec

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// sessionQueries read sessions in ways that are done session by session, and in ways that are done row by row. No time is just where a session ends: in append
// mode the watermark that reaches the end of a session ends it, though a row of just that time, which is not late, would have gone on with it.
var sessionQueries = []struct {
	text  string
	fused bool
	end   int // where window_end stands
}{
	{"select c1, window_end, window_start, count(*), sum(c2), min(c2), max(c2) from session(t, c0, interval '5.5 seconds', c1) group by c1, window_start, window_end", true, 1},
	{"select window_end, count(*), avg(c2) filter (where c1 = 1) from session(t, c0, interval '2.5 seconds') group by window_end", true, 0},
	{"select c1, window_end, count(distinct c2), string_agg(c2::text, ',' order by c2) from session(t, c0, interval '5.5 seconds', c1) group by 1, 2, window_start", false, 1},
	{"select c1, window_end, count(*) from session(t, c0, interval '2.5 seconds') group by c1, window_start, window_end", false, 1},
	{"select c0, window_end, c1, c2, window_start from session(t, c0, interval '5.5 seconds', c1)", false, 1},
}

// sparse makes events of bursts with pauses between them, so that there are many sessions.
func sparse(rnd *rand.Rand, n, jitter int) []row {
	var out []row
	s := 0
	for range n {
		if rnd.Intn(4) == 0 {
			s += rnd.Intn(8)
		}
		at := max(0, s-rnd.Intn(jitter+1))
		key := fmt.Sprint(rnd.Intn(3))
		if rnd.Intn(10) == 0 {
			key = "NULL"
		}
		out = append(out, row{[]string{fmt.Sprintf("2026-01-01 00:%02d:%02d+00", at/60, at%60), key, fmt.Sprint(rnd.Intn(20))}, 1})
	}
	return out
}

// naiveSessions computes the sessions of the first query by hand: of each key, its rows by time.
func naiveSessions(rows []row, gap int) string {
	byKey := map[string][][2]int{}
	for _, r := range rows {
		var m, s, v int
		fmt.Sscanf(r.vals[0], "2026-01-01 00:%02d:%02d", &m, &s)
		fmt.Sscan(r.vals[2], &v)
		byKey[r.vals[1]] = append(byKey[r.vals[1]], [2]int{m*60 + s, v})
	}
	at := func(s int) string { return fmt.Sprintf("2026-01-01 00:%02d:%02d+00", s/60, s%60) }
	var out []string
	for k, xs := range byKey {
		slices.SortFunc(xs, func(a, b [2]int) int { return a[0] - b[0] })
		for i := 0; i < len(xs); {
			start, sum, lo, hi, n := xs[i][0], 0, 1<<30, 0, 0
			last := start
			for ; i < len(xs) && xs[i][0] <= last+gap; i++ {
				last, n, sum, lo, hi = xs[i][0], n+1, sum+xs[i][1], min(lo, xs[i][1]), max(hi, xs[i][1])
			}
			out = append(out, fmt.Sprintf("%s|%s|%s|%d|%d|%d|%d", k, strings.Replace(at(last+gap), "+", ".5+", 1), at(start), n, sum, lo, hi))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

func TestSessions(t *testing.T) {
	for _, q := range sessionQueries {
		t.Run(q.text[:50], func(t *testing.T) {
			rel := relation(catalog.Stream, 0, eventTypes...)
			rows := sparse(seeded(t), 200, 6)
			root := batchPlan(t, q.text, rel)
			want := runBatch(t, root, rows)
			if strings.Contains(q.text, "min(c2)") {
				if naive := naiveSessions(rows, 5); want.String() != naive {
					t.Fatalf("batch:\n%s\n--- want\n%s", want, naive)
				}
			}
			g, err := Build(root, Config{Mode: plan.Batch})
			if err != nil {
				t.Fatal(err)
			}
			if fused := !slices.ContainsFunc(g.Stats(), func(s OpStats) bool { return strings.HasPrefix(s.Op, "session") }); fused != q.fused {
				t.Fatalf("fused %v", fused)
			}
			for _, v := range allVariants {
				for _, delay := range []int64{-1, 6 * second} {
					v.delay = delay
					got, stats := runPaged(t, streamPlan(t, q.text, plan.Update, rel), plan.Update, rows, v.variant, v.from)
					if got.String() != want.String() || dropped(stats) > 0 {
						t.Fatalf("update %+v: %d late\n%s\n--- want\n%s", v, dropped(stats), got, want)
					}
				}
				got, _ := runPaged(t, streamPlan(t, q.text, plan.Append, rel), plan.Append, rows, v.variant, v.from)
				closed := &result{rows: map[string]int64{}}
				for s, w := range want.rows {
					if strings.Split(s, "|")[q.end] <= watermarkOf(rows, 6) {
						closed.rows[s] = w
					}
				}
				if got.String() != closed.String() || got.minus > 0 || len(closed.rows) == 0 {
					t.Fatalf("append %+v:\n%s\n--- want\n%s", v, got, closed)
				}
			}
		})
	}
}

// TestSessionsTouched: in update mode a row that is in time goes on with a session that was over already, as in a batch.
func TestSessionsTouched(t *testing.T) {
	for _, q := range sessionQueries {
		for _, gap := range []string{"5 seconds", "4.5 seconds"} { // rows are at most 4 s late
			text := strings.NewReplacer("5.5 seconds", gap, "2.5 seconds", gap).Replace(q.text)
			rel := relation(catalog.Stream, 0, eventTypes...)
			rows := sparse(seeded(t), 300, 4)
			want := runBatch(t, batchPlan(t, text, rel), rows)
			for _, v := range allVariants {
				v.delay = 0
				got, stats := runPaged(t, streamPlan(t, text, plan.Update, rel), plan.Update, rows, v.variant, v.from)
				if got.String() != want.String() || dropped(stats) > 0 {
					t.Fatalf("%s %+v: %d late\n%s\n--- want\n%s", text, v, dropped(stats), got, want)
				}
				for _, s := range stats {
					if s.StateRows > 120 {
						t.Fatalf("%s %+v: %d rows kept", text, v, s.StateRows)
					}
				}
			}
		}
	}
}

// TestSessionsChanging: over rows that are taken back sessions shrink and split.
func TestSessionsChanging(t *testing.T) {
	rel := relation(catalog.Table, -1, eventTypes...)
	rnd := seeded(t)
	vals := [][]string{nil, {"1", "2"}, {"5", "6"}}
	for i := range 40 {
		vals[0] = append(vals[0], fmt.Sprintf("2026-01-01 00:%02d:%02d+00", i/20, i%20*3))
	}
	for _, q := range sessionQueries {
		rows := randomRows(rnd, 120, vals, true)
		want := runBatch(t, batchPlan(t, q.text, rel), consolidated(rows)).String()
		for _, v := range allVariants {
			got, _ := runPaged(t, streamPlan(t, q.text, plan.Update, rel), plan.Update, rows, v.variant, v.from)
			if got.String() != want {
				t.Fatalf("%s %+v:\n%s\n--- want\n%s", q.text, v, got, want)
			}
		}
	}
}

// TestSessionsLate: a row is late when its session was over at the start of the step; one that belongs to a session that goes on is not.
func TestSessionsLate(t *testing.T) {
	rel := relation(catalog.Stream, 0, types.TimestampTZ, types.Int4, types.Int8)
	rows := rowsOf("2026-01-01 00:00:10+00|1|1", "2026-01-01 00:00:20+00|2|1", // the watermark is 20 s then: key 1's session has ended
		"2026-01-01 00:00:12+00|1|7", // late
		"2026-01-01 00:00:14+00|1|1", // late: ends at 19 s
		"2026-01-01 00:00:16+00|2|1", // goes on: 16 + 5 > 20
		"2026-01-01 00:00:12+00|2|3", // goes on too, as it joins that session
		"2026-01-01 00:00:06+00|2|1", // late
		"NULL|2|1", "2026-01-01 00:00:40+00|3|1")
	for _, q := range []string{
		"select c1, window_start, window_end, count(*), sum(c2) from session(t, c0, interval '5 seconds', c1) group by 1, 2, 3",
		"select c1, window_start, window_end, count(*), sum(c2) from (select *, 1 as x from session(t, c0, interval '5 seconds', c1)) s group by 1, 2, 3, x",
	} {
		want := "1|2026-01-01 00:00:10+00|2026-01-01 00:00:15+00|1|1\n2|2026-01-01 00:00:12+00|2026-01-01 00:00:25+00|3|5"
		for _, restart := range []bool{false, true} {
			v := variant{steps: len(rows), splits: 1, batch: 10, par: 1, restart: restart, delay: 0}
			got, stats := runSteps(t, streamPlan(t, q, plan.Append, rel), plan.Append, rows, v)
			if got.String() != want {
				t.Fatalf("%s restart %v:\n%s\n--- want\n%s", q, restart, got, want)
			}
			if late := dropped(stats); !restart && late != 4 {
				t.Fatalf("%s: %d late rows, want 4", q, late)
			}
			got, _ = runSteps(t, streamPlan(t, q, plan.Update, rel), plan.Update, rows, v)
			if s := want + "\n3|2026-01-01 00:00:40+00|2026-01-01 00:00:45+00|1|1"; got.String() != s {
				t.Fatalf("%s update, restart %v:\n%s\n--- want\n%s", q, restart, got, s)
			}
		}
	}
}
