package state

import (
	"context"
	"fmt"
	"math"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamsqld/streamsqld/types"
)

// NoWatermark stands where a version has none.
const NoWatermark = math.MinInt64

// Table is a relation that changes: all its rows in memory in columns, each with the versions in which it came and went, so that a
// reader sees one version whatever happens meanwhile; an index over its key, built when it is first needed; its changes as one
// delta by version in the store, and snapshots that replace older deltas. It is a multiset: the same row may be there many
// times. It implements Changelog and is safe for many goroutines.
type Table struct {
	notifier
	s   *Store
	oid uint32
	ts  []types.Type
	key []int // the index's columns; all where the table has no key

	writeMu sync.Mutex // held by the one batch that commits, until its changes are visible
	version atomic.Int64

	mu      sync.RWMutex // guards what follows
	chunks  []*chunk     // ascending by row id
	nextRow int64
	index   *index // nil: not built
	sides   []*sideIndex
	orders  []*orderIndex
	pins    map[int64]int
	recent  [2]int64  // the versions that were the newest a moment (graceTime) ago and before that
	turned  time.Time // when recent last changed
	dropped int64     // versions below this can't be read any more: dead rows were forgotten
	live    int64
	rowSize int64 // bytes of all chunks

	deltas     []delta // ascending; those that can still be read
	base       int64   // Changes can be read from here
	baseMark   int64   // watermark at base
	baseAt     int64   // clock of base; NoWatermark: nothing was ever forgotten
	cached     int     // so many deltas at the end are kept decoded
	cacheBytes int64   // what those hold

	snap      snapshotState
	snapBusy  atomic.Bool
	isDropped bool  // under writeMu
	clock     int64 // under writeMu: no later commit gets a clock before it
}

// graceTime is how long at least a version can still be asked for after it was the newest.
const graceTime = time.Second

// delta is what is known of a version's changes.
type delta struct {
	version, at, mark int64
	rows              int
	bytes             int64
	b                 *types.Batch // nil: only in the store
}

// Delta is a version's change with what belongs to it.
type Delta struct {
	Changes   *types.Batch // rows with weights; nil: none
	Watermark int64        // the watermark that holds after it; NoWatermark
	At        int64        // clock of the commit, µs since 1970; it never goes back: an earlier one counts as that of the commit before
}

// OpenTable opens the table of relation oid with columns of types ts, and loads its rows. key are the columns that Lookup finds
// rows by; nil: the whole row.
func OpenTable(s *Store, oid uint32, ts []types.Type, key []int) (*Table, error) {
	t := &Table{s: s, oid: oid, ts: ts, key: key, pins: map[int64]int{}, baseMark: NoWatermark, baseAt: NoWatermark, clock: NoWatermark, snap: snapshotState{mark: NoWatermark, at: NoWatermark}}
	if len(key) == 0 {
		t.key = make([]int, len(ts))
		for i := range t.key {
			t.key[i] = i
		}
	}
	if err := t.load(); err != nil {
		return nil, fmt.Errorf("load the rows of relation %d: %w", oid, err)
	}
	t.recent = [2]int64{t.Version(), t.Version()}
	return t, nil
}

// Types are the types of the columns.
func (t *Table) Types() []types.Type { return t.ts }

// Version implements Changelog: the last version applied.
func (t *Table) Version() int64 { return t.version.Load() }

// Oldest implements Changelog.
func (t *Table) Oldest() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.base
}

// Wait implements Changelog.
func (t *Table) Wait(ctx context.Context, after int64) error { return t.wait(ctx, after, t.Version) }

// Rows is the number of rows now.
func (t *Table) Rows() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.live
}

// Bytes is about what the rows hold in memory.
func (t *Table) Bytes() int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := t.rowSize + t.cacheBytes
	for _, c := range t.chunks {
		n += int64(len(c.ins)) * 24
	}
	if t.index != nil {
		n += int64(len(t.index.heads)) * 12
	}
	return n
}

// Apply puts the change to a new version into the batch; the version must be above all earlier ones. Rows of weight -n
// go, rows of weight n come. It shows when the batch commits.
func (t *Table) Apply(batch *Batch, version int64, changes *types.Batch) error {
	return t.ApplyDelta(batch, version, Delta{Changes: changes, Watermark: NoWatermark})
}

