package exec

import "github.com/streamsqld/streamsqld/types"

// spreads says whether the left rows of the batch may be joined side by side: the right side is complete and in memory, and nothing is noted of its rows.
func (j *join) spreads(st *run) bool {
	return st.batch && j.streamed && j.complete && j.parts[0] == nil && j.blocks == nil && j.asof == nil && !j.side[1].tracked && !volatile(j.plan)
}

// worker is a join over the same right side.
func (j *join) worker(_ *run, n *node) Op {
	w := *j
	w.node, w.keys, w.probe, w.gids = n, j.keys.view(), joinProbe{}, nil
	return &w
}

// matchSingle is match of a batch's left rows where no key has more than one row on the right.
func (j *join) matchSingle(st *run, b *types.Batch, gids []uint32) error {
	p, head := &j.probe, j.side[1].head
	for from := 0; from < b.N; from += outBatch {
		part := gids[from:min(from+outBatch, b.N)]
		rows, stored := scratch(p.rows, len(part)), scratch(p.stored, len(part))
		n := 0
		for i, g := range part {
			if g != none {
				rows[n], stored[n] = int32(from+i), head[g]
				n++
			}
		}
		p.rows, p.stored = rows[:n], stored[:n]
		if err := j.flush(st, 0, b, nil); err != nil || !wants(j) {
			return err
		}
	}
	return nil
}

// isSingle says whether no key has more than one row on a side to which nothing comes any more.
func (s *joinSide) isSingle() bool {
	for e, next := range s.next {
		if next != none || s.rows.w[e] != 1 {
			return false
		}
	}
	return s.band == nil
}
