package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// overCalc computes the columns that an operator over ordered partitions adds.
type overCalc interface {
	// calc takes rows sorted by partition and order (ids, repeated by weight), where each partition starts (and the end of all), and from which row
	// on values are wanted (nil: of all rows; others may be anything).
	calc(ec *expr.Ctx, rows *slots, ids []uint32, starts, from []int32) ([]arrow.Array, error)
	// reach tells which rows the values of a row depend on.
	reach() reach
}

// reach is how many rows before and behind itself a row's values depend on, unbounded for all of them. Without peers, what rows with equal keys do does not matter.
type reach struct {
	before, behind int64
	peers          bool
}

const unbounded = int64(1) << 40

// windowCalc computes window functions; their expressions are constants or columns of the stored rows.
type windowCalc struct {
	funcs []plan.OverCall
	order []plan.SortKey
	cmp   *slotOrder
	reads []bool // columns that are read
}

func (c *windowCalc) calc(ec *expr.Ctx, rows *slots, ids []uint32, starts, from []int32) ([]arrow.Array, error) {
	r := &overRows{n: len(ids), starts: starts, from: from, order: c.order, b: &types.Batch{N: len(ids), Cols: make([]arrow.Array, len(rows.cols))}}
	r.same = func(i, j int) bool { return c.cmp.compareKeys(ids[i], ids[j]) == 0 }
	for k, read := range c.reads {
		if read {
			r.b.Cols[k] = rows.cols[k].gather(ids)
		}
	}
	out := make([]arrow.Array, len(c.funcs))
	for k := range c.funcs {
		a, err := r.eval(ec, &c.funcs[k])
		if err != nil {
			return nil, err
		}
		out[k] = a
	}
	return out, nil
}

func (c *windowCalc) reach() reach {
	var out reach
	for i := range c.funcs {
		r := reachOf(&c.funcs[i])
		out.before, out.behind, out.peers = max(out.before, r.before), max(out.behind, r.behind), out.peers || r.peers
	}
	return out
}

func reachOf(f *plan.OverCall) reach {
	switch f.Name {
	case "row_number":
		return reach{before: unbounded}
	case "rank", "dense_rank":
		return reach{before: unbounded, peers: true}
	case "lag", "lead":
		by, isConst := int64(1), true
		if len(f.Args) > 1 {
			by, isConst = smallConst(f.Args[1])
		}
		switch {
		case !isConst:
			return reach{unbounded, unbounded, false}
		case (f.Name == "lag") == (by >= 0):
			return reach{before: max(by, -by)}
		}
		return reach{behind: max(by, -by)}
	case "percent_rank", "cume_dist", "ntile":
		return reach{unbounded, unbounded, true}
	}
	r := reach{unbounded, unbounded, f.Frame.Mode != "rows" || f.Frame.Exclude == "group" || f.Frame.Exclude == "ties"}
	if r.peers {
		if f.Frame.Mode != "rows" && (f.Frame.End == "current row" || f.Frame.End == "preceding") {
			r.behind = 0
		}
		return r
	}
	edge := func(kind string, x expr.Expr) (int64, bool) {
		switch kind {
		case "current row":
			return 0, true
		case "preceding", "following":
			if by, ok := smallConst(x); ok && by >= 0 {
				return by, true
			}
		}
		return unbounded, false
	}
	if by, ok := edge(f.Frame.Start, f.Frame.StartX); ok {
		if r.before = by; f.Frame.Start == "following" {
			r.before = 0
		}
	}
	if by, ok := edge(f.Frame.End, f.Frame.EndX); ok {
		if r.behind = by; f.Frame.End == "preceding" {
			r.behind = 0
		}
	}
	return r
}

// smallConst is the value of an integer constant.
func smallConst(x expr.Expr) (int64, bool) {
	c, ok := x.(*expr.Const)
	if !ok || c.IsNull() {
		return 0, false
	}
	switch c.Typ.Base() {
	case types.Int4:
		return int64(types.Int32s(c.Arr)[0]), true
	case types.Int8:
		return max(-unbounded, min(unbounded, types.Int64s(c.Arr)[0])), true
	}
	return 0, false
}