// ApplyDelta is Apply with a watermark and a clock. A table takes part in a batch once.
func (t *Table) ApplyDelta(batch *Batch, version int64, d Delta) error {
	if d.Changes == nil {
		d.Changes = emptyBatch(t.ts)
	}
	if len(d.Changes.Cols) != len(t.ts) {
		return fmt.Errorf("state: a change of %d columns for a table of %d", len(d.Changes.Cols), len(t.ts))
	}
	for i := range batch.parts {
		if a, ok := batch.parts[i].rel.(*tableApply); ok && a.t == t {
			return fmt.Errorf("state: two changes of table %d in one batch", t.oid)
		}
	}
	a := &tableApply{t: t, d: d, version: version}
	batch.parts = append(batch.parts, part{oid: t.oid, rel: a, lock: t.writeMu.Lock, write: a.write, publish: a.publish, unlock: a.finish})
	return nil
}

// tableApply is a table's share of a batch.
type tableApply struct {
	t       *Table
	d       Delta
	version int64
	bytes   int64
	done    bool
}

func (a *tableApply) write(batch *Batch) error {
	if a.t.isDropped {
		return fmt.Errorf("state: table %d was dropped", a.t.oid)
	}
	if a.version <= a.t.Version() {
		return fmt.Errorf("state: version %d of table %d is not above %d", a.version, a.t.oid, a.t.Version())
	}
	a.d.At = max(a.d.At, a.t.clock)
	v, err := appendDelta(nil, a.d)
	if err != nil {
		return err
	}
	a.bytes = int64(len(v))
	return batch.Set(tableKey(a.t.oid, 'd', a.version), v)
}

func (a *tableApply) publish() {
	t := a.t
	t.mu.Lock()
	t.addDelta(delta{version: a.version, at: a.d.At, mark: a.d.Watermark, rows: a.d.Changes.N, bytes: a.bytes, b: a.d.Changes})
	if now := time.Now(); now.Sub(t.turned) > graceTime {
		t.recent = [2]int64{t.Version(), t.recent[0]}
		t.turned = now
	}
	t.applyRows(a.version, a.d.Changes)
	t.version.Store(a.version)
	t.clock = a.d.At
	t.mu.Unlock()
	t.wake()
	a.done = true
}

func (a *tableApply) finish() {
	t := a.t
	if a.done {
		t.mu.Lock()
		t.compact()
		t.mu.Unlock()
		t.snapshotIfDue()
	}
	t.writeMu.Unlock()
}

// floor is the oldest version that a reader may still ask for: one that is pinned, or was the newest a moment ago. mu is held.
func (t *Table) floor() int64 {
	f := t.version.Load()
	if !t.s.opts.Inline {
		f = min(f, t.recent[1])
	}
	for v := range t.pins {
		f = min(f, v)
	}
	return f
}

// Pin keeps version readable until release is called.
func (t *Table) Pin(version int64) (release func(), err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if version < t.dropped || version > t.Version() {
		return nil, fmt.Errorf("state: version %d of table %d can't be read", version, t.oid)
	}
	t.pins[version]++
	var once sync.Once
	return func() {
		once.Do(func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			if t.pins[version]--; t.pins[version] == 0 {
				delete(t.pins, version)
			}
		})
	}, nil
}

// Watermark is the watermark that came with the newest version at or before the given one; NoWatermark.
func (t *Table) Watermark(version int64) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	i := t.after(version)
	if i == 0 {
		return t.baseMark
	}
	return t.deltas[i-1].mark
}

// At is the clock of the newest version at or before the given one, 0: not known any more.
func (t *Table) At(version int64) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if i := t.after(version); i > 0 {
		return t.deltas[i-1].at
	}
	if version >= t.base && t.baseAt != NoWatermark {
		return t.baseAt
	}
	return 0
}

// Changed is the number of changed rows in (from, to].
func (t *Table) Changed(from, to int64) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n := int64(0)
	for _, d := range t.deltas[t.after(from):t.after(to)] {
		n += int64(d.rows)
	}
	return n
}

// Cut is the greatest version up to `to` so that (from, version] has no more changed rows than the limit, but at least one version with some.
func (t *Table) Cut(from, to, limit int64) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	n, last := int64(0), from
	for _, d := range t.deltas[t.after(from):t.after(to)] {
		if n > 0 && n+int64(d.rows) > limit {
			return last
		}
		n += int64(d.rows)
		last = d.version
	}
	return to
}

// after is the index of the first delta above version. mu is held.
func (t *Table) after(version int64) int {
	return sort.Search(len(t.deltas), func(i int) bool { return t.deltas[i].version > version })
}
