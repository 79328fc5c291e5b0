package exec

import (
	"context"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// takeKeys gathers the rows idx of keys; where a key is a column of b its rows are in part already.
func takeKeys(keys []arrow.Array, b, part *types.Batch, idx []int32) []arrow.Array {
	out := make([]arrow.Array, len(keys))
	for i, k := range keys {
		for j, c := range b.Cols {
			if c == k {
				out[i] = part.Cols[j]
			}
		}
		if out[i] == nil {
			out[i] = types.Take(k, idx)
		}
	}
	return out
}

// finish ends the step of the shards; what they hand on goes to a's readers, shard by shard.
func (s *shards) finish(st *run, a *aggregate) error {
	s.begin(st)
	for _, r := range s.runs {
		r.wmEnd = st.wmEnd
	}
	if s.rows < s.sizes.rows {
		return each(len(s.parts), func(k int) error {
			s.outs[k].to = func(b *types.Batch) error { return a.emit(st, b) }
			s.outs[k].done = func() bool { return !wants(a) }
			return s.parts[k].Finish(s.runs[k])
		})
	}
	return s.finishTogether(st, a)
}

// finishTogether runs the shards at the same time; each has a bounded queue of what it hands on, and this goroutine empties them in order.
func (s *shards) finishTogether(st *run, a *aggregate) error {
	ctx, cancel := context.WithCancel(st.ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	var enough atomic.Bool
	queues, errs := make([]chan *types.Batch, len(s.parts)), make([]error, len(s.parts))
	for k, p := range s.parts {
		q := make(chan *types.Batch, pending)
		queues[k] = q
		s.outs[k].done = enough.Load
		s.outs[k].to = func(b *types.Batch) error {
			select {
			case q <- b:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		wg.Go(func() {
			defer close(q)
			errs[k] = guarded(func() error { return p.Finish(s.runs[k]) })
		})
	}
	for k, q := range queues {
		for b := range q {
			if err := a.emit(st, b); err != nil {
				return err
			}
			if a.batch && !wants(a) {
				enough.Store(true)
			}
		}
		if errs[k] != nil {
			return errs[k]
		}
	}
	return nil
}

// chunks gathers what f gives for each shard.
func (s *shards) chunks(f func(*aggregate) ([]Chunk, error)) ([]Chunk, error) {
	var out []Chunk
	for _, p := range s.parts {
		c, err := f(p)
		if err != nil {
			return nil, err
		}
		out = append(out, c...)
	}
	return out, nil
}

func (s *shards) size() (rows, bytes int64) {
	for _, p := range s.parts {
		r, b := p.Size()
		rows, bytes = rows+r, bytes+b
	}
	return rows, bytes
}

func (s *shards) nextClose() (ts int64, ok bool) {
	for _, p := range s.parts {
		if t, has := p.nextClose(); has && (!ok || t < ts) {
			ts, ok = t, true
		}
	}
	return ts, ok
}

// each runs f for 0 to n-1, one after the other.
func each(n int, f func(int) error) error {
	for k := range n {
		if err := f(k); err != nil {
			return err
		}
	}
	return nil
}

// countNulls makes columns fit to be read by several workers: arrow counts the NULLs of a slice when it is first asked.
func countNulls(cols []arrow.Array) {
	for _, c := range cols {
		c.NullN()
	}
}

// together runs f for 0 to n-1 at the same time, the first on this goroutine, and waits for all. Of errors it gives that of the lowest number.
func together(n int, f func(int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for k := 1; k < n; k++ {
		wg.Go(func() { errs[k] = guarded(func() error { return f(k) }) })
	}
	errs[0] = guarded(func() error { return f(0) })
	wg.Wait()
	return each(n, func(k int) error { return errs[k] })
}

// guarded turns a panic into an error: on a goroutine of its own it would end the process.
func guarded(f func() error) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = sqlerr.New(sqlerr.InternalError, "internal error: %v", x).WithDetail("%s", debug.Stack())
		}
	}()
	return f()
}
