package expr

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// topCounters is how many values approx_top_k counts in a group: with no more distinct values than that its counts are exact, else each is too low by less than rows / topCounters.
const topCounters = 10_000

// mostTop is the greatest k of approx_top_k.
const mostTop = 1000

// approxTopAggs are the most frequent values, by the counters of Misra and Gries (1982), merged as in Agarwal et al., Mergeable Summaries (PODS 2012).
func approxTopAggs() []*Agg {
	return []*Agg{{Name: "approx_top_k", Args: args(types.AnyNonArray, types.Int4), Ret: types.AnyArray, Doc: "about the k most frequent values, the most frequent first: value, k",
		RetFn: func(ts []types.Type) types.Type {
			t, _ := ts[0].Array()
			return t
		},
		New: func(ts []types.Type) Accumulator {
			return &approxTopAcc{values: arrayAcc{elem: ts[0]}, cmp: types.NewComparer(ts[0])}
		}}}
}

// approxTopAcc has the counters of each group. Their values lie in values, at the same places of at.
type approxTopAcc struct {
	values arrayAcc
	cmp    func(a arrow.Array, i int, b arrow.Array, j int) int
	groups []topGroup
	hashes []uint64
}

type topGroup struct {
	k      int32 // what is asked for; 0: no row yet
	counts []int64
	hashes []uint64
	byHash map[uint64][]int32
}

// ask notes what is asked of the group; it is the same in all rows, else the result would depend on their order.
func (g *topGroup) ask(k int32) error {
	if g.k != 0 && g.k != k {
		return sqlerr.New(sqlerr.InvalidParameterValue, "the number of values of approx_top_k must be the same in all rows of a group")
	}
	g.k = k
	return nil
}

// Grow makes room for n groups.
func (a *approxTopAcc) Grow(n int) {
	a.values.Grow(n)
	a.groups = growTo(a.groups, n)
}

// Add counts the values that are not NULL.
func (a *approxTopAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	ks := types.Int32s(args[1])
	for i, g := range groups {
		k := ks[i]
		if k < 1 || k > mostTop || args[1].IsNull(i) {
			return sqlerr.New(sqlerr.InvalidParameterValue, "approx_top_k needs 1 to %d as its number of values", mostTop)
		}
		if err := a.groups[g].ask(k); err != nil {
			return err
		}
	}
	return a.count(groups, args[0], w)
}

// count adds values, with their weights.
func (a *approxTopAcc) count(groups []uint32, col arrow.Array, w []int64) error {
	a.hashes = growTo(a.hashes, len(groups))
	types.HashCols([]arrow.Array{col}, []types.Type{a.values.elem}, len(groups), a.hashes[:len(groups)])
	from, fresh := uint32(len(a.values.cols)), []int32(nil)
	at := func(p place) (arrow.Array, int) {
		if p.col == from {
			return col, int(fresh[p.row])
		}
		return a.values.cols[p.col], int(p.row)
	}
	eachValue(col, w, func(i int, w int64) {
		id, h := groups[i], a.hashes[i]
		g := &a.groups[id]
		for _, e := range g.byHash[h] {
			c, k := at(a.values.at[id][e])
			if a.cmp(c, k, col, i) != 0 {
				continue
			}
			if g.counts[e] += w; before(col, i, c, k, a.values.elem) {
				a.values.at[id][e] = place{from, int32(len(fresh))}
				fresh = append(fresh, int32(i))
			}
			return
		}
		if g.byHash == nil {
			g.byHash = map[uint64][]int32{}
		}
		g.byHash[h] = append(g.byHash[h], int32(len(g.counts)))
		g.counts, g.hashes = append(g.counts, w), append(g.hashes, h)
		a.values.at[id] = append(a.values.at[id], place{from, int32(len(fresh))})
		a.values.used++
		fresh = append(fresh, int32(i))
		if len(g.counts) >= 2*topCounters {
			a.shrink(id)
		}
	})
	if len(fresh) == 0 {
		return nil
	}
	a.values.cols = append(a.values.cols, types.Take(col, fresh))
	a.values.rows += int64(len(fresh))
	a.values.since += int64(len(fresh))
	return a.values.compact()
}

// before says whether of two equal values the first is the one to show: so that, where they are written differently, the order in which they came does not matter.
func before(a arrow.Array, i int, b arrow.Array, j int, t types.Type) bool {
	if types.SameValue(a, i, b, j) {
		return false
	}
	f := types.UTCFormat(0)
	return string(types.AppendText(nil, a, i, t, f)) < string(types.AppendText(nil, b, j, t, f))
}

