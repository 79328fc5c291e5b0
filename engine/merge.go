package engine

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/types"
)

// merging is a MERGE while it runs: what it takes out goes at once, what it puts in comes at the end.
type merging struct {
	x    *sql.Merge
	ins  []*inserter // one for each WHEN; nil: it does nothing
	seen *seenRows
	news [][]*types.Batch // of each WHEN
	rows int64
}

func (c *changing) mergeRows(ctx context.Context, x *sql.Merge) (*dmlResult, error) {
	rows, err := c.s.rowsOf(ctx, x.Source, c.args)
	if err != nil {
		return nil, err
	}
	m := &merging{x: x, news: make([][]*types.Batch, len(x.Whens))}
	if m.seen, err = c.s.seenRows(ctx, x.Rel, x.Source, c.args); err != nil {
		return nil, err
	}
	if err := m.open(c); err != nil {
		return nil, err
	}
	for _, b := range rows {
		for k := range x.Whens {
			if err := m.when(k, b); err != nil {
				return nil, err
			}
		}
	}
	for k, news := range m.news {
		for _, b := range news {
			if err := m.ins[k].add(b); err != nil {
				return nil, err
			}
		}
	}
	return &dmlResult{verb: "MERGE", rows: m.rows}, nil
}

// open makes the inserters. They share the unique keys, and the foreign keys of what is not an update.
func (m *merging) open(c *changing) error {
	var first *inserter
	for _, w := range m.x.Whens {
		if w.Action == "nothing" {
			m.ins = append(m.ins, nil)
			continue
		}
		row := w.Row
		if row == nil {
			row = &sql.Row{Rel: m.x.Rel}
		}
		in, err := c.inserter(row)
		if err != nil {
			return err
		}
		if first == nil {
			first = in
		}
		in.keys = first.keys
		if in.refs != nil {
			in.refs.pairs = w.Action == "update"
		}
		m.ins = append(m.ins, in)
	}
	return nil
}

// when does WHEN number k for those rows of b that it is for.
func (m *merging) when(k int, b *types.Batch) error {
	w, in := &m.x.Whens[k], m.ins[k]
	if in == nil {
		return nil
	}
	b = pickAction(b, int64(k))
	if b.N == 0 {
		return nil
	}
	n := len(m.x.Rel.Columns)
	old := &types.Batch{N: b.N, Cols: b.Cols[:n:n]}
	if w.Action != "insert" {
		if once, _ := m.seen.first(old, nil); once.N < old.N {
			return sqlerr.New(sqlerr.CardinalityViolation, "MERGE command cannot affect row a second time").
				WithHint("Ensure that not more than one source row matches any one target row.")
		}
	}
	now := &types.Batch{N: b.N}
	for _, x := range w.Items {
		col, err := expr.EvalArray(in.ctx, x, b)
		if err != nil {
			return err
		}
		now.Cols = append(now.Cols, col)
	}
	var err error
	switch w.Action {
	case "delete":
		err = in.remove(old, nil)
		now = nil
	case "update":
		err = in.replace(old, now)
	case "insert":
		now, err = in.complete(now)
	}
	if now != nil {
		m.news[k] = append(m.news[k], now)
	}
	m.rows += int64(b.N)
	return err
}

// pickAction keeps the rows of b whose last column is k.
func pickAction(b *types.Batch, k int64) *types.Batch {
	action := b.Cols[len(b.Cols)-1].(*array.Int64)
	var rows []int32
	for i := range b.N {
		if !action.IsNull(i) && action.Value(i) == k {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == b.N {
		return b
	}
	return types.TakeBatch(b, rows)
}
