package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// held computes what reads the clock, or is volatile, over rows that can go again: what a row gave when it came is kept, so that the same goes
// with it. Its state is the rows with their results, each with its weight. Rows are settled by their net weight in a step.
type held struct {
	*node
	items   []expr.Expr
	filter  bool // the only item is a condition: its rows are handed on, not the items
	width   int  // of the input
	set     *rowSet
	rows    *keyTable  // the input rows of set
	of      [][]uint32 // by input row: its rows in set, the oldest first
	net     []int64    // by input row: the weight that came in this step
	touched []uint32
}

// holds says that an operator computes something that is not the same when a row goes as when it came.
func (b *builder) holds(in plan.Node, items ...expr.Expr) bool {
	return slices.ContainsFunc(items, expr.Varies) && b.changes.of(in)
}

func (b *builder) held(node *node, below plan.Node, filter bool, items []expr.Expr) (Op, error) {
	in, err := b.build(below)
	if err != nil {
		return nil, err
	}
	ts := below.Schema().Types()
	h := &held{node: node, items: items, filter: filter, width: len(ts), rows: newKeyTable(ts).exact()}
	for _, x := range items {
		ts = append(ts, x.Type())
	}
	h.set = newRowSet(newKeyTable(ts).exact(), 1, b.cfg.Mode != plan.Batch && !b.cfg.Ephemeral)
	return b.link(h, in), nil
}

// Push adds up the weights of the rows.
func (h *held) Push(_ *run, _ int, b *types.Batch) error {
	ids := h.find(b.Cols, b.N)
	for i, r := range ids {
		if h.net[r] == 0 {
			h.touched = append(h.touched, r)
		}
		h.net[r] += b.Weight(i)
	}
	return nil
}

func (h *held) find(cols []arrow.Array, n int) []uint32 {
	ids := make([]uint32, n)
	h.rows.insert(cols, ids)
	h.of, h.net = resize(h.of, h.rows.cap()), resize(h.net, h.rows.cap())
	return ids
}

// Finish takes what goes from what is kept, and computes what came.
func (h *held) Finish(st *run) error {
	slices.Sort(h.touched)
	h.touched = slices.Compact(h.touched)
	var gone, fresh []uint32
	var weights, news []int64
	for _, r := range h.touched {
		left := h.net[r]
		for i := 0; left < 0 && i < len(h.of[r]); i++ {
			e := h.of[r][i]
			w := min(-left, h.set.w[0][e])
			if w > 0 {
				h.set.touch(e)
				h.set.w[0][e] -= w
				left += w
				gone, weights = append(gone, e), append(weights, -w)
			}
		}
		if left != 0 {
			fresh, news = append(fresh, r), append(news, left)
		}
	}
	out := []*types.Batch{h.set.result(gone, weights)}
	if len(fresh) > 0 {
		b := &types.Batch{Cols: h.rows.gather(fresh), N: len(fresh), W: news}
		cols, err := evalCols(st.ec, h.items, b)
		if err != nil {
			return err
		}
		b.Cols = append(slices.Clip(b.Cols), cols...)
		for i, e := range h.set.add(0, b.Cols, b) {
			if r := fresh[i]; !slices.Contains(h.of[r], e) {
				h.of[r] = append(h.of[r], e)
			}
		}
		out = append(out, b)
	}
	h.forget()
	for _, b := range out {
		if err := h.emitSlices(st, h.shown(b)); err != nil {
			return err
		}
	}
	return nil
}

// forget ends the step: input rows of which nothing is left go.
func (h *held) forget() {
	for _, r := range h.touched {
		h.net[r] = 0
		h.of[r] = slices.DeleteFunc(h.of[r], func(e uint32) bool { return h.set.w[0][e] == 0 })
		if len(h.of[r]) == 0 {
			h.rows.remove(r)
		}
	}
	h.touched = h.touched[:0]
	h.set.sweep()
}

// shown is what is handed on of rows with their results.
func (h *held) shown(b *types.Batch) *types.Batch {
	if !h.filter {
		return &types.Batch{Cols: b.Cols[h.width:], N: b.N, W: b.W}
	}
	cond := b.Cols[h.width].(*array.Boolean)
	var keep []int32
	for i := range b.N {
		if cond.IsValid(i) && cond.Value(i) {
			keep = append(keep, int32(i))
		}
	}
	h.stats.dropped["filtered"].Add(int64(b.N - len(keep)))
	return types.Filter(&types.Batch{Cols: b.Cols[:h.width], N: b.N, W: b.W}, keep)
}

// SaveDelta gives the rows that changed.
func (h *held) SaveDelta() ([]Chunk, error) { return h.set.saveDelta(h.name), nil }

// SaveAll gives all rows.
func (h *held) SaveAll() ([]Chunk, error) { return h.set.saveAll(h.name), nil }

// Load takes a chunk.
func (h *held) Load(c Chunk) error {
	h.set.load(c.Batch)
	return nil
}

// Loaded finds the input rows again.
func (h *held) Loaded() error {
	es := h.set.tab.all()
	for i, r := range h.find(h.set.tab.gather(es)[:h.width], len(es)) {
		h.of[r] = append(h.of[r], es[i])
	}
	return nil
}

// Size is the number of rows and about their bytes.
func (h *held) Size() (rows, bytes int64) {
	rows, bytes = h.set.size()
	return rows, bytes + h.rows.memory() + int64(32*cap(h.of)+8*cap(h.net))
}
