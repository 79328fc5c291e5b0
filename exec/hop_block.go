package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// merged is what some panes come to together: groups by the other keys. Windows that overlap much share such blocks of panes, so that a window is
// not merged from all its panes every time.
type merged struct {
	tab  *keyTable
	accs []expr.Accumulator
}

// blockPanes is how many panes a block has.
const blockPanes = 8

// part is a piece of a window: groups of a state, with their keys.
type part struct {
	keys []arrow.Array
	gids []uint32
	accs []expr.Accumulator
}

func (h *hopClose) blockWidth() int64 { return blockPanes * h.hop.panes().Size }

func (h *hopClose) blockOf(pane int64) int64 {
	return floorTo(pane, h.blockWidth(), h.hop.win.Origin)
}

// spoil throws away the blocks that got rows.
func (h *hopClose) spoil(panes []int64) {
	if len(h.blocks) == 0 {
		return
	}
	width := h.blockWidth()
	for b := range h.blocks {
		if slices.ContainsFunc(panes, func(p int64) bool { return p >= b && p < b+width }) {
			delete(h.blocks, b)
		}
	}
}

// parts gives the pieces of [from, to): whole blocks where they lie inside, else panes.
func (h *hopClose) parts(from, to int64) ([]part, error) {
	var out []part
	width := h.blockWidth()
	useBlocks := to-from >= 2*width
	at, _ := slices.BinarySearch(h.starts, from)
	for at < len(h.starts) && h.starts[at] < to {
		b := h.blockOf(h.starts[at])
		if !useBlocks || b < from || b+width > to {
			out = append(out, h.panePart(h.starts[at]))
			at++
			continue
		}
		m, err := h.block(b, b+width)
		if err != nil {
			return nil, err
		}
		all := m.tab.all()
		out = append(out, part{m.tab.gather(all), all, m.accs})
		for at < len(h.starts) && h.starts[at] < b+width {
			at++
		}
	}
	return out, nil
}

// block gives the block of panes in [from, to), merging it where that was not done yet.
func (h *hopClose) block(from, to int64) (*merged, error) {
	if m := h.blocks[from]; m != nil {
		return m, nil
	}
	var parts []part
	for _, p := range h.starts {
		if p >= from && p < to {
			parts = append(parts, h.panePart(p))
		}
	}
	m, err := h.merged(parts)
	h.blocks[from] = m
	return m, err
}

func (h *hopClose) panePart(pane int64) part {
	gids := h.byPane[pane]
	p := part{keys: h.panes.keys.gather(gids)[1:], gids: gids}
	for _, c := range h.panes.calls {
		p.accs = append(p.accs, c.acc)
	}
	return p
}

// merged merges parts.
func (h *hopClose) merged(parts []part) (*merged, error) {
	ts := make([]types.Type, len(h.hop.others))
	for i, x := range h.hop.others {
		ts[i] = x.Type()
	}
	m := &merged{tab: newKeyTable(ts)}
	for _, c := range h.panes.calls {
		ts := make([]types.Type, len(c.call.Args))
		for i, x := range c.call.Args {
			ts[i] = x.Type()
		}
		m.accs = append(m.accs, c.call.Fn.New(ts))
	}
	var into []uint32
	for _, p := range parts {
		into = scratch(into, len(p.gids))
		m.tab.insert(p.keys, into)
		for k, acc := range m.accs {
			saved, err := p.accs[k].Save(p.gids)
			if err != nil {
				return nil, err
			}
			acc.Grow(m.tab.cap())
			if err := acc.Merge(into, saved); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}
