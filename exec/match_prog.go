package exec

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// A row pattern is compiled to a program for a backtracking machine. matchVar takes a row as variable x (y 1: inside an exclusion); matchSplit
// goes on at x, and at y where that fails; the rest speak for themselves.
const (
	matchVar = iota
	matchSplit
	matchJump
	matchStart
	matchEnd
	matchDone
)

type matchInst struct {
	op   uint8
	x, y int32
}

// matchLimit bounds the size of a program.
const matchLimit = 1 << 17

type matchCompiler struct {
	prog   []matchInst
	hidden int32
	full   bool
}

// compileMatch makes the program of a pattern.
func compileMatch(p *plan.RowPattern) ([]matchInst, error) {
	c := &matchCompiler{}
	c.quantified(p)
	c.emit(matchDone, 0, 0)
	if c.full {
		return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "the row pattern is too large").
			WithHint("Use smaller bounds in {n,m}, or fewer variables in PERMUTE.")
	}
	return c.prog, nil
}

func (c *matchCompiler) emit(op uint8, x, y int32) int32 {
	if len(c.prog) >= matchLimit {
		c.full = true
		return 0
	}
	c.prog = append(c.prog, matchInst{op, x, y})
	return int32(len(c.prog) - 1)
}

func (c *matchCompiler) here() int32 { return int32(len(c.prog)) }

// split emits a choice between going on behind it and what patch will say.
func (c *matchCompiler) split() int32 { return c.emit(matchSplit, 0, 0) }

// patch settles a choice: first is preferred, unless the quantifier is reluctant.
func (c *matchCompiler) patch(at, first, second int32, reluctant bool) {
	if c.full {
		return
	}
	if reluctant {
		first, second = second, first
	}
	c.prog[at].x, c.prog[at].y = first, second
}

func (c *matchCompiler) quantified(p *plan.RowPattern) {
	for i := 0; i < p.Min && !c.full; i++ {
		if p.Max < 0 && i == p.Min-1 {
			body := c.here()
			c.element(p)
			s := c.split()
			c.patch(s, body, c.here(), p.Reluctant)
			return
		}
		c.element(p)
	}
	if p.Max < 0 {
		s := c.split()
		c.element(p)
		c.emit(matchJump, s, 0)
		c.patch(s, s+1, c.here(), p.Reluctant)
		return
	}
	var exits []int32
	for i := p.Min; i < p.Max && !c.full; i++ {
		exits = append(exits, c.split())
		c.element(p)
	}
	for _, s := range exits {
		c.patch(s, s+1, c.here(), p.Reluctant)
	}
}

// element compiles p once, whatever its quantifier.
func (c *matchCompiler) element(p *plan.RowPattern) {
	switch p.Kind {
	case "var":
		c.emit(matchVar, int32(p.Var), min(c.hidden, 1))
	case "start":
		c.emit(matchStart, 0, 0)
	case "end":
		c.emit(matchEnd, 0, 0)
	case "seq":
		c.all(p.Items)
	case "exclude":
		c.hidden++
		c.all(p.Items)
		c.hidden--
	case "alt":
		c.either(len(p.Items), func(i int) { c.quantified(p.Items[i]) })
	case "permute":
		c.permute(p.Items)
	}
}

func (c *matchCompiler) all(ps []*plan.RowPattern) {
	for _, p := range ps {
		c.quantified(p)
	}
}

// either compiles alternatives, the first preferred.
func (c *matchCompiler) either(n int, branch func(i int)) {
	var ends []int32
	for i := 0; i < n && !c.full; i++ {
		if i == n-1 {
			branch(i)
			break
		}
		s := c.split()
		branch(i)
		ends = append(ends, c.emit(matchJump, 0, 0))
		c.patch(s, s+1, c.here(), false)
	}
	for _, e := range ends {
		if !c.full {
			c.prog[e].x = c.here()
		}
	}
}

// permute compiles all orders of the items, in the order of their places in the list.
func (c *matchCompiler) permute(items []*plan.RowPattern) {
	if len(items) == 1 {
		c.quantified(items[0])
		return
	}
	c.either(len(items), func(i int) {
		c.quantified(items[i])
		rest := make([]*plan.RowPattern, 0, len(items)-1)
		rest = append(append(rest, items[:i]...), items[i+1:]...)
		c.permute(rest)
	})
}
