package exec

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// identical gives a function that says whether row i of a and row j of b are the same value in the same representation (1.0 is not
// 1.00): what was handed on is taken back as it was.
func identical(a, b arrow.Array) func(i, j int) bool {
	var same func(i, j int) bool
	switch dt := a.DataType().(type) {
	case *arrow.StringType, *arrow.BinaryType:
		ao, ad := varlen(a)
		bo, bd := varlen(b)
		same = func(i, j int) bool { return bytes.Equal(ad[ao[i]:ao[i+1]], bd[bo[j]:bo[j+1]]) }
	case *arrow.BooleanType:
		x, y := a.(*array.Boolean), b.(*array.Boolean)
		same = func(i, j int) bool { return x.Value(i) == y.Value(j) }
	case *arrow.ListType:
		same = func(i, j int) bool {
			return array.SliceEqual(a, int64(i), int64(i+1), b, int64(j), int64(j+1)) && bytes.Equal(types.ShapeBytes(a, i), types.ShapeBytes(b, j))
		}
	case *arrow.Int64Type, *arrow.TimestampType:
		x, y := types.Int64s(a), types.Int64s(b)
		same = func(i, j int) bool { return x[i] == y[j] }
	case arrow.FixedWidthDataType:
		w := dt.BitWidth() / 8
		x, y := fixedBytes(a, w), fixedBytes(b, w)
		same = func(i, j int) bool { return bytes.Equal(x[i*w:(i+1)*w], y[j*w:(j+1)*w]) }
	}
	if a.NullN() == 0 && b.NullN() == 0 {
		return same
	}
	return func(i, j int) bool {
		if a.IsNull(i) || b.IsNull(j) {
			return a.IsNull(i) && b.IsNull(j)
		}
		return same(i, j)
	}
}

// fixedBytes is the memory of a column of values w bytes wide.
func fixedBytes(a arrow.Array, w int) []byte {
	d := a.Data()
	if d.Len() == 0 {
		return nil
	}
	return d.Buffers()[1].Bytes()[d.Offset()*w : (d.Offset()+d.Len())*w]
}

// identicalRows is identical for whole rows.
func identicalRows(a, b []arrow.Array) func(i, j int) bool {
	fs := make([]func(i, j int) bool, len(a))
	for k := range a {
		fs[k] = identical(a[k], b[k])
	}
	return func(i, j int) bool {
		for _, f := range fs {
			if !f(i, j) {
				return false
			}
		}
		return true
	}
}
