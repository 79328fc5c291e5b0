package exec

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// prefixes writes for each row a number whose order agrees with that of a sort key: of two rows the lesser number comes first, and equal numbers say nothing
// unless exact. A type without such numbers gives false. NULLs take the least or the greatest number.
func prefixes(dst []uint64, col arrow.Array, key *plan.SortKey) (exact, ok bool) {
	exact = col.NullN() == 0
	switch a := col.(type) {
	case *array.Int64, *array.Timestamp, *array.Time64:
		for i, v := range types.Int64s(a) {
			dst[i] = uint64(v) ^ 1<<63
		}
	case *array.Int32:
		for i, v := range a.Int32Values() {
			dst[i] = uint64(int64(v)) ^ 1<<63
		}
	case *array.Int16:
		for i, v := range a.Int16Values() {
			dst[i] = uint64(int64(v)) ^ 1<<63
		}
	case *array.Date32:
		for i, v := range a.Date32Values() {
			dst[i] = uint64(int64(v)) ^ 1<<63
		}
	case *array.Float64:
		for i, v := range a.Float64Values() {
			dst[i] = floatPrefix(v)
		}
	case *array.String:
		if t := key.X.Type().OID; t != types.Text.OID && t != types.Varchar.OID {
			return false, false
		}
		exact = false
		for i := range a.Len() {
			dst[i] = textPrefix(a.Value(i))
		}
	default:
		return false, false
	}
	if key.Desc {
		for i := range dst {
			dst[i] = ^dst[i]
		}
	}
	if col.NullN() > 0 {
		null := uint64(math.MaxUint64)
		if key.NullsFirst {
			null = 0
		}
		for i := range dst {
			if col.IsNull(i) {
				dst[i] = null
			}
		}
	}
	return exact, true
}

// floatPrefix has the order of PostgreSQL's floats: NaN is the greatest, both zeros are equal.
func floatPrefix(v float64) uint64 {
	switch {
	case v != v:
		return math.MaxUint64
	case v == 0:
		return 1 << 63
	}
	b := math.Float64bits(v)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

func textPrefix(s string) uint64 {
	var b [8]byte
	copy(b[:], s)
	return binary.BigEndian.Uint64(b[:])
}
