package file

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/klauspost/compress/zstd"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// chunkSize is how many bytes are decoded at once; a line may be longer, up to maxLine.
const (
	chunkSize = 1 << 20
	maxLine   = 256 << 20
)

var chunks = sync.Pool{New: func() any { b := make([]byte, chunkSize); return &b }}

// reader decodes the bytes of a piece chunk by chunk.
type reader struct {
	piece  *piece
	emit   func(*types.Batch) error
	dec    format.Decoder
	layout *layout
	place  []int // of a wanted column: its place in the decoder's batch, -1 where it is not in the file
	skip   bool  // the file begins with a header line
	whole  bool  // decode it all at once
	at     int64 // byte in the file where the chunk begins
	chunk  []byte
	// line is the number of the line that begins at lineAt; 0: not counted yet, because no row was bad.
	line, lineAt int64
}

// open makes the decoder.
func (r *reader) open(head []byte) error {
	s := r.piece.s
	r.layout = s.layout(r.piece.file)
	var want []int
	for _, w := range r.piece.want.Cols {
		c := r.layout.col[w]
		if c < 0 {
			r.place = append(r.place, c)
			continue
		}
		r.place = append(r.place, len(want))
		want = append(want, c)
	}
	r.skip = head != nil
	var err error
	r.dec, err = format.NewDecoder(s.format, format.Config{Cols: r.layout.cols, Want: want, Options: s.rel.Options, Header: head, OnBad: r.bad})
	return err
}

// run reads in to its end.
func (r *reader) run(ctx context.Context, in io.Reader, size int64) error {
	p := chunks.Get().(*[]byte)
	defer func() { chunks.Put(p) }()
	buf := (*p)[:0]
	limit := int(size)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		if limit > cap(buf) {
			buf = append(make([]byte, 0, limit), buf...)
		}
		n, err := io.ReadFull(in, buf[len(buf):limit])
		buf = buf[:len(buf)+n]
		end := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !end {
			return readErr(r.piece.file.Path, err)
		}
		use := len(buf)
		if !end {
			if use = bytes.LastIndexByte(buf, '\n') + 1; use == 0 || r.whole {
				if limit *= 2; limit > maxLine {
					return sqlerr.New(sqlerr.ProgramLimitExceeded, "a line of %q is longer than %d MB", r.piece.file.Path, maxLine>>20)
				}
				continue
			}
		}
		if err := r.decode(buf[:use]); err != nil || end {
			return err
		}
		buf = buf[:copy(buf, buf[use:])]
		limit = max(chunkSize, len(buf)+chunkSize/2)
	}
}

// decode reads the rows of b, which begins at r.at.
func (r *reader) decode(b []byte) error {
	end := r.at + int64(len(b))
	if r.at == 0 {
		b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
		if r.skip {
			if n := bytes.IndexByte(b, '\n'); n >= 0 {
				b = b[n+1:]
			} else {
				b = nil
			}
		}
	}
	r.chunk, r.at = b, end-int64(len(b))
	err := r.dec.Decode(b, r.deliver)
	if r.line > 0 {
		r.line += int64(bytes.Count(b[r.lineAt-r.at:], []byte{'\n'}))
		r.lineAt = end
	}
	r.at = end
	return err
}

// deliver adds the columns that are not in the file.
func (r *reader) deliver(b *types.Batch) error {
	out := &types.Batch{N: b.N, Cols: make([]arrow.Array, len(r.place))}
	for i, c := range r.place {
		if c >= 0 {
			out.Cols[i] = b.Cols[c]
			continue
		}
		var err error
		if out.Cols[i], err = r.piece.s.constant(r.piece.file, r.layout, r.piece.want.Cols[i], b.N); err != nil {
			return err
		}
	}
	return r.emit(out)
}

func (r *reader) bad(raw []byte, reason string, offset int) error {
	where := r.piece.file.Path
	if n, err := r.lineOf(offset); err == nil {
		where = fmt.Sprintf("%s:%d", where, n)
	}
	if r.piece.want.OnBad == nil {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "%s: %s", where, reason)
	}
	return r.piece.want.OnBad(connector.Bad{Raw: string(raw), Reason: reason, Source: where})
}

// lineOf gives the number, from 1, of the line that begins at the offset in the chunk. The first time it has to read the file.
func (r *reader) lineOf(offset int) (int64, error) {
	if r.line == 0 {
		in, err := openStream(r.piece.file)
		if err != nil {
			return 0, err
		}
		defer in.Close()
		if r.line, err = countLines(in, r.at); err != nil {
			return 0, err
		}
		r.line++
		r.lineAt = r.at
	}
	r.line += int64(bytes.Count(r.chunk[r.lineAt-r.at:offset], []byte{'\n'}))
	r.lineAt = r.at + int64(offset)
	return r.line, nil
}

// countLines counts the line ends in the first n bytes.
func countLines(in io.Reader, n int64) (lines int64, err error) {
	buf := make([]byte, 64<<10)
	for in = io.LimitReader(in, n); ; {
		k, err := in.Read(buf)
		lines += int64(bytes.Count(buf[:k], []byte{'\n'}))
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
	}
}

func firstLine(in io.Reader) ([]byte, error) {
	line, err := bufio.NewReader(in).ReadBytes('\n')
	if err == io.EOF {
		err = nil
	}
	if line == nil {
		line = []byte{}
	}
	return line, err
}

func readErr(path string, err error) error {
	return sqlerr.Wrap(err, sqlerr.IOError, "could not read %q: %v", path, err)
}

// compression tells it from the file's name.
func compression(path string) string {
	switch {
	case strings.HasSuffix(path, ".gz"):
		return "gzip"
	case strings.HasSuffix(path, ".zst"):
		return "zstd"
	}
	return ""
}

// stream is a file's content from its front.
type stream struct {
	io.Reader
	close func()
}

func (s *stream) Close() error { s.close(); return nil }

// openFile opens a file that was taken. Errors: 58P01, XX001 where it has become shorter since.
func openFile(e entry) (*os.File, error) {
	f, err := os.Open(e.Path)
	if err != nil {
		return nil, missing(e.Path, err)
	}
	if info, err := f.Stat(); err != nil || info.Size() < e.Size {
		f.Close()
		return nil, sqlerr.New(sqlerr.DataCorrupted, "%q is shorter than the %d bytes that it had when it was found", e.Path, e.Size).
			WithHint("Files must not be changed after they were put there: write a new one under another name.")
	}
	return f, nil
}

func openStream(e entry) (io.ReadCloser, error) {
	f, err := openFile(e)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(io.LimitReader(f, e.Size), 256<<10)
	switch compression(e.Path) {
	case "gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			f.Close()
			return nil, readErr(e.Path, err)
		}
		return &stream{z, func() { f.Close() }}, nil
	case "zstd":
		z, err := zstd.NewReader(in)
		if err != nil {
			f.Close()
			return nil, readErr(e.Path, err)
		}
		return &stream{z, func() { z.Close(); f.Close() }}, nil
	}
	return &stream{in, func() { f.Close() }}, nil
}
