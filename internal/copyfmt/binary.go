package copyfmt

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

const maxField = 1<<30 - 1

// binaryReader reads the pieces of binary data.
type binaryReader struct {
	r        io.Reader
	buf      []byte
	pos, end int
}

// take gives the next n bytes, good until the next call; io.ErrUnexpectedEOF where the data is over.
func (b *binaryReader) take(n int) ([]byte, error) {
	for b.end-b.pos < n {
		if b.pos > 0 {
			b.end = copy(b.buf, b.buf[b.pos:b.end])
			b.pos = 0
		}
		if b.end == len(b.buf) {
			b.buf = append(b.buf, make([]byte, len(b.buf)+readSize)...) // grows with what really comes
		}
		k, err := b.r.Read(b.buf[b.end:])
		b.end += k
		if err == io.EOF && k == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		if err != nil && err != io.EOF {
			return nil, err
		}
	}
	b.pos += n
	return b.buf[b.pos-n : b.pos], nil
}

// binaryRow reads one row of the binary format into the builders.
func (d *Decoder) binaryRow() error {
	if !d.began {
		d.began = true
		if err := d.binaryHeader(); err != nil {
			return err
		}
	}
	d.lines.line++
	head, err := d.bin.take(2)
	if err == io.ErrUnexpectedEOF {
		return io.EOF // PostgreSQL takes data without the trailer, too
	}
	if err != nil {
		return d.where(err, "")
	}
	n := int(int16(binary.BigEndian.Uint16(head)))
	if n == -1 {
		return d.binaryEnd()
	}
	if n != len(d.cols) {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "row field count is %d, expected %d", n, len(d.cols)), "")
	}
	for k := range d.cols {
		if err := d.binaryValue(k); err != nil {
			if err == io.ErrUnexpectedEOF {
				err = sqlerr.New(sqlerr.BadCopyFileFormat, "unexpected EOF in COPY data")
			}
			return d.where(err, fmt.Sprintf(", column %s", d.cols[k].Name))
		}
	}
	return nil
}

func (d *Decoder) binaryValue(k int) error {
	head, err := d.bin.take(4)
	if err != nil {
		return err
	}
	size := int32(binary.BigEndian.Uint32(head))
	if size == -1 {
		d.build[k].AppendNull()
		return nil
	}
	if size < 0 || size > maxField {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "invalid field size")
	}
	v, err := d.bin.take(int(size))
	if err != nil {
		return err
	}
	return types.ParseBinary(d.build[k], v, d.cols[k].Type)
}

// binaryHeader reads the signature, the flags and the extension, which is skipped.
func (d *Decoder) binaryHeader() error {
	head, err := d.bin.take(len(signature) + 8)
	if err == io.ErrUnexpectedEOF || err == nil && string(head[:len(signature)]) != signature {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "COPY file signature not recognized"), "")
	}
	if err != nil {
		return d.where(err, "")
	}
	flags := binary.BigEndian.Uint32(head[len(signature):])
	size := int32(binary.BigEndian.Uint32(head[len(signature)+4:]))
	if flags&(1<<16) != 0 {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "invalid COPY file header (WITH OIDS)"), "")
	}
	if flags>>16 != 0 {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "unrecognized critical flags in COPY file header"), "")
	}
	if size < 0 || size > maxField {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "invalid COPY file header (wrong length)"), "")
	}
	if _, err := d.bin.take(int(size)); err != nil {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "invalid COPY file header (wrong length)"), "")
	}
	return nil
}

// binaryEnd reads past the trailer, after which nothing may come.
func (d *Decoder) binaryEnd() error {
	_, err := d.bin.take(1)
	if err == io.ErrUnexpectedEOF {
		return io.EOF
	}
	if err == nil {
		err = sqlerr.New(sqlerr.BadCopyFileFormat, "received copy data after EOF marker")
	}
	return d.where(err, "")
}
