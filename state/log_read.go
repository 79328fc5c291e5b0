package state

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"github.com/streamsqld/streamsqld/types"
)

// splitRows is about how many rows a split holds.
const splitRows = 65536

// Version implements Changelog: the number of rows ever appended.
func (l *Log) Version() int64 { return l.end.Load() }

// Oldest implements Changelog: the number of the oldest row that is still there.
func (l *Log) Oldest() int64 { return l.oldest.Load() }

// Wait implements Changelog.
func (l *Log) Wait(ctx context.Context, after int64) error { return l.wait(ctx, after, l.Version) }

// Snapshot implements Changelog.
func (l *Log) Snapshot(version int64, cols []int) ([]types.Split, func(), error) {
	s, err := l.Changes(l.Oldest(), version, cols)
	return s, func() {}, err
}

// Changes implements Changelog. Rows older than Oldest are left out.
func (l *Log) Changes(from, to int64, cols []int) ([]types.Split, error) {
	from, to = max(from, l.Oldest()), min(to, l.Version())
	var out []types.Split
	for ; from < to; from += splitRows {
		a, b := from, min(from+splitRows, to)
		some := func(ctx context.Context, r *types.Reading, emit func(*types.Batch) error) error {
			return l.read(ctx, a, b, &logReader{l: l, cols: cols, Reading: r}, emit)
		}
		all := func(ctx context.Context, emit func(*types.Batch) error) error {
			return some(ctx, &types.Reading{}, emit)
		}
		out = append(out, types.Split{Read: all, ReadSome: some})
	}
	return out, nil
}

// read emits the rows [from, to), from memory where they are there.
func (l *Log) read(ctx context.Context, from, to int64, r *logReader, emit func(*types.Batch) error) error {
	for from < to {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		c, ok := l.tailAt(from)
		if !ok {
			return r.read(ctx, from, to, emit)
		}
		b := c.b
		if r.cols != nil {
			b = b.Project(r.cols)
		}
		i, j := max(from-c.start, 0), min(to-c.start, int64(b.N))
		from = c.start + j
		if i >= j {
			continue
		}
		if b, err := r.Choose(b.Slice(int(i), int(j))); err != nil {
			return err
		} else if b.N == 0 {
			continue
		} else if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}

// Trim drops whole chunks whose rows are all older than the given time, as far as no reader holds them.
func (l *Log) Trim(olderThan time.Time) error {
	limit, cut := l.held(l.Version()), olderThan.UnixMicro()
	l.mu.Lock()
	defer l.mu.Unlock()
	oldest := l.Oldest()
	stop := errors.New("stop")
	err := l.s.Scan(oidKey(prefixLog, l.oid), func(k, v []byte) error {
		at, s, err := openChunk(v)
		if err != nil {
			return err
		}
		end := keyNumber(k) + int64(s.Rows())
		if at >= cut || end > limit {
			return stop
		}
		oldest = end
		return nil
	})
	if err != nil && !errors.Is(err, stop) || oldest == l.Oldest() {
		return ignore(err, stop)
	}
	batch := l.s.NewBatch()
	meta := binary.BigEndian.AppendUint64(nil, uint64(oldest))
	meta = binary.BigEndian.AppendUint64(meta, uint64(l.Version()))
	if err := errors.Join(batch.DeleteRange(logKey(l.oid, 0), logKey(l.oid, oldest)), batch.DeleteRange(logTimesKey(l.oid, 0), logTimesKey(l.oid, oldest)),
		batch.DeleteRange(logColKey(l.oid, 0, 0), logColKey(l.oid, oldest, 0)),
		batch.Set(oidKey(prefixLogMeta, l.oid), meta)); err != nil {
		return err
	}
	if err := batch.Commit(false); err != nil {
		return err
	}
	l.oldest.Store(oldest)
	l.tailMu.Lock()
	defer l.tailMu.Unlock()
	for len(l.tail) > 0 && l.tail[0].end() <= oldest {
		l.tailBytes -= l.tail[0].bytes
		l.tail = l.tail[1:]
	}
	return nil
}

func ignore(err, target error) error {
	if errors.Is(err, target) {
		return nil
	}
	return err
}

// DropLog puts the removal of a log's rows into the batch.
func DropLog(b *Batch, oid uint32) error {
	return errors.Join(b.DeletePrefix(oidKey(prefixLog, oid)), b.DeletePrefix(oidKey(prefixLogCol, oid)), b.DeletePrefix(oidKey(prefixLogTimes, oid)), b.Delete(oidKey(prefixLogMeta, oid)))
}
