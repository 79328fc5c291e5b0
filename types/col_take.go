package types

import (
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// Take gathers the rows idx of a, in that order; index -1 gives a null.
func Take(a arrow.Array, idx []int32) arrow.Array { return TakeTo(nil, a, idx) }

// TakeTo is Take into the memory of mem, of columns of a fixed width.
func TakeTo(mem *Arena, a arrow.Array, idx []int32) arrow.Array {
	valid, nulls := takeValid(a, idx)
	dt := a.DataType()
	switch dt := dt.(type) {
	case *arrow.BooleanType:
		return takeBool(a.(*array.Boolean), idx, valid, nulls)
	case *arrow.StringType, *arrow.BinaryType:
		return takeBytes(a, idx, valid, nulls)
	case *arrow.ListType:
		return takeList(a.(*array.List), idx, valid, nulls)
	case arrow.FixedWidthDataType:
		switch dt.BitWidth() {
		case 8:
			return NewFixed(dt, gather(mem, Values[uint8](a), idx), valid, nulls)
		case 16:
			return NewFixed(dt, gather(mem, Values[int16](a), idx), valid, nulls)
		case 32:
			return NewFixed(dt, gather(mem, Values[int32](a), idx), valid, nulls)
		case 64:
			return NewFixed(dt, gather(mem, Values[int64](a), idx), valid, nulls)
		case 96:
			return NewFixed(dt, gather(mem, Values[[12]byte](a), idx), valid, nulls)
		case 128:
			return NewFixed(dt, gather(mem, Values[[16]byte](a), idx), valid, nulls)
		}
	}
	panic(fmt.Sprintf("types: no column of %s", dt))
}

func gather[T Fixed](mem *Arena, v []T, idx []int32) []T {
	out := Room[T](mem, len(idx))
	for k, i := range idx {
		var x T
		if i >= 0 {
			x = v[i]
		}
		out[k] = x
	}
	return out
}

// takeValid makes the null bitmap of the gathered rows; nil when none of them is null.
func takeValid(a arrow.Array, idx []int32) (valid []byte, nulls int) {
	src, off := validBits(a)
	if src == nil {
		least := int32(0)
		for _, i := range idx {
			least = min(least, i)
		}
		if least >= 0 {
			return nil, 0
		}
	}
	valid = make([]byte, (len(idx)+7)/8)
	for k, i := range idx {
		if i >= 0 && (src == nil || bitutil.BitIsSet(src, off+int(i))) {
			valid[k>>3] |= 1 << (k & 7)
		} else {
			nulls++
		}
	}
	return valid, nulls
}

func takeBool(a *array.Boolean, idx []int32, valid []byte, nulls int) arrow.Array {
	out := make([]byte, (len(idx)+7)/8)
	if a.Len() > 0 {
		src, off := a.Data().Buffers()[1].Bytes(), a.Data().Offset()
		for k, i := range idx {
			if i >= 0 && bitutil.BitIsSet(src, off+int(i)) {
				out[k>>3] |= 1 << (k & 7)
			}
		}
	}
	return BoolArray(out, len(idx), valid, nulls)
}

func takeBytes(a arrow.Array, idx []int32, valid []byte, nulls int) arrow.Array {
	offs, data := byteValues(a)
	out := make([]int32, len(idx)+1)
	total := 0
	for k, i := range idx {
		if i >= 0 {
			total += int(offs[i+1] - offs[i])
		}
		out[k+1] = int32(total)
	}
	buf := make([]byte, 0, total)
	for _, i := range idx {
		if i >= 0 {
			buf = append(buf, data[offs[i]:offs[i+1]]...)
		}
	}
	return BytesArray(a.DataType(), out, buf, valid, nulls)
}

func takeList(a *array.List, idx []int32, valid []byte, nulls int) arrow.Array {
	out := make([]int32, len(idx)+1)
	var elems []int32
	for k, i := range idx {
		if i >= 0 && a.IsValid(int(i)) {
			from, to := a.ValueOffsets(int(i))
			for e := from; e < to; e++ {
				elems = append(elems, int32(e))
			}
		}
		out[k+1] = int32(len(elems))
	}
	child := Take(a.ListValues(), elems)
	var vbuf *memory.Buffer
	if nulls > 0 {
		vbuf = memory.NewBufferBytes(valid)
	}
	bufs := []*memory.Buffer{vbuf, memory.NewBufferBytes(bytesOf(out))}
	l := array.MakeFromData(array.NewData(a.DataType(), len(idx), bufs, []arrow.ArrayData{child.Data()}, nulls, 0))
	return withShapes(l, takeShapes(a, idx))
}

// takeShapes gathers the shapes of the rows idx, nil where a has none.
func takeShapes(a arrow.Array, idx []int32) arrow.Array {
	s := ShapeColumn(a)
	if s == nil {
		return nil
	}
	at := make([]int32, len(idx))
	for k, i := range idx {
		if at[k] = i; i >= 0 {
			at[k] += int32(a.Data().Offset())
		}
	}
	return Take(s, at)
}

// TakeBatch gathers the rows idx of b with their weights. An index -1 gives a row of nulls of weight 1.
func TakeBatch(b *Batch, idx []int32) *Batch {
	t := &Batch{N: len(idx), Cols: make([]arrow.Array, len(b.Cols))}
	for i, c := range b.Cols {
		t.Cols[i] = Take(c, idx)
	}
	if b.W != nil {
		t.W = make([]int64, len(idx))
		for k, i := range idx {
			t.W[k] = 1
			if i >= 0 {
				t.W[k] = b.W[i]
			}
		}
	}
	return t
}

// Filter is the rows sel of b, which ascend: b itself when they are all of it, a slice when they are one run.
func Filter(b *Batch, sel []int32) *Batch {
	n := len(sel)
	switch {
	case n == b.N:
		return b
	case n == 0:
		return b.Slice(0, 0)
	case int(sel[n-1]-sel[0]) == n-1:
		return b.Slice(int(sel[0]), int(sel[n-1])+1)
	}
	return TakeBatch(b, sel)
}
