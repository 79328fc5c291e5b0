package state

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/cockroachdb/pebble/v2"

	"github.com/streamsqld/streamsqld/types"
	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// logReader reads stored chunks of a log with some columns (nil: all).
type logReader struct {
	*types.Reading
	l      *Log
	cols   []int
	ranges []types.Range
	it     *pebble.Iterator // over the chunks
	apart  *pebble.Iterator // over the columns that lie apart, of the same moment; nil: none was needed yet
	own    types.Arena      // of what is read of a chunk to choose rows, and of what is lent
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
		start, n := keyNumber(r.it.Key()), int64(s.Rows())
		i, j := max(from-start, 0), min(to-start, n)
		from = start + j
		if i >= j || !r.wants(s) {
			continue
		}
		if b, err := r.chunk(s, start, int(i), int(j)); err != nil {
			return err
		} else if b.N == 0 {
			continue
		} else if err := emit(b); err != nil {
			return err
		}
	}
	return r.it.Error()
}

// chunk gives the rows [from, to) of a chunk that count.
func (r *logReader) chunk(s *batchfmt.Stored, start int64, from, to int) (*types.Batch, error) {
	fetch := func(col int) ([]byte, error) { return r.fetch(start, col) }
	r.own.Reset()
	if r.Pick != nil && r.cols != nil {
		return r.choose(s, fetch, from, to)
	}
	b, err := s.Decode(r.cols, r.lent(), fetch)
	if err != nil {
		return nil, err
	}
	if from > 0 || to < b.N {
		b = b.Slice(from, to)
	}
	return r.Choose(b)
}

// choose reads the columns by which rows are chosen, and of the others the rows that were.
func (r *logReader) choose(s *batchfmt.Stored, fetch batchfmt.Fetcher, from, to int) (*types.Batch, error) {
	cols := make([]arrow.Array, len(r.cols))
	first := &types.Batch{N: to - from}
	for _, k := range r.First {
		c, err := s.Column(r.cols[k], batchfmt.How{Mem: &r.own}, fetch)
		if err != nil {
			return nil, err
		}
		cols[k] = array.NewSlice(c, int64(from), int64(to))
		first.Cols = append(first.Cols, cols[k])
	}
	rows, err := r.Pick(first)
	if err != nil || len(rows) == 0 {
		return &types.Batch{}, err
	}
	how := batchfmt.How{Mem: r.lent(), Rows: rows}
	if from > 0 {
		how.Rows = make([]int32, len(rows))
		for i, x := range rows {
			how.Rows[i] = x + int32(from)
		}
	}
	if len(rows) == s.Rows() {
		how.Rows = nil
	}
	for k, i := range r.cols {
		switch {
		case cols[k] == nil:
			cols[k], err = s.Column(i, how, fetch)
		case len(rows) < first.N:
			cols[k] = types.TakeTo(how.Mem, cols[k], rows)
		}
		if err != nil {
			return nil, err
		}
	}
	b := &types.Batch{Cols: cols, N: len(rows)}
	if len(rows) == first.N && !r.Lend {
		b = b.Own()
	}
	return b, nil
}

// lent is where the columns of batches go: nil for the heap.
func (r *logReader) lent() *types.Arena {
	if r.Lend {
		return &r.own
	}
	return nil
}

// wants asks whether rows of a chunk may count.
func (r *logReader) wants(s *batchfmt.Stored) bool {
	if r.May == nil || r.cols == nil {
		return true
	}
	r.ranges = r.ranges[:0]
	for _, c := range r.cols {
		r.ranges = append(r.ranges, s.Range(c))
	}
	return r.May(r.ranges)
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
