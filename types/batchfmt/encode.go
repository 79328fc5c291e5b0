package batchfmt

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/klauspost/compress/s2"

	"github.com/streamsqld/streamsqld/types"
)

const encodingVersion = 1

const (
	flagNulls      = 1
	flagCompressed = 2
	flagPacked     = 4
	flagApart      = 8 // the payload lies elsewhere; in its place are the column's least and greatest value, or nothing
	knownFlags     = flagNulls | flagCompressed | flagPacked | flagApart
	// compressFrom is the payload size from which a column is compressed.
	compressFrom = 512
	// apartFrom is the stored size from which a payload lies apart, where the caller has a place for it.
	apartFrom = 8 << 10
)

// layout numbers are stored; they must not change.
var layouts = []arrow.DataType{
	0: arrow.Null, 1: arrow.FixedWidthTypes.Boolean, 2: arrow.PrimitiveTypes.Int16, 3: arrow.PrimitiveTypes.Int32, 4: arrow.PrimitiveTypes.Int64,
	5: arrow.PrimitiveTypes.Uint32, 6: arrow.PrimitiveTypes.Float32, 7: arrow.PrimitiveTypes.Float64, 8: arrow.BinaryTypes.String,
	9: arrow.BinaryTypes.Binary, 10: arrow.FixedWidthTypes.Date32, 11: arrow.FixedWidthTypes.Time64us,
	12: &arrow.TimestampType{Unit: arrow.Microsecond}, 13: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"},
	14: &arrow.FixedSizeBinaryType{ByteWidth: 12}, 15: &arrow.FixedSizeBinaryType{ByteWidth: 16},
	16: arrow.PrimitiveTypes.Uint64, 17: arrow.PrimitiveTypes.Uint8, 18: arrow.PrimitiveTypes.Int8, 19: arrow.PrimitiveTypes.Uint16,
}

const layoutList = 32

func layoutOf(dt arrow.DataType) (byte, error) {
	for i, l := range layouts {
		if l.ID() == dt.ID() && arrow.TypeEqual(l, dt) {
			return byte(i), nil
		}
	}
	return 0, fmt.Errorf("batchfmt: a column of type %s can't be stored", dt)
}

// Append appends the stored form of b to dst.
func Append(dst []byte, b *types.Batch) ([]byte, error) { return appendBatch(dst, b, true, nil) }

// AppendPlain is Append without compression, for bytes that are read soon and then forgotten.
func AppendPlain(dst []byte, b *types.Batch) ([]byte, error) { return appendBatch(dst, b, false, nil) }

// AppendApart is Append that hands large payloads to apart, which must copy them; nil: there is no such place.
func AppendApart(dst []byte, b *types.Batch, apart func(col int, payload []byte) error) ([]byte, error) {
	return appendBatch(dst, b, true, apart)
}

