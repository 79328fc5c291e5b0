package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// seriesFuncs are the set-returning functions, those of JSON aside.
func seriesFuncs() []*Func {
	I4, I8, N, X := types.Int4, types.Int8, types.Numeric, types.Text
	TS, TZ, V := types.Timestamp, types.TimestampTZ, types.Interval
	set := func(name string, as []types.Type, ret types.Type, k SetKernel, doc string) *Func {
		return &Func{Name: name, Args: as, Ret: ret, Vol: Immutable, Set: k, Doc: doc}
	}
	const doc = "numbers from a start to an end by a step"
	return []*Func{
		set("generate_series", args(I4, I4), I4, intSeries[int32](I4), doc), set("generate_series", args(I4, I4, I4), I4, intSeries[int32](I4), doc),
		set("generate_series", args(I8, I8), I8, intSeries[int64](I8), doc), set("generate_series", args(I8, I8, I8), I8, intSeries[int64](I8), doc),
		set("generate_series", args(N, N), N, decSeries, doc), set("generate_series", args(N, N, N), N, decSeries, doc),
		set("generate_series", args(TS, TS, V), TS, timeSeries(TS), "times from a start to an end by a step"),
		vol(Stable, set("generate_series", args(TZ, TZ, V), TZ, timeSeries(TZ), "times from a start to an end by a step")),
		{Name: "unnest", Args: args(types.AnyArray), Ret: types.AnyElement, Vol: Immutable, Set: unnest, Doc: "elements of an array"},
		set("generate_subscripts", args(types.AnyArray, I4), I4, subscripts, "subscripts of an array"),
		set("generate_subscripts", args(types.AnyArray, I4, types.Bool), I4, subscripts, "subscripts of an array"),
		set("regexp_split_to_table", args(X, X), X, regexpSplitTable, "text between the matches"),
		set("regexp_split_to_table", args(X, X, X), X, regexpSplitTable, "text between the matches, with flags"),
		set("regexp_matches", args(X, X), textArray(), regexpMatches, "captures of the first match"),
		set("regexp_matches", args(X, X, X), textArray(), regexpMatches, "captures of the first match, or with flag g of all"),
		set("string_to_table", args(X, X), X, stringToTable, "fields of a text"),
		set("string_to_table", args(X, X, X), X, stringToTable, "fields of a text, a text standing for NULL"),
		{Name: "_pg_expandarray", Args: args(types.AnyArray), Ret: types.Record, Vol: Immutable, Set: expandArray, Doc: "elements of an array and their subscripts",
			RetCols: []SetCol{{"x", types.AnyElement}, {"n", I4}}},
	}
}

const maxSeries = 100_000_000 // rows that one call gives at most

func seriesTooLong() error {
	return sqlerr.New(sqlerr.ProgramLimitExceeded, "generate_series gives too many rows").WithHint("Use a larger step, or several calls.")
}

func stepZero() error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "step size cannot equal zero")
}

func anyNull(vs []Vec, i int) bool {
	for _, v := range vs {
		if v.IsNull(i) {
			return true
		}
	}
	return false
}

func intSeries[T signed](t types.Type) SetKernel {
	return func(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
		var out []T
		var rows []int32
		for i := range n {
			if anyNull(vs, i) {
				continue
			}
			at := func(k int) int64 { return int64(values[T](vs[k].Arr)[vs[k].Idx(i)]) }
			from, to, step := at(0), at(1), int64(1)
			if len(vs) > 2 {
				step = at(2)
			}
			if step == 0 {
				return nil, nil, stepZero()
			}
			for x := from; step > 0 && x <= to || step < 0 && x >= to; {
				if len(out) >= maxSeries {
					return nil, nil, seriesTooLong()
				}
				out, rows = append(out, T(x)), append(rows, int32(i))
				next, over := addOver(x, step)
				if over {
					break
				}
				x = next
			}
		}
		return []arrow.Array{newFixed(t.Arrow(), out, nil)}, rows, nil
	}
}

func decSeries(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
	var out []types.Dec
	var rows []int32
	for i := range n {
		if anyNull(vs, i) {
			continue
		}
		from, to, step := readDec(vs[0])(i), readDec(vs[1])(i), types.FromInt64(1)
		if len(vs) > 2 {
			step = readDec(vs[2])(i)
		}
		if !from.Finite() || !to.Finite() || !step.Finite() {
			return nil, nil, sqlerr.New(sqlerr.InvalidParameterValue, "start, stop and step values must be finite")
		}
		if step.Sign() == 0 {
			return nil, nil, stepZero()
		}
		for x := from; x.Cmp(to)*step.Sign() <= 0; x = x.Add(step) {
			if len(out) >= maxSeries {
				return nil, nil, seriesTooLong()
			}
			out, rows = append(out, x), append(rows, int32(i))
		}
	}
	v, err := write(types.Numeric, len(out), nil, func(i int) (types.Dec, error) { return out[i], nil })
	return []arrow.Array{v.Arr}, rows, err
}

