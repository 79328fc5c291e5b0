package exec

import (
	"context"
	"errors"
	"math"
	"sync/atomic"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Sizes of batches, in rows: larger ones are cut, smaller ones are joined.
const (
	maxBatch   = 1 << 16
	smallBatch = 1 << 10
	fullBatch  = 1 << 13
)

// scanOp reads splits and runs the stages next to it on their rows.
type scanOp struct {
	*node
	plan   *plan.Scan
	stages []stage
	wmCol  int          // column of the scan's output with event time, -1: none
	types  []types.Type // of the output of the last stage
	// versions reads the table's changes with the clocks of their commits as a last column; else nil.
	versions *temporal
	skips    []skipper // of a batch query
	filtered bool      // the first stage is the scan's own filter
	sorted   bool      // the rows come in the order of plan.Lookup
	keysOf   *join     // the join above that says which keys are needed; nil: none does
}

func (s *scanOp) Push(*run, int, *types.Batch) error { return nil }
func (s *scanOp) Finish(*run) error                  { return nil }

// piece is a batch that came out of the stages, and the rows they dropped.
type piece struct {
	b     *types.Batch
	drops []droppedRows
	parts bool // b is what the worker of a grouping operator gathered
}

// task is the reading of a split, or, where rows are grouped beforehand, of some that follow one another.
type task struct {
	scan   *scanOp
	index  int // of the scan in the graph
	splits []types.Split
	line   *line
	out    chan piece
	skip   atomic.Bool // nobody needs its rows any more
	max    int64       // greatest event time seen
	err    error
}

// read runs the splits through the stages and the crew, if there is one; deliver gets what comes out.
func (t *task) read(ctx context.Context, sc *stageCtx, cr *crew, deliver func(piece) error) error {
	c := coalescer{deliver: deliver, types: t.scan.types}
	taken := time.Duration(0) // by what the rows go through
	some, picks := t.reading(sc)
	picked, stages := false, t.scan.stages // of the split under way
	if cr != nil {
		cr.deliver, c.deliver = deliver, cr.push
	}
	take := func(b *types.Batch) error {
		if t.skip.Load() {
			return errSkip
		}
		t0 := time.Now()
		defer func() { taken += time.Since(t0) }()
		if !picked {
			t.scan.stats.in.Add(int64(b.N))
		}
		t.seen(b)
		for from := 0; from < b.N; from += maxBatch {
			part := b
			if b.N > maxBatch {
				part = b.Slice(from, min(from+maxBatch, b.N))
			}
			out, err := pipe(stages, sc, part)
			if err != nil {
				return err
			}
			drops := sc.drops
			sc.drops = nil
			if err := c.add(piece{b: out, drops: drops}); err != nil {
				return err
			}
			if t.scan.sorted { // a few rows may be all that is wanted
				if err := c.flush(); err != nil {
					return err
				}
			}
		}
		return nil
	}
	t0 := time.Now()
	var err error
	for _, s := range t.splits {
		picked, stages, c.lent = false, t.scan.stages, false
		if s.ReadSome == nil {
			err = s.Read(ctx, take)
		} else {
			if picked, c.lent = some.Pick != nil, some.Lend; picks {
				stages = stages[1:]
			}
			err = s.ReadSome(ctx, some, take)
		}
		if err != nil {
			break
		}
	}
	t.scan.stats.nanos.Add(int64(time.Since(t0) - taken))
	if errors.Is(err, errSkip) {
		return nil
	} else if err != nil {
		return err
	}
	if err := c.flush(); err != nil || cr == nil {
		return err
	}
	return cr.finish()
}

// seen notes the greatest event time of b; infinite times do not count.
func (t *task) seen(b *types.Batch) {
	if t.scan.wmCol < 0 {
		return
	}
	a := b.Cols[t.scan.wmCol]
	if b.W == nil && a.NullN() == 0 {
		for _, x := range types.Int64s(a) {
			if x > t.max && x != math.MaxInt64 {
				t.max = x
			}
		}
		return
	}
	for i, x := range types.Int64s(a) {
		if x > t.max && x != math.MaxInt64 && a.IsValid(i) && b.Weight(i) > 0 {
			t.max = x
		}
	}
}

// coalescer joins small batches that follow one another.
type coalescer struct {
	deliver func(piece) error
	types   []types.Type
	held    []*types.Batch
	rows    int
	drops   []droppedRows
	lent    bool // what comes is good during the call only
}

func (c *coalescer) add(p piece) error {
	c.drops = append(c.drops, p.drops...)
	if p.b == nil {
		return nil
	}
	if p.b.N >= smallBatch {
		if err := c.flush(); err != nil {
			return err
		}
		return c.deliver(piece{b: p.b})
	}
	if c.lent {
		p.b = p.b.Own()
	}
	c.held = append(c.held, p.b)
	if c.rows += p.b.N; c.rows >= fullBatch {
		return c.flush()
	}
	return nil
}

func (c *coalescer) flush() error {
	if len(c.held) == 0 && len(c.drops) == 0 {
		return nil
	}
	p := piece{drops: c.drops}
	if len(c.held) > 0 {
		var err error
		if p.b, err = concat(c.held, c.types); err != nil {
			return err
		}
	}
	c.held, c.rows, c.drops = nil, 0, nil
	return c.deliver(p)
}

// watermarkColumn finds the column of the scan's output that carries the relation's event time, -1: none.
func watermarkColumn(s *plan.Scan) int {
	if s.Rel.Watermark == nil {
		return -1
	}
	for i, c := range s.Cols {
		if c == s.Rel.Watermark.Column && s.Rel.Columns[c].Type.Arrow().ID() == arrow.TIMESTAMP {
			return i
		}
	}
	return -1
}
