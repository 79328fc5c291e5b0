package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// errStop ends a rowSource from its consumer's side.
var errStop = errors.New("stop")

// cursor fetches from a rowSource a few rows at a time: the source runs in a goroutine of its own, one batch ahead.
type cursor struct {
	src    *rowSource
	ch     chan *types.Batch
	cancel context.CancelFunc
	rest   *types.Batch // what a fetch left over
	err    error        // of the source; good once ch is closed
	ended  bool
	once   sync.Once

	// Of a cursor over a query that ends: where it stands, 0 before the first row, and the rows that were read, all with SCROLL, else the last one.
	pos   int
	past  bool // behind the last row, which was number pos
	keep  bool
	room  int64 // without SCROLL: so many bytes of rows may still be kept, then only the last one is
	rows  []*types.Batch
	count int // rows read
	width int // columns that are shown; those behind them find the row of base
	base  *catalog.Relation
}

// openCursor starts src at once; parent is the session's context.
func openCursor(parent context.Context, src *rowSource) *cursor {
	ctx, cancel := context.WithCancel(parent)
	c := &cursor{src: src, ch: make(chan *types.Batch, 1), cancel: cancel}
	go func() {
		err := src.run(ctx, func(b *types.Batch) error {
			if b.N == 0 {
				return nil
			}
			select {
			case c.ch <- b:
				return nil
			case <-ctx.Done():
				return errStop
			}
		})
		if err != nil && !errors.Is(err, errStop) && ctx.Err() == nil {
			c.err = err
		}
		close(c.ch)
	}()
	return c
}

// wait says how long fetch waits for rows of a live source.
type wait struct {
	atLeast int           // return what is there once so many rows were given
	timeout time.Duration // <0: none; a fetch returns what it has when it is over
}

// fetch emits up to max rows (max < 0: all). ended: the source gives no more. Over a source that ends, it blocks until it has max rows or the end.
func (c *cursor) fetch(ctx context.Context, max int, w wait, emit func(*types.Batch) error) (n int, ended bool, err error) {
	var timer <-chan time.Time
	if w.timeout >= 0 {
		t := time.NewTimer(w.timeout)
		defer t.Stop()
		timer = t.C
	}
	for max < 0 || n < max {
		b := c.rest
		c.rest = nil
		if b == nil {
			var ok bool
			if b, ok, err = c.next(ctx, timer, c.src.live && n >= w.atLeast); err != nil || !ok {
				return n, c.ended, err
			}
		}
		if max >= 0 && n+b.N > max {
			c.rest = b.Slice(max-n, b.N)
			b = b.Slice(0, max-n)
		}
		if err = emit(b); err != nil {
			return n, false, err
		}
		n += b.N
	}
	return n, c.ended, nil
}

// next takes a batch from the source; ok is false at the end, at the timer, and where nothing is at hand and poll is set.
func (c *cursor) next(ctx context.Context, timer <-chan time.Time, poll bool) (b *types.Batch, ok bool, err error) {
	if c.ended {
		return nil, false, c.err
	}
	take := func(b *types.Batch, open bool) (*types.Batch, bool, error) {
		if !open {
			c.ended = true
			return nil, false, c.err
		}
		return b, true, nil
	}
	select {
	case b, open := <-c.ch:
		return take(b, open)
	default:
		if poll {
			return nil, false, nil
		}
	}
	select {
	case b, open := <-c.ch:
		return take(b, open)
	case <-timer:
		return nil, false, nil
	case <-ctx.Done():
		return nil, false, context.Cause(ctx)
	}
}

// close stops the source and waits for it.
func (c *cursor) close() {
	c.once.Do(func() {
		c.cancel()
		for range c.ch {
		}
		if c.src.close != nil {
			c.src.close()
		}
	})
}
