package file

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/types"
)

// bufferSize is how many encoded bytes are gathered before they are written.
const bufferSize = 256 << 10

// part is a file being written.
type part struct {
	path    string // where it is
	rel     string // where it will be, below the sink's path
	file    *os.File
	bytes   *counter
	pack    io.WriteCloser // nil: not compressed
	enc     format.Encoder
	buf     []byte
	parquet *format.ParquetWriter
	rows    int64
	begun   time.Time
}

// counter counts the bytes that reach the file, and keeps the first error.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	if c.err == nil {
		c.err = err
	}
	return n, err
}

// newPart makes the next part file of a directory.
func (s *sink) newPart(dir string) (*part, error) {
	ext := "." + s.format
	if s.format != "parquet" {
		ext += map[string]string{"gzip": ".gz", "zstd": ".zst"}[s.codec]
	}
	p := &part{begun: time.Now(), rel: filepath.Join(dir, fmt.Sprintf("part-%08d-%d-%s%s", s.step, s.number, s.id, ext))}
	s.number++
	p.path = filepath.Join(s.stepDir(s.step), p.rel)
	if err := os.MkdirAll(filepath.Dir(p.path), 0o755); err != nil {
		return nil, writeErr(p.path, err)
	}
	var err error
	if p.file, err = os.OpenFile(p.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644); err != nil {
		return nil, writeErr(p.path, err)
	}
	if err := p.begin(s); err != nil {
		p.file.Close()
		return nil, err
	}
	return p, nil
}

// begin sets up what stands between rows and file.
func (p *part) begin(s *sink) (err error) {
	p.bytes = &counter{w: p.file}
	if s.format == "parquet" {
		p.parquet, err = format.NewParquetWriter(p.bytes, s.restCols, s.codec)
		return err
	}
	switch s.codec {
	case "gzip":
		p.pack, err = gzip.NewWriterLevel(p.bytes, gzip.BestSpeed)
	case "zstd":
		p.pack, err = zstd.NewWriter(p.bytes, zstd.WithEncoderLevel(zstd.SpeedFastest))
	}
	if err == nil {
		p.enc, err = format.NewEncoder(s.format, s.restCols, s.opts)
	}
	if err == nil {
		p.buf = append(p.buf, p.enc.Header()...)
	}
	return err
}

func (p *part) write(b *types.Batch) error {
	p.rows += int64(b.N)
	if p.parquet != nil {
		return p.parquet.Write(b)
	}
	p.buf = p.enc.Append(p.buf, b)
	if len(p.buf) < bufferSize {
		return nil
	}
	return p.flush()
}

func (p *part) flush() error {
	var w io.Writer = p.bytes
	if p.pack != nil {
		w = p.pack
	}
	_, err := w.Write(p.buf)
	p.buf = p.buf[:0]
	return err
}

// close writes what is left and syncs the file.
func (p *part) close() error {
	err := p.finish()
	if err == nil {
		err = p.file.Sync()
	}
	if e := p.file.Close(); err == nil {
		err = e
	}
	return err
}

func (p *part) finish() error {
	if p.parquet != nil {
		if err := p.parquet.Close(); err != nil {
			return err
		}
		return p.bytes.err // the parquet writer's Close forgets it
	}
	if err := p.flush(); err != nil {
		return err
	}
	if p.pack != nil {
		return p.pack.Close()
	}
	return nil
}
