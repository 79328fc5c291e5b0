package exec

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// keyedScan is the scan below n that asks an index for the keys that the join above has; nil: there is none.
func (b *builder) keyedScan(n plan.Node) *scanOp {
	for {
		switch x := n.(type) {
		case *plan.Filter:
			n = x.In
		case *plan.Project:
			n = x.In
		case *plan.Scan:
			if x.Lookup == nil || x.Lookup.By == nil {
				return nil
			}
			for _, s := range b.graph.scans {
				if s.plan == x {
					return s
				}
			}
			return nil
		default:
			return nil
		}
	}
}

// splits are what there is to read of an input: where it waits for the keys of a join, of these only.
func (s *scanOp) splits(in Input) ([]types.Split, error) {
	if in.ByKeys == nil {
		return in.Splits, nil
	}
	if s.keysOf == nil {
		return in.ByKeys(nil, -1)
	}
	return in.ByKeys(s.keysOf.rightKeys(s.plan.Lookup.By))
}

// rightKeys are the keys of the right side, which is complete, and how many there are; by: the keys' numbers. -1: they are not all in memory.
func (j *join) rightKeys(by []int) ([]arrow.Array, int) {
	if !j.complete || j.parts[0] != nil || j.blocks != nil {
		return nil, -1
	}
	gids := j.keys.all()
	cols := j.keys.gather(gids)
	out := make([]arrow.Array, len(by))
	for i, k := range by {
		out[i] = cols[k]
	}
	return out, len(gids)
}
