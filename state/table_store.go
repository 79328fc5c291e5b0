package state

import (
	"encoding/binary"
	"errors"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// Bytes of decoded deltas that a table keeps for those who follow it closely.
const deltaCacheBytes = 4 << 20

func emptyBatch(ts []types.Type) *types.Batch {
	b := &types.Batch{Cols: make([]arrow.Array, len(ts))}
	for i, t := range ts {
		b.Cols[i] = types.NewBuilder(t).NewArray()
	}
	return b
}

// appendDelta appends the stored form of a delta: watermark, clock, number of rows, and the batch where there are rows.
func appendDelta(dst []byte, d Delta) ([]byte, error) {
	dst = binary.AppendVarint(dst, d.Watermark)
	dst = binary.AppendVarint(dst, d.At)
	dst = binary.AppendUvarint(dst, uint64(d.Changes.N))
	if d.Changes.N == 0 {
		return dst, nil
	}
	return batchfmt.Append(dst, d.Changes)
}

// decodeDelta reads a stored delta; head: without its rows.
func (t *Table) decodeDelta(v []byte, cols []int, head bool) (d Delta, rows int, err error) {
	r := batchfmt.NewReader(v)
	d.Watermark, d.At, rows = r.Varint(), r.Varint(), r.Uvarint()
	if !r.OK() {
		return d, 0, batchfmt.ErrDamaged
	}
	if rows == 0 {
		d.Changes = emptyBatch(t.ts)
		if cols != nil {
			d.Changes = d.Changes.Project(cols)
		}
		return d, 0, nil
	}
	if !head {
		d.Changes, _, err = batchfmt.Decode(r.Rest(), cols)
	}
	return d, rows, err
}

func (t *Table) storedDelta(version int64, cols []int) (Delta, error) {
	v, err := t.s.Get(tableKey(t.oid, 'd', version))
	if err == nil && v == nil {
		err = errors.New("state: a delta that should be there is missing")
	}
	if err != nil {
		return Delta{}, err
	}
	d, _, err := t.decodeDelta(v, cols, false)
	return d, err
}

// addDelta notes a version's delta and bounds the decoded ones. mu is held.
func (t *Table) addDelta(d delta) {
	t.deltas = append(t.deltas, d)
	t.snap.tail += d.bytes + 512
	if d.b == nil {
		return
	}
	t.cached++
	t.cacheBytes += types.BatchBytes(d.b)
	for t.cacheBytes > deltaCacheBytes {
		first := &t.deltas[len(t.deltas)-t.cached]
		t.cacheBytes -= types.BatchBytes(first.b)
		first.b = nil
		t.cached--
	}
}

// load reads the snapshot and the deltas after it.
func (t *Table) load() error {
	if err := t.loadSnapshot(); err != nil {
		return err
	}
	prefix := append(oidKey(prefixTable, t.oid), 'd')
	first := true
	t.base, t.baseMark, t.baseAt, t.clock = t.snap.version, t.snap.mark, t.snap.at, t.snap.at
	return t.s.Scan(prefix, func(k, v []byte) error {
		version := keyNumber(k)
		covered := version <= t.snap.version
		d, rows, err := t.decodeDelta(v, nil, covered)
		if err != nil {
			return err
		}
		if first && covered {
			// The base of the history is the version before its first delta, which is not known any more; its own is the next best.
			t.base, t.baseMark, t.baseAt = version-1, NoWatermark, d.At
			if version == 1 {
				t.baseAt = NoWatermark
			}
		}
		first = false
		t.clock = max(t.clock, d.At)
		info := delta{version: version, at: d.At, mark: d.Watermark, rows: rows, bytes: int64(len(v))}
		if covered {
			t.deltas = append(t.deltas, info)
			return nil
		}
		info.b = d.Changes
		t.addDelta(info)
		t.applyRows(version, d.Changes)
		t.version.Store(version)
		t.compact()
		return nil
	})
}

// Drop puts the removal of the table's rows into the batch; nothing can be applied to it any more.
func (t *Table) Drop(b *Batch) error {
	t.writeMu.Lock()
	t.isDropped = true
	t.writeMu.Unlock()
	return DropTable(b, t.oid)
}

// DropTable is Table.Drop for a table that is not open.
func DropTable(b *Batch, oid uint32) error { return b.DeletePrefix(oidKey(prefixTable, oid)) }
