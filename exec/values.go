package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// valuesOp gives constant rows, once in the life of the query. Its state is whether it did.
type valuesOp struct {
	*node
	plan  *plan.Values
	done  bool
	saved bool
}

// start gives the rows at the beginning of the first step.
func (v *valuesOp) start(st *run) error {
	if v.done {
		return nil
	}
	v.done = true
	one := &types.Batch{N: 1}
	b := &types.Batch{N: len(v.plan.Rows), Cols: make([]arrow.Array, len(v.plan.Cols))}
	for k, c := range v.plan.Cols {
		parts := make([]arrow.Array, len(v.plan.Rows))
		for i, row := range v.plan.Rows {
			x, err := row[k].Eval(st.ec, one)
			if err != nil {
				return err
			}
			parts[i] = x.Arr
		}
		if len(parts) == 0 {
			b.Cols[k] = types.Nulls(c.Type, 0)
			continue
		}
		var err error
		if b.Cols[k], err = types.Concat(parts); err != nil {
			return err
		}
	}
	return v.emit(st, b)
}

func (v *valuesOp) Push(*run, int, *types.Batch) error { return nil }
func (v *valuesOp) Finish(*run) error                  { return nil }

// SaveDelta tells once that the rows were given.
func (v *valuesOp) SaveDelta() ([]Chunk, error) {
	if v.saved || !v.done {
		return nil, nil
	}
	return v.SaveAll()
}

// SaveAll is one row where the rows were given.
func (v *valuesOp) SaveAll() ([]Chunk, error) {
	if !v.done {
		return nil, nil
	}
	v.saved = true
	return []Chunk{{Op: v.name, Tag: "done", Batch: &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{1}, nil, 0)}}}}, nil
}

// Load notes that the rows were given.
func (v *valuesOp) Load(Chunk) error {
	v.done, v.saved = true, true
	return nil
}

// Loaded has nothing to do.
func (v *valuesOp) Loaded() error { return nil }

// Size is nothing worth counting.
func (v *valuesOp) Size() (rows, bytes int64) { return 0, 0 }
