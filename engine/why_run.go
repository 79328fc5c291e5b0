package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// rowSet prints the given columns of rows, by the names of the query's result.
func (t *tracer) rowSet(b *types.Batch, cols []int, schema plan.Schema) map[string]bool {
	named := make(plan.Schema, len(cols))
	for i, c := range cols {
		named[i] = schema[c]
		if t.rel.Columns[c].Name != "" {
			named[i].Name = t.rel.Columns[c].Name
		}
	}
	out := map[string]bool{}
	p := b.Project(cols)
	for i := range b.N {
		out[rowJSON(p, i, named, t.f)] = true
	}
	return out
}

func pick(s plan.Schema, cols []int) plan.Schema {
	out := make(plan.Schema, len(cols))
	for i, c := range cols {
		out[i] = s[c]
	}
	return out
}

// run1 runs one operator as a batch, with the rows at the step's input and what is there now at its other inputs; nil: nothing comes out.
func (t *tracer) run1(s step, b *types.Batch, schema plan.Schema) (*types.Batch, error) {
	rel := &catalog.Relation{Kind: catalog.Stream, Name: "traced"}
	leaf := &plan.Scan{Rel: rel, Alias: "traced", Pos: -1}
	for i, c := range schema {
		rel.Columns = append(rel.Columns, catalog.Column{Name: c.Name, Type: c.Type})
		leaf.Cols = append(leaf.Cols, i)
	}
	ins := append([]plan.Node(nil), s.node.Inputs()...)
	if scan, ok := ins[s.port].(*plan.Scan); ok {
		leaf.AsOf = scan.AsOf
	}
	ins[s.port] = leaf
	return t.batch(s.node.WithInputs(ins), rel, b)
}

// within runs the whole plan up to an operator and gives those of its rows that begin with the values of a row of b; nil: there are none.
func (t *tracer) within(n plan.Node, b *types.Batch, schema plan.Schema) (*types.Batch, error) {
	out, err := t.whole(n)
	if err != nil || out == nil {
		return nil, err
	}
	at := t.rows[n]
	if at == nil {
		at = map[string][]int32{}
		head := &types.Batch{Cols: out.Cols[:len(schema)], N: out.N}
		for i := range out.N {
			row := rowJSON(head, i, schema, t.f)
			at[row] = append(at[row], int32(i))
		}
		t.rows[n] = at
	}
	var rows []int32
	seen := map[string]bool{}
	for i := range b.N {
		if row := rowJSON(b, i, schema, t.f); !seen[row] {
			seen[row] = true
			rows = append(rows, at[row]...)
		}
	}
	if len(rows) == 0 {
		return nil, nil
	}
	return types.TakeBatch(out, rows), nil
}

// whole is what an operator gives over all that is there, computed once; nil: nothing.
func (t *tracer) whole(n plan.Node) (*types.Batch, error) {
	if b, ok := t.wholes[n]; ok {
		return b, nil
	}
	b, err := t.batch(n, nil, nil)
	if err == nil {
		t.wholes[n] = b
	}
	return b, err
}

// resultRows are the rows of the query's result, printed: whole, and their keys.
type resultRows struct {
	cols         []int
	whole, keyed map[string]bool
}

// resultOf reads the result once.
func (t *tracer) resultOf(table *state.Table) (*resultRows, error) {
	if t.result != nil {
		return t.result, nil
	}
	r := &resultRows{whole: map[string]bool{}, keyed: map[string]bool{}}
	for i := range visibleColumns(t.rel) {
		r.cols = append(r.cols, i)
	}
	schema := (&plan.Scan{Rel: t.rel, Cols: r.cols}).Schema()
	splits, release, err := table.Snapshot(table.Version(), r.cols)
	if err != nil {
		return nil, err
	}
	defer release()
	for _, sp := range splits {
		err := sp.Read(t.ctx, func(b *types.Batch) error {
			for i := range b.N {
				r.whole[rowJSON(b, i, schema, t.f)] = true
				if len(t.rel.Key) > 0 {
					r.keyed[rowJSON(b.Project(t.rel.Key).Slice(i, i+1), 0, pick(schema, t.rel.Key), t.f)] = true
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	t.result = r
	return r, nil
}

// batch runs a plan; rel is the relation whose rows are b.
func (t *tracer) batch(root plan.Node, rel *catalog.Relation, b *types.Batch) (*types.Batch, error) {
	g, err := exec.Build(root, exec.Config{Mode: plan.Batch, NewCtx: func() *expr.Ctx {
		c := t.sess.exprCtx(nil)
		c.Now = t.now
		return c
	}})
	if err != nil {
		return nil, err
	}
	var inputs []exec.Input
	for _, scan := range g.Scans() {
		if rel != nil && scan.Rel == rel {
			split := types.Split{Read: func(_ context.Context, emit func(*types.Batch) error) error { return emit(b.Project(scan.Cols)) }}
			if scan.AsOf == "time" {
				split = state.WithClock(split, state.NoWatermark)
			}
			inputs = append(inputs, exec.Input{Splits: []types.Split{split}})
			continue
		}
		splits, _, err := t.input(t.ctx, scan)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, exec.Input{Splits: splits})
	}
	var out []*types.Batch
	if err := t.run(t.ctx, g, inputs, func(b *types.Batch) error { out = append(out, b); return nil }); err != nil || len(out) == 0 {
		return nil, err
	}
	all, err := types.ConcatBatches(out)
	if err != nil || all.N == 0 {
		return nil, err
	}
	return all, nil
}
