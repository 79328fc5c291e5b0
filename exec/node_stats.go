package exec

import (
	"time"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// NodeStats is what the operator of a plan's node did since the graph was built.
type NodeStats struct {
	Rows    int64         // that it gave
	Removed int64         // that its filter left out
	Own     time.Duration // without the operators before and behind it; of scans and the stateless operators next to them the sum over all workers
	Bytes   int64         // of the state that it holds
	Read    int64         // rows that a scan read
}

// NodeStats tells what the operators of the plan did, its sub-selects included. Nodes that became part of others are not in it.
func (g *Graph) NodeStats() map[plan.Node]NodeStats {
	out := map[plan.Node]NodeStats{}
	sizes := map[*node]int64{}
	for _, o := range g.ops {
		if s, ok := o.(Stateful); ok {
			_, sizes[o.base()] = s.Size()
		}
	}
	for n, made := range g.made {
		var s NodeStats
		for _, m := range made {
			s.Own += time.Duration(m.stats.nanos.Load())
			s.Bytes += sizes[m]
		}
		last := made[len(made)-1]
		s.Rows = last.stats.out.Load()
		switch n.(type) {
		case *plan.Scan:
			s.Read = made[0].stats.in.Load()
			if s.Rows = s.Read; len(made) > 1 {
				s.Rows = last.stats.out.Load()
				s.Removed = s.Read - s.Rows
			}
		case *plan.Filter:
			s.Removed = last.stats.in.Load() - s.Rows
		}
		out[n] = s
	}
	for _, sub := range g.subs {
		for n, s := range sub.graph.NodeStats() {
			out[n] = s
		}
	}
	return out
}
