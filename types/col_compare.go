package types

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Comparer orders row i of a against row j of b; neither is null.
type Comparer func(a arrow.Array, i int, b arrow.Array, j int) int

// NewComparer gives the order of PostgreSQL's btree for type t (text by bytes, as collation C).
func NewComparer(t Type) func(a arrow.Array, i int, b arrow.Array, j int) int {
	switch t.Arrow().ID() {
	case arrow.INT64:
		return func(a arrow.Array, i int, b arrow.Array, j int) int {
			return cmpOrdered(a.(*array.Int64).Value(i), b.(*array.Int64).Value(j))
		}
	case arrow.INT32:
		return func(a arrow.Array, i int, b arrow.Array, j int) int {
			return cmpOrdered(a.(*array.Int32).Value(i), b.(*array.Int32).Value(j))
		}
	case arrow.TIMESTAMP:
		return func(a arrow.Array, i int, b arrow.Array, j int) int {
			return cmpOrdered(a.(*array.Timestamp).Value(i), b.(*array.Timestamp).Value(j))
		}
	case arrow.FLOAT64:
		return func(a arrow.Array, i int, b arrow.Array, j int) int {
			return cmpFloat(a.(*array.Float64).Value(i), b.(*array.Float64).Value(j))
		}
	}
	return func(a arrow.Array, i int, b arrow.Array, j int) int { return compareValues(a, i, b, j, t) }
}

// compareValues is the order of two values of type t.
func compareValues(a arrow.Array, i int, b arrow.Array, j int, t Type) int {
	switch x := a.(type) {
	case *array.Boolean:
		return boolInt(x.Value(i)) - boolInt(b.(*array.Boolean).Value(j))
	case *array.Int16:
		return cmpOrdered(x.Value(i), b.(*array.Int16).Value(j))
	case *array.Int32:
		return cmpOrdered(x.Value(i), b.(*array.Int32).Value(j))
	case *array.Int64:
		return cmpOrdered(x.Value(i), b.(*array.Int64).Value(j))
	case *array.Uint32:
		return cmpOrdered(x.Value(i), b.(*array.Uint32).Value(j))
	case *array.Float32:
		return cmpFloat(float64(x.Value(i)), float64(b.(*array.Float32).Value(j)))
	case *array.Float64:
		return cmpFloat(x.Value(i), b.(*array.Float64).Value(j))
	case *array.Date32:
		return cmpOrdered(x.Value(i), b.(*array.Date32).Value(j))
	case *array.Time64:
		return cmpOrdered(x.Value(i), b.(*array.Time64).Value(j))
	case *array.Timestamp:
		return cmpOrdered(x.Value(i), b.(*array.Timestamp).Value(j))
	case *array.String:
		return compareText(x.Value(i), b.(*array.String).Value(j), t)
	case *array.Binary:
		v, w := x.Value(i), b.(*array.Binary).Value(j)
		if t.OID == Numeric.OID {
			return DecodeDec(v).Cmp(DecodeDec(w))
		}
		if t.IsRow() {
			return compareRecords(v, w)
		}
		return bytes.Compare(v, w)
	case *array.FixedSizeBinary:
		return compareFixed(x.Value(i), b.(*array.FixedSizeBinary).Value(j), t)
	case *array.List:
		return compareLists(x, i, b.(*array.List), j, t)
	}
	panic(fmt.Sprintf("types: no order for a column of %s", a.DataType()))
}

func compareText(v, w string, t Type) int {
	switch t.OID {
	case BPChar.OID:
		return strings.Compare(strings.TrimRight(v, " "), strings.TrimRight(w, " "))
	case JSONB.OID:
		return compareJSONB(v, w)
	}
	return strings.Compare(v, w)
}

func compareFixed(v, w []byte, t Type) int {
	switch t.OID {
	case Interval.OID:
		return decodeInterval(v).Cmp(decodeInterval(w))
	case TimeTZ.OID:
		return decodeTimeTZ(v).Cmp(decodeTimeTZ(w))
	}
	return bytes.Compare(v, w)
}

// compareLists orders by the elements, a null one after all others, and then by length.
func compareLists(a *array.List, i int, b *array.List, j int, t Type) int {
	af, at := a.ValueOffsets(i)
	bf, bt := b.ValueOffsets(j)
	av, bv, elem := a.ListValues(), b.ListValues(), t.Elem()
	for x, y := int(af), int(bf); x < int(at) && y < int(bt); x, y = x+1, y+1 {
		an, bn := av.IsNull(x), bv.IsNull(y)
		if an || bn {
			if an != bn {
				return boolInt(an) - boolInt(bn)
			}
			continue
		}
		if c := compareValues(av, x, bv, y, elem); c != 0 {
			return c
		}
	}
	if at-af != bt-bf {
		return cmpOrdered(at-af, bt-bf)
	}
	return compareShapes(ShapeOf(a, i), ShapeOf(b, j))
}

// cmpFloat orders floats as PostgreSQL: NaN is equal to itself and larger than all others.
func cmpFloat(a, b float64) int {
	an, bn := math.IsNaN(a), math.IsNaN(b)
	if an || bn {
		return boolInt(an) - boolInt(bn)
	}
	return cmpOrdered(a, b)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
