package exec

import (
	"strings"
)

// Cold is where a graph keeps state that has no room in memory: values by keys, in the order of the keys. It belongs to the goroutine of Run. Get and Scan
// see what the last commit left; what is set and deleted, during SaveDelta and SaveAll only, becomes part of the commit of the step.
type Cold interface {
	// Area is the beginning of the keys of an operator, and whether it has any already; nil: it has none and may not have any.
	Area(op string) (prefix []byte, stored bool)
	// Get gives the values of keys, which ascend; nil for one that is not there. They are good until the next call.
	Get(keys [][]byte) ([][]byte, error)
	// GetPrefixes gives all keys with one of the prefixes, which ascend, and their values, in order. They are good until the next call.
	GetPrefixes(prefixes [][]byte) (keys, values [][]byte, err error)
	// Scan calls fn for the keys from from to to (not included) in order until it says that it wants no more. Key and value are good during the call.
	Scan(from, to []byte, fn func(key, value []byte) (more bool, err error)) error
	// Set, Delete and DeleteRange (to is not included) copy what they keep. What goes wrong with them fails the commit.
	Set(key, value []byte)
	Delete(key []byte)
	DeleteRange(from, to []byte)
}

// A pager is an operator whose state can lie in a Cold; memory holds a part of it then. SaveDelta and SaveAll write to the Cold and give no chunks.
type pager interface {
	Stateful
	// pages makes the operator use c. What is loaded into it afterwards is written there by the next save.
	pages(c Cold, prefix []byte, stored bool) error
	// used is about the bytes of what memory holds.
	used() int64
	// release forgets that part of what memory holds, what was not used of late first. Nothing may be unsaved.
	release(part float64)
	// paging adds what it counted, and what is in memory; where the operator does not use a Cold, nothing.
	paging(s *OpStats)
}

// pagerOf is the operator as a pager; nil: it keeps its state in memory.
func pagerOf(o Op) pager {
	switch o := o.(type) {
	case *aggregate:
		if o.pageable() {
			return o
		}
	case *distinct:
		if o.pageable() {
			return o
		}
	case *firstRows:
		if o.pageable() {
			return o
		}
	case *join:
		if o.pageable() {
			return o
		}
	case *over:
		if o.pageable() {
			return o
		}
	case *sessions:
		if o.pageable() {
			return o
		}
	case *sessionAgg:
		if o.pageable() {
			return o
		}
	case *finalOver:
		if o.pageable() {
			return o
		}
	case *setOp:
		if o.set.saving || o.set.page != nil {
			return o
		}
	}
	return nil
}

// Page makes the operators keep their state in c as far as they can. Call it before Load.
func (g *Graph) Page(c Cold) error {
	for _, o := range g.ops {
		p := pagerOf(o)
		if p == nil {
			continue
		}
		prefix, stored := c.Area(o.base().name)
		if prefix == nil {
			continue
		}
		if err := p.pages(c, prefix, stored); err != nil {
			return err
		}
		g.pagers = append(g.pagers, p)
	}
	return nil
}

// Evict makes the operators that page hold no more than about limit bytes in memory. Call it after the commit of what was saved.
func (g *Graph) Evict(limit int64) {
	used := int64(0)
	for _, p := range g.pagers {
		used += p.used()
	}
	if used <= limit {
		return
	}
	part := 1 - float64(limit)*7/8/float64(used)
	for _, p := range g.pagers {
		p.release(part)
	}
}

// Unpaged are the kinds of the operators whose state stays in memory whatever room it has, each once.
func (g *Graph) Unpaged() []string {
	var out []string
	seen := map[string]bool{}
	for _, o := range g.ops {
		if _, ok := o.(Stateful); !ok || pagerOf(o) != nil {
			continue
		}
		kind, _, _ := strings.Cut(o.base().name, "-")
		if !seen[kind] {
			seen[kind] = true
			out = append(out, kind)
		}
	}
	return out
}
