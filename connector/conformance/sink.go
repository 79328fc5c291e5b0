package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

// SinkTest is what Sink needs of a sink that is exactly once.
type SinkTest struct {
	Rel *catalog.Relation
	// Open opens it; again after a crash.
	Open func() (connector.Sink, error)
	// Visible gives the rows that a reader sees, in any order, columns separated by "|".
	Visible func() []string
	// Rows makes a batch of step n; every row has to be another one.
	Rows func(n int64) *types.Batch
}

// Sink runs four steps with a crash at each place between the calls in turn, and checks after every call what a reader sees: never a row of
// a step that was not published, and in the end every row once (in complete mode those of the last step).
func Sink(t *testing.T, k SinkTest) {
	t.Helper()
	for crash := range 6 {
		t.Run(fmt.Sprint("crash ", crash), func(t *testing.T) { (&sinkRun{SinkTest: k, T: t}).run(crash) })
	}
}

type sinkRun struct {
	SinkTest
	*testing.T
	s    connector.Sink
	want []string
}

func (r *sinkRun) run(crash int) {
	ctx := context.Background()
	base := int64(crash * 100)
	r.want = r.Visible()
	r.open(base)
	for n := base + 1; n <= base+4; n++ {
		at := -1
		if n%2 == 0 {
			at = crash
		}
		rows := r.Rows(n)
		parts := []*types.Batch{rows.Slice(0, rows.N/2), rows.Slice(rows.N/2, rows.N)}
		for again := true; again; {
			again = false
			for i, p := range parts {
				r.check(r.s.Write(ctx, n, connector.Changes{Batch: p}))
				if at == i {
					at, again = -1, true
					r.open(n - 1)
					break
				}
			}
			if again {
				continue
			}
			r.check(r.s.Stage(ctx, n))
			r.sees("staged")
			if at == 2 { // before the commit: the step is run again
				at, again = -1, true
				r.open(n - 1)
			}
		}
		if at == 3 { // after the commit
			r.open(n)
		}
		r.check(r.s.Publish(ctx, n))
		r.publish(rows)
		r.sees("published")
		if at == 4 {
			r.open(n)
		}
		if at >= 4 {
			r.check(r.s.Publish(ctx, n))
			r.sees("published again")
		}
	}
	r.check(r.s.Close())
}

// open opens the sink after a crash, when step n was the last one committed.
func (r *sinkRun) open(n int64) {
	r.Helper()
	var err error
	r.s, err = r.Open()
	r.check(err)
	r.check(r.s.Abandon(context.Background(), n))
	r.sees("opened")
	if n%100 > 0 {
		r.check(r.s.Publish(context.Background(), n))
	}
}

func (r *sinkRun) publish(b *types.Batch) {
	if r.Rel.Mode == "complete" {
		r.want = nil
	}
	r.want = append(r.want, Rows(b, r.Rel, All(r.Rel))...)
}

func (r *sinkRun) sees(when string) {
	r.Helper()
	got := r.Visible()
	if when == "opened" && len(got) >= len(r.want) {
		return // a step that was committed may be seen before it is published again
	}
	slices.Sort(got)
	slices.Sort(r.want)
	if !slices.Equal(got, r.want) {
		r.Fatalf("%s: a reader sees\n%s\nwant\n%s", when, strings.Join(got, "\n"), strings.Join(r.want, "\n"))
	}
}

func (r *sinkRun) check(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}
