package exec

import (
	"math"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// partitions numbers the values of partition keys, and knows when a partition is closed.
type partitions struct {
	exprs   []expr.Expr
	keys    *keyTable
	closing *closing // nil: never
	gids    []uint32
	late    []bool // by partition, during of
}

func newPartitions(xs []expr.Expr, close expr.Expr) *partitions {
	ts := make([]types.Type, len(xs))
	for i, x := range xs {
		ts[i] = x.Type()
	}
	p := &partitions{exprs: xs, keys: newKeyTable(ts)}
	if close != nil {
		p.closing = newClosing(close)
	}
	return p
}

// of gives the partitions of b's rows; rows of partitions that had closed before the step are dropped as late, and left is what remains.
func (p *partitions) of(st *run, n *node, b *types.Batch) (left *types.Batch, gids []uint32, err error) {
	cols, err := evalCols(st.ec, p.exprs, b)
	if err != nil {
		return nil, nil, err
	}
	p.gids = scratch(p.gids, b.N)
	p.keys.insert(cols, p.gids)
	if p.closing == nil || len(p.keys.fresh) == 0 {
		return b, p.gids, nil
	}
	ts, err := p.closing.timesOf(st.ec, p.keys.gather(p.keys.fresh), len(p.keys.fresh))
	if err != nil {
		return nil, nil, err
	}
	p.late = resize(p.late, p.keys.cap())
	var gone []uint32
	for i, g := range p.keys.fresh {
		if st.late(ts[i]) || ts[i] == math.MinInt64 && !st.batch {
			p.late[g] = true
			gone = append(gone, g)
			continue
		}
		p.closing.add(g, ts[i])
	}
	if gone == nil {
		return b, p.gids, nil
	}
	var keep, drop []int32
	for i, g := range p.gids {
		if p.late[g] {
			drop = append(drop, int32(i))
		} else {
			keep = append(keep, int32(i))
		}
	}
	for _, g := range gone {
		p.late[g] = false
		p.keys.remove(g)
	}
	p.keys.fresh = slices.DeleteFunc(p.keys.fresh, func(g uint32) bool { return !p.keys.live[g] })
	n.drop(st, "late", len(drop), types.Filter(b, drop))
	return types.Filter(b, keep), takeGids(p.gids, keep), nil
}

// register notes when partitions found in saved state close.
func (p *partitions) register(ec *expr.Ctx, fresh []uint32) error {
	if p.closing == nil || len(fresh) == 0 {
		return nil
	}
	ts, err := p.closing.timesOf(ec, p.keys.gather(fresh), len(fresh))
	for i := range ts {
		p.closing.add(fresh[i], ts[i])
	}
	return err
}

// closed takes the partitions that close at or before wm.
func (p *partitions) closed(wm int64) []uint32 {
	if p.closing == nil {
		return nil
	}
	return p.closing.pop(wm, func(g uint32) bool { return p.keys.live[g] })
}
