package file

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// splitSize is about how many bytes a split has.
const splitSize = 8 << 20

type source struct {
	rel    *catalog.Relation
	log    *slog.Logger
	list   *list
	format string
	parts  []int   // the columns of partition_by
	plain  *layout // of files without directories column=value
	size   int64   // of a split
}

func openSource(_ context.Context, c connector.SourceConfig) (connector.Source, error) {
	s := &source{rel: c.Rel, log: c.Log, format: formatOf(c.Rel.Options), size: splitSize}
	var err error
	if s.parts, err = partitionBy(c.Rel.Columns, connector.String(c.Rel.Options, "partition_by", "")); err != nil {
		return nil, err
	}
	s.plain = newLayout(c.Rel, s.parts, nil)
	if s.format != "parquet" {
		if _, err := format.NewDecoder(s.format, format.Config{Cols: s.plain.cols, Want: all(len(s.plain.cols)), Options: c.Rel.Options}); err != nil {
			return nil, err
		}
	}
	path, _ := c.Rel.Options.Get("path")
	if s.list, err = openList(path, connector.Bool(c.Rel.Options, "file_name_only", false), c.KV); err != nil {
		return nil, err
	}
	s.list.latestFirst = connector.Bool(c.Rel.Options, "latest_first", false)
	if age := connector.String(c.Rel.Options, "max_file_age", ""); age != "" && !(s.list.latestFirst && bounded(c.Rel.Options)) {
		s.list.maxAge, err = connector.ParseDuration(age)
	}
	return s, err
}

// bounded says whether a stream's options bound what a trigger reads.
func bounded(opts catalog.Options) bool {
	for _, key := range []string{"max_files_per_trigger", "max_bytes_per_trigger", "max_rows_per_trigger"} {
		if _, ok := opts.Get(key); ok {
			return true
		}
	}
	return false
}

func all(n int) []int {
	w := make([]int, n)
	for i := range w {
		w[i] = i
	}
	return w
}

// constant is a column of rel that is not in the file: file name, modification time, the value of a directory, or NULL for what is computed later
// (generated columns).
func (s *source) constant(e entry, l *layout, col, n int) (arrow.Array, error) {
	c := s.rel.Columns[col]
	if d, ok := l.dirs[col]; ok {
		return d.column(c, n, e)
	}
	b := types.NewBuilder(c.Type)
	switch {
	case c.Hidden && c.Name == hidden[0].Name:
		b.(*array.StringBuilder).Append(e.Path)
	case c.Hidden && c.Name == hidden[1].Name:
		b.(*array.TimestampBuilder).Append(arrow.Timestamp(e.MTime))
	default:
		return types.Nulls(c.Type, n), nil
	}
	return types.Repeat(b.NewArray(), n), nil
}

// Latest lists the files; see connector.Source.
func (s *source) Latest(ctx context.Context, from connector.Position, lim connector.Limits) (connector.Position, bool, error) {
	at, err := readPosition(from)
	if err != nil {
		return nil, false, err
	}
	files, left, err := s.list.refresh(s.takes(at, lim))
	if err != nil {
		return nil, false, err
	}
	to := position{File: int64(len(files))}
	if lim.Files > 0 {
		to.File = min(to.File, at.File+lim.Files)
	}
	if lim.Bytes > 0 {
		to.File = min(to.File, upTo(files, at.File, lim.Bytes))
	}
	if lim.Rows > 0 {
		if to, err = s.advance(ctx, files, at, to, lim.Rows); err != nil {
			return nil, false, err
		}
	}
	if !at.before(to) {
		return from, false, nil
	}
	return to.encode(), to.File < int64(len(files)) || left > 0, nil
}

// takes says which new files are written down as the next ones: all, but with latest_first only what a trigger at a position may read, as newer ones may
// come before the others.
func (s *source) takes(at position, lim connector.Limits) func([]entry) int {
	if !s.list.latestFirst || lim == (connector.Limits{}) {
		return takeAll
	}
	return func(found []entry) int {
		n := int64(len(found))
		switch {
		case at.File < int64(len(s.list.all)):
			return 0
		case lim.Rows > 0:
			n = min(n, 1)
		case lim.Bytes > 0:
			n = upTo(found, 0, lim.Bytes)
		}
		if lim.Files > 0 {
			n = min(n, lim.Files)
		}
		return int(n)
	}
}

// upTo is the number of files after so many bytes from file at on, at least one more.
func upTo(files []entry, at, bytes int64) int64 {
	for n := at; n < int64(len(files)); n++ {
		if bytes -= files[n].Size; bytes < 0 {
			return max(n, at+1)
		}
	}
	return int64(len(files))
}

// advance gives the position after so many rows from at, at most to.
func (s *source) advance(ctx context.Context, files []entry, at, to position, rows int64) (position, error) {
	for ; at.before(to); at = (position{File: at.File + 1}) {
		next, n, err := s.skipRows(ctx, files[at.File], at.Byte, rows)
		if err != nil {
			return at, err
		}
		if rows -= n; rows <= 0 {
			if next < 0 {
				return position{File: at.File + 1}, nil
			}
			return position{at.File, next}, nil
		}
	}
	return to, nil
}

// Splits cuts the range into pieces; see connector.Source.
func (s *source) Splits(_ context.Context, from, to connector.Position, want connector.Want) ([]types.Split, error) {
	a, err := readPosition(from)
	if err != nil {
		return nil, err
	}
	b, err := readPosition(to)
	if err != nil {
		return nil, err
	}
	files := s.list.taken()
	if b.File > int64(len(files)) || b.File == int64(len(files)) && b.Byte > 0 {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "position %s is beyond the %d files of %q", to, len(files), s.list.path)
	}
	var out []types.Split
	for ; a.before(b); a = (position{File: a.File + 1}) {
		end := int64(-1)
		if a.File == b.File {
			end = b.Byte
		}
		splits, err := s.pieces(files[a.File], a.Byte, end, want)
		if err != nil {
			return nil, err
		}
		out = append(out, splits...)
	}
	return out, nil
}

// Wait looks at the directory now and then; see connector.Source.
func (s *source) Wait(ctx context.Context, from connector.Position) error {
	at, err := readPosition(from)
	if err != nil {
		return err
	}
	for {
		start := time.Now()
		take := takeAll
		if s.list.latestFirst {
			take = takeNone
		}
		files, left, err := s.list.refresh(take)
		if err != nil {
			return err
		}
		if left > 0 || at.before(position{File: int64(len(files))}) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(max(100*time.Millisecond, 20*time.Since(start)), time.Second)):
		}
	}
}

// Lag is the number of files that are not read to their end.
func (s *source) Lag(pos connector.Position) int64 {
	at, err := readPosition(pos)
	if err != nil {
		return -1
	}
	return max(int64(len(s.list.taken()))-at.File, 0)
}

// Describe names the file and byte; see connector.Source.
func (s *source) Describe(pos connector.Position) string {
	at, err := readPosition(pos)
	files := s.list.taken()
	switch {
	case err != nil:
		return string(pos)
	case at.File < int64(len(files)) && at.Byte > 0:
		return fmt.Sprintf("file %d (%s), byte %d", at.File+1, filepath.Base(files[at.File].Path), at.Byte)
	}
	return fmt.Sprintf("%d files", at.File)
}

func (s *source) Close() error { return nil }
