package exec

import "github.com/streamsqld/streamsqld/types"

// check holds the size against the limit. Where rows may be spilled those that are not in memory then go to files, by side.
func (s *setOp) check(st *run) error {
	switch {
	case st.spillDir == "" || !st.batch:
		return st.budget.check(s)
	case s.parts[0] == nil && s.depth < spillDepth && st.budget.over(s, s.depth):
		for port := range s.parts {
			s.parts[port] = &spillSet{depth: s.depth}
		}
	}
	return nil
}

// spillNew writes the rows that are not in memory to files, and gives the others.
func (s *setOp) spillNew(st *run, port int, b *types.Batch) (*types.Batch, error) {
	tab, ids := s.set.tab, make([]uint32, b.N)
	tab.load(b.Cols, b.N)
	tab.findLoaded(ids)
	var stay, gone []int32
	for i, e := range ids {
		if e == none {
			gone = append(gone, int32(i))
		} else {
			stay = append(stay, int32(i))
		}
	}
	return types.Filter(b, stay), s.parts[port].write(st, b, gone, tab.hs)
}

// finishSpilled does the operation on what was written to files, a part at a time.
func (s *setOp) finishSpilled(st *run) error {
	parts := s.parts
	if parts[0] == nil {
		return nil
	}
	s.parts, s.set = [2]*spillSet{}, newRowSet(newKeyTable(s.types), 2, false) // what it held is free from here
	for p := range spillParts {
		if !wants(s) {
			return nil
		}
		child := &setOp{node: s.node, rowPager: rowPager{newRowSet(newKeyTable(s.types), 2, false)}, weight: s.weight, types: s.types, depth: s.depth + 1}
		for port, set := range parts {
			if err := pushSpilled(st, child, port, set.files[p]); err != nil {
				return err
			}
		}
		if err := child.Finish(st); err != nil {
			return err
		}
	}
	return nil
}

// pushSpilled gives an operator the rows of a file, which may be nil.
func pushSpilled(st *run, o Op, port int, f *spillFile) error {
	for f != nil {
		if err := st.ctx.Err(); err != nil {
			return err
		}
		b, err := f.read()
		if err != nil || b == nil {
			return err
		}
		if err := o.Push(st, port, b); err != nil {
			return err
		}
	}
	return nil
}
