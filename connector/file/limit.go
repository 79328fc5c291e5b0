package file

import (
	"bytes"
	"context"
	"io"

	"github.com/streamsqld/streamsqld/connector/format"
)

// skipRows gives the place after the next lines of a file from byte at on, and how many there were; next is -1 at the file's end. For
// parquet whole row groups count.
func (s *source) skipRows(ctx context.Context, e entry, at, lines int64) (next, n int64, err error) {
	if s.format == "parquet" {
		return s.skipGroups(e, at, lines)
	}
	in, err := openStream(e)
	if err != nil {
		return 0, 0, err
	}
	defer in.Close()
	if _, err := io.CopyN(io.Discard, in, at); err != nil && err != io.EOF {
		return 0, 0, readErr(e.Path, err)
	}
	if format.Whole(s.format, s.rel.Options) {
		n, err := countLines(in, 1<<62)
		return -1, n, err
	}
	if at == 0 && format.Header(s.format, s.rel.Options) {
		lines++
		n--
	}
	buf := make([]byte, 256<<10)
	for ctx.Err() == nil {
		k, err := in.Read(buf)
		for b := buf[:k]; ; {
			i := bytes.IndexByte(b, '\n')
			if i < 0 {
				at += int64(len(b))
				break
			}
			at += int64(i) + 1
			b = b[i+1:]
			n++
			if lines--; lines == 0 {
				if at >= e.Size && compression(e.Path) == "" {
					at = -1
				}
				return at, n, nil
			}
		}
		if err == io.EOF {
			return -1, max(n, 0), nil
		}
		if err != nil {
			return 0, n, readErr(e.Path, err)
		}
	}
	return 0, n, ctx.Err()
}
