package exec

import (
	"context"
	"errors"
	"math"
	"runtime/debug"
	"sync"
	"time"

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
		splits, err := s.splits(in[i])
		if err != nil {
			return nil, err
		}
		var l *line
		if st.batch && st.workers > 1 && len(splits) > 1 {
			l = lineOf(st, s)
		}
		for at, n := 0, l.splits(len(splits), st.workers); at < len(splits); at += n {
			tasks = append(tasks, &task{scan: s, index: i, splits: splits[at:min(at+n, len(splits))], line: l, max: math.MinInt64})
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
		if err := t.read(st.ctx, sc, nil, func(p piece) error { return t.push(st, p) }); err != nil {
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
	if err := t.handOn(st, p); err != nil {
		return err
	}
	if !wants(t.scan) {
		t.skip.Store(true)
	}
	return nil
}

// handOn gives rows to what is above the scan, or above what workers ran.
func (t *task) handOn(st *run, p piece) error {
	switch {
	case t.line == nil:
		return t.scan.emit(st, p.b)
	case p.b == nil:
		return nil
	case t.line.group == nil:
		return t.line.last.pass(st, p.b)
	}
	t0, outer := time.Now(), st.within(0)
	defer func() { t.line.group.base().spent(st, t0, outer) }()
	if p.parts {
		return t.line.group.takeParts(st, p.b)
	}
	return t.line.group.Push(st, 0, p.b)
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
	begin := *st
	for range min(st.workers, len(tasks)) {
		sc := g.stageCtx(st)
		wg.Go(func() {
			var c *crew
			for t := range todo {
				if c = c.of(ctx, begin, sc.ec, t.line); c != nil {
					c.task = t
				}
				t.run(ctx, sc, c)
			}
			c.dismiss()
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
func (t *task) run(ctx context.Context, sc *stageCtx, c *crew) {
	defer close(t.out)
	defer func() {
		if x := recover(); x != nil {
			t.err = sqlerr.New(sqlerr.InternalError, "internal error: %v", x).WithDetail("%s", debug.Stack())
		}
	}()
	if t.err = ctx.Err(); t.err != nil || t.skip.Load() {
		return
	}
	t.err = t.read(ctx, sc, c, func(p piece) error {
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
		k := key{t.index, t.splits[0].Partition}
		i, ok := at[k]
		if !ok {
			i = len(out)
			at[k] = i
			out = append(out, Seen{Scan: t.index, Partition: t.splits[0].Partition, Max: t.max})
		}
		out[i].Max = max(out[i].Max, t.max)
	}
	return out
}
