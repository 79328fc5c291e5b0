package file

import (
	"bytes"
	"context"
	"io"
	"os"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/types"
)

// piece is a part of a file that is one split: the lines that begin in [from, to). first and last bound the range of the file that it was
// cut from, at line ends; between them from and to may lie anywhere.
type piece struct {
	s           *source
	file        entry
	first, last int64
	from, to    int64
	want        connector.Want
}

// pieces cuts the bytes [from, end) of a file; end < 0: to its end.
func (s *source) pieces(e entry, from, end int64, want connector.Want) ([]types.Split, error) {
	if s.format == "parquet" {
		return s.rowGroups(e, from, end, want)
	}
	if compression(e.Path) != "" || format.Whole(s.format, s.rel.Options) {
		p := &piece{s: s, file: e, first: from, last: end, from: from, to: end, want: want}
		return []types.Split{{Read: p.stream}}, nil
	}
	if end < 0 {
		end = e.Size
	}
	var out []types.Split
	for at := from; at < end; at += s.size {
		p := &piece{s: s, file: e, first: from, last: end, from: at, to: min(at+s.size, end), want: want}
		if end-p.to < s.size/4 {
			p.to = end
		}
		out = append(out, types.Split{Read: p.read})
		if p.to == end {
			break
		}
	}
	return out, nil
}

// read hands on the piece's rows.
func (p *piece) read(ctx context.Context, emit func(*types.Batch) error) error {
	f, err := openFile(p.file)
	if err != nil {
		return err
	}
	defer f.Close()
	start, err := p.lineStart(f, p.from)
	if err != nil {
		return err
	}
	stop, err := p.lineStart(f, p.to)
	if err != nil {
		return err
	}
	r := &reader{piece: p, emit: emit, at: start}
	var head []byte
	if format.Header(p.s.format, p.s.rel.Options) {
		if head, err = firstLine(io.NewSectionReader(f, 0, p.file.Size)); err != nil {
			return readErr(p.file.Path, err)
		}
	}
	if err := r.open(head); err != nil {
		return err
	}
	return r.run(ctx, io.NewSectionReader(f, start, stop-start), min(chunkSize, stop-start+1))
}

// lineStart gives the first place at or after pos where a line begins; the ends of the range are such places.
func (p *piece) lineStart(f *os.File, pos int64) (int64, error) {
	if pos <= p.first || pos >= p.last {
		return pos, nil
	}
	buf := make([]byte, 4096)
	for at := pos - 1; at < p.last; {
		n, err := f.ReadAt(buf[:min(int64(len(buf)), p.last-at)], at)
		if i := bytes.IndexByte(buf[:n], '\n'); i >= 0 {
			return at + int64(i) + 1, nil
		}
		at += int64(n)
		if err != nil && (err != io.EOF || at < p.last) {
			return 0, readErr(p.file.Path, err)
		}
	}
	return p.last, nil
}

// stream reads a file that can only be read from its front.
func (p *piece) stream(ctx context.Context, emit func(*types.Batch) error) error {
	in, err := openStream(p.file)
	if err != nil {
		return err
	}
	defer in.Close()
	if _, err := io.CopyN(io.Discard, in, p.from); err != nil && err != io.EOF {
		return readErr(p.file.Path, err)
	}
	r := &reader{piece: p, emit: emit, at: p.from, whole: format.Whole(p.s.format, p.s.rel.Options)}
	var head []byte
	if format.Header(p.s.format, p.s.rel.Options) {
		again, err := openStream(p.file)
		if err != nil {
			return err
		}
		head, err = firstLine(again)
		again.Close()
		if err != nil {
			return readErr(p.file.Path, err)
		}
	}
	if err := r.open(head); err != nil {
		return err
	}
	var src io.Reader = in
	if p.to >= 0 {
		src = io.LimitReader(in, p.to-p.from)
	}
	return r.run(ctx, src, chunkSize)
}
