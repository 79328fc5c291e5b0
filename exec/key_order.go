package exec

import (
	"bytes"
	"cmp"
	"math"

	"github.com/streamsqld/streamsqld/types"
)

// order compares two stored entries as ORDER BY does; NULLs are equal to one another and greater than all else.
func (c *keyCol) order(a, b uint32) int {
	if c.nulls != nil && (c.nulls[a] || c.nulls[b]) {
		switch {
		case c.nulls[a] == c.nulls[b]:
			return 0
		case c.nulls[a]:
			return 1
		}
		return -1
	}
	if c.isInt {
		if c.isFloat {
			return compareFloats(c.ints[a], c.ints[b])
		}
		return cmp.Compare(c.ints[a], c.ints[b])
	}
	switch c.typ.Base() {
	case types.Text, types.Varchar, types.Name, types.Char, types.Bytea, types.UUID:
		return bytes.Compare(c.at(a), c.at(b))
	case types.Numeric:
		return types.DecodeDec(c.at(a)).Cmp(types.DecodeDec(c.at(b)))
	}
	if c.cmp == nil {
		c.cmp = types.NewComparer(c.typ)
	}
	pair := c.gather([]uint32{a, b})
	return c.cmp(pair, 0, pair, 1)
}

// compareFloats orders floats given as bits; NaN is the greatest.
func compareFloats(x, y int64) int {
	a, b := math.Float64frombits(uint64(x)), math.Float64frombits(uint64(y))
	if a != a || b != b {
		return btoi(a != a) - btoi(b != b)
	}
	return cmp.Compare(a, b)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// comparer orders entries by their keys, column by column.
func (t *keyTable) comparer() func(a, b uint32) int {
	return func(a, b uint32) int {
		for _, c := range t.cols {
			if d := c.order(a, b); d != 0 {
				return d
			}
		}
		return 0
	}
}