// overRows is what window functions see: rows sorted by partition and order.
type overRows struct {
	n      int
	b      *types.Batch
	order  []plan.SortKey
	from   []int32             // by partition: the first row whose values are wanted; nil: all
	starts []int32             // first row of each partition, and n
	same   func(i, j int) bool // rows of a partition have equal keys
	lo, hi []int32             // by row: its partition
	groups []int32             // first row of each group of peers, and n
	group  []int32             // by row: number of its group
}

// bounds finds the partitions and the peers of the rows.
func (r *overRows) bounds() {
	if r.lo != nil {
		return
	}
	r.lo, r.hi, r.group = make([]int32, r.n), make([]int32, r.n), make([]int32, r.n)
	for p := range len(r.starts) - 1 {
		from, to := r.starts[p], r.starts[p+1]
		for i := from; i < to; i++ {
			r.lo[i], r.hi[i] = from, to
			if i == from || len(r.order) > 0 && !r.same(int(i-1), int(i)) {
				r.groups = append(r.groups, i)
			}
			r.group[i] = int32(len(r.groups) - 1)
		}
	}
	r.groups = append(r.groups, int32(r.n))
}

// peers are the rows with row i's keys.
func (r *overRows) peers(i int32) (from, to int32) {
	g := r.group[i]
	return r.groups[g], r.groups[g+1]
}

func (r *overRows) eval(ec *expr.Ctx, f *plan.OverCall) (arrow.Array, error) {
	r.bounds()
	if f.Agg != nil {
		return r.aggregate(ec, f)
	}
	args, err := evalCols(ec, f.Args, r.b)
	if err != nil {
		return nil, err
	}
	if !readsFrame(f.Name) && (f.Frame.StartX != nil || f.Frame.EndX != nil) {
		if _, err := r.frames(ec, &f.Frame); err != nil { // a frame that nobody reads must be right, too
			return nil, err
		}
	}
	switch f.Name {
	case "row_number":
		return r.ints(func(i int32) int64 { return int64(i-r.lo[i]) + 1 }), nil
	case "rank":
		return r.ints(func(i int32) int64 { from, _ := r.peers(i); return int64(from-r.lo[i]) + 1 }), nil
	case "dense_rank":
		return r.ints(func(i int32) int64 { return int64(r.group[i]-r.group[r.lo[i]]) + 1 }), nil
	case "percent_rank":
		return r.floats(func(i int32) float64 {
			from, _ := r.peers(i)
			return float64(from-r.lo[i]) / float64(max(1, r.hi[i]-r.lo[i]-1))
		}), nil
	case "cume_dist":
		return r.floats(func(i int32) float64 {
			_, to := r.peers(i)
			return float64(to-r.lo[i]) / float64(r.hi[i]-r.lo[i])
		}), nil
	case "ntile":
		return r.ntile(args[0])
	case "lag":
		return r.shift(args, -1)
	case "lead":
		return r.shift(args, 1)
	case "first_value", "last_value", "nth_value":
		return r.framed(ec, f, args)
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "window function %s is not supported", f.Name)
}

func (r *overRows) ints(f func(i int32) int64) arrow.Array {
	out := make([]int64, r.n)
	for i := range out {
		out[i] = f(int32(i))
	}
	return types.Int64Array(out, nil, 0)
}

func (r *overRows) floats(f func(i int32) float64) arrow.Array {
	out := make([]float64, r.n)
	for i := range out {
		out[i] = f(int32(i))
	}
	return types.Float64Array(out, nil, 0)
}

// readsFrame says whether the value of a window function depends on its frame.
func readsFrame(name string) bool {
	return name == "first_value" || name == "last_value" || name == "nth_value"
}

