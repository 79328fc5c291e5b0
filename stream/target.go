package stream

import (
	"context"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// target is where the output of a query's steps goes. Its methods are called in this order for each step; after an error the target is
// closed and opened again.
type target interface {
	// write takes a batch of the step's output as the operators emit it.
	write(ctx context.Context, n int64, b *types.Batch) error
	// stage takes the end of the step: what is outside the server is durable, but not visible, when it returns. It gives the number of rows handed on.
	stage(ctx context.Context, n int64) (rows int64, err error)
	// commit puts what lies in the server into the step's batch.
	commit(b *state.Batch, n int64, d state.Delta) error
	// publish makes the committed step visible outside.
	publish(ctx context.Context, n int64) error
	// recover is called after opening, with the last committed step: later ones are thrown away, it is published.
	recover(ctx context.Context, n int64) error
	// logged says that the step must be logged before it runs.
	logged() bool
	// lazy says that a step may be published before its commit is on disk: after a crash later steps are done again from the last one that is.
	lazy() bool
	close() error
}

// viewTarget keeps a materialized view's result in a table.
type viewTarget struct {
	table *state.Table
	width int // visible columns
	parts []*types.Batch
	net   *types.Batch
}

func (v *viewTarget) write(_ context.Context, _ int64, b *types.Batch) error {
	v.parts = append(v.parts, cut(b, v.width))
	return nil
}

func (v *viewTarget) stage(context.Context, int64) (rows int64, err error) {
	v.net, err = Consolidate(v.parts)
	v.parts = nil
	if v.net != nil {
		rows = int64(v.net.N)
	}
	return rows, err
}

func (v *viewTarget) commit(b *state.Batch, n int64, d state.Delta) error {
	d.Changes = v.net
	v.net = nil
	return v.table.ApplyDelta(b, n, d)
}

func (v *viewTarget) publish(context.Context, int64) error { return nil }
func (v *viewTarget) recover(context.Context, int64) error { return nil }
func (v *viewTarget) logged() bool                         { return false }
func (v *viewTarget) lazy() bool                           { return true }
func (v *viewTarget) close() error                         { return nil }

// cut is b without hidden columns at its end.
func cut(b *types.Batch, width int) *types.Batch {
	if len(b.Cols) <= width {
		return b
	}
	return &types.Batch{Cols: b.Cols[:width], N: b.N, W: b.W}
}

// result integrates a step's output for those who want changes by key, or the whole result (complete).
type result struct {
	rel      *catalog.Relation
	complete *state.Table // the result so far; nil: not complete mode
	width    int
	order    []catalog.OrderCol
	schema   []types.Type // with hidden columns
	parts    []*types.Batch
	delta    *types.Batch
}

func (r *result) write(b *types.Batch) {
	if r.complete == nil {
		b = cut(b, r.width)
	}
	r.parts = append(r.parts, b)
}

// changes gives what the step hands on: consolidated changes, or in complete mode the whole result in its order. Batch is nil where there is nothing.
func (r *result) changes(ctx context.Context) (c connector.Changes, err error) {
	r.delta, err = Consolidate(r.parts)
	r.parts = nil
	if err != nil || r.complete == nil {
		return ToChanges(r.delta, r.rel.ChangeKey()), err
	}
	splits, release, err := r.complete.Snapshot(r.complete.Version(), nil)
	if err != nil {
		return c, err
	}
	defer release()
	var all []*types.Batch
	for _, s := range splits {
		if err := s.Read(ctx, func(b *types.Batch) error { all = append(all, b); return nil }); err != nil {
			return c, err
		}
	}
	if r.delta != nil {
		all = append(all, r.delta)
	}
	whole, err := Consolidate(all)
	if err != nil || whole == nil {
		return c, err
	}
	whole = ToChanges(&types.Batch{Cols: whole.Cols, N: whole.N, W: weights(whole)}, nil).Batch
	return connector.Changes{Batch: cut(sorted(whole, r.schema, r.order), r.width)}, nil
}

func weights(b *types.Batch) []int64 {
	if b.W != nil {
		return b.W
	}
	w := make([]int64, b.N)
	for i := range w {
		w[i] = 1
	}
	return w
}

func (r *result) commit(b *state.Batch, n int64, d state.Delta) error {
	if r.complete == nil {
		return nil
	}
	d.Changes = r.delta
	r.delta = nil
	return r.complete.ApplyDelta(b, n, d)
}

func sorted(b *types.Batch, ts []types.Type, order []catalog.OrderCol) *types.Batch {
	if len(order) == 0 {
		return b
	}
	idx := make([]int32, b.N)
	for i := range idx {
		idx[i] = int32(i)
	}
	cmps := make([]func(a arrow.Array, i int, b arrow.Array, j int) int, len(order))
	for k, o := range order {
		cmps[k] = types.NewComparer(ts[o.Col])
	}
	slices.SortStableFunc(idx, func(i, j int32) int {
		for k, o := range order {
			if c := compareKey(cmps[k], b.Cols[o.Col], int(i), int(j), o); c != 0 {
				return c
			}
		}
		return 0
	})
	return types.TakeBatch(b, idx)
}

func compareKey(cmp func(a arrow.Array, i int, b arrow.Array, j int) int, col arrow.Array, i, j int, o catalog.OrderCol) int {
	in, jn := col.IsNull(i), col.IsNull(j)
	switch {
	case in && jn:
		return 0
	case in != jn:
		if in == o.NullsFirst {
			return -1
		}
		return 1
	}
	c := cmp(col, i, col, j)
	if o.Desc {
		return -c
	}
	return c
}

// memoryTarget keeps every row that is handed on in a table, with its step and operation behind it.
type memoryTarget struct {
	result
	table *state.Table
	rows  *types.Batch
}

func (m *memoryTarget) write(_ context.Context, _ int64, b *types.Batch) error {
	m.result.write(b)
	return nil
}

func (m *memoryTarget) stage(ctx context.Context, n int64) (int64, error) {
	c, err := m.changes(ctx)
	m.rows = nil
	if err != nil || c.Batch == nil {
		return 0, err
	}
	ids, ops := array.NewInt64Builder(types.Mem), array.NewStringBuilder(types.Mem)
	for i := range c.Batch.N {
		ids.Append(n)
		ops.Append(opAt(c, i).String())
	}
	cols := append(c.Batch.Cols[:len(c.Batch.Cols):len(c.Batch.Cols)], ids.NewArray(), ops.NewArray())
	m.rows = &types.Batch{Cols: cols, N: c.Batch.N}
	return int64(c.Batch.N), nil
}

func opAt(c connector.Changes, i int) connector.Op {
	if c.Ops == nil {
		return connector.Insert
	}
	return c.Ops[i]
}

func (m *memoryTarget) commit(b *state.Batch, n int64, d state.Delta) error {
	if err := m.result.commit(b, n, d); err != nil {
		return err
	}
	d.Changes = m.rows
	return m.table.ApplyDelta(b, n, d)
}

func (m *memoryTarget) publish(context.Context, int64) error { return nil }
func (m *memoryTarget) recover(context.Context, int64) error { return nil }
func (m *memoryTarget) logged() bool                         { return false }
func (m *memoryTarget) lazy() bool                           { return true }
func (m *memoryTarget) close() error                         { return nil }

// sinkTarget hands the output to a connector's sink.
type sinkTarget struct {
	result
	sink connector.Sink
	mode plan.Mode
	// exact: each step is seen outside once, so its number must not come again with other rows.
	exact bool
	rows  int64
}

func (s *sinkTarget) write(ctx context.Context, n int64, b *types.Batch) error {
	if s.mode != plan.Append || b.W != nil {
		s.result.write(b)
		return nil
	}
	s.rows += int64(b.N)
	return s.sink.Write(ctx, n, connector.Changes{Batch: cut(b, s.width)})
}

func (s *sinkTarget) stage(ctx context.Context, n int64) (int64, error) {
	c, err := s.changes(ctx)
	if err == nil && c.Batch != nil {
		if !s.sink.TakesDeletes() {
			c = insertsOnly(c)
		}
		s.rows += int64(c.Batch.N)
		if c.Batch.N > 0 || s.mode == plan.Complete { // an empty whole result takes the last one's place
			err = s.sink.Write(ctx, n, c)
		}
	}
	rows := s.rows
	s.rows = 0
	if err != nil {
		return 0, err
	}
	return rows, s.sink.Stage(ctx, n)
}

// insertsOnly is what a sink gets that can't take deletions: new rows and the new rows of updates; deletions without a new row are left out.
func insertsOnly(c connector.Changes) connector.Changes {
	var idx []int32
	for i, op := range c.Ops {
		if op != connector.Delete {
			idx = append(idx, int32(i))
		}
	}
	if c.Ops == nil {
		return c
	}
	return connector.Changes{Batch: types.TakeBatch(c.Batch, idx)}
}

func (s *sinkTarget) commit(b *state.Batch, n int64, d state.Delta) error {
	return s.result.commit(b, n, d)
}
func (s *sinkTarget) publish(ctx context.Context, n int64) error { return s.sink.Publish(ctx, n) }
func (s *sinkTarget) recover(ctx context.Context, n int64) error {
	if err := s.sink.Abandon(ctx, n); err != nil || n == 0 {
		return err
	}
	return s.sink.Publish(ctx, n)
}
func (s *sinkTarget) logged() bool { return true }
func (s *sinkTarget) lazy() bool   { return !s.exact }
func (s *sinkTarget) close() error { return s.sink.Close() }

// funcTarget hands each step's changes to a function: SUBSCRIBE (SELECT ...).
type funcTarget struct {
	result
	step func(Change) error
}

func (f *funcTarget) write(_ context.Context, _ int64, b *types.Batch) error {
	f.result.write(b)
	return nil
}

func (f *funcTarget) stage(ctx context.Context, n int64) (int64, error) {
	c, err := f.changes(ctx)
	if err != nil {
		return 0, err
	}
	if c.Batch == nil {
		c.Batch = noRows(f.schema[:f.width])
	}
	return int64(c.Batch.N), f.step(Change{Step: n, Changes: c})
}

func noRows(ts []types.Type) *types.Batch {
	b := &types.Batch{Cols: make([]arrow.Array, len(ts))}
	for i, t := range ts {
		b.Cols[i] = types.NewBuilder(t).NewArray()
	}
	return b
}

func (f *funcTarget) commit(*state.Batch, int64, state.Delta) error { return nil }
func (f *funcTarget) publish(context.Context, int64) error          { return nil }
func (f *funcTarget) recover(context.Context, int64) error          { return nil }
func (f *funcTarget) logged() bool                                  { return false }
func (f *funcTarget) lazy() bool                                    { return true }
func (f *funcTarget) close() error                                  { return nil }
