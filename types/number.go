package types

import (
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Number places row i of a column of numbers, dates, times or booleans on a line, for estimates; false: it is NULL, infinite, not a number, or of a type
// that has no such place.
func Number(a arrow.Array, i int, t Type) (float64, bool) {
	if a.IsNull(i) {
		return 0, false
	}
	v := math.NaN()
	switch x := a.(type) {
	case *array.Boolean:
		v = float64(boolInt(x.Value(i)))
	case *array.Int16:
		v = float64(x.Value(i))
	case *array.Int32:
		v = float64(x.Value(i))
	case *array.Int64:
		v = float64(x.Value(i))
	case *array.Uint32:
		v = float64(x.Value(i))
	case *array.Float32:
		v = float64(x.Value(i))
	case *array.Float64:
		v = x.Value(i)
	case *array.Date32:
		v = float64(x.Value(i))
	case *array.Time64:
		v = float64(x.Value(i))
	case *array.Timestamp:
		v = float64(x.Value(i))
	case *array.Binary:
		if t.OID == Numeric.OID {
			v = DecodeDec(x.Value(i)).ToFloat64()
		}
	}
	return v, !math.IsNaN(v) && !math.IsInf(v, 0)
}
