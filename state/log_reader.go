package state

import (
	"context"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/streamsqld/streamsqld/types"
	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// logReader reads stored chunks of a log with some columns (nil: all), without those of which may (nil: read all) says no by the ranges of these columns.
type logReader struct {
	l      *Log
	cols   []int
	may    func([]types.Range) bool
	ranges []types.Range
	it     *pebble.Iterator // over the chunks
	apart  *pebble.Iterator // over the columns that lie apart, of the same moment; nil: none was needed yet
}

// read emits the stored rows [from, to).
func (r *logReader) read(ctx context.Context, from, to int64, emit func(*types.Batch) error) error {
	l := r.l
	var err error
	if r.it, err = l.s.db.NewIter(&pebble.IterOptions{LowerBound: oidKey(prefixLog, l.oid), UpperBound: logKey(l.oid, to)}); err != nil {
		return err
	}
	err = r.chunks(ctx, from, to, emit)
	if r.apart != nil {
		err = errors.Join(err, r.apart.Close())
	}
	return errors.Join(err, r.it.Close())
}

func (r *logReader) chunks(ctx context.Context, from, to int64, emit func(*types.Batch) error) error {
	ok := r.it.SeekLT(logKey(r.l.oid, from+1))
	if !ok {
		ok = r.it.First()
	}
	for ; ok && from < to; ok = r.it.Next() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		v, err := r.it.ValueAndErr()
		if err != nil {
			return err
		}
		_, s, err := openChunk(v)
		if err != nil {
			return err
		}
		start := keyNumber(r.it.Key())
		if !r.wants(s) {
			from = start + int64(s.Rows())
			continue
		}
		b, err := s.Decode(r.cols, func(col int) ([]byte, error) { return r.fetch(start, col) })
		if err != nil {
			return err
		}
		if from, err = emitRange(b, start, from, to, emit); err != nil {
			return err
		}
	}
	return r.it.Error()
}

// wants asks whether rows of a chunk may count.
func (r *logReader) wants(s *batchfmt.Stored) bool {
	if r.may == nil || r.cols == nil {
		return true
	}
	r.ranges = r.ranges[:0]
	for _, c := range r.cols {
		r.ranges = append(r.ranges, s.Range(c))
	}
	return r.may(r.ranges)
}

// fetch gives the payload of a column that lies apart, good until the next call.
func (r *logReader) fetch(start int64, col int) ([]byte, error) {
	if r.apart == nil {
		prefix := oidKey(prefixLogCol, r.l.oid)
		var err error
		if r.apart, err = r.it.Clone(pebble.CloneOptions{IterOptions: &pebble.IterOptions{LowerBound: prefix, UpperBound: prefixEnd(prefix)}}); err != nil {
			return nil, err
		}
	}
	// A seek without limit first tries the next keys, which reads the columns between.
	key := logColKey(r.l.oid, start, col)
	if r.apart.SeekGEWithLimit(key, append(slices.Clone(key), 0)) != pebble.IterValid {
		return nil, errors.Join(batchfmt.ErrDamaged, r.apart.Error())
	}
	return r.apart.ValueAndErr()
}
