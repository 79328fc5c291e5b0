package types

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// RowsEqual says whether row i of a equals row j of b in all columns, whose types are ts; NULL equals NULL.
func RowsEqual(a []arrow.Array, i int, b []arrow.Array, j int, ts []Type) bool {
	for c, t := range ts {
		an, bn := a[c].IsNull(i), b[c].IsNull(j)
		if an != bn {
			return false
		}
		if !an && !valuesEqual(a[c], i, b[c], j, t) {
			return false
		}
	}
	return true
}

// valuesEqual compares two values that are not null, both of type t.
func valuesEqual(a arrow.Array, i int, b arrow.Array, j int, t Type) bool {
	switch x := a.(type) {
	case *array.Int64:
		return x.Value(i) == b.(*array.Int64).Value(j)
	case *array.Int32:
		return x.Value(i) == b.(*array.Int32).Value(j)
	case *array.Timestamp:
		return x.Value(i) == b.(*array.Timestamp).Value(j)
	case *array.Boolean:
		return x.Value(i) == b.(*array.Boolean).Value(j)
	case *array.Date32:
		return x.Value(i) == b.(*array.Date32).Value(j)
	case *array.String:
		if v, w := x.Value(i), b.(*array.String).Value(j); t.OID != BPChar.OID && t.OID != JSONB.OID || v == w {
			return v == w
		}
	case *array.Binary:
		v, w := x.Value(i), b.(*array.Binary).Value(j)
		if same := bytes.Equal(v, w); same || t.OID != Numeric.OID && !t.IsRow() {
			return same
		}
	case *array.FixedSizeBinary:
		v, w := x.Value(i), b.(*array.FixedSizeBinary).Value(j)
		if same := bytes.Equal(v, w); same || t.OID != Interval.OID {
			return same
		}
	}
	return compareValues(a, i, b, j, t) == 0
}
