package stream

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/state"
)

// TestRebuild replaces a running query, ends the process in the middle of a second replacement, and looks at what is left.
func TestRebuild(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t, nil, state.Options{})
	defer func() { w.close() }()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	out.Key = []int{0}
	cat := w.m.cfg.Catalog
	cat.Put(in)
	cat.Put(out)
	w.start(fakeQuery("pass", out, in, nil))
	w.append(in, []int64{1, 7}, []int64{1, 8})
	check(t, w.m.Flush(ctx, nil))
	next := *out
	next.Storage = 150
	r, err := w.m.Rebuild(ctx, fakeQuery("count", &next, in, nil))
	check(t, err)
	b := w.store.NewBatch()
	check(t, w.m.DropState(b, out.Stored()))
	check(t, b.Commit(true))
	cat.Put(&next)
	r.Switch()
	w.want(&next, "1 2")
	w.append(in, []int64{1, 9})
	w.run(fakeQuery("count", &next, in, nil))
	w.want(&next, "1 3")
	third := next
	third.Storage = 151
	_, err = w.m.Rebuild(ctx, fakeQuery("pass", &third, in, nil))
	check(t, err)
	check(t, w.m.Shutdown(ctx)) // neither Switch nor Abandon
	w.m = NewManager(w.m.cfg)
	check(t, w.m.DropOrphans())
	if v, err := w.store.Get(queryKey(151, 'c')); err != nil || v != nil {
		t.Fatalf("an orphan is left: %v", err)
	}
	q := fakeQuery("count", &next, in, nil)
	w.start(q)
	w.append(in, []int64{2, 1})
	w.run(q)
	w.want(&next, "1 3", "2 1")
	in.Options = catalog.Options{{Key: "retention", Value: "1 hour"}}
	w.m.cfg.Clock = func() time.Time { return time.Now().Add(2 * time.Hour) }
	w.m.trimLogs(time.Now(), map[uint32]time.Time{})
	if _, err := w.m.Rebuild(ctx, fakeQuery("pass", &third, in, nil)); err == nil || !strings.Contains(err.Error(), "has dropped its first") {
		t.Fatalf("got %v", err)
	}
}
