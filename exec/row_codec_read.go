package exec

import (
	"bytes"
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/streamsqld/streamsqld/types"
)

// valueReader gathers the values of one column.
type valueReader struct {
	dt    arrow.DataType
	kind  valueKind
	width int
	n     int
	nulls int
	raw   []byte
	offs  []int32
	valid []byte
	child *valueReader

	shapes [][]byte // of the rows, as far as one has a shape
}

func newValueReader(dt arrow.DataType) *valueReader {
	r := &valueReader{dt: dt}
	r.kind, r.width = kindOf(dt)
	if l, ok := dt.(*arrow.ListType); ok {
		r.child = newValueReader(l.Elem())
	}
	r.offs = append(r.offs, 0)
	return r
}

// read takes a value (there: it is not NULL) off the front of b.
func (r *valueReader) read(b []byte, there bool) ([]byte, error) {
	if r.n%8 == 0 {
		r.valid = append(r.valid, 0)
	}
	if there {
		setBit(r.valid, r.n)
	} else {
		r.nulls++
	}
	r.n++
	switch r.kind {
	case kindVarint:
		return r.readInteger(b, there)
	case kindFixed:
		if !there {
			r.raw = append(r.raw, make([]byte, r.width)...)
			return b, nil
		}
		if len(b) < r.width {
			return nil, errColdRow
		}
		r.raw = append(r.raw, b[:r.width]...)
		return b[r.width:], nil
	case kindBool:
		if (r.n-1)%8 == 0 {
			r.raw = append(r.raw, 0)
		}
		if !there {
			return b, nil
		}
		if len(b) < 1 {
			return nil, errColdRow
		}
		if b[0] != 0 {
			setBit(r.raw, r.n-1)
		}
		return b[1:], nil
	case kindNull:
		return b, nil
	}
	return r.readMany(b, there)
}

func (r *valueReader) readInteger(b []byte, there bool) ([]byte, error) {
	x := int64(0)
	if there {
		var k int
		if x, k = binary.Varint(b); k <= 0 {
			return nil, errColdRow
		}
		b = b[k:]
	}
	switch r.width {
	case 8:
		r.raw = binary.LittleEndian.AppendUint64(r.raw, uint64(x))
	case 4:
		r.raw = binary.LittleEndian.AppendUint32(r.raw, uint32(x))
	case 2:
		r.raw = binary.LittleEndian.AppendUint16(r.raw, uint16(x))
	default:
		r.raw = append(r.raw, byte(x))
	}
	return b, nil
}

// readMany takes bytes or the elements of a list.
func (r *valueReader) readMany(b []byte, there bool) ([]byte, error) {
	n := uint64(0)
	if there {
		var k int
		if n, k = binary.Uvarint(b); k <= 0 {
			return nil, errColdRow
		}
		b = b[k:]
		if n >= shapedList && r.kind == kindList {
			n -= shapedList
			if len(b) == 0 || int(b[0]) >= len(b) {
				return nil, errColdRow
			}
			for len(r.shapes) < r.n-1 {
				r.shapes = append(r.shapes, nil)
			}
			r.shapes = append(r.shapes, bytes.Clone(b[1:1+b[0]]))
			b = b[1+b[0]:]
		}
		if n > uint64(len(b)) {
			return nil, errColdRow
		}
	}
	if r.kind == kindBytes {
		r.raw = append(r.raw, b[:n]...)
		r.offs = append(r.offs, int32(len(r.raw)))
		return b[n:], nil
	}
	for range n {
		if len(b) < 1 {
			return nil, errColdRow
		}
		var err error
		if b, err = r.child.read(b[1:], b[0] != 0); err != nil {
			return nil, err
		}
	}
	r.offs = append(r.offs, int32(r.child.n))
	return b, nil
}

// array gives what was gathered.
func (r *valueReader) array() arrow.Array {
	if r.kind == kindNull {
		return array.NewNull(r.n)
	}
	var vb *memory.Buffer
	if r.nulls > 0 {
		vb = memory.NewBufferBytes(r.valid)
	}
	bufs := []*memory.Buffer{vb, memory.NewBufferBytes(r.raw)}
	var children []arrow.ArrayData
	switch r.kind {
	case kindBytes:
		bufs = []*memory.Buffer{vb, memory.NewBufferBytes(offsetBytes(r.offs)), memory.NewBufferBytes(r.raw)}
	case kindList:
		bufs = []*memory.Buffer{vb, memory.NewBufferBytes(offsetBytes(r.offs))}
		children = []arrow.ArrayData{r.child.array().Data()}
	}
	a := array.MakeFromData(array.NewData(r.dt, r.n, bufs, children, r.nulls, 0))
	for r.shapes != nil && len(r.shapes) < r.n {
		r.shapes = append(r.shapes, nil)
	}
	return types.WithShapeBytes(a, r.shapes)
}

// rowReader gathers rows.
type rowReader struct {
	cols []*valueReader
	n    int
}

func newRowReader(dts []arrow.DataType) *rowReader {
	r := &rowReader{}
	for _, dt := range dts {
		r.cols = append(r.cols, newValueReader(dt))
	}
	return r
}

// read takes a row off the front of b.
func (r *rowReader) read(b []byte) ([]byte, error) {
	bits := (len(r.cols) + 7) / 8
	if len(b) < bits {
		return nil, errColdRow
	}
	nulls := b[:bits]
	b = b[bits:]
	for k, c := range r.cols {
		var err error
		if b, err = c.read(b, nulls[k/8]&(1<<(k%8)) == 0); err != nil {
			return nil, err
		}
	}
	r.n++
	return b, nil
}

// arrays gives the rows as columns.
func (r *rowReader) arrays() []arrow.Array {
	out := make([]arrow.Array, len(r.cols))
	for k, c := range r.cols {
		out[k] = c.array()
	}
	return out
}
