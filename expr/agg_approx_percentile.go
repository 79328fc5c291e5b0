package expr

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/DataDog/sketches-go/ddsketch"
	"github.com/DataDog/sketches-go/ddsketch/mapping"
	"github.com/DataDog/sketches-go/ddsketch/store"
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// defaultError is the relative error of approx_percentile where a call doesn't say one.
const defaultError = 0.01

// approxPercentileAggs are percentiles by DDSketch (Masson, Rim, Lee, VLDB 2019): values are counted in buckets whose bounds grow by a factor, so that a result is off by the
// relative error at most. The counts do not depend on the order of the values.
func approxPercentileAggs() []*Agg {
	F := types.Float8
	fs, _ := F.Array()
	mk := func(ret types.Type, as ...types.Type) *Agg {
		return &Agg{Name: "approx_percentile", Args: as, Ret: ret, Doc: "about the value below which a part of the values lies: value, fraction [, relative error, 0.01 if left out] (DDSketch)",
			New: func(ts []types.Type) Accumulator { return &approxPercentileAcc{list: ts[1].IsArray()} }}
	}
	return []*Agg{mk(F, F, F), mk(F, F, F, F), mk(fs, F, fs), mk(fs, F, fs, F)}
}

// approxPercentileAcc has a sketch for each group.
type approxPercentileAcc struct {
	list bool
	at   []*percentileSketch // nil: no value yet
}

// asked is what a call asks of a group; it is the same in all its rows, else the result would depend on their order.
type asked struct {
	fracs []fraction
	null  bool // the array of fractions is NULL
	err   float64
}

func (a asked) equal(b asked) bool {
	return a.null == b.null && a.err == b.err && slices.Equal(a.fracs, b.fracs)
}

var errAsked = sqlerr.New(sqlerr.InvalidParameterValue, "the fractions and the relative error of approx_percentile must be the same in all rows of a group")

// percentileSketch is a group's values.
type percentileSketch struct {
	asked
	low, high, nan float64 // how many are -Infinity, Infinity and NaN
	s              *ddsketch.DDSketch
}

// Grow makes room for n groups.
func (a *approxPercentileAcc) Grow(n int) { a.at = growTo(a.at, n) }

// Add counts the values that are not NULL.
func (a *approxPercentileAcc) Add(groups []uint32, args []arrow.Array, _ []int64) (err error) {
	vals := types.Float64s(args[0])
	ask := askedOf(args[1:])
	eachValue(args[0], nil, func(i int, _ int64) {
		if err != nil {
			return
		}
		now := ask(i)
		p := a.at[groups[i]]
		switch {
		case p == nil:
			if p, err = newPercentileSketch(now); err != nil {
				return
			}
			a.at[groups[i]] = p
		case !p.equal(now):
			err = errAsked
			return
		}
		err = p.add(vals[i])
	})
	return err
}

// askedOf gives what each row asks: the fractions, and the relative error where there is a column of it. The slice is good until the next call.
func askedOf(args []arrow.Array) func(i int) asked {
	at := fractionsOf(args[0])
	if len(args) == 1 {
		return func(i int) asked {
			fracs, null := at(i)
			return asked{fracs, null, defaultError}
		}
	}
	errs := types.Float64s(args[1])
	return func(i int) asked {
		fracs, null := at(i)
		e := math.NaN()
		if args[1].IsValid(i) {
			e = errs[i]
		}
		return asked{fracs, null, e}
	}
}

// newPercentileSketch is an empty sketch.
func newPercentileSketch(a asked) (*percentileSketch, error) {
	if !(a.err >= 1e-4 && a.err < 1) {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "the relative error of approx_percentile must be at least 0.0001 and less than 1")
	}
	for _, f := range a.fracs {
		if err := f.check(); err != nil {
			return nil, err
		}
	}
	a.fracs = slices.Clone(a.fracs)
	p := &percentileSketch{asked: a}
	return p, p.make()
}

func (p *percentileSketch) make() error {
	buckets, err := mapping.NewLogarithmicMapping(p.err)
	if err != nil {
		return sqlerr.New(sqlerr.InvalidParameterValue, "%s", err)
	}
	p.s = ddsketch.NewDDSketch(buckets, store.NewSparseStore(), store.NewSparseStore())
	return nil
}

func (p *percentileSketch) add(v float64) error {
	most := p.s.MaxIndexableValue()
	switch {
	case math.IsNaN(v):
		p.nan++
	case math.IsInf(v, 1):
		p.high++
	case math.IsInf(v, -1):
		p.low++
	default:
		return p.s.Add(min(max(v, -most), most))
	}
	return nil
}

