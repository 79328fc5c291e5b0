package exec

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Aggregations that are split into shards while they run give the same rows as those that never are, however many shards there are.
func TestShardsEqual(t *testing.T) {
	const seed = 11
	rnd := rand.New(rand.NewSource(seed))
	var rows []row
	for range 6000 {
		r := row{[]string{fmt.Sprint(rnd.Intn(500)), fmt.Sprint("k", rnd.Intn(7)), fmt.Sprint(rnd.Intn(100))}, 1}
		if rows = append(rows, r); rnd.Intn(4) == 0 {
			rows = append(rows, row{r.vals, -1})
		}
	}
	ts := []types.Type{types.Int4, types.Text, types.Int8}
	for name, changing := range map[string]bool{"append": false, "changing": true} {
		in := rows
		kind := catalog.Table
		if !changing {
			in, kind = consolidated(rows), catalog.Stream
		}
		s := table(kind, -1, ts...)
		calls := []plan.AggCall{agg(t, "count"), agg(t, "sum", col(s, 2)), agg(t, "max", col(s, 2)), agg(t, "count", col(s, 2))}
		calls[3].Distinct = true
		for _, group := range [][]expr.Expr{{col(s, 0), col(s, 1)}, {op(t, col(s, 0), "+", expr.ConstInt4(1)), col(s, 1)}} {
			root := aggregateOf(s, group, calls...)
			want := runBatch(t, root, consolidated(in)).String()
			for _, par := range []int{1, 2, 7} {
				for _, restart := range []bool{false, true} {
					v := variant{5, 2, 700, par, restart, -1}
					if got, _ := runSteps(t, root, plan.Update, in, v); got.String() != want {
						t.Fatalf("seed %d, %s, %+v: the result differs from the batch", seed, name, v)
					}
				}
				for _, mem := range []int64{0, 300 << 10} {
					got, split, err := batchShards(t, root, consolidated(in), Config{Parallelism: par, WorkMem: mem, SpillDir: t.TempDir()})
					if err != nil {
						t.Fatal(err)
					}
					if split != (par > 1) || got.String() != want {
						t.Fatalf("seed %d, %s: the batch with parallelism %d (split: %v) and %d bytes differs", seed, name, par, split, mem)
					}
				}
			}
		}
	}
}

// batchShards runs a batch that is split at 300 groups.
func batchShards(t *testing.T, root plan.Node, in []row, cfg Config) (r *result, split bool, err error) {
	cfg.Mode, cfg.NewCtx, cfg.shard = plan.Batch, testCtx, &shardSizes{groups: 300, rows: 100}
	g, err := Build(root, cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := g.Scans()[0]
	r = newResult(root)
	_, err = g.Run(context.Background(), &Step{N: 1, Last: true}, []Input{{Splits: cut(t, s.Schema().Types(), scanned(s, in), 3, 500)}}, r.add)
	return r, g.ops[len(g.ops)-2].(*aggregate).shards != nil, err
}

// Shards together hold no more than one table may.
func TestShardsBudget(t *testing.T) {
	var rows []row
	for i := range 6000 {
		rows = append(rows, row{[]string{fmt.Sprint(i)}, 1})
	}
	s := table(catalog.Stream, -1, types.Int4)
	root := aggregateOf(s, []expr.Expr{col(s, 0)}, agg(t, "count"))
	_, split, err := batchShards(t, root, rows, Config{Parallelism: 3, WorkMem: 150 << 10})
	if !split || sqlerr.From(err).Code != sqlerr.OutOfMemory {
		t.Fatalf("split %v, error %v", split, err)
	}
}

// An error of a shard, and a panic, reach the statement.
func TestShardErrors(t *testing.T) {
	boom := func(k int) error {
		switch k {
		case 1:
			return fmt.Errorf("one")
		case 2:
			panic("two")
		}
		return nil
	}
	if err := together(4, boom); err == nil || err.Error() != "one" {
		t.Fatalf("got %v", err)
	}
	if err := together(3, func(k int) error { return boom(k * 2) }); err == nil {
		t.Fatal("the panic was lost")
	}
}
