package stream

import (
	"context"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
)

// TestRealOperators runs DISTINCT over a stream, with a restart between the steps.
func TestRealOperators(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer func() { w.close() }()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "v")
	var root plan.Node = &plan.Distinct{In: &plan.Scan{Rel: in, Alias: "s", Cols: []int{0, 1}, Pos: -1}}
	q := &Query{Rel: out, Plan: &plan.Query{Root: root}, Build: func() (exec.Runner, error) {
		return exec.Build(root, exec.Config{Mode: plan.Update})
	}}
	w.start(q)
	w.append(in, []int64{1, 2}, []int64{1, 2}, []int64{3, 4})
	w.run(q)
	w.want(out, "1 2", "3 4")
	check(t, w.m.Shutdown(context.Background()))
	w.m = NewManager(w.m.cfg)
	w.start(q)
	w.append(in, []int64{1, 2}, []int64{5, 6})
	w.run(q)
	w.want(out, "1 2", "3 4", "5 6")
}
