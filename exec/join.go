package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// join is a symmetric hash join: each change of one side is matched at once with the rows that the other side has by then. Both sides' rows are
// kept by their keys; without keys all rows have the same one. Rows that stand in the result for their own sake (those without a partner of outer and
// anti joins, those with one of semi joins) are settled at the end of a step, or, in append mode, when no partner can come any more. See join_probe.go, join_settle.go, join_state.go;
// join_stream.go has the joins that keep the right side only, join_asof.go those with the nearest row.
type join struct {
	*node
	plan     *plan.Join
	semi     bool // a left row stands for itself where it has a partner, else where it has none
	pairs    bool // matching pairs are in the result
	nullSafe bool // NOT IN: NULLs are keys too
	byRow    bool // partners are counted by row; else by key
	saving   bool
	bounded  bool
	keys     *keyTable
	side     [2]*joinSide
	rest     *joinRest
	probe    joinProbe
	ctx      func() *expr.Ctx // for Load
	gids     []uint32

	turned []uint32 // keys whose weights changed in this step
	isTurn []bool
	notIn  notInState

	streamed bool // only the right side is kept: batch and lookup joins
	asof     *asof
	outer    bool // asof: left rows without a partner are in the result
	complete bool // batch: the right side is
	held     []*types.Batch
	heldSize int64 // bytes

	single bool   // batch: no key has more than one row on the right
	read   []bool // batch: the columns that are read behind the join; nil: all

	cfg   Config
	spill bool         // rows may be spilled
	depth int          // how often they were before
	parts [2]*spillSet // by side: the rows, where they were spilled; nil: they are in memory
	// blocks has the rows, where they cannot be parted; nil: they are in memory.
	blocks *joinBlocks

	page *joinPages // nil: all rows are in memory
}

// Push matches rows with the other side, and keeps them. Where rows may have to be read the input of several calls is taken together.
func (j *join) Push(st *run, port int, b *types.Batch) error {
	held, ready := j.page.hold(port, b)
	switch {
	case !held:
		return j.push(st, port, b)
	case ready:
		return j.drain(st)
	}
	return nil
}

func (j *join) push(st *run, port int, b *types.Batch) error {
	s := j.side[port]
	if !s.changing {
		b = expandWeights(b)
	}
	if j.parts[0] != nil {
		return j.spillRows(st, port, b)
	}
	if j.streamed && port == 0 {
		if st.batch && !j.complete {
			j.held = append(j.held, b)
			j.heldSize += types.BatchBytes(b)
			return j.check(st)
		}
		return j.stream(st, b)
	}
	b, keys, err := j.prepare(st, port, b)
	if err != nil || b.N == 0 {
		return err
	}
	if port == 1 {
		j.noteNotIn(keys, b)
	}
	if j.blocks != nil && !j.blocks.replay && port == 1 {
		return j.blocks.right.write(b)
	}
	j.gids = scratch(j.gids, b.N)
	j.keys.insert(keys, j.gids)
	j.growKeys()
	if err := j.pageIn(st.ec, port, j.gids); err != nil {
		return err
	}
	var counts []int64
	if !j.streamed && j.asof == nil && (j.pairs || j.byRow) {
		if counts, err = j.match(st, port, b, j.gids); err != nil {
			return err
		}
	}
	j.keep(st, port, b, j.gids, counts)
	return j.check(st)
}

// prepare drops late rows, computes the keys, and takes out the rows that can have no partner since a key (or the time) is NULL: those of tracked sides
// go straight into the result.
func (j *join) prepare(st *run, port int, b *types.Batch) (*types.Batch, []arrow.Array, error) {
	s := j.side[port]
	if j.bounded {
		b = j.dropLate(st, s, b)
	}
	if s.own != nil {
		var err error
		if b, err = j.partnerless(st, port, b); err != nil {
			return nil, nil, err
		}
	}
	keys, err := evalCols(st.ec, s.keys, b)
	if err != nil || j.nullSafe {
		return b, keys, err
	}
	cols := keys
	if s.time >= 0 {
		cols = append(cols[:len(cols):len(cols)], b.Cols[s.time])
	}
	full, null := splitNulls(cols, b.N)
	if len(null) == 0 {
		return b, keys, nil
	}
	if s.tracked && !j.semi && (j.asof == nil || j.outer) {
		rows := types.Filter(b, null)
		if err := j.emitAlone(st, port, rows.Cols, rows.N, rows.W); err != nil {
			return nil, nil, err
		}
	}
	return types.Filter(b, full), takeCols(keys, full), nil
}