func timeSeries(t types.Type) SetKernel {
	return func(ctx *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
		var out []int64
		var rows []int32
		loc := ctx.Format.Loc
		if t == types.Timestamp {
			loc = nil
		}
		for i := range n {
			if anyNull(vs, i) {
				continue
			}
			x, to := values[int64](vs[0].Arr)[vs[0].Idx(i)], values[int64](vs[1].Arr)[vs[1].Idx(i)]
			step := readInterval(vs[2])(i)
			sign := step.Cmp(interval{})
			if sign == 0 {
				return nil, nil, stepZero()
			}
			for sign > 0 && x <= to || sign < 0 && x >= to {
				if len(out) >= maxSeries || isInfTime(x) {
					return nil, nil, seriesTooLong()
				}
				out, rows = append(out, x), append(rows, int32(i))
				next, err := types.TimestampAddInterval(x, step, loc)
				if err != nil {
					return nil, nil, err
				}
				x = next
			}
		}
		return []arrow.Array{newFixed(t.Arrow(), out, nil)}, rows, nil
	}
}

// listRows lists the elements of each row: the row of the batch and the row of the elements.
func listRows(v Vec, n int) (rows, idx []int32) {
	l := readList(v)
	for i := range n {
		if v.IsNull(i) {
			continue
		}
		for it := l(i); it.from < it.to; it.from++ {
			rows, idx = append(rows, int32(i)), append(idx, int32(it.from))
		}
	}
	return rows, idx
}

func unnest(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
	rows, idx := listRows(vs[0], n)
	return []arrow.Array{types.Take(listElems(vs[0]), idx)}, rows, nil
}

// ordinals numbers the rows of each input row from 1.
func ordinals(rows []int32) []int32 {
	out := make([]int32, len(rows))
	for k := range rows {
		out[k] = 1
		if k > 0 && rows[k] == rows[k-1] {
			out[k] = out[k-1] + 1
		}
	}
	return out
}

func expandArray(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
	rows, idx := listRows(vs[0], n)
	return []arrow.Array{types.Take(listElems(vs[0]), idx), newFixed(types.Int4.Arrow(), ordinals(rows), nil)}, rows, nil
}

func subscripts(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
	var out, rows []int32
	l, dim := readList(vs[0]), read[int32](vs[1])
	for i := range n {
		if anyNull(vs, i) {
			continue
		}
		dims := l(i).dims()
		if dim(i) < 1 || int(dim(i)) > len(dims) {
			continue
		}
		d := dims[dim(i)-1]
		size := d.Len
		down := len(vs) > 2 && read[bool](vs[2])(i)
		for k := int32(1); k <= size; k++ {
			x := k
			if down {
				x = size + 1 - k
			}
			out, rows = append(out, x+d.Lower-1), append(rows, int32(i))
		}
	}
	return []arrow.Array{newFixed(types.Int4.Arrow(), out, nil)}, rows, nil
}

func regexpSplitTable(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
	s, re := stringsOf(vs[0]), splitArgs("regexp_split_to_table", vs)
	out := newTextLists(n, nil)
	var rows []int32
	for i := range n {
		if anyNull(vs, i) {
			continue
		}
		r, err := re(i)
		if err != nil {
			return nil, nil, err
		}
		parts, err := splitRegex(r, s.at(i))
		if err != nil {
			return nil, nil, err
		}
		for _, part := range parts {
			out.add(part)
			rows = append(rows, int32(i))
		}
	}
	return []arrow.Array{out.elements()}, rows, nil
}

func regexpMatches(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
	s, re := stringsOf(vs[0]), regexArgs(vs)
	out := newTextLists(n, nil)
	var rows []int32
	for i := range n {
		if anyNull(vs, i) {
			continue
		}
		r, err := re(i)
		if err != nil {
			return nil, nil, err
		}
		var all [][]int
		if r.global {
			all, err = r.findAll(s.at(i))
		} else if m, e := r.submatches(s.at(i)); m != nil || e != nil {
			all, err = append(all, m), e
		}
		if err != nil {
			return nil, nil, err
		}
		for _, m := range all {
			out.addMatch(s.at(i), m)
			out.endRow()
			rows = append(rows, int32(i))
		}
	}
	return []arrow.Array{out.finish().Arr}, rows, nil
}

func stringToTable(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
	s := stringsOf(vs[0])
	out := newTextLists(n, nil)
	var rows []int32
	for i := range n {
		if !vs[0].IsNull(i) {
			splitFields(s.at(i), vs[1], i, func(f string) {
				addField(out, f, vs, i)
				rows = append(rows, int32(i))
			})
		}
	}
	return []arrow.Array{out.elements()}, rows, nil
}
