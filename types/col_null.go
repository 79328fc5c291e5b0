package types

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Nulls is a column of n nulls.
func Nulls(t Type, n int) arrow.Array { return array.MakeArrayOfNull(Mem, t.Arrow(), n) }

// Repeat is n times the only row of a.
func Repeat(a arrow.Array, n int) arrow.Array {
	if n == a.Len() {
		return a
	}
	return Take(a, make([]int32, n))
}
