package exec

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// TestSpill: with next to no memory the rows are the same, and those of ORDER BY in the same order.
func TestSpill(t *testing.T) {
	rng := rand.New(rand.NewSource(5))
	ts := []types.Type{types.Int4, types.Text, types.Int4}
	s := table(catalog.Stream, -1, ts...)
	var lines []string
	for i := range 5000 {
		k := fmt.Sprint(rng.Intn(2000))
		if rng.Intn(20) == 0 {
			k = "NULL"
		}
		lines = append(lines, fmt.Sprintf("%s|t%d|%d", k, rng.Intn(40), i))
	}
	rows := rowsOf(lines...)
	groups := &plan.Aggregate{In: s, Group: []expr.Expr{col(s, 0)}, Aggs: []plan.AggCall{agg(t, "sum", col(s, 2)), agg(t, "max", col(s, 1))},
		Cols: plan.Schema{{Type: types.Int4}, {Type: types.Int8}, {Type: types.Text}}}
	sets := *groups
	sets.Group, sets.Sets = []expr.Expr{col(s, 0), col(s, 1)}, [][]int{{0}, {1}, {0, 1}, {}}
	sets.Cols = plan.Schema{{Type: types.Int4}, {Type: types.Text}, {Type: types.Int8}, {Type: types.Text}}
	two := &plan.Project{In: s, Items: []expr.Expr{col(s, 0), col(s, 1)}, Cols: plan.Schema{{Type: types.Int4}, {Type: types.Text}}}
	roots := map[string]plan.Node{
		"sort":     &plan.Sort{In: s, Keys: []plan.SortKey{{X: col(s, 1), Desc: true}, {X: col(s, 0)}}},
		"group":    groups,
		"sets":     &sets,
		"distinct": &plan.Distinct{In: two},
	}
	other := table(catalog.Stream, -1, ts...)
	for _, kind := range []string{"inner", "left", "right", "full", "semi", "anti"} {
		for _, rest := range []bool{false, true} {
			j := &plan.Join{Kind: kind, L: s, R: other, LKeys: []expr.Expr{col(s, 0)}, RKeys: []expr.Expr{op(t, col(other, 0), "+", expr.ConstInt4(1000))}, Cols: s.Schema(), LTime: -1, RTime: -1}
			if kind != "semi" && kind != "anti" {
				j.Cols = slices.Concat(s.Schema(), other.Schema())
			}
			if rest {
				j.Rest = op(t, col(s, 2), "<", &expr.Column{Idx: 5, Typ: types.Int4})
			}
			roots[fmt.Sprint(kind, rest)] = j
		}
	}
	rel := s.Rel
	for name, text := range map[string]string{
		"keyless":        "select a.c2, b.c2 from t a join t b on a.c2 < b.c0 and a.c2 < 20",
		"keyless left":   "select a.c2, b.c2 from (select * from t where c2 < 300) a left join t b on a.c2 = b.c0 + 0 * a.c0 or a.c2 + 10 = b.c2 and a.c2 < 20",
		"keyless full":   "select a.c2, b.c2 from (select * from t where c2 < 300) a full join t b on a.c2 < b.c0 and a.c2 % 100 = b.c2 % 500",
		"keyless semi":   "select c2 from t a where c2 < 1500 and exists (select from t b where c2 < 500 and b.c0 > a.c2 + 800)",
		"keyless anti":   "select c2 from t a where c2 < 1500 and not exists (select from t b where c2 < 500 and b.c0 > a.c2 + 800)",
		"cross":          "select a.c2, b.c0 from t a, (select * from t where c2 < 12) b",
		"cross right":    "select a.c2, b.c0 from (select * from t where c2 < 12) a cross join t b",
		"left empty":     "select a.c2, b.c0 from (select * from t where c2 < 0) a right join t b on a.c2 < b.c2",
		"one key":        "select a.c2, b.c2 from t a left join t b on a.c2 % 2000 = b.c2 * 0 + 7 and a.c1 > b.c1",
		"not in":         "select c2 from t where c2 not in (select c0 from t where c0 is not null)",
		"not in null":    "select c2 from t where c2 not in (select c0 from t)",
		"not in of null": "select c0 from t where c0 not in (select c2 + 1000 from t)",
		"not in rows":    "select c2 from t a where c2 < 1500 and (c2, c1) not in (select c0, c1 from t where c2 < 500)",
		"asof":           "select a.c2, b.c2 from t a asof join t b on a.c0 = b.c0 and a.c2 > b.c2",
		"asof left":      "select a.c2, b.c2 from t a asof left join t b on a.c1 = b.c1 and a.c0 <= b.c2",
		"distinct":       "select count(distinct c1), sum(distinct c0), count(distinct c2) filter (where c0 < 500), count(distinct (c0, c1)) from t",
		"distinct by":    "select c0, count(distinct c1), array_agg(distinct c2 order by c2 desc), max(c2), sum(distinct c2) filter (where c2 % 2 = 0) from t group by c0",
		"lists":          "select c1, string_agg(c0::text, ',' order by c2 desc), array_agg(c2 order by c0 nulls first, c2), count(*) from t group by c1",
		"ordered set":    "select c0 % 7, percentile_cont(0.3) within group (order by c2), mode() within group (order by c1), percentile_disc(array[0, 0.9]) within group (order by c0 desc) from t group by 1",
		"ordered all":    "select percentile_disc(0.5) within group (order by c2), string_agg(distinct c1, ','), rank(70) within group (order by c0) from t",
		"distinct sets":  "select c0, c1, count(distinct c2), string_agg(distinct c1, '-' order by c1 desc) from t group by grouping sets ((c0), (c1), ())",
		"first rows":     "select distinct on (c0) c0, c1 from (select c0, c0 % 7 as c1 from t) t",
		"best rows":      "select distinct on (c0) c0, c1, c2 from t order by c0, c2 desc",
		"top rows":       "select * from (select c0, c2, rank() over (partition by c0 order by c2 desc) r from t) x where r <= 2",
		"over all":       "select c2, row_number() over (order by c1, c2), rank() over (order by c0), dense_rank() over (order by c0 desc), sum(c2) over (), sum(c2) over (order by c1), count(*) filter (where c0 < 900) over (order by c1, c2 rows unbounded preceding) from t",
		"over near":      "select c2, lag(c1, 3, 'none') over (order by c2), lead(c0) over (order by c0, c2), avg(c0) over (order by c2 rows between 5 preceding and 2 following), sum(c2) over (order by c2) from t",
		"over shares":    "select c2, percent_rank() over (order by c1), cume_dist() over (order by c0), ntile(7) over (order by c2), max(c1) over () from t",
		"over plain":     "select c2, count(*) over (), sum(c0) over (rows between unbounded preceding and current row) - sum(c0) over (rows between unbounded preceding and current row) from t",
		"over big":       "select c2, sum(c0) over (partition by c0 < 0 order by c2), row_number() over (partition by c0 < 0 order by c2), ntile(3) over (partition by c2 < 10 order by c2), first_value(c2) over (partition by c1 order by c2) from t",
		"over far":       "select c2, nth_value(c2, 3) over (order by c2 groups 2 preceding) from t",
		"over":           "select c0, c1, c2, row_number() over (partition by c0 order by c2), sum(c2) over (partition by c0, c1) from t",
		"over few":       "select c2, lag(c2) over (partition by c1 order by c2 desc) from t",
		"intersect":      "select c0 from t where c2 < 3000 intersect select c0 from t where c2 > 2000",
		"intersect all":  "select c0, c1 from t where c2 < 3000 intersect all select c0, c1 from t where c2 > 2000",
		"except":         "select c0, c1 from t where c2 < 3000 except select c0, c1 from t where c2 > 2000",
		"except all":     "select c0 from t where c2 < 3000 except all select c0 from t where c2 > 2000",
	} {
		roots[name] = batchPlan(t, text, rel)
	}
	for name, root := range roots {
		t.Run(name, func(t *testing.T) {
			run := func(limit int64, workers int) []string {
				g, err := Build(root, Config{Mode: plan.Batch, Parallelism: workers, NewCtx: testCtx, WorkMem: limit, SpillDir: t.TempDir()})
				if err != nil {
					t.Fatal(err)
				}
				var out []string
				var inputs []Input
				for _, s := range g.Scans() {
					inputs = append(inputs, Input{Splits: cut(t, s.Schema().Types(), scanned(s, rows), workers*workers, 37)})
				}
				_, err = g.Run(context.Background(), &Step{N: 1, Last: true}, inputs, func(b *types.Batch) error {
					out = append(out, batchLines(b)...)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if name != "sort" {
					slices.Sort(out)
				}
				return out
			}
			want := run(1<<30, 1)
			for _, limit := range []int64{1, 5000, 60000} {
				for _, workers := range []int{1, 2} {
					if got := run(limit, workers); !slices.Equal(got, want) {
						t.Errorf("limit %d, %d workers: %d rows, want %d", limit, workers, len(got), len(want))
					}
				}
			}
		})
	}
}

func batchLines(b *types.Batch) []string {
	var out []string
	for i := range b.N {
		line := ""
		for _, c := range b.Cols {
			line += "|" + c.ValueStr(i)
		}
		out = append(out, line)
	}
	return out
}
