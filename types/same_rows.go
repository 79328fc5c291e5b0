package types

import (
	"bytes"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// SameRows says whether row i of a is row j of b in all columns: values that are equal and written differently (1.0 and 1.00, 0 and -0) are not the same. The columns have the same layouts.
func SameRows(a []arrow.Array, i int, b []arrow.Array, j int) bool {
	for k := range a {
		if !SameValue(a[k], i, b[k], j) {
			return false
		}
	}
	return true
}

// HashRows gives a hash of each of n rows over all the columns, in dst where it has room: rows that are the same (SameRows) hash equal. The hashes are not for storing.
func HashRows(cols []arrow.Array, n int, dst []uint64) []uint64 {
	dst = slices.Grow(dst[:0], n)[:n]
	for i := range dst {
		dst[i] = hashSeed
	}
	if n > 0 {
		for _, c := range cols {
			hashCol(c, Type{}, dst) // of no type, so that the bytes count
		}
	}
	return dst
}

// SameValue is SameRows of one column.
func SameValue(a arrow.Array, i int, b arrow.Array, j int) bool {
	an, bn := a.IsNull(i), b.IsNull(j)
	if an || bn {
		return an && bn
	}
	switch a := a.(type) {
	case *array.Int64:
		return a.Value(i) == b.(*array.Int64).Value(j)
	case *array.String:
		return a.Value(i) == b.(*array.String).Value(j)
	case *array.Timestamp:
		return a.Value(i) == b.(*array.Timestamp).Value(j)
	case *array.Int32:
		return a.Value(i) == b.(*array.Int32).Value(j)
	case *array.Int16:
		return a.Value(i) == b.(*array.Int16).Value(j)
	case *array.Uint32:
		return a.Value(i) == b.(*array.Uint32).Value(j)
	case *array.Uint64:
		return a.Value(i) == b.(*array.Uint64).Value(j)
	case *array.Boolean:
		return a.Value(i) == b.(*array.Boolean).Value(j)
	case *array.Date32:
		return a.Value(i) == b.(*array.Date32).Value(j)
	case *array.Time64:
		return a.Value(i) == b.(*array.Time64).Value(j)
	case *array.Float64:
		return math.Float64bits(a.Value(i)) == math.Float64bits(b.(*array.Float64).Value(j))
	case *array.Float32:
		return math.Float32bits(a.Value(i)) == math.Float32bits(b.(*array.Float32).Value(j))
	case *array.Binary:
		return bytes.Equal(a.Value(i), b.(*array.Binary).Value(j))
	case *array.FixedSizeBinary:
		return bytes.Equal(a.Value(i), b.(*array.FixedSizeBinary).Value(j))
	case *array.List:
		return sameList(a, i, b.(*array.List), j)
	}
	return a.ValueStr(i) == b.ValueStr(j)
}

func sameList(a *array.List, i int, b *array.List, j int) bool {
	af, at := a.ValueOffsets(i)
	bf, bt := b.ValueOffsets(j)
	if at-af != bt-bf || !bytes.Equal(ShapeBytes(a, i), ShapeBytes(b, j)) {
		return false
	}
	for k := int64(0); k < at-af; k++ {
		if !SameValue(a.ListValues(), int(af+k), b.ListValues(), int(bf+k)) {
			return false
		}
	}
	return true
}
