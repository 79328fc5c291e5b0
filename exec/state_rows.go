package exec

import (
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// tabular is an operator whose state has the form of one table.
type tabular interface {
	// stateCols are the table's columns.
	stateCols() plan.Schema
	// stateRows gives its rows. It is called of operators that were loaded for this alone.
	stateRows(emit func(*types.Batch) error) error
}

// coldLister is an operator whose state has several tables, or none that shows, and can lie in a Cold.
type coldLister interface {
	isPaged() bool
	// coldRows gives the rows that are stored, in the form of chunks; what memory holds beside them is not saved yet.
	coldRows(emit func(part string, b *types.Batch) error) error
}

// StateOps lists the operators that have state.
func (g *Graph) StateOps() []string {
	var out []string
	for _, o := range g.ops {
		if _, ok := o.(Stateful); ok {
			out = append(out, o.base().name)
		}
	}
	return out
}

// StateCols are the columns of an operator's state as a table; nil: it has several tables, and StateRows names them.
func (g *Graph) StateCols(op string) plan.Schema {
	if t, ok := g.stateful(op).(tabular); ok {
		return t.stateCols()
	}
	return nil
}

// StateRows gives the state of an operator, which was loaded for this alone, with the name of the part where it has several.
func (g *Graph) StateRows(op string, emit func(part string, b *types.Batch) error) error {
	o := g.stateful(op)
	if t, ok := o.(tabular); ok {
		return t.stateRows(func(b *types.Batch) error { return emit("", b) })
	}
	if o == nil {
		return nil
	}
	if p, ok := o.(coldLister); ok && p.isPaged() {
		return p.coldRows(emit)
	}
	chunks, err := o.SaveAll()
	for _, c := range chunks {
		if err := emit(c.Tag, c.Batch); err != nil {
			return err
		}
	}
	return err
}

func (g *Graph) stateful(op string) Stateful {
	for _, o := range g.ops {
		if s, ok := o.(Stateful); ok && o.base().name == op {
			return s
		}
	}
	return nil
}

// stateCols are the keys and the aggregates, as the result has them, and over input that changes how many rows a group has.
func (a *aggregate) stateCols() plan.Schema {
	cols := append(plan.Schema{}, a.plan.Schema()...)
	for i := range cols {
		cols[i].Hidden = false
	}
	if a.changing {
		cols = append(cols, plan.Col{Name: "weight", Type: types.Int8})
	}
	return cols
}

func (a *aggregate) stateRows(emit func(*types.Batch) error) error {
	give := func(gids []uint32) error {
		for _, c := range a.calls {
			if err := c.settle(gids); err != nil {
				return err
			}
		}
		b, err := a.rows(gids)
		if err != nil {
			return err
		}
		if a.changing {
			w := make([]int64, len(gids))
			for i, g := range gids {
				w[i] = a.weight[g]
			}
			b.Cols = append(b.Cols, types.Int64Array(w, nil, 0))
		}
		return emit(b)
	}
	all := a.keys.all()
	for len(all) > 0 {
		n := min(outBatch, len(all))
		if err := give(all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	if a.page == nil {
		return nil
	}
	return a.page.each(func(r *rowReader) error {
		gids, err := a.visit(r)
		if err != nil {
			return err
		}
		defer a.forget(gids)
		return give(gids)
	})
}
