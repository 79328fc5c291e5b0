package file

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/types"
)

// rowGroups gives a split for each of the row groups [from, end) of a parquet file; end < 0: to the last.
func (s *source) rowGroups(e entry, from, end int64, want connector.Want) ([]types.Split, error) {
	p, err := format.OpenParquet(e.Path, nil)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	if end < 0 {
		end = int64(p.Groups())
	}
	var out []types.Split
	for g := from; g < end; g++ {
		some := func(ctx context.Context, r *types.Reading, emit func(*types.Batch) error) error {
			return s.readGroup(ctx, e, p.ParquetMeta, int(g), want, r, emit)
		}
		all := func(ctx context.Context, emit func(*types.Batch) error) error {
			return some(ctx, &types.Reading{}, emit)
		}
		out = append(out, types.Split{Read: all, ReadSome: some})
	}
	return out, nil
}

func (s *source) readGroup(ctx context.Context, e entry, m *format.ParquetMeta, group int, want connector.Want, r *types.Reading, emit func(*types.Batch) error) error {
	p, err := format.OpenParquet(e.Path, m)
	if err != nil {
		return err
	}
	defer p.Close()
	l := s.layout(e)
	c := format.Config{Cols: l.cols}
	for _, w := range want.Cols {
		if l.col[w] >= 0 {
			c.Want = append(c.Want, l.col[w])
		}
	}
	if len(c.Want) == len(want.Cols) {
		return p.Read(ctx, group, c, r, emit)
	}
	return p.Read(ctx, group, c, &types.Reading{Lend: r.Lend}, func(b *types.Batch) error {
		out := &types.Batch{N: b.N, Cols: make([]arrow.Array, len(want.Cols))}
		k := 0
		for i, w := range want.Cols {
			if l.col[w] < 0 {
				var err error
				if out.Cols[i], err = s.constant(e, l, w, b.N); err != nil {
					return err
				}
				continue
			}
			out.Cols[i] = b.Cols[k]
			k++
		}
		if out, err = r.Choose(out); err != nil || out.N == 0 {
			return err
		}
		return emit(out)
	})
}

// skipGroups is skipRows for parquet.
func (s *source) skipGroups(e entry, at, rows int64) (next, n int64, err error) {
	p, err := format.OpenParquet(e.Path, nil)
	if err != nil {
		return 0, 0, err
	}
	defer p.Close()
	for g := at; g < int64(p.Groups()); g++ {
		if n += p.GroupRows(int(g)); n >= rows && g+1 < int64(p.Groups()) {
			return g + 1, n, nil
		}
	}
	return -1, n, nil
}
