package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// joinBlocks is a batch join whose right side neither fits into memory nor can be parted by keys: it has none, or one of them has too many rows. The left rows meet the
// first rows of the right side as they come, and are written to a file; at the end they are read again for each block of the other right rows.
type joinBlocks struct {
	left, right *spillFile
	replay      bool   // the left rows are read again
	has         []byte // bits, by left row: it has a partner; only where the left side is tracked
	n           int    // left rows of this reading so far
}

// startBlocks leaves the right rows that are in memory there, as the first block.
func (j *join) startBlocks(st *run) error {
	j.blocks = &joinBlocks{left: st.spillFile(), right: st.spillFile()}
	return nil
}

// meets notes left rows that came, all with the same block, and which of them have a partner in it.
func (bl *joinBlocks) meets(b *types.Batch, has func(i int) bool) {
	for len(bl.has) < (bl.n+b.N+7)/8 {
		bl.has = append(bl.has, 0)
	}
	for i := range b.N {
		if has(i) {
			setBit(bl.has, bl.n+i)
		}
	}
	bl.n += b.N
}

// finishBlocks joins the left rows with the rest of the right side, and hands on those that stand for themselves.
func (j *join) finishBlocks(st *run) error {
	bl := j.blocks
	bl.replay = true
	for wants(j) {
		block := j.child(spillDepth)
		block.blocks = bl
		j.keys, j.side = block.keys, block.side // what they held is free from here
		if some, err := bl.fill(st, block); err != nil || !some {
			if err != nil {
				return err
			}
			break
		}
		if err := block.rightDone(st); err != nil {
			return err
		}
		bl.left.next, bl.n = 0, 0
		if err := pushSpilled(st, block, 0, bl.left); err != nil {
			return err
		}
		if err := block.finishRight(st); err != nil {
			return err
		}
	}
	if !j.side[0].tracked {
		return nil
	}
	return j.emitBlocksAlone(st)
}

// fill reads right rows until the block is full.
func (bl *joinBlocks) fill(st *run, block *join) (some bool, err error) {
	for !st.budget.over(block, block.depth) {
		b, err := bl.right.read()
		if err != nil || b == nil {
			return some, err
		}
		if err := block.Push(st, 1, b); err != nil {
			return false, err
		}
		some = true
	}
	return some, nil
}

// emitBlocksAlone hands on the left rows that have no partner in any block, or, of a semi join, one.
func (j *join) emitBlocksAlone(st *run) error {
	bl := j.blocks
	at := 0
	for bl.left.next = 0; wants(j); {
		b, err := bl.left.read()
		if err != nil || b == nil {
			return err
		}
		var rows []int32
		for i := range b.N {
			if bitSet(bl.has, at+i) == j.semi {
				rows = append(rows, int32(i))
			}
		}
		at += b.N
		for part := range slices.Chunk(rows, outBatch) {
			alone := types.TakeBatch(b, part)
			if err := j.emitAlone(st, 0, alone.Cols, alone.N, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
