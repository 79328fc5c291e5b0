package expr

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// maxFeatures bounds the features of a model.
const maxFeatures = 256

// learner is what a training aggregate keeps of a group. The model does not depend on the order in which the rows came, nor on how they were cut.
type learner interface {
	add(r learnRow, w int64)
	// model is the trained model as JSON; nil where there are not enough rows for one.
	model() []byte
	encode(dst []byte) []byte
	merge(v []byte) error
	bytes() int64
}

// learnRow is a row to learn from: the label (0 where the kind has none) and the features, all finite.
type learnRow struct {
	y float64
	x []float64
}

// learnGroup is a group: its learner, made with its first row, and what all its rows must have in common.
type learnGroup struct {
	l     learner
	n     int64 // rows
	dim   int
	param float64
}

// learnAcc is a training aggregate. Its arguments are the label (where there is one), the features and a parameter, in the order of args; a row with a NULL, a NaN
// or an infinity among them is left out.
type learnAcc struct {
	name  string
	order learnArgs
	make  func(dim int, param float64) learner
	check func(param float64) error
	s     []learnGroup
}

// learnArgs are the places of the arguments, -1: there is none.
type learnArgs struct {
	y, x, param int
	none        float64 // parameter where there is no argument
	binary      bool    // the label is 0 or 1
}

// Grow makes room for n groups.
func (a *learnAcc) Grow(n int) { a.s = growTo(a.s, n) }

// Add takes the rows without NULLs.
func (a *learnAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	list := args[a.order.x].(*array.List)
	elems := list.ListValues()
	vals := types.Float64s(elems)
	number := func(k, i int, none float64) (float64, bool) {
		if k < 0 {
			return none, true
		}
		if args[k].IsNull(i) {
			return 0, false
		}
		switch c := args[k].(type) {
		case *array.Boolean:
			if c.Value(i) {
				return 1, true
			}
			return 0, true
		case *array.Int32:
			return float64(c.Value(i)), true
		}
		v := types.Float64s(args[k])[i]
		return v, v-v == 0
	}
rows:
	for i, g := range groups {
		y, ok1 := number(a.order.y, i, 0)
		param, ok2 := number(a.order.param, i, a.order.none)
		if !ok1 || !ok2 || list.IsNull(i) {
			continue
		}
		from, to := list.ValueOffsets(i)
		for k := from; k < to; k++ {
			if elems.IsNull(int(k)) || vals[k]-vals[k] != 0 {
				continue rows
			}
		}
		n := int64(1)
		if w != nil {
			n = w[i]
		}
		if err := a.row(g, learnRow{y, vals[from:to]}, param, n); err != nil {
			return err
		}
	}
	return nil
}

func (a *learnAcc) row(g uint32, r learnRow, param float64, w int64) error {
	s := &a.s[g]
	if s.l == nil {
		if err := a.check(param); err != nil {
			return err
		}
		if len(r.x) == 0 || len(r.x) > maxFeatures {
			return sqlerr.New(sqlerr.InvalidParameterValue, "%s needs 1 to %d features, not %d", a.name, maxFeatures, len(r.x))
		}
		*s = learnGroup{l: a.make(len(r.x), param), dim: len(r.x), param: param}
	}
	switch {
	case len(r.x) != s.dim:
		return sqlerr.New(sqlerr.InvalidParameterValue, "%s got %d features after rows with %d", a.name, len(r.x), s.dim).
			WithHint("All rows of a group must have as many features.")
	case param != s.param:
		return sqlerr.New(sqlerr.InvalidParameterValue, "%s got the parameter %v after rows with %v", a.name, param, s.param).
			WithHint("It must be the same for all rows of a group.")
	case a.order.binary && r.y != 0 && r.y != 1:
		return sqlerr.New(sqlerr.InvalidParameterValue, "the label of %s must be 0 or 1, not %v", a.name, r.y)
	}
	for _, x := range r.x {
		if math.Abs(x) > 1e150 {
			return sqlerr.New(sqlerr.NumericValueOutOfRange, "the feature %v is out of range for %s", x, a.name)
		}
	}
	if math.Abs(r.y) > 1e150 {
		return sqlerr.New(sqlerr.NumericValueOutOfRange, "the label %v is out of range for %s", r.y, a.name)
	}
	s.l.add(r, w)
	if s.n += w; s.n == 0 {
		*s = learnGroup{}
	}
	return nil
}

// Result is the models; NULL where there is none yet.
func (a *learnAcc) Result(groups []uint32) (arrow.Array, error) {
	models := make([][]byte, len(groups))
	for i, g := range groups {
		if s := &a.s[g]; s.l != nil {
			models[i] = s.l.model()
		}
	}
	valid, _ := validWhere(len(groups), func(i int) bool { return models[i] != nil })
	return appendRows(types.JSONB, len(groups), padBits(valid, len(groups)), func(dst []byte, i int) ([]byte, error) {
		return types.AppendJSONB(dst, string(models[i]))
	})
}

// StateTypes is one column.
func (a *learnAcc) StateTypes() []arrow.DataType { return []arrow.DataType{arrow.BinaryTypes.Binary} }

// Save encodes the groups: a version, rows, features, parameter, and what the learner keeps.
func (a *learnAcc) Save(groups []uint32) ([]arrow.Array, error) {
	b := array.NewBinaryBuilder(types.Mem, arrow.BinaryTypes.Binary)
	for _, g := range groups {
		s := &a.s[g]
		if s.l == nil {
			b.AppendNull()
			continue
		}
		v := binary.AppendUvarint([]byte{1}, uint64(s.dim))
		v = binary.AppendVarint(v, s.n)
		b.Append(s.l.encode(appendFloat(v, s.param)))
	}
	return []arrow.Array{b.NewArray()}, nil
}

// Load sets the groups.
func (a *learnAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge adds saved groups.
func (a *learnAcc) Merge(groups []uint32, cols []arrow.Array) error {
	col := cols[0].(*array.Binary)
	for i, g := range groups {
		if col.IsNull(i) {
			continue
		}
		v := col.Value(i)
		if len(v) == 0 || v[0] != 1 {
			return errLearnState()
		}
		dim, k := binary.Uvarint(v[1:])
		n, k2 := binary.Varint(v[1+max(k, 0):])
		if k <= 0 || k2 <= 0 || len(v) < 9+k+k2 {
			return errLearnState()
		}
		v = v[1+k+k2:]
		param := floatAt(v, 0)
		s := &a.s[g]
		if s.l == nil {
			*s = learnGroup{l: a.make(int(dim), param), dim: int(dim), param: param}
		}
		if s.dim != int(dim) || s.param != param {
			return sqlerr.New(sqlerr.InvalidParameterValue, "%s got %d features and the parameter %v after rows with %d and %v", a.name, dim, param, s.dim, s.param)
		}
		if err := s.l.merge(v[8:]); err != nil {
			return err
		}
		if s.n += n; s.n == 0 {
			*s = learnGroup{}
		}
	}
	return nil
}

func errLearnState() error {
	return sqlerr.New(sqlerr.DataCorrupted, "the stored state of a model is damaged")
}

func appendFloat(dst []byte, x float64) []byte {
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
}

// floatAt is the i-th float of v.
func floatAt(v []byte, i int) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(v[i*8:]))
}

// Reset empties the groups.
func (a *learnAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.s[g] = learnGroup{}
	}
}

// Bytes is about what the learners keep.
func (a *learnAcc) Bytes() int64 {
	n := int64(cap(a.s)) * 48
	for i := range a.s {
		if a.s[i].l != nil {
			n += a.s[i].l.bytes()
		}
	}
	return n
}
