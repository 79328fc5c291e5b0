package expr

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// decSum is a sum of numerics that gives back what was added: how many values there were of each scale settles the scale of the result, and
// values that are not finite are counted.
type decSum struct {
	sum    types.Dec
	n      int64 // values
	scale  int32 // the scale of the first value; others are in more
	atBase int64 // finite values of that scale
	more   []scaleCount
}

// scaleCount counts the finite values of a scale; the scales below stand for values that are not finite.
type scaleCount struct {
	scale int32
	n     int64
}

const (
	scaleNaN = -1 - iota
	scaleInf
	scaleNegInf
)

func (s *decSum) add(d types.Dec, w int64) {
	s.n += w
	scale := d.Scale()
	switch {
	case d.IsNaN():
		s.count(scaleNaN, w)
		return
	case d.IsInf() && d.Sign() > 0:
		s.count(scaleInf, w)
		return
	case d.IsInf():
		s.count(scaleNegInf, w)
		return
	}
	if s.atBase == 0 && len(s.more) == 0 {
		s.scale = scale
	}
	s.count(scale, w)
	switch w {
	case 1:
		s.sum = s.sum.Add(d)
	case -1:
		s.sum = s.sum.Sub(d)
	default:
		s.sum = s.sum.Add(d.Mul(types.FromInt64(w)))
	}
}

func (s *decSum) count(scale int32, w int64) {
	if scale == s.scale {
		s.atBase += w
		return
	}
	for i := range s.more {
		if s.more[i].scale == scale {
			s.more[i].n += w
			return
		}
	}
	s.more = append(s.more, scaleCount{scale, w})
}

func (s *decSum) merge(o decSum) {
	if s.atBase == 0 && len(s.more) == 0 {
		s.scale = o.scale
	}
	s.n += o.n
	s.sum = s.sum.Add(o.sum)
	s.count(o.scale, o.atBase)
	for _, c := range o.more {
		s.count(c.scale, c.n)
	}
}

// value is the sum with the greatest scale of the values that are in it.
func (s *decSum) value() types.Dec {
	scale := int32(0)
	if s.atBase != 0 {
		scale = s.scale
	}
	var special [3]bool
	for _, c := range s.more {
		switch {
		case c.n == 0:
		case c.scale < 0:
			special[-1-c.scale] = true
		default:
			scale = max(scale, c.scale)
		}
	}
	switch {
	case special[0] || special[1] && special[2]:
		return decNaN
	case special[1]:
		return decInf
	case special[2]:
		return decInf.Neg()
	}
	return s.sum.Round(scale)
}

var (
	decNaN, _ = types.ParseDec("NaN")
	decInf, _ = types.ParseDec("Infinity")
)

// sumDecAcc sums numerics.
type sumDecAcc struct {
	s   []decSum
	out func(s *decSum) (types.Dec, error)
}

func sumDec(s *decSum) (types.Dec, error) { return s.value(), nil }
func avgDec(s *decSum) (types.Dec, error) { return s.value().Div(types.FromInt64(s.n)) }

// Grow makes room for n groups.
func (a *sumDecAcc) Grow(n int) { a.s = growTo(a.s, n) }

// Add sums the values that are not NULL.
func (a *sumDecAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	v := args[0].(*array.Binary)
	eachValue(v, w, func(i int, w int64) { a.s[groups[i]].add(types.NumericAt(v, i), w) })
	return nil
}

// Result is what out makes of the sums.
func (a *sumDecAcc) Result(groups []uint32) (arrow.Array, error) {
	return decColumn(len(groups), func(i int) (types.Dec, bool, error) {
		s := &a.s[groups[i]]
		if s.n == 0 {
			return types.Dec{}, false, nil
		}
		d, err := a.out(s)
		return d, true, err
	})
}

// StateTypes is one column of encoded sums.
func (a *sumDecAcc) StateTypes() []arrow.DataType { return []arrow.DataType{arrow.BinaryTypes.Binary} }

// Save encodes the sums.
func (a *sumDecAcc) Save(groups []uint32) ([]arrow.Array, error) {
	col := bytesColumn(arrow.BinaryTypes.Binary, len(groups), func(dst []byte, i int) ([]byte, bool) {
		return a.s[groups[i]].append(dst), true
	})
	return []arrow.Array{col}, nil
}

func (s *decSum) append(dst []byte) []byte {
	dst = binary.AppendVarint(dst, s.n)
	dst = binary.AppendVarint(dst, int64(s.scale))
	dst = binary.AppendVarint(dst, s.atBase)
	dst = binary.AppendVarint(dst, int64(len(s.more)))
	for _, c := range s.more {
		dst = binary.AppendVarint(dst, int64(c.scale))
		dst = binary.AppendVarint(dst, c.n)
	}
	return s.sum.Append(dst)
}

// decodeDecSum reads what append wrote.
func decodeDecSum(b []byte) decSum {
	next := func() int64 {
		v, n := binary.Varint(b)
		b = b[n:]
		return v
	}
	s := decSum{n: next(), scale: int32(next()), atBase: next()}
	for k := next(); k > 0; k-- {
		s.more = append(s.more, scaleCount{int32(next()), next()})
	}
	s.sum = types.DecodeDec(b)
	return s
}

// Load decodes sums.
func (a *sumDecAcc) Load(groups []uint32, cols []arrow.Array) error {
	v := cols[0].(*array.Binary)
	for i, g := range groups {
		a.s[g] = decodeDecSum(v.Value(i))
	}
	return nil
}

// Merge adds sums.
func (a *sumDecAcc) Merge(groups []uint32, cols []arrow.Array) error {
	v := cols[0].(*array.Binary)
	for i, g := range groups {
		a.s[g].merge(decodeDecSum(v.Value(i)))
	}
	return nil
}

// Reset empties the groups.
func (a *sumDecAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.s[g] = decSum{}
	}
}

// Bytes is about the sums' memory.
func (a *sumDecAcc) Bytes() int64 { return int64(cap(a.s)) * 96 }
