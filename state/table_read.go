package state

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// Snapshot implements Changelog.
func (t *Table) Snapshot(version int64, cols []int) ([]types.Split, func(), error) {
	release, err := t.Pin(version)
	if err != nil {
		return nil, nil, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	var out []types.Split
	var group []view
	rows := 0
	flush := func() {
		if g := group; len(g) > 0 {
			out = append(out, types.Split{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
				return readViews(ctx, g, version, cols, emit)
			}})
		}
		group, rows = nil, 0
	}
	for _, c := range t.chunks {
		group = append(group, view{c: c, all: c.dead == 0 && c.maxIns <= version})
		if rows += c.b.N; rows >= splitRows {
			flush()
		}
	}
	flush()
	return out, release, nil
}

// view is a chunk as a snapshot saw it; all: every row is visible.
type view struct {
	c   *chunk
	all bool
}

func readViews(ctx context.Context, vs []view, version int64, cols []int, emit func(*types.Batch) error) error {
	for _, v := range vs {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b := v.c.b
		if cols != nil {
			b = b.Project(cols)
		}
		if !v.all {
			idx, all := v.c.visible(version)
			if len(idx) == 0 {
				continue
			}
			if !all {
				b = types.TakeBatch(b, idx)
			}
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}

// Changes implements Changelog: each version's rows with weights, in order. Versions before Oldest are gone: an error.
func (t *Table) Changes(from, to int64, cols []int) ([]types.Split, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if from < t.base {
		return nil, fmt.Errorf("state: changes of table %d are kept from version %d on, not from %d", t.oid, t.base, from)
	}
	var out []types.Split
	var group []delta
	rows := 0
	flush := func() {
		if g := group; len(g) > 0 {
			out = append(out, types.Split{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
				return t.readDeltas(ctx, g, cols, emit)
			}})
		}
		group, rows = nil, 0
	}
	for _, d := range t.deltas[t.after(from):t.after(to)] {
		if d.rows == 0 {
			continue
		}
		group = append(group, d)
		if rows += d.rows; rows >= splitRows {
			flush()
		}
	}
	flush()
	return out, nil
}

func (t *Table) readDeltas(ctx context.Context, ds []delta, cols []int, emit func(*types.Batch) error) error {
	for _, d := range ds {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		b := d.b
		if b != nil && cols != nil {
			b = b.Project(cols)
		}
		if b == nil {
			stored, err := t.storedDelta(d.version, cols)
			if err != nil {
				return err
			}
			b = stored.Changes
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}

// Versions calls fn for each version in (from, to], in order, with its change in the given columns (nil: all); changes without rows too.
func (t *Table) Versions(from, to int64, cols []int, fn func(version int64, d Delta) error) error {
	t.mu.RLock()
	if from < t.base {
		t.mu.RUnlock()
		return fmt.Errorf("state: changes of table %d are kept from version %d on, not from %d", t.oid, t.base, from)
	}
	ds := append([]delta(nil), t.deltas[t.after(from):t.after(to)]...)
	t.mu.RUnlock()
	for _, d := range ds {
		out := Delta{Changes: d.b, Watermark: d.mark, At: d.at}
		if d.b != nil && cols != nil {
			out.Changes = d.b.Project(cols)
		}
		if d.b == nil {
			stored, err := t.storedDelta(d.version, cols)
			if err != nil {
				return err
			}
			out.Changes = stored.Changes
		}
		if err := fn(d.version, out); err != nil {
			return err
		}
	}
	return nil
}

// Lookup finds the row of version whose key is row i of key (the key's columns in order, in their layouts); it gives a batch and the row's place in it. Of
// several such rows it gives the newest.
func (t *Table) Lookup(key []arrow.Array, i int, version int64) (b *types.Batch, row int, ok bool) {
	t.LookupEach(key, i, version, func(rb *types.Batch, r int) bool {
		b, row, ok = rb, r, true
		return false
	})
	return b, row, ok
}

// LookupEach calls fn for all rows of version with the key, newest first, until it gives false. fn must not call the table.
func (t *Table) LookupEach(key []arrow.Array, i int, version int64, fn func(b *types.Batch, row int) bool) {
	cols := make([]arrow.Array, len(key))
	for k := range key {
		one := &types.Batch{Cols: key[k : k+1], N: key[k].Len()}
		cols[k] = canonical(one.Slice(i, i+1).Cols[0], t.ts[t.key[k]])
	}
	var hash [1]uint64
	h := types.HashRows(cols, 1, hash[:])[0]
	t.mu.RLock()
	if t.index == nil {
		t.mu.RUnlock()
		t.mu.Lock()
		t.buildIndex()
		t.mu.Unlock()
		t.mu.RLock()
	}
	defer t.mu.RUnlock()
	slot, found := t.find(cols, 0, h)
	if !found {
		return
	}
	for id := t.index.heads[slot]; id != noRow; {
		c, j := t.locate(id)
		if c.ins[j] <= version && c.went(j) > version && !fn(c.b, j) {
			return
		}
		id = c.prev[j]
	}
}
