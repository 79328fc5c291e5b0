package exec

import (
	"slices"
	"sync"

	"github.com/streamsqld/streamsqld/types"
)

// shardSizes say when an aggregation uses several workers.
type shardSizes struct {
	groups int // from so many groups on it is split into shards
	rows   int // batches, and steps, of fewer rows are not worth a goroutine
}

var usualShards = shardSizes{groups: 1 << 16, rows: 1 << 12}

// shards are the parts of an aggregate with many groups: a group belongs to one of them by the hash of its key, so that each has its own table and
// may run on its own goroutine. The rows of a group stay in their order, so that results do not depend on the number of shards; the order of groups does.
type shards struct {
	parts []*aggregate
	outs  []*shardOut
	hash  *keyTable // has no keys: for the hashes
	sizes shardSizes
	rows  int    // of input in this step
	step  *run   // for which runs were made
	runs  []*run // by shard: what a step is on its goroutine
	sel   [][]int32
	drops sync.Mutex // held while Step.Dropped is called
}

// shardOut takes what a shard hands on.
type shardOut struct {
	*node
	to   func(*types.Batch) error
	done func() bool
}

func (o *shardOut) Push(_ *run, _ int, b *types.Batch) error { return o.to(b) }
func (o *shardOut) Finish(*run) error                        { return nil }
func (o *shardOut) satisfied() bool                          { return o.done() }

// shardable says whether the groups may be split now, with n rows to come: there are many, and nothing of the step is under way that refers to their numbers.
// In a continuous query the step, or the one before it, must have rows enough: few rows after a restart need not wait for it.
func (a *aggregate) shardable(st *run, n int) bool {
	switch {
	case !a.mayShard || st.workers <= 1 || a.page != nil || a.ttl != nil || a.parts != nil:
		return false
	case a.batch && a.changing || len(a.dirty) > 0:
		return false
	case !a.batch && max(n, a.lastRows) < a.cfg.shardSizes().rows:
		return false
	}
	return a.keys.n >= a.cfg.shardSizes().groups
}

func (c Config) shardSizes() shardSizes {
	if c.shard != nil {
		return *c.shard
	}
	return usualShards
}

// split hands all groups to as many shards as there are workers.
func (a *aggregate) split(st *run) error {
	s := &shards{sizes: a.cfg.shardSizes(), sel: make([][]int32, st.workers)}
	for range st.workers {
		o := &shardOut{node: newNode(a.name)}
		n := newNode(a.name)
		n.outs, n.stats.dropped = []edge{{op: o}}, a.stats.dropped
		p := newAggregate(n, a.plan, a.cfg, a.changing)
		p.started, p.spill = true, a.spill
		s.parts, s.outs = append(s.parts, p), append(s.outs, o)
	}
	if err := s.move(a); err != nil {
		return err
	}
	ts := make([]types.Type, len(a.plan.Group))
	for i, g := range a.plan.Group {
		ts[i] = g.Type()
	}
	s.hash = newKeyTable(ts)
	a.shards = s
	a.keys, a.calls, a.flags, a.weight, a.gids, a.closing, a.saving = newKeyTable(ts), nil, nil, nil, nil, nil, nil
	return nil
}

// move hands the state of a to the shards.
func (s *shards) move(a *aggregate) error {
	groups := make([][]uint32, len(s.parts))
	for _, g := range a.keys.all() {
		k := s.of(a.keys.hashes[g])
		groups[k] = append(groups[k], g)
	}
	entries := make([][][]uint32, len(a.calls))
	for i, c := range a.calls {
		entries[i] = make([][]uint32, len(s.parts))
		if c.set == nil {
			continue
		}
		for _, e := range c.set.inOrder() {
			k := s.of(a.keys.hashes[c.set.group(e)])
			entries[i][k] = append(entries[i][k], e)
		}
	}
	var read sync.Mutex // held while a is read: that costs little beside entering the groups
	err := together(len(s.parts), func(k int) error {
		p := s.parts[k]
		for part := range slices.Chunk(groups[k], chunkRows) {
			read.Lock()
			cols, err := a.groupCols(part)
			read.Unlock()
			if err != nil {
				return err
			}
			if err := p.loadGroups(&types.Batch{Cols: cols, N: len(part)}, len(a.keys.cols)); err != nil {
				return err
			}
		}
		for i := range a.calls {
			for part := range slices.Chunk(entries[i][k], chunkRows) {
				read.Lock()
				c := a.entryChunk(i, part)
				read.Unlock()
				if err := p.Load(c); err != nil {
					return err
				}
			}
		}
		return p.Loaded()
	})
	if err != nil {
		return err
	}
	if a.saving != nil {
		s.moveUnsaved(a)
	}
	return nil
}

// moveUnsaved hands on what the next SaveDelta has to give.
func (s *shards) moveUnsaved(a *aggregate) {
	s.parts[0].saving.log = a.saving.log
	unsaved := make([][]uint32, len(s.parts))
	for _, g := range a.saving.unsaved {
		if a.keys.live[g] && a.flags[g]&isUnsaved != 0 {
			a.flags[g] &^= isUnsaved // a number used again is in the list twice
			k := s.of(a.keys.hashes[g])
			unsaved[k] = append(unsaved[k], g)
		}
	}
	for k, p := range s.parts {
		gids := make([]uint32, len(unsaved[k]))
		p.keys.find(a.keys.gather(unsaved[k]), gids)
		for _, g := range gids {
			p.flags[g] |= isUnsaved
		}
		p.saving.unsaved = gids
	}
}

// of is the shard of a hash. It goes by the highest bits: the tables use others, so that their slots fill evenly.
func (s *shards) of(hash uint64) int { return int(hash >> 48 * uint64(len(s.parts)) >> 16) }

// begin makes what the shards need for a step.
func (s *shards) begin(st *run) {
	if s.step == st {
		return
	}
	s.step, s.rows, s.runs = st, 0, s.runs[:0]
	step := *st.Step
	if st.Dropped != nil {
		step.Dropped = func(op, reason string, rows *types.Batch) {
			s.drops.Lock()
			defer s.drops.Unlock()
			st.Dropped(op, reason, rows)
		}
	}
	for range s.parts {
		r := *st
		r.Step, r.ec, r.budget = &step, st.newCtx(), &budget{}
		if st.spillDir != "" { // each has its part of what is left, and spills what it can't hold
			r.budget.limit = max(1, (st.budget.limit-st.budget.used)/int64(len(s.parts)))
		}
		s.runs = append(s.runs, &r)
	}
}

// push gives the rows of a to their shards.
func (s *shards) push(st *run, a *aggregate, b *types.Batch) error {
	s.begin(st)
	s.rows += b.N
	keys, err := evalCols(st.ec, a.plan.Group, b)
	if err != nil {
		return err
	}
	s.hash.load(keys, b.N)
	for k := range s.sel {
		s.sel[k] = s.sel[k][:0]
	}
	for i, h := range s.hash.hs {
		k := s.of(h)
		s.sel[k] = append(s.sel[k], int32(i))
	}
	work := func(k int) error {
		if len(s.sel[k]) == 0 {
			return nil
		}
		part := types.TakeBatch(b, s.sel[k])
		return s.parts[k].pushSet(s.runs[k], 0, part, takeKeys(keys, b, part, s.sel[k]))
	}
	countNulls(b.Cols)
	countNulls(keys)
	run := together
	if b.N < s.sizes.rows {
		run = each
	}
	if err := run(len(s.parts), work); err != nil || st.spillDir != "" {
		return err
	}
	return st.budget.check(a)
}
