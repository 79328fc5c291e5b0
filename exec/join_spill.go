package exec

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// maySpill says whether the join may write rows to files.
func (j *join) maySpill(st *run) bool { return st.spillDir != "" && st.batch && j.spill }

// mayPart says whether the join can be parted by the hash of its keys, once more: a row then has all its partners in its part.
func (j *join) mayPart() bool { return len(j.side[0].keys) > 0 && j.depth < spillDepth }

// check holds the join's size against the limit; what could be spilled is.
func (j *join) check(st *run) error {
	switch {
	case !j.maySpill(st):
		return st.budget.check(j)
	case j.parts[0] != nil || j.blocks != nil || !st.budget.over(j, j.depth):
		return nil
	case !j.mayPart() && j.asof != nil:
		return st.budget.mayHold(j)
	case !j.mayPart():
		return j.startBlocks(st)
	}
	for i := range j.parts {
		j.parts[i] = &spillSet{depth: j.depth}
	}
	right := j.side[1].rows
	held := j.held
	fresh := j.child(j.depth)
	j.held, j.heldSize, j.keys, j.side = nil, 0, fresh.keys, fresh.side
	for part := range slices.Chunk(right.tab.all(), outBatch) {
		if err := j.spillRows(st, 1, &types.Batch{Cols: right.columns(part), N: len(part)}); err != nil {
			return err
		}
	}
	for _, b := range held {
		if err := j.spillRows(st, 0, b); err != nil {
			return err
		}
	}
	return nil
}

// spillRows writes the rows of a side to its files. Those that can have no partner, since a key is NULL, go on at once.
func (j *join) spillRows(st *run, port int, b *types.Batch) error {
	b, keys, err := j.prepare(st, port, b)
	if err != nil || b.N == 0 {
		return err
	}
	if port == 1 {
		j.noteNotIn(keys, b)
	}
	j.keys.load(keys, b.N)
	rows := make([]int32, b.N)
	for i := range rows {
		rows[i] = int32(i)
	}
	return j.parts[port].write(st, b, rows, j.keys.hs)
}

// child is the same join for some of the rows, with nothing in it.
func (j *join) child(depth int) *join {
	c := newJoin(j.node, j.plan, j.cfg, [2]bool{})
	if j.asof != nil {
		c.setAsof(&asof{left: j.asof.left, right: j.asof.right, op: j.asof.op, cmp: j.asof.cmp})
	}
	c.spill, c.depth, c.notIn, c.read = true, depth, j.notIn, j.read
	return c
}

// finishSpilled joins what was written to files, a part at a time.
func (j *join) finishSpilled(st *run) error {
	parts := j.parts
	j.parts = [2]*spillSet{}
	for p := range spillParts {
		l, r := parts[0].files[p], parts[1].files[p]
		if l == nil && r == nil || !wants(j) {
			continue
		}
		child := j.child(j.depth + 1)
		if err := pushSpilled(st, child, 1, r); err != nil {
			return err
		}
		if err := child.rightDone(st); err != nil {
			return err
		}
		if err := pushSpilled(st, child, 0, l); err != nil {
			return err
		}
		if err := child.finishStream(st); err != nil {
			return err
		}
	}
	return nil
}
