package types

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// DecodeBatch reads a chunk of EncodeBatch. The batch does not share data's memory. Errors: XX001 for bytes that are no chunk or
// one of a version that this server does not know.
func DecodeBatch(data []byte) (*Batch, error) {
	r := chunkReader{head: data}
	version, flags := r.byte(), r.byte()
	if !r.bad && version != chunkVersion {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "chunk of unknown version %d", version)
	}
	n, cols, headLen, bodyLen := r.uvarint(), r.uvarint(), r.uvarint(), r.uvarint()
	if r.bad || n > maxChunkRows || headLen > uint64(len(r.head)) || bodyLen > 1<<32 || cols > headLen {
		return nil, badChunk()
	}
	packed := r.head[headLen:]
	r.head = r.head[:headLen]
	if err := r.load(packed, int(bodyLen), flags&chunkZstd != 0); err != nil {
		return nil, err
	}
	b := &Batch{N: int(n), Cols: make([]arrow.Array, cols)}
	if flags&chunkWeights != 0 {
		b.W = r.weights(int(n), flags&chunkNarrow != 0)
	}
	for c := range b.Cols {
		t, ok := ByOID(uint32(r.uvarint()))
		if !ok || r.bad {
			return nil, badChunk()
		}
		d := r.column(t.Arrow(), int(n))
		if r.bad {
			return nil, badChunk()
		}
		b.Cols[c] = array.MakeFromData(d)
	}
	return b, nil
}

func badChunk() error { return sqlerr.New(sqlerr.DataCorrupted, "stored rows are damaged") }

// chunkReader takes a chunk apart; bad is set, and zeros are given, when it is too short.
type chunkReader struct {
	head, body []byte
	pos        int
	bad        bool
}

// load makes the aligned body of what is stored.
func (r *chunkReader) load(stored []byte, size int, packed bool) error {
	if !packed && len(stored) != size {
		return badChunk()
	}
	buf := bytesOf(make([]uint64, (size+7)/8))[:size]
	if packed {
		out, err := unpacker.DecodeAll(stored, buf[:0])
		if err != nil || len(out) != size {
			return badChunk()
		}
		buf = out
	} else {
		copy(buf, stored)
	}
	r.body = buf
	return nil
}

func (r *chunkReader) byte() byte {
	if len(r.head) == 0 {
		r.bad = true
		return 0
	}
	b := r.head[0]
	r.head = r.head[1:]
	return b
}

func (r *chunkReader) uvarint() uint64 {
	v, n := binary.Uvarint(r.head)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.head = r.head[n:]
	return v
}

// take gives the next n bytes of the body, from a multiple of 8 on.
func (r *chunkReader) take(n int) []byte {
	r.pos = (r.pos + 7) &^ 7
	if n < 0 || r.pos+n > len(r.body) {
		r.bad = true
		return nil
	}
	b := r.body[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

func (r *chunkReader) weights(n int, narrow bool) []int64 {
	if !narrow {
		return sliceOf[int64](r.take(n * 8))
	}
	w := make([]int64, 0, n)
	for _, v := range r.take(n) {
		w = append(w, int64(int8(v)))
	}
	return w
}

// column reads n rows of a column of layout dt.
func (r *chunkReader) column(dt arrow.DataType, n int) arrow.ArrayData {
	bufs := make([]*memory.Buffer, 2, 3)
	nulls := 0
	flags := r.byte()
	if flags&columnNulls != 0 {
		bufs[0] = memory.NewBufferBytes(r.take((n + 7) / 8))
		nulls = array.UnknownNullCount
	}
	var children []arrow.ArrayData
	switch dt := dt.(type) {
	case *arrow.BooleanType:
		bufs[1] = memory.NewBufferBytes(r.take((n + 7) / 8))
	case *arrow.StringType, *arrow.BinaryType:
		offs, last := r.offsets(n)
		bufs[1] = memory.NewBufferBytes(offs)
		bufs = append(bufs, memory.NewBufferBytes(r.take(last)))
	case *arrow.ListType:
		offs, last := r.offsets(n)
		bufs[1] = memory.NewBufferBytes(offs)
		if count := r.uvarint(); count != uint64(last) {
			r.bad = true
		}
		if r.bad {
			return nil
		}
		children = []arrow.ArrayData{r.column(dt.Elem(), last)}
		if flags&columnShapes != 0 && !r.bad {
			children = append(children, r.column(arrow.BinaryTypes.Binary, n))
		}
	case arrow.FixedWidthDataType:
		bufs[1] = memory.NewBufferBytes(r.take(n * dt.BitWidth() / 8))
	}
	if r.bad {
		return nil
	}
	return array.NewData(dt, n, bufs, children, nulls, 0)
}

// offsets reads n+1 ascending offsets that begin with 0, or none for no rows, and gives the last one.
func (r *chunkReader) offsets(n int) (b []byte, last int) {
	if n == 0 {
		return make([]byte, 4), 0
	}
	b = r.take((n + 1) * 4)
	prev := int32(0)
	for _, o := range sliceOf[int32](b) {
		if o < prev {
			r.bad = true
			return nil, 0
		}
		prev = o
	}
	return b, int(prev)
}
