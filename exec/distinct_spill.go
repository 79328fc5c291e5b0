package exec

import "github.com/streamsqld/streamsqld/types"

// spillNew drops the rows that were handed on already, and writes the others to files.
func (d *distinct) spillNew(st *run, b *types.Batch) (*types.Batch, error) {
	ids := make([]uint32, b.N)
	tab := d.set.tab
	tab.load(b.Cols, b.N)
	tab.findLoaded(ids)
	var gone []int32
	for i, e := range ids {
		if e == none {
			gone = append(gone, int32(i))
		}
	}
	return &types.Batch{}, d.parts.write(st, b, gone, tab.hs)
}

// emitSpilled hands on the distinct rows of the files, one at a time.
func (d *distinct) emitSpilled(st *run) error {
	if d.parts == nil {
		return nil
	}
	d.set = newRowSet(newKeyTable(d.types), 1, false) // what it held is free from here
	for _, f := range d.parts.files {
		if f == nil || !wants(d) {
			continue
		}
		child := newDistinct(d.node, d.types, false, d.cfg)
		child.depth = d.depth + 1
		for {
			b, err := f.read()
			if err != nil {
				return err
			}
			if b == nil {
				break
			}
			if err := child.Push(st, 0, b); err != nil {
				return err
			}
		}
		if err := child.emitSpilled(st); err != nil {
			return err
		}
	}
	return nil
}