// partnerless hands on the rows that fail what the condition asks of their side alone: they are final at once. The others are left.
func (j *join) partnerless(st *run, port int, b *types.Batch) (*types.Batch, error) {
	sel, err := expr.FilterRows(st.ec, j.side[port].own, b, nil)
	if err != nil || len(sel) == b.N {
		return b, err
	}
	var alone []int32
	for i, k := 0, 0; i < b.N; i++ {
		if k < len(sel) && int(sel[k]) == i {
			k++
		} else {
			alone = append(alone, int32(i))
		}
	}
	rows := types.Filter(b, alone)
	return types.Filter(b, sel), j.emitAlone(st, port, rows.Cols, rows.N, rows.W)
}

// splitNulls parts the rows without a NULL from the others.
func splitNulls(cols []arrow.Array, n int) (full, null []int32) {
	some := false
	for _, c := range cols {
		some = some || c.NullN() > 0
	}
	if !some {
		return nil, nil
	}
	for i := range n {
		isNull := false
		for _, c := range cols {
			isNull = isNull || c.IsNull(i)
		}
		if isNull {
			null = append(null, int32(i))
		} else {
			full = append(full, int32(i))
		}
	}
	return full, null
}

// dropLate is b without the rows that came too late.
func (j *join) dropLate(st *run, s *joinSide, b *types.Batch) *types.Batch {
	var late, keep []int32
	a := b.Cols[s.time]
	for i, t := range types.Int64s(a) {
		if st.late(plusTime(t, s.close)) && a.IsValid(i) {
			late = append(late, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	if len(late) == 0 {
		return b
	}
	j.drop(st, "late", len(late), types.Filter(b, late))
	return types.Filter(b, keep)
}

func (j *join) growKeys() {
	n := j.keys.cap()
	j.side[0].growKeys(n)
	j.side[1].growKeys(n)
	j.isTurn = resize(j.isTurn, n)
	j.page.growKeys(n)
}

// keep stores rows of a side.
func (j *join) keep(st *run, port int, b *types.Batch, gids []uint32, counts []int64) {
	s := j.side[port]
	ids, fresh := s.rows.add(b)
	s.growRows()
	j.page.growRows(port, s.rows.cap())
	other := j.side[1-port]
	k := 0
	for i, e := range ids {
		g := gids[i]
		if k < len(fresh) && e == fresh[k] {
			k++
			s.link(e, g)
			if j.page != nil {
				j.page.side[port].enter(e)
			}
			if s.tracked {
				s.out[e], s.partners[e] = 0, 0
				if counts != nil {
					s.partners[e] = counts[i]
				}
			}
			if s.expiry != nil {
				s.expiry.add(e, plusTime(s.timeOf(e), s.done))
			}
		}
		s.weight[g] += b.Weight(i)
		if (s.tracked || s.changing) && !st.batch {
			s.touch(e)
		}
		if j.keeps() {
			s.unsave(e)
		}
		if !j.streamed && other.tracked && (!j.byRow || j.asof != nil) {
			j.turn(g)
		}
	}
}

// keeps says that changes of rows are noted for the next save.
func (j *join) keeps() bool { return j.saving || j.page != nil }

// turn notes that the weight of a key's rows changed.
func (j *join) turn(g uint32) {
	if !j.isTurn[g] {
		j.isTurn[g] = true
		j.turned = append(j.turned, g)
	}
}
