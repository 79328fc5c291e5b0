package state

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/streamsqld/streamsqld/types"
)

// canonical gives column c with one way of writing for all values that SQL holds equal: numerics without trailing zeros (those in jsonb too), 0 for -0, and one
// NaN. It is c itself where nothing is to be done.
func canonical(c arrow.Array, ty types.Type) arrow.Array {
	switch c := c.(type) {
	case *array.Float64:
		return canonicalFloats(c, types.Values[float64](c))
	case *array.Float32:
		return canonicalFloats(c, types.Values[float32](c))
	case *array.String:
		if ty.Is(types.JSONB) {
			return canonicalJSONB(c)
		}
	case *array.Binary:
		if ty.Is(types.Numeric) {
			return canonicalNumerics(c)
		}
	}
	return c
}

func canonicalNumerics(a *array.Binary) arrow.Array {
	bl := array.NewBinaryBuilder(types.Mem, arrow.BinaryTypes.Binary)
	var buf []byte
	for i := range a.Len() {
		if a.IsNull(i) {
			bl.AppendNull()
			continue
		}
		buf = types.AppendCanonicalDec(buf[:0], a.Value(i))
		bl.Append(buf)
	}
	return bl.NewArray()
}

func canonicalJSONB(a *array.String) arrow.Array {
	bl := array.NewStringBuilder(types.Mem)
	var buf []byte
	for i := range a.Len() {
		if a.IsNull(i) {
			bl.AppendNull()
			continue
		}
		buf = types.AppendCanonicalJSONB(buf[:0], []byte(a.Value(i)))
		bl.Append(string(buf))
	}
	return bl.NewArray()
}

func canonicalFloats[T float32 | float64](c arrow.Array, vals []T) arrow.Array {
	odd := func(f T) bool { return f == 0 && math.Signbit(float64(f)) || f != f }
	i := 0
	for i < len(vals) && !odd(vals[i]) {
		i++
	}
	if i == len(vals) {
		return c
	}
	d := c.Data()
	all := make([]T, d.Offset(), d.Offset()+len(vals))
	all = append(all, vals...)
	for out := all[d.Offset():]; i < len(out); i++ {
		switch f := out[i]; {
		case f == 0:
			out[i] = 0
		case f != f:
			out[i] = T(math.NaN())
		}
	}
	data := types.NewFixed(d.DataType(), all, nil, 0).Data().Buffers()[1]
	return array.MakeFromData(array.NewData(d.DataType(), d.Len(), []*memory.Buffer{d.Buffers()[0], data}, nil, d.NullN(), d.Offset()))
}
