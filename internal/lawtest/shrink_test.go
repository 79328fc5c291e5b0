package lawtest

import (
	"slices"
	"time"
)

// shrink makes a failing case smaller while it fails in the same way, for a while.
func shrink(c *testCase, f *failure, fails func(*testCase) *failure, limit time.Duration) (*testCase, *failure) {
	deadline := time.Now().Add(limit)
	try := func(n *testCase) bool {
		if time.Now().After(deadline) {
			return false
		}
		g := fails(n)
		if g == nil || g.kind != f.kind || (g.view == nil) != (f.view == nil) || g.view != nil && g.view.name != f.view.name {
			return false
		}
		c, f = n, g
		return true
	}
	for again := true; again && time.Now().Before(deadline); {
		again = false
		for size := max(1, len(c.ops)/2); size >= 1; size /= 2 {
			for at := len(c.ops) - size; at >= 0; at -= size {
				if at+size > len(c.ops) {
					continue
				}
				again = try(c.with(slices.Delete(slices.Clone(c.ops), at, at+size))) || again
			}
		}
		if f.view != nil {
			again = shrinkQuery(c, f.view.name, func(n *testCase) bool { return try(n) }) || again
		}
	}
	return c, f
}

func (c *testCase) with(ops []op) *testCase {
	return &testCase{seed: c.seed, rels: c.rels, ops: ops}
}

// shrinkQuery tries to leave out parts of a view's query.
func shrinkQuery(c *testCase, name string, try func(*testCase) bool) bool {
	smaller := false
	for again := true; again; {
		again = false
		for i, o := range c.ops {
			if o.kind != "create" || o.view.name != name {
				continue
			}
			for _, q := range o.view.query.smaller() {
				v := *o.view
				v.query = q
				ops := slices.Clone(c.ops)
				for k := range ops {
					if ops[k].view == o.view {
						ops[k].view = &v
					}
				}
				ops[i].view = &v
				if n := c.with(ops); try(n) {
					c, again, smaller = n, true, true
					break
				}
			}
			break
		}
	}
	return smaller
}

// smaller gives copies of the query that each lack one part.
func (q *query) smaller() []*query {
	var out []*query
	add := func(change func(*query)) {
		n := *q
		change(&n)
		out = append(out, &n)
	}
	without := func(xs []string, i int) []string { return slices.Delete(slices.Clone(xs), i, i+1) }
	if q.right != nil {
		add(func(n *query) { n.right = nil })
		for _, r := range q.right.smaller() {
			add(func(n *query) { n.right = r })
		}
	}
	for i := range q.where {
		add(func(n *query) { n.where = without(q.where, i) })
	}
	for i := range q.having {
		add(func(n *query) { n.having = without(q.having, i) })
	}
	if q.tail != "" {
		add(func(n *query) { n.tail = "" })
	}
	if q.distinct != "" {
		add(func(n *query) { n.distinct = "" })
	}
	for i := len(q.items) - 1; i >= 0 && len(q.items) > 1; i-- {
		add(func(n *query) {
			n.items, n.kinds = without(q.items, i), slices.Delete(slices.Clone(q.kinds), i, i+1)
		})
	}
	for i := range q.group {
		add(func(n *query) { n.group = without(q.group, i) })
	}
	for i, s := range q.subs {
		for _, r := range s.smaller() {
			add(func(n *query) {
				n.subs = slices.Clone(q.subs)
				n.subs[i] = r
			})
		}
	}
	for i, s := range q.with {
		for _, r := range s.smaller() {
			add(func(n *query) {
				n.with = slices.Clone(q.with)
				n.with[i] = r
			})
		}
	}
	return out
}
