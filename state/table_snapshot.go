package state

import (
	"encoding/binary"
	"errors"

	"github.com/streamsqld/streamsqld/types"
	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// snapshotState is what is known of a table's snapshot in the store.
type snapshotState struct {
	version, mark int64
	at            int64 // clock of the version; NoWatermark: not known
	bytes         int64 // its size
	tail          int64 // size of the deltas after it
}

// snapshotIfDue writes a snapshot when the deltas since the last one weigh more than it does. writeMu is held.
func (t *Table) snapshotIfDue() {
	t.mu.RLock()
	due := t.snap.tail > max(t.s.opts.SnapshotBytes, t.snap.bytes)
	t.mu.RUnlock()
	if !due || t.s.closed.Load() || !t.snapBusy.CompareAndSwap(false, true) {
		return
	}
	version := t.Version()
	release, err := t.Pin(version)
	if err != nil {
		t.snapBusy.Store(false)
		return
	}
	write := func(locked bool) {
		defer t.snapBusy.Store(false)
		defer release()
		// A snapshot that can't be written leaves the deltas in place; the next commit tries again.
		_ = t.writeSnapshot(version, locked)
	}
	if t.s.opts.Inline {
		write(true)
		return
	}
	t.s.bg.Add(1)
	go func() {
		defer t.s.bg.Done()
		write(false)
	}()
}

// Checkpoint writes a snapshot now, if something changed since the last one.
func (t *Table) Checkpoint() error {
	if !t.snapBusy.CompareAndSwap(false, true) {
		return nil
	}
	defer t.snapBusy.Store(false)
	version := t.Version()
	t.mu.RLock()
	same := version == t.snap.version
	t.mu.RUnlock()
	if same {
		return nil
	}
	release, err := t.Pin(version)
	if err != nil {
		return err
	}
	defer release()
	return t.writeSnapshot(version, false)
}

// writeSnapshot writes the rows of version, chunk by chunk, and then at once makes them the table's snapshot and drops what they replace.
func (t *Table) writeSnapshot(version int64, locked bool) error {
	t.mu.RLock()
	chunks := t.chunks
	t.mu.RUnlock()
	n, bytes := 0, int64(0)
	clear := t.s.NewBatch() // of an attempt that a crash cut short
	if err := errors.Join(clear.DeleteRange(tableKey(t.oid, 's', version), tableKey(t.oid, 's', version+1)), clear.Commit(false)); err != nil {
		return err
	}
	for _, c := range chunks {
		if t.s.closed.Load() && !locked {
			return nil
		}
		idx, all := c.visible(version)
		if len(idx) == 0 {
			continue
		}
		b := c.b
		if !all {
			b = types.TakeBatch(b, idx)
		}
		v, err := batchfmt.Append(nil, b)
		if err != nil {
			return err
		}
		batch := t.s.NewBatch()
		if err := batch.Set(snapshotKey(t.oid, version, n), v); err != nil {
			return err
		}
		if err := batch.Commit(false); err != nil {
			return err
		}
		n++
		bytes += int64(len(v))
	}
	if !locked {
		t.writeMu.Lock()
		defer t.writeMu.Unlock()
	}
	return t.commitSnapshot(version, n, bytes)
}

func (t *Table) commitSnapshot(version int64, chunks int, bytes int64) error {
	batch := t.s.NewBatch()
	if t.isDropped {
		return errors.Join(DropTable(batch, t.oid), batch.Commit(false))
	}
	mark := t.Watermark(version)
	keep := t.keepFrom(version)
	meta := binary.AppendVarint(nil, version)
	meta = binary.AppendUvarint(meta, uint64(chunks))
	meta = binary.AppendVarint(meta, mark)
	at := t.clockOf(version)
	meta = binary.AppendVarint(meta, at)
	err := errors.Join(
		batch.Set(append(oidKey(prefixTable, t.oid), 'm'), meta),
		batch.DeleteRange(tableKey(t.oid, 's', 0), tableKey(t.oid, 's', version)),
		batch.DeleteRange(tableKey(t.oid, 'd', 0), tableKey(t.oid, 'd', keep+1)))
	if err != nil {
		return err
	}
	if err := batch.Commit(true); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	i := t.after(keep)
	for _, d := range t.deltas[:i] {
		if d.b != nil {
			t.cacheBytes -= types.BatchBytes(d.b)
			t.cached--
		}
	}
	if i > 0 {
		t.base, t.baseMark, t.baseAt = t.deltas[i-1].version, t.deltas[i-1].mark, t.deltas[i-1].at
	}
	t.deltas = append([]delta(nil), t.deltas[i:]...)
	t.snap.version, t.snap.mark, t.snap.at, t.snap.bytes, t.snap.tail = version, mark, at, bytes, 0
	for _, d := range t.deltas[t.after(version):] {
		t.snap.tail += d.bytes + 512
	}
	return nil
}

// clockOf is the clock of the newest version at or before the given one; NoWatermark where there is none.
func (t *Table) clockOf(version int64) int64 {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if i := t.after(version); i > 0 {
		return t.deltas[i-1].at
	}
	return t.baseAt
}

// keepFrom is the version up to which deltas can be dropped once a snapshot of version stands: those that every reader has passed
// and that are older than the history kept for others.
func (t *Table) keepFrom(version int64) int64 {
	keep := t.held(version)
	t.mu.RLock()
	defer t.mu.RUnlock()
	bytes := int64(0)
	for i := len(t.deltas) - 1; i >= 0; i-- {
		if bytes += t.deltas[i].bytes; len(t.deltas)-i > t.s.opts.History || bytes > t.s.opts.HistoryBytes {
			return min(keep, t.deltas[i].version)
		}
	}
	return min(keep, t.base)
}

// loadSnapshot reads the snapshot's rows.
func (t *Table) loadSnapshot() error {
	meta, err := t.s.Get(append(oidKey(prefixTable, t.oid), 'm'))
	if err != nil || meta == nil {
		return err
	}
	r := batchfmt.NewReader(meta)
	version, chunks, mark := r.Varint(), r.Uvarint(), r.Varint()
	if r.OK() && len(r.Rest()) > 0 { // written by an older server there is no clock
		t.snap.at = r.Varint()
	}
	if !r.OK() {
		return batchfmt.ErrDamaged
	}
	n := 0
	err = t.s.Scan(tableKey(t.oid, 's', version), func(_, v []byte) error {
		b, _, err := batchfmt.Decode(v, nil)
		if err != nil {
			return err
		}
		n++
		t.snap.bytes += int64(len(v))
		t.insert(version, b)
		return nil
	})
	if err == nil && n != chunks {
		err = batchfmt.ErrDamaged
	}
	t.snap.version, t.snap.mark, t.dropped = version, mark, version
	t.version.Store(version)
	return err
}

// HoldNow is Hold of the version there is now, which it gives: no change after it is dropped in between.
func (t *Table) HoldNow(reader string) int64 {
	t.writeMu.Lock()
	defer t.writeMu.Unlock()
	v := t.Version()
	t.Hold(reader, v)
	return v
}
