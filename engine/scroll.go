package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// scroll runs FETCH or MOVE over a query that ends: it moves the cursor and emits the rows.
func (c *cursor) scroll(ctx context.Context, st *ast.Fetch, emit func(*types.Batch) error) error {
	n := int(st.Count)
	switch st.Direction {
	case "next":
		return c.forward(ctx, 1, emit)
	case "prior":
		return c.backward(ctx, 1, emit)
	case "first":
		return c.absolute(ctx, 1, emit)
	case "last":
		return c.absolute(ctx, -1, emit)
	case "absolute":
		return c.absolute(ctx, n, emit)
	case "relative":
		return c.relative(ctx, n, emit)
	case "backward":
		n = -n
		if st.All {
			return c.backward(ctx, c.pos+1, emit)
		}
	default:
		if st.All {
			return c.forward(ctx, -1, emit)
		}
	}
	switch {
	case n > 0:
		return c.forward(ctx, n, emit)
	case n < 0:
		return c.backward(ctx, -n, emit)
	}
	return c.again(emit)
}

// onRow says whether the cursor stands on a row.
func (c *cursor) onRow() bool { return c.pos > 0 && !c.past }

// again emits the row that the cursor stands on.
func (c *cursor) again(emit func(*types.Batch) error) error {
	if !c.onRow() {
		return nil
	}
	return emit(c.row(c.pos))
}

// row gives row i of those that were read.
func (c *cursor) row(i int) *types.Batch {
	if !c.keep {
		return c.rows[0]
	}
	for _, b := range c.rows {
		if i <= b.N {
			return b.Slice(i-1, i)
		}
		i -= b.N
	}
	return nil
}

// forward emits the next n rows, all with n < 0.
func (c *cursor) forward(ctx context.Context, n int, emit func(*types.Batch) error) error {
	if c.past {
		return nil
	}
	for c.pos < c.count && n != 0 { // rows that were read before
		c.pos++
		n--
		if err := emit(c.row(c.pos)); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	got, _, err := c.fetch(ctx, n, wait{atLeast: n, timeout: -1}, func(b *types.Batch) error {
		if b.N == 0 {
			return nil
		}
		if c.keep && c.fits(b) {
			c.rows = append(c.rows, b)
		} else {
			c.keep = false
			c.rows = []*types.Batch{b.Slice(b.N-1, b.N)}
		}
		c.count += b.N
		c.pos = c.count
		return emit(b)
	})
	c.past = err == nil && (n < 0 || got < n)
	return err
}

// simpleRoom is how many bytes of rows a cursor without SCROLL keeps.
const simpleRoom = 16 << 20

// fits says whether the rows of b can be kept, too.
func (c *cursor) fits(b *types.Batch) bool {
	if c.room == 0 {
		return true
	}
	for _, a := range b.Cols {
		n := int64(0)
		for _, buf := range a.Data().Buffers() {
			if buf != nil {
				n += int64(buf.Len())
			}
		}
		c.room -= n * int64(b.N) / int64(max(b.N, a.Data().Len()))
	}
	if c.room <= 0 {
		c.room = -1
	}
	return c.room > 0
}

// canGoBack says whether PostgreSQL's plan of a query could run backwards: one that reads, filters, projects and sorts. It makes a cursor go back
// without SCROLL.
func canGoBack(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Scan:
		return true
	case *plan.Values:
		return len(n.Cols) > 0
	case *plan.TableFunc:
		_, alone := n.In.(*plan.Values)
		return alone
	case *plan.Project:
		return canGoBack(n.In)
	case *plan.Filter:
		return canGoBack(n.In)
	case *plan.Limit:
		return canGoBack(n.In)
	case *plan.Sort:
		return true
	case *plan.SetOp:
		return n.Op == "union" && n.All && canGoBack(n.L) && canGoBack(n.R)
	}
	return false
}

// backward emits n rows before the one that the cursor stands on, the nearest one first.
func (c *cursor) backward(_ context.Context, n int, emit func(*types.Batch) error) error {
	if !c.keep {
		return errForwardOnly()
	}
	if c.past {
		c.pos, c.past = c.pos+1, false
	}
	for ; n > 0 && c.pos > 0; n-- {
		if c.pos--; c.pos == 0 {
			return nil
		}
		if err := emit(c.row(c.pos)); err != nil {
			return err
		}
	}
	return nil
}

func errForwardOnly() error {
	return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "cursor can only scan forward").WithHint("Declare it with SCROLL option to enable backward scan.")
}

// absolute moves to row n, counted from the end where n < 0, and emits it.
func (c *cursor) absolute(ctx context.Context, n int, emit func(*types.Batch) error) error {
	skip := func(*types.Batch) error { return nil }
	if n < 0 {
		if !c.keep {
			return errForwardOnly()
		}
		if err := c.forward(ctx, -1, skip); err != nil {
			return err
		}
		n = max(c.count+1+n, 0)
	}
	at := c.pos
	if c.past {
		at++
	}
	if n < at || n == at && n == 0 {
		if !c.keep && n < at {
			return errForwardOnly()
		}
		c.pos, c.past = n, false
		return c.again(emit)
	}
	if n == at {
		return c.again(emit)
	}
	if err := c.forward(ctx, n-at, skip); err != nil {
		return err
	}
	return c.again(emit)
}

// relative moves by n rows and emits the one there.
func (c *cursor) relative(ctx context.Context, n int, emit func(*types.Batch) error) error {
	at := c.pos
	if c.past {
		at++
	}
	switch {
	case n == 0:
		return c.again(emit)
	case at+n <= 0 && !c.keep:
		return errForwardOnly()
	}
	return c.absolute(ctx, max(at+n, 0), emit)
}
