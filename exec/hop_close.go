package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// hopClose is a hopping aggregate in append mode: its state are the panes' groups; when the watermark closes a window its panes are merged and handed
// on, and a pane is forgotten after its last window.
type hopClose struct {
	*node
	hop    *hopPlan
	panes  *aggregate
	byPane map[int64][]uint32 // groups
	starts []int64            // of the panes, ascending
	blocks map[int64]*merged  // by the start of their first pane
	wm     int64
}

func newHopClose(n *node, h *hopPlan, cfg Config) *hopClose {
	return &hopClose{node: n, hop: h, panes: newAggregate(n, h.paned, cfg, false), byPane: map[int64][]uint32{}, blocks: map[int64]*merged{}, wm: NoWatermark}
}

// Push adds rows to their panes. What comes for windows that have closed is late.
func (h *hopClose) Push(st *run, _ int, b *types.Batch) error {
	b, err := appendOnly(b)
	if err != nil {
		return err
	}
	b = h.hop.dropLate(st, h.node, b)
	if b.N == 0 {
		return nil
	}
	keys, err := evalCols(st.ec, h.hop.paned.Group, b)
	if err != nil {
		return err
	}
	if err := h.panes.pushSet(st, 0, b, keys); err != nil {
		return err
	}
	h.register(h.panes.keys.fresh)
	h.spoil(types.Int64s(b.Cols[len(b.Cols)-2]))
	return nil
}

func (h *hopClose) register(fresh []uint32) {
	for _, g := range fresh {
		p := h.panes.keys.cols[0].ints[g]
		if h.byPane[p] == nil {
			at, _ := slices.BinarySearch(h.starts, p)
			h.starts = slices.Insert(h.starts, at, p)
		}
		h.byPane[p] = append(h.byPane[p], g)
	}
}

// Finish hands on the windows that closed in this step.
func (h *hopClose) Finish(st *run) error {
	h.panes.sweep()
	for s, ok := h.nextWindow(st.WMStart); ok && h.hop.closeOf(s) <= st.wmEnd; s, ok = h.nextWindow(h.hop.closeOf(s)) {
		if err := h.emitWindow(st, s); err != nil {
			return err
		}
	}
	h.wm = st.wmEnd
	if h.evict(st.wmEnd) && h.panes.saving != nil {
		wm := types.Int64Array([]int64{st.wmEnd}, nil, 0)
		h.panes.saving.log = append(h.panes.saving.log, Chunk{h.name, "c", &types.Batch{N: 1, Cols: []arrow.Array{wm}}})
	}
	return nil
}

// nextWindow is the start of the first window with rows that is open at wm.
func (h *hopClose) nextWindow(wm int64) (start int64, ok bool) {
	for _, p := range h.starts {
		if h.hop.lastClose(p) <= wm {
			continue
		}
		s := h.hop.firstStart(p)
		if h.hop.closeOf(s) <= wm {
			s = floorTo(wm-h.hop.closeOf(0), h.hop.win.Slide, h.hop.win.Origin) + h.hop.win.Slide
		}
		return s, true
	}
	return 0, false
}

// emitWindow merges the panes of a window and hands its groups on, in the order of the keys.
func (h *hopClose) emitWindow(st *run, start int64) error {
	parts, err := h.parts(start, start+h.hop.win.Size)
	if err != nil {
		return err
	}
	w, err := h.merged(parts)
	if err != nil {
		return err
	}
	order := w.tab.all()
	w.tab.sort(order)
	starts := make([]int64, len(order))
	for i := range starts {
		starts[i] = start
	}
	cols := h.hop.keys(starts, w.tab.gather(order))
	for _, acc := range w.accs {
		r, err := acc.Result(order)
		if err != nil {
			return err
		}
		cols = append(cols, r)
	}
	return h.emitSlices(st, &types.Batch{Cols: cols, N: len(order)})
}

// evict forgets the panes whose last window has closed.
func (h *hopClose) evict(wm int64) bool {
	k := 0
	for k < len(h.starts) && h.hop.lastClose(h.starts[k]) <= wm {
		p := h.starts[k]
		h.panes.forget(h.byPane[p])
		delete(h.byPane, p)
		delete(h.blocks, h.blockOf(p))
		k++
	}
	h.starts = slices.Delete(h.starts, 0, k)
	return k > 0
}

func (h *hopClose) nextClose() (int64, bool) {
	s, ok := h.nextWindow(h.wm)
	return h.hop.closeOf(s), ok
}

// SaveDelta is that of the panes.
func (h *hopClose) SaveDelta() ([]Chunk, error) { return h.panes.SaveDelta() }

// SaveAll is that of the panes.
func (h *hopClose) SaveAll() ([]Chunk, error) { return h.panes.SaveAll() }

// Load takes a chunk of the panes; of tag "c" the watermark up to which they were forgotten.
func (h *hopClose) Load(c Chunk) error {
	if c.Tag == "c" {
		h.wm = types.Int64s(c.Batch.Cols[0])[0]
		h.evict(h.wm)
		return nil
	}
	if err := h.panes.Load(c); err != nil {
		return err
	}
	h.register(h.panes.keys.fresh)
	return nil
}

// Loaded has nothing to do.
func (h *hopClose) Loaded() error { return nil }

// Size is that of the panes.
func (h *hopClose) Size() (rows, bytes int64) { return h.panes.Size() }
