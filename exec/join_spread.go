package exec

// spreads says whether the left rows of the batch may be joined side by side: the right side is complete and in memory, and nothing is noted of its rows.
func (j *join) spreads(st *run) bool {
	return st.batch && j.streamed && j.complete && j.parts[0] == nil && j.asof == nil && !j.side[1].tracked && !volatile(j.plan)
}

// worker is a join over the same right side.
func (j *join) worker(_ *run, n *node) Op {
	w := *j
	w.node, w.keys, w.probe, w.gids = n, j.keys.view(), joinProbe{}, nil
	return &w
}
