package types

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/klauspost/compress/zstd"
)

// A chunk is a batch as bytes, for logs and state:
//
//	byte     version, chunkVersion
//	byte     flags: zstd, weights, narrow weights
//	uvarint  rows, columns, bytes of the column headers, bytes of the body (unpacked)
//	headers  of each column: uvarint type OID, byte 1 when it has nulls; of a list then the same of its elements and their
//	         number as uvarint, in the order number, null byte; 2 or 3 when it has shapes: then the null byte of their column
//	body     weights (int64, or int8 when narrow), then the columns' Arrow buffers, each beginning at a multiple of 8: null
//	         bitmap if there is one, values; of text offsets (int32) and bytes; of lists offsets and the elements' buffers
//
// The body is packed with zstd when asked for and when that makes it smaller. All numbers are little-endian.
const (
	chunkVersion = 1

	chunkZstd    = 1
	chunkWeights = 2
	chunkNarrow  = 4

	columnNulls  = 1
	columnShapes = 2

	packMin = 512 // smaller bodies are not worth packing
)

var (
	packer   = must1(zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2)))
	unpacker = must1(zstd.NewReader(nil, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxMemory(1<<32)))
)

// must1 is for options that are constant.
func must1[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// EncodeBatch appends b, whose columns have the types ts, to dst as a chunk; compress packs it with zstd. Errors: none so far.
func EncodeBatch(dst []byte, b *Batch, ts []Type, compress bool) ([]byte, error) {
	var hbuf [128]byte
	w := chunkWriter{head: hbuf[:0], body: make([]byte, 0, bodySize(b))}
	flags := w.weights(b.W)
	for c, a := range b.Cols {
		w.head = binary.AppendUvarint(w.head, uint64(ts[c].OID))
		w.column(a)
	}
	body := w.body
	if compress && len(body) >= packMin {
		if packed := packer.EncodeAll(body, nil); len(packed) < len(body) {
			body = packed
			flags |= chunkZstd
		}
	}
	dst = append(dst, chunkVersion, flags)
	dst = binary.AppendUvarint(dst, uint64(b.N))
	dst = binary.AppendUvarint(dst, uint64(len(b.Cols)))
	dst = binary.AppendUvarint(dst, uint64(len(w.head)))
	dst = binary.AppendUvarint(dst, uint64(len(w.body)))
	return append(append(dst, w.head...), body...), nil
}

// bodySize guesses the size of the body.
func bodySize(b *Batch) int {
	n := 8 * (b.N + len(b.Cols))
	for _, a := range b.Cols {
		if bufs := a.Data().Buffers(); len(bufs) > 1 && bufs[1] != nil && a.Data().Offset() == 0 {
			n += bufs[1].Len()
			if len(bufs) > 2 && bufs[2] != nil {
				n += bufs[2].Len()
			}
		}
	}
	return n
}

type chunkWriter struct{ head, body []byte }

func (w *chunkWriter) align() {
	for len(w.body)&7 != 0 {
		w.body = append(w.body, 0)
	}
}

// weights writes the weights, unless all are +1, and gives the flags for them.
func (w *chunkWriter) weights(ws []int64) byte {
	narrow, ones := true, true
	for _, v := range ws {
		narrow = narrow && v == int64(int8(v))
		ones = ones && v == 1
	}
	switch {
	case ones:
		return 0
	case narrow:
		for _, v := range ws {
			w.body = append(w.body, byte(v))
		}
		return chunkWeights | chunkNarrow
	}
	w.body = append(w.body, bytesOf(ws)...)
	return chunkWeights
}

func (w *chunkWriter) column(a arrow.Array) {
	n, off := a.Len(), a.Data().Offset()
	flags := byte(0)
	if a.NullN() > 0 {
		flags = columnNulls
		w.bits(a.NullBitmapBytes(), off, n)
	}
	shapes := ShapeColumn(a)
	if shapes != nil && n > 0 {
		flags |= columnShapes
	}
	w.head = append(w.head, flags)
	if n == 0 {
		if l, ok := a.(*array.List); ok {
			w.head = append(w.head, 0)
			w.column(array.NewSlice(l.ListValues(), 0, 0))
		}
		return
	}
	switch c := a.(type) {
	case *array.Boolean:
		w.bits(a.Data().Buffers()[1].Bytes(), off, n)
	case *array.String, *array.Binary:
		offs, data := byteValues(a)
		w.offsets(offs)
		w.align()
		w.body = append(w.body, data[offs[0]:offs[n]]...)
	case *array.List:
		offs := c.Offsets()[off : off+n+1]
		w.offsets(offs)
		w.head = binary.AppendUvarint(w.head, uint64(offs[n]-offs[0]))
		w.column(array.NewSlice(c.ListValues(), int64(offs[0]), int64(offs[n])))
		if shapes != nil {
			w.column(array.NewSlice(shapes, int64(off), int64(off+n)))
		}
	default:
		w.align()
		width := a.DataType().(arrow.FixedWidthDataType).BitWidth() / 8
		w.body = append(w.body, a.Data().Buffers()[1].Bytes()[off*width:(off+n)*width]...)
	}
}

// offsets writes offsets so that they begin with 0.
func (w *chunkWriter) offsets(offs []int32) {
	w.align()
	if offs[0] == 0 {
		w.body = append(w.body, bytesOf(offs)...)
		return
	}
	for _, o := range offs {
		w.body = binary.LittleEndian.AppendUint32(w.body, uint32(o-offs[0]))
	}
}

// bits writes n bits of a bitmap from bit off on.
func (w *chunkWriter) bits(b []byte, off, n int) {
	w.align()
	size := int(bitutil.BytesForBits(int64(n)))
	if off&7 == 0 {
		w.body = append(w.body, b[off>>3:off>>3+size]...)
		return
	}
	for i := 0; i < n; i += 64 {
		v := bits64(b, off+i, n-i)
		for k := i; k < n && k < i+64; k += 8 {
			w.body = append(w.body, byte(v))
			v >>= 8
		}
	}
}

const maxChunkRows = math.MaxInt32
