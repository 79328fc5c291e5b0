package exec

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// bindText binds a query over the relations.
func bindText(t testing.TB, text string, continuous bool, rels ...*catalog.Relation) *plan.Query {
	t.Helper()
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0), Continuous: continuous}
	for _, r := range rels {
		r.OID, r.Schema = env.Catalog.NextOID(), catalog.Public
		env.Catalog.Put(r)
	}
	q, err := parser.ParseQuery(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	bound, err := sql.BindQuery(q, text, env)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return bound
}

// relation makes a relation t with columns c0, c1, ...
func relation(kind catalog.Kind, time int, ts ...types.Type) *catalog.Relation {
	return table(kind, time, ts...).Rel
}

// batchPlan binds and optimizes a query that ends.
func batchPlan(t testing.TB, text string, rels ...*catalog.Relation) plan.Node {
	t.Helper()
	q, err := optimizer.Optimize(bindText(t, text, false, rels...))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q.Root
}

// streamPlan binds and optimizes a continuous query.
func streamPlan(t testing.TB, text string, mode plan.Mode, rels ...*catalog.Relation) plan.Node {
	t.Helper()
	q, _, err := optimizer.Continuous(bindText(t, text, true, rels...), mode, optimizer.Options{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return q.Root
}

// TestOverGolden compares with what PostgreSQL 15 gives; t stands for the rows of setup.
func TestOverGolden(t *testing.T) {
	rows := ""
	datadriven.RunTest(t, "testdata/over.txt", func(t *testing.T, d *datadriven.TestData) string {
		if d.Cmd == "setup" {
			rows = d.Input
			return "ok\n"
		}
		text := strings.ReplaceAll(d.Input, "from t", "from "+rows)
		q, err := optimizer.Optimize(bindText(t, text, false))
		if err != nil {
			t.Fatal(text, err)
		}
		root := q.Root
		g, err := Build(root, Config{Mode: plan.Batch, Parallelism: 1, NewCtx: testCtx})
		if err != nil {
			return "ERROR: " + sqlerr.From(err).Message + "\n"
		}
		r := newResult(root)
		if _, err := g.Run(context.Background(), &Step{N: 1, WMStart: NoWatermark, Last: true}, nil, r.add); err != nil {
			return "ERROR: " + sqlerr.From(err).Message + "\n"
		}
		for i, l := range r.order {
			if q.Hidden > 0 {
				vals := strings.Split(l, "|")
				r.order[i] = strings.Join(vals[:len(vals)-q.Hidden], "|")
			}
		}
		return strings.Join(r.order, "\n") + "\n"
	})
}

// overQueries are held to the law over append-only and over changing rows of lawTypes.
var overQueries = []string{
	"select c0, c1, row_number() over (partition by c0 order by c2, c3) from t",
	"select c0, c1, rank() over (partition by c1 order by c0 desc), dense_rank() over (partition by c1 order by c0 desc), cume_dist() over (partition by c1 order by c0 desc) from t",
	"select *, sum(c2) over (partition by c0 order by c4), lag(c1) over (partition by c0 order by c4), count(*) over (partition by c1) from t where c2 < 1000",
	"select c0, c4, sum(c0) over (order by c4 rows between 2 preceding and 1 following), max(c1) over (order by c4 groups 1 preceding) from t",
	"select c0, c3, count(*) over (order by c3 range between 1 preceding and 2 following exclude ties), first_value(c1) over (order by c3, c1) from t",
	"select c0, ntile(3) over (order by c2 + 1, c1), sum(c0) filter (where c1 > 'a') over (partition by c0 + 1 order by c2) from t",
	"select * from (select *, row_number() over (partition by c0 order by c2 desc, c4) as rn from t) s where rn <= 3",
	"select c0, c1, c2 from (select *, row_number() over (partition by c0, c1 order by c2 desc nulls last) as rn from t) s where rn = 1",
	"select * from (select *, rank() over (partition by c1 order by c0) as rn from t) s where rn <= 2",
	"select c1, rn from (select *, dense_rank() over (order by c0 desc) as rn from t) s where rn < 3",
	"select c1, c2, c3, c4 from (select *, rank() over (partition by c1 order by c2) as rn from t) s where rn = 1",
	"select distinct on (c0) * from t order by c0, c2, c4 desc",
	"select distinct on (c1, c0) c1, c0, c3 from t order by c1, c0, c3",
	"select count(*), max(rn) from (select row_number() over (partition by c0 order by c1, c2) rn from t) s where rn <= 2",
	"select c0, c1, lag(c1) over (order by c2, c1), lead(c0, 2) over (order by c2, c1), lag(c1, -1) over (order by c2, c1) from t",
	"select c1, sum(c0) over (order by c2 rows between 3 preceding and 1 preceding) from t",
	"select c1, count(*) over (order by c2 rows between 1 following and 2 following), first_value(c1) over (order by c2 rows between 2 preceding and 1 following exclude current row) from t",
	"select c0, sum(c0) over (partition by c1 order by c2) from t",
	"select c1, row_number() over (order by c2 desc) from t",
	"select c1, last_value(c1) over (order by c2 groups between current row and unbounded following) from t",
	"select c1, sum(c0) over (order by c2, c1 rows unbounded preceding exclude ties), c2 from t",
	"select a, n, rank() over (order by n) from (select c0 a, count(*) n from t group by c0) s",
}

func TestOverLaw(t *testing.T) {
	for _, text := range overQueries {
		t.Run(text, func(t *testing.T) {
			rnd := seeded(t)
			for _, n := range []int{0, 1, 12, 70} {
				for kind, retract := range map[catalog.Kind]bool{catalog.Stream: false, catalog.Table: true} {
					rel := relation(kind, -1, lawTypes...)
					rows := randomRows(rnd, n, lawValues, retract)
					want := runBatch(t, batchPlan(t, text, rel), consolidated(rows)).String()
					root := streamPlan(t, text, plan.Update, rel)
					for _, v := range allVariants {
						got, _ := runPaged(t, root, plan.Update, rows, v.variant, v.from)
						if got.String() != want {
							t.Fatalf("%s %+v:\n%s\n--- want\n%s\n--- plan\n%s", kind, v, got, want, plan.Explain(root))
						}
					}
				}
			}
		})
	}
}

// TestOverLong: partitions of many rows are computed in other ways.
func TestOverLong(t *testing.T) {
	ts := []types.Type{types.Int4, types.Int4, types.Float8}
	for _, text := range []string{
		"select c0, sum(c1) over (order by c0), max(c1) over (order by c0 desc), sum(c2) over (order by c0, c1) from t",
		"select c0, sum(c1) over (order by c0 rows between 40 preceding and 30 following), max(c1) over (order by c0 rows between 60 preceding and 20 following exclude group) from t",
	} {
		for kind, retract := range map[catalog.Kind]bool{catalog.Stream: false, catalog.Table: true} {
			rel := relation(kind, -1, ts...)
			vals := make([][]string, 3)
			for i := range 400 {
				vals[0], vals[1], vals[2] = append(vals[0], fmt.Sprint(i)), append(vals[1], fmt.Sprint(i*37%100)), append(vals[2], fmt.Sprint(float64(i)/10))
			}
			rows := randomRows(seeded(t), 400, vals, retract)
			want := runBatch(t, batchPlan(t, text, rel), consolidated(rows)).String()
			for _, v := range slices.Concat(allVariants[:5], allVariants[len(variants):]) {
				got, _ := runPaged(t, streamPlan(t, text, plan.Update, rel), plan.Update, rows, v.variant, v.from)
				if got.String() != want {
					t.Fatalf("%s %s %+v:\n%s\n--- want\n%s", text, kind, v, got, want)
				}
			}
		}
	}
}

// TestOverByTime: ordered by event time, a row is handed on when the watermark has passed it; what is no longer needed is dropped.
func TestOverByTime(t *testing.T) {
	for text, most := range map[string]int64{
		"select c1, c0, c2, lag(c2) over (partition by c1 order by c0, c2), sum(c2) over (partition by c1 order by c0 rows between 2 preceding and current row) from t":                                                                                                  60,
		"select c1, c0, c2, sum(c2) over (partition by c1 order by c0), rank() over (partition by c1 order by c0) from t":                                                                                                                                                1000,
		"select c1, c0, c2, sum(c2) over (partition by c1 order by c0 range between interval '4 seconds' preceding and current row), count(*) over (partition by c1 order by c0 range between interval '9 seconds' preceding and interval '2 seconds' preceding) from t": 70,
		"select c1, c0, c2 from (select *, row_number() over (partition by c1 order by c0, c2) rn from t) s where rn <= 2":                                                                                                                                               6,
	} {
		rel := relation(catalog.Stream, 0, eventTypes...)
		rows := events(seeded(t), 300, 300, 8)
		all := runBatch(t, batchPlan(t, text, rel), rows)
		want := &result{rows: map[string]int64{}}
		for s, w := range all.rows {
			if strings.Split(s, "|")[1] < watermarkOf(rows, 8) {
				want.rows[s] = w
			}
		}
		for _, v := range allVariants {
			v.delay = 8 * second
			got, stats := runPaged(t, streamPlan(t, text, plan.Append, rel), plan.Append, rows, v.variant, v.from)
			if got.String() != want.String() || got.minus > 0 || dropped(stats) > 0 || len(want.rows) == 0 {
				t.Fatalf("%s %+v:\n%s\n--- want\n%s", text, v, got, want)
			}
			kept := int64(0)
			for _, s := range stats {
				kept += s.StateRows
			}
			if kept > most {
				t.Fatalf("%s %+v: %d rows kept", text, v, kept)
			}
		}
	}
}

// TestOverAhead: a row whose functions look at later rows is handed on when these have been passed as well.
func TestOverAhead(t *testing.T) {
	for _, text := range []string{ // the second column is the time that must have been passed
		"select c0, lead(c0, 3) over w, c1, c2, lead(c2) over w, lag(c2, 2) over w from t window w as (partition by c1 order by c0, c2, c3)",
		"select c0, lead(c0, 2) over w, c1, c2, sum(c2) over (w rows between 1 preceding and 2 following), lag(c2, -1) over w from t window w as (partition by c1 order by c0, c2, c3)",
		"select c0, c0 + interval '5 seconds', c1, c2, sum(c2) over (partition by c1 order by c0 range between interval '2 seconds' preceding and interval '5 seconds' following) from t",
		"select c0, case when lead(c0) over w > c0 + interval '3 seconds' then lead(c0) over w when lead(c0) over w is not null then c0 + interval '3 seconds' end, c1, c2, count(*) over (w rows between current row and 1 following), count(*) over (w range between current row and interval '3 seconds' following) from t window w as (partition by c1 order by c0)",
	} {
		rel := relation(catalog.Stream, 0, types.TimestampTZ, types.Int4, types.Int8, types.Int8)
		rows := events(seeded(t), 300, 300, 8)
		for i := range rows {
			rows[i].vals = append(rows[i].vals, fmt.Sprint(i))
		}
		all := runBatch(t, batchPlan(t, text, rel), rows)
		want := &result{rows: map[string]int64{}}
		wm := watermarkOf(rows, 8)
		for s, w := range all.rows {
			if cols := strings.Split(s, "|"); cols[1] != "NULL" && cols[1] < wm {
				want.rows[s] = w
			}
		}
		for _, v := range allVariants {
			v.delay = 8 * second
			got, stats := runPaged(t, streamPlan(t, text, plan.Append, rel), plan.Append, rows, v.variant, v.from)
			if got.String() != want.String() || got.minus > 0 || dropped(stats) > 0 || len(want.rows) < 50 {
				t.Fatalf("%s %+v:\n%s\n--- want\n%s", text, v, got, want)
			}
			for _, s := range stats {
				if s.StateRows > 60 {
					t.Fatalf("%s %+v: %d rows kept", text, v, s.StateRows)
				}
			}
		}
	}
}

// TestDistinctOnChanging: without an order what can change has no first row by arrival; the least is taken.
func TestDistinctOnChanging(t *testing.T) {
	for _, text := range []string{"select distinct on (c0) * from t", "select distinct on (c1, c0) c1, c0, c3 from t order by c0, c1"} {
		rel := relation(catalog.Table, -1, lawTypes...)
		rows := randomRows(seeded(t), 80, lawValues, true)
		want := runBatch(t, batchPlan(t, text, rel), consolidated(rows)).String()
		for _, v := range allVariants {
			got, _ := runPaged(t, streamPlan(t, text, plan.Update, rel), plan.Update, rows, v.variant, v.from)
			if got.String() != want {
				t.Fatalf("%s %+v:\n%s\n--- want\n%s", text, v, got, want)
			}
		}
	}
}

// TestDistinctOnArrival: without an order the first row by arrival is given, and what is gone makes room for the next.
func TestDistinctOnArrival(t *testing.T) {
	rel := relation(catalog.Stream, 0, types.TimestampTZ, types.Int4, types.Int8)
	rows := events(seeded(t), 100, 100, 3)
	text := "select distinct on (c1) * from t"
	want := runBatch(t, batchPlan(t, text, rel), rows).String()
	for _, v := range allVariants {
		got, _ := runPaged(t, streamPlan(t, text, plan.Append, rel), plan.Append, rows, v.variant, v.from)
		if got.String() != want || got.minus > 0 {
			t.Fatalf("%+v:\n%s\n--- want\n%s", v, got, want)
		}
	}
	for _, v := range pagedVariants {
		got, stats := runPaged(t, streamPlan(t, text, plan.Append, rel), plan.Append, rows, v.variant, v.from)
		if got.String() != want || got.minus > 0 {
			t.Fatalf("paged %+v:\n%s\n--- want\n%s", v, got, want)
		}
		if !v.restart && !slices.ContainsFunc(stats, func(s OpStats) bool { return s.Reads > 0 && s.MemoryRows < s.StateRows }) {
			t.Fatalf("paged %+v: nothing was read: %+v", v, stats)
		}
	}
	// With the event time among the values the state is bounded.
	text = "select distinct on (c1, c0) * from t"
	want = runBatch(t, batchPlan(t, text, rel), rows).String()
	for _, v := range allVariants {
		v.delay = 3 * second
		got, stats := runPaged(t, streamPlan(t, text, plan.Append, rel), plan.Append, rows, v.variant, v.from)
		if got.String() != want || got.minus > 0 || dropped(stats) > 0 {
			t.Fatalf("%+v:\n%s\n--- want\n%s", v, got, want)
		}
		for _, s := range stats {
			if strings.HasPrefix(s.Op, "distinct_on") && s.StateRows > 13 {
				t.Fatalf("%d values are kept", s.StateRows)
			}
		}
	}
}

// TestOverClose: within windows, in update mode with eviction the integrated result is the batch result; in append mode a partition is handed on once, when its
// window is closed.
func TestOverClose(t *testing.T) {
	const w = "tumble(t, c0, interval '10 seconds')"
	for _, text := range []string{
		"select window_start, window_end, c1, c2, row_number() over (partition by window_start, window_end order by c2, c0, c1), sum(c2) over (partition by window_start, window_end order by c2) from " + w,
		"select window_start, window_end, c1, c2, rn from (select *, row_number() over (partition by window_start, window_end order by c2 desc, c0, c1) rn from " + w + ") s where rn <= 3",
		"select distinct on (window_start, window_end, c1) window_start, window_end, c1, c2, c0 from " + w + " order by window_start, window_end, c1, c2 desc, c0",
		"select window_start, window_end, c1, c2 from (select *, rank() over (partition by window_start, window_end, c1 order by c2) rn from " + w + ") s where rn <= 1",
	} {
		t.Run(text[len(text)-40:], func(t *testing.T) {
			rel := relation(catalog.Stream, 0, eventTypes...)
			rows := events(seeded(t), 200, 300, 8)
			want := runBatch(t, batchPlan(t, text, rel), rows)
			for _, v := range allVariants {
				v.delay = 8 * second
				got, stats := runPaged(t, streamPlan(t, text, plan.Update, rel), plan.Update, rows, v.variant, v.from)
				if got.String() != want.String() || dropped(stats) > 0 {
					t.Fatalf("update %+v: %d late\n%s\n--- want\n%s", v, dropped(stats), got, want)
				}
				got, _ = runPaged(t, streamPlan(t, text, plan.Append, rel), plan.Append, rows, v.variant, v.from)
				checkClosed(t, got, want, watermarkOf(rows, 8))
			}
		})
	}
}

// TestTopState: over append-only rows a top-n keeps the best rows only.
func TestTopState(t *testing.T) {
	rel := relation(catalog.Stream, -1, lawTypes...)
	var rows []row
	for i := range 3000 {
		rows = append(rows, row{[]string{fmt.Sprint(i % 7), "a", fmt.Sprint(i * 7919 % 3001), "1", "1"}, 1})
	}
	for text, most := range map[string]int64{
		"select * from (select *, row_number() over (partition by c0 order by c2) rn from t) s where rn <= 10": 70,
		"select * from (select *, rank() over (partition by c0 order by c2) rn from t) s where rn <= 10":       70,
		"select distinct on (c0) * from t order by c0, c2":                                                     7,
	} {
		_, stats := runSteps(t, streamPlan(t, text, plan.Update, rel), plan.Update, rows, variant{10, 1, 100, 1, false, -1})
		kept := int64(0)
		for _, s := range stats {
			kept += s.StateRows
		}
		if kept != most {
			t.Errorf("%s: %d rows kept, want %d", text, kept, most)
		}
	}
}
