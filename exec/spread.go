package exec

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// spreading is an operator of a batch query that can do its work on the goroutines that read the splits of the scan below, since it holds nothing that changes
// with the rows: a join whose right side is complete, a stage. The last of them may be an aggregation, which groups the rows of some splits beforehand.
type spreading interface {
	Op
	// spreads says whether it can, now that the reading begins.
	spreads(st *run) bool
	// worker gives the operator as another goroutine has it, which counts in n and hands on to n's readers.
	worker(st *run, n *node) Op
}

// grouping is a spreading operator whose workers gather the rows of some splits, and hand on what they gathered, to partsPort, at Finish.
type grouping interface {
	spreading
	// takeParts takes what a worker gathered.
	takeParts(st *run, b *types.Batch) error
}

// partsPort is the port of a crew for what was gathered.
const partsPort = 1

// line are the operators above a scan that run with its stages. It is nil where there are none.
type line struct {
	scan  *scanOp
	ops   []spreading
	last  *node    // hands on what comes out
	group grouping // the operator behind last, where it groups beforehand; nil: none
}

// lineOf finds the line of a scan for the reading that begins.
func lineOf(st *run, s *scanOp) *line {
	l := &line{scan: s, last: s.node}
	for o := Op(s); len(o.base().outs) == 1; {
		e := o.base().outs[0]
		next, ok := e.op.(spreading)
		if !ok || e.port != 0 || !next.spreads(st) {
			break
		}
		l.ops = append(l.ops, next)
		if g, ok := next.(grouping); ok {
			l.group = g
			return l
		}
		o, l.last = next, next.base()
	}
	if len(l.ops) == 0 {
		return nil
	}
	return l
}

// splits is how many splits, of n, make a task: where rows are grouped beforehand several, so that there is less to merge.
func (l *line) splits(n, workers int) int {
	if l == nil || l.group == nil {
		return 1
	}
	return max(1, n/(workers*tasksEach))
}

// tasksEach is about how many tasks a worker gets where they are of several splits: enough that none is idle at the end for long.
const tasksEach = 8

// crew is a line on one goroutine. It is the end of its operators, too: what comes out goes to deliver.
type crew struct {
	*node
	line    *line
	st      *run
	front   *node // before the first operator
	last    Op
	nodes   []*node
	task    *task
	deliver func(piece) error
}

// of gives a crew for a line: c, if it is one. st is the run as it was when the reading began, ec the goroutine's own context.
func (c *crew) of(ctx context.Context, st run, ec *expr.Ctx, l *line) *crew {
	if c != nil && c.line == l {
		return c
	}
	c.dismiss()
	if l == nil {
		return nil
	}
	st.ctx, st.ec, st.budget = ctx, ec, &budget{}
	c = &crew{node: newNode(""), line: l, st: &st}
	next := Op(c)
	for _, o := range slices.Backward(l.ops) {
		n := newNode(o.base().name)
		n.outs, n.stats.dropped = []edge{{op: next}}, o.base().stats.dropped
		c.nodes = append(c.nodes, n)
		next = o.worker(&st, n)
		if c.last == nil {
			c.last = next
		}
	}
	slices.Reverse(c.nodes)
	c.front = newNode("")
	c.front.outs = []edge{{op: next}}
	return c
}

// Push takes what comes out.
func (c *crew) Push(_ *run, port int, b *types.Batch) error {
	return c.deliver(piece{b: b, parts: port == partsPort})
}

// Finish has nothing to do.
func (c *crew) Finish(*run) error { return nil }

func (c *crew) satisfied() bool { return c.task.skip.Load() }

// push takes a piece of the scan's rows.
func (c *crew) push(p piece) error {
	if len(p.drops) > 0 {
		if err := c.deliver(piece{drops: p.drops}); err != nil {
			return err
		}
	}
	if p.b == nil || p.b.N == 0 {
		return nil
	}
	c.line.scan.stats.out.Add(int64(p.b.N))
	return c.front.pass(c.st, p.b)
}

// finish ends a task.
func (c *crew) finish() error {
	if c.line.group == nil {
		return nil
	}
	return c.last.Finish(c.st)
}

// dismiss adds the crew's counters to those of the operators.
func (c *crew) dismiss() {
	if c == nil {
		return
	}
	for i, n := range c.nodes {
		to := &c.line.ops[i].base().stats
		to.in.Add(n.stats.in.Load())
		to.out.Add(n.stats.out.Load())
		to.nanos.Add(n.stats.nanos.Load())
	}
}
