package stream

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/state"
)

// TestBadRowsStored looks at what is kept of dead letters and late rows: with the step's commit, the newest only, and after a restart.
func TestBadRowsStored(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	rel := relation(102, "w", catalog.MatView, "a")
	rel.Options = catalog.Options{{Key: "late_rows", Value: "keep"}}
	from := relation(100, "s", catalog.Stream, "a")
	from.Options = catalog.Options{{Key: "on_error", Value: "dead_letter"}}
	bad := newBadRows(rel, w.clock.Now)
	letter, late := bad.handler(from, true), bad.dropped(7)
	check(t, letter(connector.Bad{Raw: "lost"}))
	bad.discard() // the step failed
	for i := range keptDropped + 10 {
		check(t, letter(connector.Bad{Raw: fmt.Sprint(i), Reason: "r"}))
		if i%400 == 0 {
			check(t, bad.saveNow(w.store))
		}
	}
	late("aggregate-00", "late", ints(false, 1, []int64{5}, []int64{6}))
	check(t, bad.saveNow(w.store))
	again := newBadRows(rel, w.clock.Now)
	check(t, again.load(w.store))
	for _, r := range []*badRows{bad, again} {
		l := r.letters
		if len(l.list) != keptDropped || l.first != 10 || l.list[0].Raw != "10" || l.list[keptDropped-1].Raw != fmt.Sprint(keptDropped+9) || l.list[3].Stream != "s" {
			t.Fatalf("%d letters from %d: %+v", len(l.list), l.first, l.list[0])
		}
		if len(r.late.list) != 1 || r.late.list[0].Step != 7 || r.late.list[0].Rows.N != 2 || intAt(r.late.list[0].Rows, 0, 1) != 6 {
			t.Fatalf("late rows: %+v", r.late.list)
		}
	}
	if bad.count != keptDropped+10 {
		t.Fatalf("%d were counted", bad.count)
	}
	b := w.store.NewBatch()
	check(t, w.m.DropState(b, 102))
	check(t, b.Commit(true))
	check(t, again.load(w.store))
	if len(again.letters.list)+len(again.late.list) != 0 {
		t.Fatal("they outlive the query")
	}
}

// TestRetention cuts a stream by age, but not what a query has yet to read.
func TestRetention(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "v")
	in.Options = catalog.Options{{Key: "retention", Value: "1 hour"}}
	w.m.cfg.Catalog = catalog.New(nil)
	w.m.cfg.Catalog.Put(in)
	q := fakeQuery("pass", out, in, nil)
	w.start(q)
	l, err := w.m.Log(in)
	check(t, err)
	w.append(in, []int64{1, 1}, []int64{2, 2})
	w.run(q)
	w.append(in, []int64{3, 3})
	later := time.Now().Add(2 * time.Hour).UnixMicro()
	w.m.cfg.Clock = func() time.Time { return time.UnixMicro(later) }
	w.m.trimLogs(time.Now(), map[uint32]time.Time{})
	if l.Oldest() > 2 {
		t.Fatalf("row 3 was cut before it was read: %d", l.Oldest())
	}
	w.run(q)
	w.want(out, "1 1", "2 2", "3 3")
	w.append(in, []int64{4, 4})
	w.run(q)
	w.m.trimLogs(time.Now(), map[uint32]time.Time{})
	if l.Oldest() < 3 {
		t.Fatalf("the stream was not cut: %d", l.Oldest())
	}
	w.want(out, "1 1", "2 2", "3 3", "4 4")
	check(t, w.m.RunTrigger(context.Background(), 101, nil))
}
