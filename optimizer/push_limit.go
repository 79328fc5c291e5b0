package optimizer

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// pushLimit limits the inputs of what a LIMIT with a constant count stands over: below projections; both sides of UNION ALL, in the order where there is
// one; the left side of a left join that gives each of its rows once, since the right side has no two rows for it. The limit itself stays.
func pushLimit(root plan.Node) plan.Node {
	uses := useCounts(root)
	return plan.Transform(root, func(n plan.Node) plan.Node {
		l, ok := n.(*plan.Limit)
		if !ok || l.WithTies {
			return n
		}
		count, ok := rowsWanted(l)
		if !ok {
			return n
		}
		p := &limitPusher{pos: l.Pos, count: count, uses: uses}
		in := p.below(l.In)
		if s, sorted := l.In.(*plan.Sort); sorted && uses[s] < 2 {
			p.sort = s
			if below := p.below(s.In); below != s.In {
				in = s.WithInputs([]plan.Node{below})
			}
		}
		if in == l.In {
			return n
		}
		return l.WithInputs([]plan.Node{in})
	})
}

// rowsWanted is how many rows a limit reads.
func rowsWanted(l *plan.Limit) (int64, bool) {
	count, ok := constInt(l.Count)
	if !ok || l.Skip == nil {
		return count, ok
	}
	skip, ok := constInt(l.Skip)
	return count + skip, ok && count+skip >= count
}

type limitPusher struct {
	pos   int
	count int64
	sort  *plan.Sort // of the rows, nil: they have no order
	uses  map[plan.Node]int
}

// below is n with limited inputs; n itself where that cannot be.
func (p *limitPusher) below(n plan.Node) plan.Node {
	if p.uses[n] > 1 {
		return n
	}
	switch x := n.(type) {
	case *plan.Project:
		if p.sort == nil {
			if in := p.below(x.In); in != x.In {
				return x.WithInputs([]plan.Node{in})
			}
		}
	case *plan.SetOp:
		if x.Op == "union" && x.All {
			l, r := p.limited(x.L), p.limited(x.R)
			if l != x.L || r != x.R {
				return x.WithInputs([]plan.Node{l, r})
			}
		}
	case *plan.Join:
		if p.sort == nil && x.Kind == "left" && !x.ASOF && x.Lookup == "" && oneMatch(x) {
			if l := p.limited(x.L); l != x.L {
				return x.WithInputs([]plan.Node{l, x.R})
			}
		}
	}
	return n
}

// limited is n below the limit, n itself where it has one.
func (p *limitPusher) limited(n plan.Node) plan.Node {
	if p.within(n) {
		return n
	}
	in := n
	if p.sort != nil {
		in = p.sort.WithInputs([]plan.Node{n})
	}
	return &plan.Limit{In: in, Count: expr.ConstInt8(p.count), Pos: p.pos}
}

// within says that n gives no more rows than the limit lets through.
func (p *limitPusher) within(n plan.Node) bool {
	switch x := n.(type) {
	case *plan.Limit:
		count, ok := constInt(x.Count)
		return ok && count <= p.count
	case *plan.Project:
		return p.within(x.In)
	case *plan.Values:
		return int64(len(x.Rows)) <= p.count
	case *plan.Aggregate:
		return len(x.Group) == 0 && x.Sets == nil && p.count > 0
	}
	return false
}

// oneMatch says that a row of the left side has at most one partner: the equalities of the condition name all columns of a key of the right side.
func oneMatch(j *plan.Join) bool {
	k, single := key(j.R)
	if single {
		return true
	}
	if len(k) == 0 {
		return false
	}
	split := plan.Width(j.L)
	equal := map[int]bool{}
	for _, c := range expr.Conjuncts(j.Cond) {
		if _, r, ok := equiKey(c, split); ok {
			if col, is := r.(*expr.Column); is {
				equal[col.Idx-split] = true
			}
		}
	}
	for _, col := range k {
		if !equal[col] {
			return false
		}
	}
	return true
}
