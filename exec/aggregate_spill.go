package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// spillNew writes the rows of groups that are not in memory to files, and gives the others with their groups. set is the number of the grouping set.
func (a *aggregate) spillNew(st *run, set int, b *types.Batch, keys []arrow.Array, gids []uint32) (*types.Batch, []uint32, error) {
	a.keys.load(keys, b.N)
	a.keys.findLoaded(gids)
	var stay, gone []int32
	kept := gids[:0:len(gids)]
	for i, g := range gids {
		if g == none {
			gone = append(gone, int32(i))
		} else {
			stay = append(stay, int32(i))
			kept = append(kept, g)
		}
	}
	if len(gone) == 0 {
		return b, gids, nil
	}
	if err := a.parts[set].write(st, b, gone, a.keys.hs); err != nil {
		return nil, nil, err
	}
	return types.TakeBatch(b, stay), kept, nil
}

// startSpill begins to write what comes of new groups to files.
func (a *aggregate) startSpill() {
	for range max(1, len(a.sets)) {
		a.parts = append(a.parts, &spillSet{depth: a.depth})
	}
}

// emitSpilled groups what was written to files, a file at a time.
func (a *aggregate) emitSpilled(st *run) error {
	parts := a.parts
	a.parts = nil
	for set, part := range parts {
		for p, f := range part.files {
			late, err := a.lateOf(p)
			if err != nil {
				return err
			}
			if f == nil && late == nil || !wants(a) {
				continue
			}
			child := newAggregate(a.node, a.plan, a.cfg, false)
			child.started, child.spill, child.depth = true, true, a.depth+1
			if late != nil {
				if err := child.mergeStates(late); err != nil {
					return err
				}
			}
			if err := child.readSpilled(st, set, f); err != nil {
				return err
			}
			if err := child.emitAll(st); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *aggregate) readSpilled(st *run, set int, f *spillFile) error {
	for f != nil {
		b, err := f.read()
		if err != nil || b == nil {
			return err
		}
		keys, err := evalCols(st.ec, a.plan.Group, b)
		if err != nil {
			return err
		}
		if a.sets != nil {
			keys = setKeys(keys, a.plan.Group, a.sets[set], int32(set), b.N)
		}
		if err := a.pushSet(st, set, b, keys); err != nil {
			return err
		}
	}
	return nil
}
