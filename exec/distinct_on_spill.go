package exec

import "github.com/streamsqld/streamsqld/types"

// check holds the size against the limit. Where rows may be spilled those of values that are new go to files from here.
func (f *firstRows) check(st *run) error {
	switch {
	case !f.spills:
		return st.budget.check(f)
	case f.depth < spillDepth && st.budget.over(f, f.depth):
		f.spilled = &spillSet{depth: f.depth}
	}
	return nil
}

// spillNew writes the rows whose value has no row yet.
func (f *firstRows) spillNew(st *run, b *types.Batch) error {
	cols, err := evalCols(st.ec, f.parts.exprs, b)
	if err != nil {
		return err
	}
	gids := make([]uint32, b.N)
	f.parts.keys.load(cols, b.N)
	f.parts.keys.findLoaded(gids)
	var gone []int32
	for i, g := range gids {
		if g == none {
			gone = append(gone, int32(i))
		}
	}
	return f.spilled.write(st, b, gone, f.parts.keys.hs)
}

// emitSpilled hands on the first rows of what was written, a file at a time.
func (f *firstRows) emitSpilled(st *run) error {
	f.parts = newPartitions(f.parts.exprs, nil) // what it held is free from here
	for _, file := range f.spilled.files {
		if file == nil || !wants(f) {
			continue
		}
		child := &firstRows{node: f.node, parts: newPartitions(f.parts.exprs, nil), spills: f.spills, depth: f.depth + 1, ctx: f.ctx}
		if err := pushSpilled(st, child, 0, file); err != nil {
			return err
		}
		if err := child.Finish(st); err != nil {
			return err
		}
	}
	return nil
}
