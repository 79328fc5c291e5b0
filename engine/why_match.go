package engine

import (
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// matchPlans are two variants of a MATCH_RECOGNIZE, by which a row is followed: taken gives all rows of its input with the variable and the number of the match that took
// them, NULL where none did; numbered is the original with the partition and the number of the match behind.
type matchPlans struct{ taken, numbered *plan.Match }

func matchVariants(n *plan.Match) *matchPlans {
	in := n.In.Schema()
	nav := func(m *plan.Match, kind string, t types.Type) expr.Expr {
		m.Navs = append(slices.Clone(m.Navs), plan.MatchNav{Kind: kind, Col: -1, Typ: t, Name: kind})
		return &expr.Column{Idx: len(m.Navs) - 1, Name: kind, Typ: t}
	}
	taken := *n
	taken.AllRows, taken.Empty, taken.OnClose = true, "with unmatched", false
	variable := nav(&taken, "classifier", types.Text)
	taken.Measures = []expr.Expr{variable, nav(&taken, "number", types.Int8)}
	taken.Out = nil
	for i := range in {
		taken.Out = append(taken.Out, i)
	}
	taken.Out = append(taken.Out, -1, -2)
	taken.Cols = append(slices.Clone(in), plan.Col{Name: "variable", Type: types.Text}, plan.Col{Name: "match", Type: types.Int8})

	numbered := *n
	numbered.OnClose = false
	numbered.Measures = append(slices.Clone(n.Measures), nav(&numbered, "number", types.Int8))
	numbered.Out, numbered.Cols = slices.Clone(n.Out), slices.Clone(n.Cols)
	for _, c := range n.Partition {
		numbered.Out, numbered.Cols = append(numbered.Out, c), append(numbered.Cols, in[c])
	}
	numbered.Out = append(numbered.Out, -len(numbered.Measures))
	numbered.Cols = append(numbered.Cols, plan.Col{Name: "match", Type: types.Int8})
	return &matchPlans{&taken, &numbered}
}

// matched finds the matches that a row is part of, and gives what comes of them.
func (t *tracer) matched(n *plan.Match, b *types.Batch, schema plan.Schema) (next *types.Batch, fate, reason string, err error) {
	v := t.found[n]
	if v == nil {
		v = matchVariants(n)
		t.found[n] = v
	}
	rows, err := t.within(v.taken, b, schema)
	if err != nil {
		return nil, "", "", err
	}
	t.pending = t.matchPending(n, b)
	if rows == nil {
		return nil, "left out", "it is in no partition of " + n.Explain(), nil
	}
	numbers := rows.Cols[len(schema)+1]
	var took []int32
	for i := range rows.N {
		if numbers.IsValid(i) {
			took = append(took, int32(i))
		}
	}
	if len(took) == 0 {
		if t.pending != "" {
			return nil, "waiting", t.pending, nil
		}
		return nil, "left out", "no match takes it: " + n.Explain(), nil
	}
	all, err := t.whole(v.numbered)
	if err != nil || all == nil {
		return nil, "left out", "by " + n.Explain(), err
	}
	width := len(n.Cols)
	key := slices.Clone(n.Partition)
	in := pick(schema, key)
	want := map[string]bool{}
	for _, i := range took {
		want[t.matchKey(rows, int(i), append(slices.Clone(key), len(schema)+1), in)] = true
	}
	tail := make([]int, len(key)+1)
	for i := range tail {
		tail[i] = width + i
	}
	var out []int32
	for i := range all.N {
		if want[t.matchKey(all, i, tail, in)] {
			out = append(out, int32(i))
		}
	}
	if len(out) == 0 {
		return nil, "left out", "by " + n.Explain(), nil
	}
	next = types.TakeBatch(all, out)
	next.Cols = next.Cols[:width]
	return next, "", "", nil
}

// matchKey prints a partition and the number of a match.
func (t *tracer) matchKey(b *types.Batch, i int, cols []int, partition plan.Schema) string {
	schema := append(slices.Clone(partition), plan.Col{Name: "match", Type: types.Int8})
	for k := range schema {
		schema[k].Name = fmt.Sprint(k)
	}
	return rowJSON(b.Project(cols), i, schema, t.f)
}

// matchPending says until when a row may be taken by a match that is not final yet; "" where that is over, or where matches are corrected.
func (t *tracer) matchPending(n *plan.Match, b *types.Batch) string {
	if !n.OnClose || len(n.Order) == 0 || b.Cols[n.Order[0].Col].IsNull(0) {
		return ""
	}
	ts := types.Int64s(b.Cols[n.Order[0].Col])[0]
	if n.Within < 0 {
		return "its match may not be final yet: nothing bounds how long it can go on"
	}
	if until := ts + n.Within + n.Close; t.info.Watermark == exec.NoWatermark || until > t.info.Watermark {
		return "what takes it may not be final until the watermark reaches " + micros(until).Format("2006-01-02 15:04:05.999999Z07:00")
	}
	return ""
}
