package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// rightDone is told, in batch mode, that the right side is complete: what came of the left before it goes through now.
func (j *join) rightDone(st *run) error {
	j.complete = true
	j.single = j.parts[0] == nil && j.asof == nil && j.side[1].isSingle()
	if j.asof != nil {
		if err := j.asof.index(st, j.side[1], j.side[1].rows.tab.all(), j.keys.cap()); err != nil {
			return err
		}
	}
	held := j.held
	j.held, j.heldSize = nil, 0
	for _, b := range held {
		if err := j.stream(st, b); err != nil {
			return err
		}
	}
	return nil
}

// stream joins left rows with the right side as it is; they are not kept.
func (j *join) stream(st *run, b *types.Batch) error {
	b, keys, err := j.prepare(st, 0, b)
	if err != nil || b.N == 0 {
		return err
	}
	if j.blocks != nil && !j.blocks.replay {
		if err := j.blocks.left.write(b); err != nil {
			return err
		}
	}
	j.gids = scratch(j.gids, b.N)
	j.keys.find(keys, j.gids)
	if j.asof != nil {
		return j.streamAsof(st, b, j.gids)
	}
	var counts []int64
	switch {
	case j.single && j.pairs && !j.byRow:
		err = j.matchSingle(st, b, j.gids)
	case j.pairs || j.byRow:
		counts, err = j.match(st, 0, b, j.gids)
	}
	if err != nil {
		return err
	}
	l, r := j.side[0], j.side[1]
	if r.tracked && !j.byRow {
		for _, g := range j.gids {
			if g != none {
				r.found[g] = true
			}
		}
	}
	if !l.tracked {
		return nil
	}
	has := func(i int) bool {
		switch g := j.gids[i]; {
		case j.byRow:
			return counts[i] > 0
		case j.nullSafe:
			return j.notIn.rows > 0 && (j.notIn.nulls > 0 || keys[0].IsNull(i) || g != none && r.weight[g] > 0)
		default:
			return g != none && r.weight[g] > 0
		}
	}
	if j.blocks != nil {
		j.blocks.meets(b, has)
		return nil
	}
	var rows []int32
	for i := range b.N {
		if has(i) == j.semi {
			rows = append(rows, int32(i))
		}
	}
	alone := types.Filter(b, rows)
	return j.emitAlone(st, 0, alone.Cols, alone.N, alone.W)
}

// finishStream hands on right rows that found no partner (batch), and ends the step of a lookup join's right side.
func (j *join) finishStream(st *run) error {
	if j.parts[0] != nil {
		return j.finishSpilled(st)
	}
	if !st.batch {
		j.sweep()
		return nil
	}
	if err := j.finishRight(st); err != nil || j.blocks == nil {
		return err
	}
	return j.finishBlocks(st)
}

// finishRight hands on right rows that found no partner.
func (j *join) finishRight(st *run) error {
	r := j.side[1]
	if !r.tracked {
		return nil
	}
	for part := range slices.Chunk(r.rows.tab.all(), outBatch) {
		alone := make([]uint32, 0, len(part))
		for _, e := range part {
			if !j.hasPartner(r, e, r.key[e]) {
				alone = append(alone, e)
			}
		}
		if err := j.emitAlone(st, 1, r.rows.columns(alone), len(alone), nil); err != nil {
			return err
		}
	}
	return nil
}
