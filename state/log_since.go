package state

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// appended says when the rows from start on were appended, µs.
type appended struct{ start, at int64 }

// timesOf are the appends of a chunk: one, unless it was merged.
func (c *logChunk) timesOf() []appended {
	if c.times == nil {
		return []appended{{c.start, c.at}}
	}
	return c.times
}

func logTimesKey(oid uint32, seq int64) []byte {
	return binary.BigEndian.AppendUint64(oidKey(prefixLogTimes, oid), uint64(seq))
}

// encodeTimes is the stored form of a merged chunk's appends: pairs of differences.
func encodeTimes(ts []appended) []byte {
	var v []byte
	var last appended
	for _, t := range ts {
		v = binary.AppendVarint(binary.AppendVarint(v, t.start-last.start), t.at-last.at)
		last = t
	}
	return v
}

func decodeTimes(v []byte) ([]appended, error) {
	r := batchfmt.NewReader(v)
	var out []appended
	var t appended
	for len(r.Rest()) > 0 && r.OK() {
		t = appended{t.start + r.Varint(), t.at + r.Varint()}
		out = append(out, t)
	}
	if !r.OK() {
		return nil, batchfmt.ErrDamaged
	}
	return out, nil
}

// Since is the number of the first row that was appended at or after a time; the end of the log where there is none.
func (l *Log) Since(t time.Time) (int64, error) {
	l.mu.Lock() // no chunks are merged meanwhile
	defer l.mu.Unlock()
	stop := errors.New("stop")
	chunk, first := int64(-1), l.end.Load()
	err := l.s.Scan(oidKey(prefixLog, l.oid), func(k, v []byte) error {
		at, n := binary.Varint(v)
		if n <= 0 {
			return batchfmt.ErrDamaged
		}
		if at >= t.UnixMicro() {
			chunk = keyNumber(k)
			return stop
		}
		return nil
	})
	if err := ignore(err, stop); err != nil || chunk < 0 {
		return first, err
	}
	v, err := l.s.Get(logTimesKey(l.oid, chunk))
	if err != nil || v == nil {
		return chunk, err
	}
	times, err := decodeTimes(v)
	if err != nil {
		return 0, err
	}
	for _, a := range times {
		if a.at >= t.UnixMicro() {
			return a.start, nil
		}
	}
	return chunk, nil
}