// value is the value at a fraction: NaN stands above all, as in ORDER BY.
func (p *percentileSketch) value(f float64) float64 {
	negative, positive := p.s.GetNegativeValueStore(), p.s.GetPositiveValueStore()
	below, zero, n := negative.TotalCount(), p.s.GetZeroCount(), p.s.GetCount()
	rank := math.Floor(f*(p.low+n+p.high+p.nan-1)) - p.low
	switch {
	case rank < 0:
		return math.Inf(-1)
	case rank < below:
		return -p.s.Value(negative.KeyAtRank(below - 1 - rank))
	case rank < below+zero:
		return 0
	case rank < n:
		return p.s.Value(positive.KeyAtRank(rank - below - zero))
	case rank < n+p.high:
		return math.Inf(1)
	}
	return math.NaN()
}

// Result is the percentiles; NULL where there is no value or no fraction.
func (a *approxPercentileAcc) Result(groups []uint32) (arrow.Array, error) {
	var out []float64
	var ok []bool
	offs := make([]int32, len(groups)+1)
	for i, g := range groups {
		p := a.at[g]
		if p == nil && !a.list {
			out, ok = append(out, 0), append(ok, false)
		}
		if p != nil {
			for _, f := range p.fracs {
				v := 0.0
				if !f.null {
					v = p.value(f.x)
				}
				out, ok = append(out, v), append(ok, !f.null)
			}
		}
		offs[i+1] = int32(len(out))
	}
	valid, nulls := validWhere(len(out), func(i int) bool { return ok[i] })
	vals := types.Float64Array(out, valid, nulls)
	if !a.list {
		return vals, nil
	}
	valid, _ = validWhere(len(groups), func(i int) bool { return a.at[groups[i]] != nil && !a.at[groups[i]].null })
	return newList(arrow.ListOf(types.Float8.Arrow()), offs, vals, valid), nil
}

// StateTypes is one column of encoded sketches.
func (a *approxPercentileAcc) StateTypes() []arrow.DataType {
	return []arrow.DataType{arrow.BinaryTypes.Binary}
}

// Save encodes the sketches.
func (a *approxPercentileAcc) Save(groups []uint32) ([]arrow.Array, error) {
	b := array.NewBinaryBuilder(types.Mem, arrow.BinaryTypes.Binary)
	for _, g := range groups {
		if a.at[g] == nil {
			b.AppendNull()
			continue
		}
		b.Append(a.at[g].encode())
	}
	return []arrow.Array{b.NewArray()}, nil
}

// encode gives the error, the counts beside the sketch, whether the array of fractions is NULL, their number, the fractions (NaN for NULL), and the sketch.
func (p *percentileSketch) encode() []byte {
	null := 0.0
	if p.null {
		null = 1
	}
	var out []byte
	head := []float64{p.err, p.low, p.high, p.nan, null, float64(len(p.fracs))}
	for _, f := range p.fracs {
		if f.null {
			f.x = math.NaN()
		}
		head = append(head, f.x)
	}
	for _, x := range head {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(x))
	}
	p.s.Encode(&out, true)
	return out
}

// decodePercentileSketch is the sketch that b holds.
func decodePercentileSketch(b []byte) (*percentileSketch, error) {
	p := &percentileSketch{}
	var null, n float64
	next := func(to *float64) bool {
		if len(b) < 8 {
			return false
		}
		*to = math.Float64frombits(binary.LittleEndian.Uint64(b))
		b = b[8:]
		return true
	}
	for _, to := range []*float64{&p.err, &p.low, &p.high, &p.nan, &null, &n} {
		if !next(to) {
			return nil, errSketch
		}
	}
	p.null = null != 0
	for range int(n) {
		f := 0.0
		if !next(&f) {
			return nil, errSketch
		}
		if math.IsNaN(f) {
			p.fracs = append(p.fracs, fraction{null: true})
		} else {
			p.fracs = append(p.fracs, fraction{x: f})
		}
	}
	if err := p.make(); err != nil {
		return nil, err
	}
	return p, p.s.DecodeAndMergeWith(b)
}

var errSketch = sqlerr.New(sqlerr.DataCorrupted, "the stored state of approx_percentile cannot be read")

// Load sets the sketches.
func (a *approxPercentileAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge unites sketches.
func (a *approxPercentileAcc) Merge(groups []uint32, cols []arrow.Array) error {
	v := cols[0].(*array.Binary)
	for i, g := range groups {
		if v.IsNull(i) {
			continue
		}
		from, err := decodePercentileSketch(v.Value(i))
		if err != nil {
			return err
		}
		p := a.at[g]
		if p == nil {
			a.at[g] = from
			continue
		}
		if !p.equal(from.asked) {
			return errAsked
		}
		p.low, p.high, p.nan = p.low+from.low, p.high+from.high, p.nan+from.nan
		if err := p.s.MergeWith(from.s); err != nil {
			return err
		}
	}
	return nil
}

// Reset empties the groups.
func (a *approxPercentileAcc) Reset(groups []uint32) {
	for _, g := range groups {
		a.at[g] = nil
	}
}

// Bytes is about the sketches' memory.
func (a *approxPercentileAcc) Bytes() int64 { return int64(len(a.at)) * 1024 }