func appendBatch(dst []byte, b *types.Batch, compress bool, apart func(col int, payload []byte) error) ([]byte, error) {
	dst = append(dst, encodingVersion)
	dst = binary.AppendUvarint(dst, uint64(b.N))
	dst = binary.AppendUvarint(dst, uint64(len(b.Cols)))
	if b.W == nil {
		dst = append(dst, 0)
	} else {
		dst = append(dst, 1)
		for _, w := range b.W[:b.N] {
			dst = binary.AppendVarint(dst, w)
		}
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	var err error
	for i, c := range b.Cols {
		if dst, err = appendHeader(dst, c); err != nil {
			return nil, err
		}
		flags := len(dst) - 1
		var packed bool
		if s.raw, packed = appendPacked(s.raw[:0], c); packed {
			dst[flags] |= flagPacked
		} else if s.raw, err = appendPayload(s.raw, c); err != nil {
			return nil, err
		}
		payload, compressed := s.raw, false
		if compress {
			if payload, compressed = s.compress(packed); compressed {
				dst[flags] |= flagCompressed
			}
		}
		dst = binary.AppendUvarint(dst, uint64(len(s.raw)))
		if apart != nil && len(payload) >= apartFrom {
			dst[flags] |= flagApart
			if err := apart(i, payload); err != nil {
				return nil, err
			}
			payload = appendRange(s.raw[:0], c)
		}
		dst = append(binary.AppendUvarint(dst, uint64(len(payload))), payload...)
	}
	return dst, nil
}

// scratch is the memory in which one column at a time is encoded.
type scratch struct {
	raw        []byte // its payload
	compressed []byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// appendHeader writes a column's layout (a list's: its mark, then the element's) and flags.
func appendHeader(dst []byte, c arrow.Array) ([]byte, error) {
	flags := byte(0)
	if c.NullN() > 0 {
		flags = flagNulls
	}
	if l, ok := c.DataType().(*arrow.ListType); ok {
		e, err := layoutOf(l.Elem())
		return append(dst, layoutList|e, flags), err
	}
	l, err := layoutOf(c.DataType())
	return append(dst, l, flags), err
}

// compress gives the payload in s.raw, compressed where that saves something (of a packed one half).
func (s *scratch) compress(packed bool) (payload []byte, compressed bool) {
	if len(s.raw) < compressFrom {
		return s.raw, false
	}
	s.compressed = slices.Grow(s.compressed[:0], s2.MaxEncodedLen(len(s.raw)))
	z := s2.Encode(s.compressed[:cap(s.compressed)], s.raw)
	enough := len(s.raw) * 7 / 8
	if packed {
		enough = len(s.raw) / 2
	}
	if len(z) >= enough {
		return s.raw, false
	}
	return z, true
}

func pad(dst []byte) []byte {
	for len(dst)%8 != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// appendBits appends n bits of src from bit off, from a byte's beginning.
func appendBits(dst, src []byte, off, n int) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, bitutil.BytesForBits(int64(n)))...)
	bitutil.CopyBitmap(src, off, n, dst[at:], 0)
	return pad(dst)
}

func appendPayload(dst []byte, c arrow.Array) ([]byte, error) {
	d, n := c.Data(), c.Len()
	bufs, off := d.Buffers(), d.Offset()
	if c.NullN() > 0 && c.DataType().ID() != arrow.NULL {
		dst = appendBits(dst, bufs[0].Bytes(), off, n)
	}
	switch c := c.(type) {
	case *array.Null:
		return dst, nil
	case *array.Boolean:
		if n == 0 {
			return dst, nil
		}
		return appendBits(dst, bufs[1].Bytes(), off, n), nil
	case *array.String:
		dst = appendOffsets(dst, c.ValueOffsets(), n)
		return pad(append(dst, c.ValueBytes()...)), nil
	case *array.Binary:
		dst = appendOffsets(dst, c.ValueOffsets(), n)
		return pad(append(dst, c.ValueBytes()...)), nil
	case *array.List:
		return appendList(dst, c, n)
	}
	fw, ok := c.DataType().(arrow.FixedWidthDataType)
	if !ok {
		return nil, fmt.Errorf("batchfmt: a column of type %s can't be stored", c.DataType())
	}
	if n == 0 {
		return dst, nil
	}
	w := fw.BitWidth() / 8
	return pad(append(dst, bufs[1].Bytes()[off*w:(off+n)*w]...)), nil
}

// appendOffsets writes n+1 offsets, moved to begin at 0.
func appendOffsets(dst []byte, offs []int32, n int) []byte {
	if len(offs) == 0 {
		return pad(append(dst, 0, 0, 0, 0))
	}
	base := offs[0]
	for _, o := range offs[:n+1] {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(o-base))
	}
	return pad(dst)
}

func appendList(dst []byte, c *array.List, n int) ([]byte, error) {
	from, to := int64(0), int64(0)
	if n == 0 {
		dst = pad(append(dst, 0, 0, 0, 0))
	} else {
		offs := c.Offsets()[c.Data().Offset():]
		dst = appendOffsets(dst, offs, n)
		from, to = int64(offs[0]), int64(offs[n])
	}
	child := array.NewSlice(c.ListValues(), from, to)
	flag := byte(0)
	if child.NullN() > 0 {
		flag = flagNulls
	}
	shapes := types.ShapeColumn(c)
	shaped := byte(0)
	if shapes != nil {
		shaped = 1
	}
	dst = append(dst, flag, shaped, 0, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(child.Len()))
	dst, err := appendPayload(dst, child)
	if err != nil || shapes == nil {
		return dst, err
	}
	off := int64(c.Data().Offset())
	return appendPayload(dst, array.NewSlice(shapes, off, off+int64(n)))
}