// ntile deals a partition's rows out to buckets; how many is said by the first row where it is not NULL.
func (r *overRows) ntile(arg arrow.Array) (arrow.Array, error) {
	n := types.Int32s(arg)
	out := make([]int32, r.n)
	valid, nulls := make([]byte, (r.n+7)/8), 0
	for p := range len(r.starts) - 1 {
		from, to := r.starts[p], r.starts[p+1]
		at := from
		for at < to && arg.IsNull(int(at)) {
			at++
			nulls++
		}
		if at == to {
			continue
		}
		buckets := int64(n[at])
		if buckets <= 0 {
			return nil, sqlerr.New(invalidNtile, "argument of ntile must be greater than zero")
		}
		per, more := int64(to-from)/buckets, int64(to-from)%buckets
		for i := at; i < to; i++ {
			setBit(valid, int(i))
			k := int64(i - at)
			if big := more * (per + 1); k < big {
				out[i] = int32(k/(per+1)) + 1
			} else {
				out[i] = int32(more+(k-big)/max(1, per)) + 1
			}
		}
	}
	if nulls == 0 {
		valid = nil
	}
	return types.Int32Array(out, valid, nulls), nil
}

// SQLSTATEs of window functions.
const (
	invalidNtile     = "22014"
	invalidNthValue  = "22016"
	invalidFrameSize = "22013"
)

// shift is lag (dir -1) and lead (dir 1): the value so many rows off, else the default.
func (r *overRows) shift(args []arrow.Array, dir int64) (arrow.Array, error) {
	rows := make([]int32, r.n)
	var missing []int32
	for i := range rows {
		by := int64(1)
		rows[i] = -1
		if len(args) > 1 {
			if args[1].IsNull(i) {
				continue
			}
			by = int64(types.Int32s(args[1])[i])
		}
		to := int64(i) + dir*by
		if to >= int64(r.lo[i]) && to < int64(r.hi[i]) {
			rows[i] = int32(to)
		} else {
			missing = append(missing, int32(i))
		}
	}
	if len(args) < 3 || missing == nil {
		return types.Take(args[0], rows), nil
	}
	both, err := types.Concat([]arrow.Array{args[0], args[2]})
	if err != nil {
		return nil, err
	}
	for _, i := range missing {
		rows[i] = int32(r.n) + i
	}
	return types.Take(both, rows), nil
}

// framed is first_value, last_value and nth_value.
func (r *overRows) framed(ec *expr.Ctx, f *plan.OverCall, args []arrow.Array) (arrow.Array, error) {
	fr, err := r.frames(ec, &f.Frame)
	if err != nil {
		return nil, err
	}
	rows := make([]int32, r.n)
	for i := range rows {
		nth, back := int64(1), f.Name == "last_value"
		if f.Name == "nth_value" {
			if args[1].IsNull(i) {
				rows[i] = -1
				continue
			}
			if nth = int64(types.Int32s(args[1])[i]); nth <= 0 {
				return nil, sqlerr.New(invalidNthValue, "argument of nth_value must be greater than zero")
			}
		}
		rows[i] = fr.at(int32(i), nth, back)
	}
	return types.Take(args[0], rows), nil
}

// columnsOf marks the columns that expressions read.
func columnsOf(n int, xs []expr.Expr) []bool {
	out := make([]bool, n)
	for _, x := range xs {
		for _, c := range expr.Columns(x) {
			out[c] = true
		}
	}
	return out
}

// isPlain says that an expression needs no place of its own in the stored rows.
func isPlain(x expr.Expr) bool {
	switch x.(type) {
	case *expr.Column, *expr.Const:
		return true
	}
	return expr.IsConst(x)
}

// stored replaces expressions by columns: those that are neither columns nor constants are added to extra, behind width columns.
func stored(xs []expr.Expr, width int, extra *[]expr.Expr) []expr.Expr {
	out := slices.Clone(xs)
	for i, x := range xs {
		if !isPlain(x) {
			out[i] = &expr.Column{Idx: width + len(*extra), Name: x.String(), Typ: x.Type()}
			*extra = append(*extra, x)
		}
	}
	return out
}
