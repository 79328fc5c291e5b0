package state

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/streamsqld/streamsqld/types"
)

// Take gives the rows idx of b, in that order, without weights.
func Take(b *types.Batch, idx []int32) *types.Batch {
	t := &types.Batch{N: len(idx), Cols: make([]arrow.Array, len(b.Cols))}
	for i, c := range b.Cols {
		t.Cols[i] = takeColumn(c, idx)
	}
	return t
}

// Concat puts batches one after another; weights are kept where any has them. bs is not empty.
func Concat(bs []*types.Batch) (*types.Batch, error) {
	if len(bs) == 1 {
		return bs[0], nil
	}
	out := &types.Batch{Cols: make([]arrow.Array, len(bs[0].Cols))}
	weights := false
	for _, b := range bs {
		out.N += b.N
		weights = weights || b.W != nil
	}
	if weights {
		out.W = make([]int64, 0, out.N)
		for _, b := range bs {
			for i := range b.N {
				out.W = append(out.W, b.Weight(i))
			}
		}
	}
	arrs := make([]arrow.Array, len(bs))
	for c := range out.Cols {
		for i, b := range bs {
			arrs[i] = b.Cols[c]
		}
		a, err := types.Concat(arrs)
		if err != nil {
			return nil, err
		}
		out.Cols[c] = a
	}
	return out, nil
}

func takeColumn(c arrow.Array, idx []int32) arrow.Array {
	valid, nulls := takeValid(c, idx)
	fixed := func(b []byte) arrow.Array {
		return array.MakeFromData(array.NewData(c.DataType(), len(idx), []*memory.Buffer{valid, memory.NewBufferBytes(b)}, nil, nulls, 0))
	}
	switch c := c.(type) {
	case *array.Null:
		return array.NewNull(len(idx))
	case *array.Boolean:
		bits := make([]byte, bitutil.BytesForBits(int64(len(idx))))
		for i, j := range idx {
			if c.Value(int(j)) {
				bitutil.SetBit(bits, i)
			}
		}
		return fixed(bits)
	case *array.String:
		return takeBytes(c, c.ValueOffsets(), c.ValueBytes(), idx, valid, nulls)
	case *array.Binary:
		return takeBytes(c, c.ValueOffsets(), c.ValueBytes(), idx, valid, nulls)
	case *array.List:
		return takeList(c, idx, valid, nulls)
	}
	w := c.DataType().(arrow.FixedWidthDataType).BitWidth() / 8
	var src []byte
	if c.Len() > 0 {
		src = c.Data().Buffers()[1].Bytes()[c.Data().Offset()*w:]
	}
	dst := make([]byte, len(idx)*w)
	switch w {
	case 8:
		d, s := arrow.Uint64Traits.CastFromBytes(dst), arrow.Uint64Traits.CastFromBytes(src)
		for i, j := range idx {
			d[i] = s[j]
		}
	case 4:
		d, s := arrow.Uint32Traits.CastFromBytes(dst), arrow.Uint32Traits.CastFromBytes(src)
		for i, j := range idx {
			d[i] = s[j]
		}
	default:
		for i, j := range idx {
			copy(dst[i*w:(i+1)*w], src[int(j)*w:])
		}
	}
	return fixed(dst)
}

func takeValid(c arrow.Array, idx []int32) (*memory.Buffer, int) {
	if c.NullN() == 0 || c.DataType().ID() == arrow.NULL {
		return nil, 0
	}
	bits := make([]byte, bitutil.BytesForBits(int64(len(idx))))
	nulls := 0
	for i, j := range idx {
		if c.IsNull(int(j)) {
			nulls++
		} else {
			bitutil.SetBit(bits, i)
		}
	}
	return memory.NewBufferBytes(bits), nulls
}

func takeBytes(c arrow.Array, offs []int32, vals []byte, idx []int32, valid *memory.Buffer, nulls int) arrow.Array {
	out := make([]int32, len(idx)+1)
	total, base := int32(0), int32(0)
	if len(offs) > 0 {
		base = offs[0]
	}
	for i, j := range idx {
		total += offs[j+1] - offs[j]
		out[i+1] = total
	}
	data := make([]byte, 0, total)
	for _, j := range idx {
		data = append(data, vals[offs[j]-base:offs[j+1]-base]...)
	}
	bufs := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(out)), memory.NewBufferBytes(data)}
	return array.MakeFromData(array.NewData(c.DataType(), len(idx), bufs, nil, nulls, 0))
}

func takeList(c *array.List, idx []int32, valid *memory.Buffer, nulls int) arrow.Array {
	out := make([]int32, len(idx)+1)
	var child []int32
	for i, j := range idx {
		from, to := c.ValueOffsets(int(j))
		for k := from; k < to; k++ {
			child = append(child, int32(k))
		}
		out[i+1] = int32(len(child))
	}
	vals := takeColumn(c.ListValues(), child)
	bufs := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(out))}
	l := array.MakeFromData(array.NewData(c.DataType(), len(idx), bufs, []arrow.ArrayData{vals.Data()}, nulls, 0))
	if types.ShapeColumn(c) == nil {
		return l
	}
	shapes := make([][]byte, len(idx))
	for i, j := range idx {
		shapes[i] = types.ShapeBytes(c, int(j))
	}
	return types.WithShapeBytes(l, shapes)
}