// shrink leaves topCounters counters to a group: what the next one has is taken from all of them.
func (a *approxTopAcc) shrink(id uint32) {
	g := &a.groups[id]
	if len(g.counts) <= topCounters {
		return
	}
	sorted := slices.Clone(g.counts)
	slices.SortFunc(sorted, func(a, b int64) int { return cmp.Compare(b, a) })
	less, n := sorted[topCounters], 0
	clear(g.byHash)
	for i, c := range g.counts {
		if c <= less {
			continue
		}
		g.counts[n], g.hashes[n], a.values.at[id][n] = c-less, g.hashes[i], a.values.at[id][i]
		g.byHash[g.hashes[n]] = append(g.byHash[g.hashes[n]], int32(n))
		n++
	}
	a.values.used -= int64(len(g.counts) - n)
	g.counts, g.hashes, a.values.at[id] = g.counts[:n], g.hashes[:n], a.values.at[id][:n]
}

// Result is the most frequent values; of equally many the least comes first. NULL where there is none.
func (a *approxTopAcc) Result(groups []uint32) (arrow.Array, error) {
	offs, ps := make([]int32, len(groups)+1), []place(nil)
	for i, id := range groups {
		g := &a.groups[id]
		vals, err := a.values.pick(a.values.at[id])
		if err != nil {
			return nil, err
		}
		order := make([]int, len(g.counts))
		for k := range order {
			order[k] = k
		}
		slices.SortFunc(order, func(x, y int) int {
			return cmp.Or(cmp.Compare(g.counts[y], g.counts[x]), a.cmp(vals, x, vals, y))
		})
		for _, k := range order[:min(int(g.k), len(order))] {
			ps = append(ps, a.values.at[id][k])
		}
		offs[i+1] = int32(len(ps))
	}
	vals, err := a.values.pick(ps)
	if err != nil {
		return nil, err
	}
	valid, _ := validWhere(len(groups), func(i int) bool { return offs[i+1] > offs[i] })
	return newList(arrow.ListOf(a.values.elem.Arrow()), offs, vals, valid), nil
}

// StateTypes are the values, and k with the counts.
func (a *approxTopAcc) StateTypes() []arrow.DataType {
	return append(a.values.StateTypes(), arrow.BinaryTypes.Binary)
}

// Save gives the values, and k with the counts.
func (a *approxTopAcc) Save(groups []uint32) ([]arrow.Array, error) {
	out, err := a.values.Save(groups)
	if err != nil {
		return nil, err
	}
	return append(out, bytesColumn(arrow.BinaryTypes.Binary, len(groups), func(dst []byte, i int) ([]byte, bool) {
		g := &a.groups[groups[i]]
		dst = binary.AppendVarint(dst, int64(g.k))
		for _, c := range g.counts {
			dst = binary.AppendVarint(dst, c)
		}
		return dst, true
	})), nil
}

// Load sets the counters.
func (a *approxTopAcc) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	return a.Merge(groups, cols)
}

// Merge adds counters.
func (a *approxTopAcc) Merge(groups []uint32, cols []arrow.Array) error {
	vals, state := cols[0].(*array.List), cols[1].(*array.Binary)
	var gs []uint32
	var rows []int32
	var ws []int64
	for i, id := range groups {
		b := state.Value(i)
		k, n := binary.Varint(b)
		b = b[max(n, 0):]
		if k > 0 {
			if err := a.groups[id].ask(int32(k)); err != nil {
				return err
			}
		}
		if vals.IsNull(i) {
			continue
		}
		from, to := vals.ValueOffsets(i)
		for r := from; r < to; r++ {
			c, n := binary.Varint(b)
			if n <= 0 {
				return sqlerr.New(sqlerr.DataCorrupted, "the stored state of approx_top_k cannot be read")
			}
			b = b[n:]
			gs, rows, ws = append(gs, id), append(rows, int32(r)), append(ws, c)
		}
	}
	return a.count(gs, types.Take(vals.ListValues(), rows), ws)
}

// Reset empties the groups.
func (a *approxTopAcc) Reset(groups []uint32) {
	a.values.Reset(groups)
	for _, g := range groups {
		a.groups[g] = topGroup{}
	}
}

// Bytes is about the memory of the values and their counters.
func (a *approxTopAcc) Bytes() int64 { return a.values.Bytes() + a.values.used*64 }
