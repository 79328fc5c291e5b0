package exec

import (
	"context"
	"errors"
	"math"
	"runtime/debug"
	"sync"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// errSkip ends the reading of a split whose rows nobody needs.
var errSkip = errors.New("skip")

// pending is how many batches of a split may wait for those before it.
const pending = 4

// readAll reads all splits of the scans from..to and pushes their rows, in the order of the scans and of their splits. Up to st.workers splits are read
// and run through the stages at once.
func (g *Graph) readAll(st *run, in []Input, from, to int) ([]Seen, error) {
	var tasks []*task
	for i := from; i < to; i++ {
		s := g.scans[i]
		for _, split := range in[i].Splits {
			tasks = append(tasks, &task{scan: s, index: i, split: split, max: math.MinInt64})
		}
	}
	var err error
	if st.workers <= 1 || len(tasks) == 0 {
		err = g.readInline(st, tasks)
	} else {
		err = g.readParallel(st, tasks)
	}
	return seenOf(tasks), err
}

func (g *Graph) readInline(st *run, tasks []*task) error {
	sc := g.stageCtx(st)
	for _, t := range tasks {
		if err := st.ctx.Err(); err != nil {
			return err
		}
		t.skip.Store(!wants(t.scan))
		if err := t.read(st.ctx, sc, func(p piece) error { return t.push(st, p) }); err != nil {
			return err
		}
	}
	return nil
}

// push hands on what came of a split.
func (t *task) push(st *run, p piece) error {
	deliver(st, &stageCtx{drops: p.drops})
	if err := st.ctx.Err(); err != nil {
		return err
	}
	if err := t.scan.emit(st, p.b); err != nil {
		return err
	}
	if !wants(t.scan) {
		t.skip.Store(true)
	}
	return nil
}

// readParallel lets workers take the tasks in order; each task has a bounded queue, and this goroutine empties them in order. The task at the head is always under way, so
// that nobody waits for ever.
func (g *Graph) readParallel(st *run, tasks []*task) error {
	ctx, cancel := context.WithCancel(st.ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	todo := make(chan *task, len(tasks))
	for _, t := range tasks {
		t.out = make(chan piece, pending)
		todo <- t
	}
	close(todo)
	for range min(st.workers, len(tasks)) {
		sc := g.stageCtx(st)
		wg.Go(func() {
			for t := range todo {
				t.run(ctx, sc)
			}
		})
	}
	for _, t := range tasks {
		if !wants(t.scan) {
			t.skip.Store(true)
		}
		for p := range t.out {
			if err := t.push(st, p); err != nil {
				return err
			}
		}
		if t.err != nil {
			return t.err
		}
	}
	return nil
}

// run is read on a worker's goroutine.
func (t *task) run(ctx context.Context, sc *stageCtx) {
	defer close(t.out)
	defer func() {
		if x := recover(); x != nil {
			t.err = sqlerr.New(sqlerr.InternalError, "internal error: %v", x).WithDetail("%s", debug.Stack())
		}
	}()
	if t.err = ctx.Err(); t.err != nil || t.skip.Load() {
		return
	}
	t.err = t.read(ctx, sc, func(p piece) error {
		select {
		case t.out <- p:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func (g *Graph) stageCtx(st *run) *stageCtx {
	return &stageCtx{ec: g.newCtx(st.Step), batch: st.batch, keep: st.Dropped != nil}
}

// seenOf gives the greatest event times by scan and partition, in the order of their first splits.
func seenOf(tasks []*task) []Seen {
	type key struct {
		scan      int
		partition string
	}
	at := map[key]int{}
	var out []Seen
	for _, t := range tasks {
		if t.max == math.MinInt64 {
			continue
		}
		k := key{t.index, t.split.Partition}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Seen{Scan: t.index, Partition: t.split.Partition, Max: t.max})
		}
		out[i].Max = max(out[i].Max, t.max)
	}
	return out
}
