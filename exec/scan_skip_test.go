package exec

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// ranged gives one split of the batches that knows their ranges, and counts those that are read.
func ranged(bs []*types.Batch, read *int) types.Split {
	some := func(_ context.Context, r *types.Reading, emit func(*types.Batch) error) error {
		for _, b := range bs {
			rs := make([]types.Range, len(b.Cols))
			for k, c := range b.Cols {
				if a, ok := c.(*array.Int64); ok && a.NullN() == 0 {
					rs[k] = types.Range{Known: true, Min: a.Value(0), Max: a.Value(0)}
					for _, v := range a.Int64Values() {
						rs[k].Min, rs[k].Max = min(rs[k].Min, v), max(rs[k].Max, v)
					}
				}
			}
			if r.May != nil && !r.May(rs) {
				continue
			}
			*read++
			if b, err := r.Choose(b); err != nil {
				return err
			} else if err := emit(b); err != nil {
				return err
			}
		}
		return nil
	}
	all := func(ctx context.Context, emit func(*types.Batch) error) error {
		return some(ctx, &types.Reading{}, emit)
	}
	return types.Split{Read: all, ReadSome: some}
}

// TestScanSkips runs filters and first rows with and without ranges: the same rows, of fewer batches.
func TestScanSkips(t *testing.T) {
	rnd := seeded(t)
	s := table(catalog.Stream, -1, types.Int8, types.Int8)
	spread := []int{0, 0, 1, 3}
	var bs []*types.Batch
	for n := range 60 {
		var rows []row
		for range 4000 { // with ties over the batches, and NULLs in some
			v := strconv.Itoa(n/4*10 + rnd.Intn(12) - 6)
			if n%7 == 3 && rnd.Intn(50) == 0 {
				v = "NULL"
			}
			rows = append(rows, row{[]string{v, strconv.Itoa(rnd.Intn(5))}, 1})
		}
		bs = append(bs, batchOf(t, s.Schema().Types(), rows))
	}
	rnd.Shuffle(len(bs), func(i, j int) { bs[i], bs[j] = bs[j], bs[i] })
	roots := map[string]plan.Node{}
	for _, name := range []string{"<", "<=", ">", ">=", "="} {
		c, v := col(s, 0), expr.ConstInt8(int64(rnd.Intn(150)))
		for side, cond := range []expr.Expr{op(t, c, name, v), op(t, v, name, c)} {
			scan := *s
			scan.Filter = cond
			roots[fmt.Sprintf("filter %s %d", name, side)] = &scan
		}
	}
	for _, desc := range []bool{false, true} {
		for _, nulls := range []bool{false, true} {
			k := spread[rnd.Intn(len(spread))]
			p := &plan.Project{In: s, Items: []expr.Expr{col(s, 1), col(s, 0)}, Cols: plan.Schema{s.Schema()[1], s.Schema()[0]}}
			sort := &plan.Sort{In: p, Keys: []plan.SortKey{{X: col(p, 1), Desc: desc, NullsFirst: nulls}}}
			roots[fmt.Sprintf("first %d %v %v", k, desc, nulls)] = &plan.Limit{In: sort, Count: expr.ConstInt8(int64(3 + k)), Skip: expr.ConstInt8(int64(k))}
		}
	}
	for name, root := range roots {
		t.Run(name, func(t *testing.T) {
			run := func(ranges bool) (string, int) {
				read := 0
				split := ranged(bs, &read)
				if !ranges {
					split.ReadSome = nil
				}
				g, err := Build(root, Config{Mode: plan.Batch, Parallelism: 1, NewCtx: testCtx})
				if err != nil {
					t.Fatal(err)
				}
				out := newResult(root)
				if _, err := g.Run(context.Background(), &Step{N: 1, Last: true}, []Input{{Splits: []types.Split{split}}}, out.add); err != nil {
					t.Fatal(err)
				}
				return out.String(), read
			}
			want, all := run(false)
			got, read := run(true)
			if got != want {
				t.Fatalf("with ranges:\n%s\nwithout:\n%s", got, want)
			}
			if all != len(bs) || read >= all {
				t.Errorf("%d batches of %d were read", read, all)
			}
		})
	}
}
