package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func bitStringAggs() []*Agg {
	var out []*Agg
	for _, op := range []string{"and", "or", "xor"} {
		mk := func([]types.Type) Accumulator { return &bitStringAcc{op: op} }
		out = append(out, &Agg{Name: "bit_" + op, Args: args(types.Bit), Ret: types.Bit, Exact: true, New: mk, Doc: "bitwise " + op})
	}
	return out
}

// bitStringAcc is bit_and, bit_or, bit_xor of bit strings: the value of each group, "" before the first one and for empty strings.
type bitStringAcc struct {
	op   string
	vals []string
	some []bool
}

// Grow makes room for n groups.
func (a *bitStringAcc) Grow(n int) { a.vals, a.some = growTo(a.vals, n), growTo(a.some, n) }

// Add takes the values that are not NULL. Errors: 22026.
func (a *bitStringAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	col := args[0].(*array.String)
	var err error
	eachValue(col, w, func(i int, w int64) {
		for range w {
			if err == nil {
				err = a.put(groups[i], col.Value(i))
			}
		}
	})
	return err
}

func (a *bitStringAcc) put(g uint32, s string) error {
	if !a.some[g] {
		a.vals[g], a.some[g] = string([]byte(s)), true
		return nil
	}
	if len(s) != len(a.vals[g]) {
		return sqlerr.New(sqlerr.StringDataLengthMismatch, "cannot %s bit strings of different sizes", map[string]string{"and": "AND", "or": "OR", "xor": "XOR"}[a.op])
	}
	out := []byte(a.vals[g])
	for i := range out {
		x, y := out[i]-'0', s[i]-'0'
		switch a.op {
		case "and":
			x &= y
		case "or":
			x |= y
		default:
			x ^= y
		}
		out[i] = '0' + x
	}
	a.vals[g] = string(out)
	return nil
}

// Result is the values, NULL where there was none.
func (a *bitStringAcc) Result(groups []uint32) (arrow.Array, error) {
	b := types.NewBuilder(types.Bit).(*array.StringBuilder)
	for _, g := range groups {
		if a.some[g] {
			b.Append(a.vals[g])
		} else {
			b.AppendNull()
		}
	}
	return b.NewArray(), nil
}

// StateTypes is a text column.
func (a *bitStringAcc) StateTypes() []arrow.DataType { return []arrow.DataType{types.Bit.Arrow()} }

// Save is the values.
func (a *bitStringAcc) Save(groups []uint32) ([]arrow.Array, error) {
	r, err := a.Result(groups)
	return []arrow.Array{r}, err
}

// Load sets the values.
func (a *bitStringAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge takes saved values. Errors: 22026.
func (a *bitStringAcc) Merge(groups []uint32, cols []arrow.Array) error {
	col := cols[0].(*array.String)
	for i, g := range groups {
		if col.IsValid(i) {
			if err := a.put(g, col.Value(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Reset forgets the groups' values.
func (a *bitStringAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.vals[g], a.some[g] = "", false
	}
}

// Bytes is about how much memory the values take.
func (a *bitStringAcc) Bytes() int64 {
	n := int64(17 * len(a.vals))
	for _, s := range a.vals {
		n += int64(len(s))
	}
	return n
}
