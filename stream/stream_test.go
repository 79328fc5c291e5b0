package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

func TestParseTrigger(t *testing.T) {
	for _, c := range []struct {
		in   string
		kind TriggerKind
		d    time.Duration
		code string
	}{
		{"", TriggerDefault, 0, ""}, {"default", TriggerDefault, 0, ""}, {"once", TriggerOnce, 0, ""}, {"available_now", TriggerAvailableNow, 0, ""},
		{"manual", TriggerManual, 0, ""}, {"5 seconds", TriggerInterval, 5 * time.Second, ""}, {"100 milliseconds", TriggerInterval, 100 * time.Millisecond, ""},
		{"1 minute 30 seconds", TriggerInterval, 90 * time.Second, ""}, {"00:01:00", TriggerInterval, time.Minute, ""},
		{"continuous", TriggerContinuous, time.Second, ""}, {"continuous 250 milliseconds", TriggerContinuous, 250 * time.Millisecond, ""},
		{"continuous soon", 0, 0, "22023"}, {"continuous 0 seconds", 0, 0, "22023"}, {"sometimes", 0, 0, "22023"}, {"0 seconds", 0, 0, "22023"}, {"-1 second", 0, 0, "22023"},
	} {
		got, err := ParseTrigger(c.in)
		if code := codeOf(err); code != c.code || got.Kind != c.kind || got.Every != c.d {
			t.Errorf("%q: got %v, %v", c.in, got, err)
		}
	}
}

func codeOf(err error) string {
	if err == nil {
		return ""
	}
	return sqlerr.From(err).Code
}

func TestConsolidate(t *testing.T) {
	b, err := Consolidate(nil)
	check(t, err)
	if b != nil {
		t.Fatal("something came of nothing")
	}
	plain := ints(false, 1, []int64{1}, []int64{1})
	if b, err = Consolidate([]*types.Batch{plain}); err != nil || b != plain {
		t.Fatal("an append-only batch was touched")
	}
	b, err = Consolidate([]*types.Batch{ints(true, 2, []int64{1, 5, 1}, []int64{2, 7, 1}, []int64{3, 1, -1}), ints(true, 2, []int64{1, 5, -1}, []int64{2, 8, 1}, []int64{2, 7, -1}, []int64{2, 6, -1}, []int64{3, 1, -1}, []int64{4, 4, 1})})
	check(t, err)
	c := ToChanges(b, []int{0})
	var got []string
	for i := range c.Batch.N {
		got = append(got, opAt(c, i).String()+" "+rowText(c.Batch, i))
	}
	if want := []string{"delete 3 1", "delete 3 1", "update 2 8", "insert 4 4"}; !slices.Equal(got, want) {
		t.Fatalf("got %q, want %q", got, want)
	}
}

// windowView is a view over a stream whose first column is event time with a delay of 5.
func windowView(options ...catalog.Option) (in, out *catalog.Relation) {
	in, out = relation(100, "s", catalog.Stream, "ts", "v"), relation(102, "w", catalog.MatView, "start", "n")
	in.Watermark = &catalog.Watermark{Delay: 5}
	in.Options = options
	out.Mode = "append"
	out.Watermark = &catalog.Watermark{}
	return in, out
}

func (w *world) runAt(q *Query, us int64) {
	w.t.Helper()
	check(w.t, w.m.RunTrigger(context.Background(), q.Rel.OID, w.clock.set(us)))
}

func TestWatermark(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer func() { w.close() }()
	in, out := windowView()
	q := fakeQuery("window", out, in, nil)
	w.start(q)
	w.append(in, []int64{1, 0}, []int64{2, 0}, []int64{14, 0})
	w.runAt(q, 1000)
	w.want(out) // the watermark is 9
	w.append(in, []int64{3, 0}, []int64{15, 0})
	w.runAt(q, 1001) // 3 is not late: judged by 9; the watermark becomes 10 and closes the window in the same trigger
	w.want(out, "0 3")
	w.append(in, []int64{4, 0})
	w.runAt(q, 1002)
	w.runAt(q, 1003) // nothing new: no step
	w.want(out, "0 3")
	if i := w.info(q); i.Late != 1 || i.Watermark != 10 || i.Step != 3 || i.RowsIn != 6 {
		t.Fatalf("info is %+v", i)
	}
	check(t, w.m.Shutdown(context.Background()))
	w.m = NewManager(w.m.cfg)
	w.start(fakeQuery("window", out, in, nil))
	w.append(in, []int64{5, 0}, []int64{25, 0})
	if i := w.info(q); i.Late != 1 || i.RowsIn != 6 {
		t.Fatalf("after a restart: %+v", i)
	}
	w.runAt(q, 1004) // after a restart the watermark still stands
	w.want(out, "0 3", "10 2")
	if s := w.m.Watermarks(); len(s) != 1 || s[0].Watermark != 20 || s[0].MaxTime != 25 || s[0].Lag != 0 || len(w.m.States()) != 1 {
		t.Fatalf("watermarks are %+v", s)
	}
	if p := w.m.Progress(); len(p) != 1 || p[0].Late != 1 || p[0].WatermarkStart != 10 || p[0].Watermark != 20 {
		t.Fatalf("progress is %+v", p)
	}
}

func TestCloseAfterQuiet(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in, out := windowView(catalog.Option{Key: "close_after_quiet", Value: "1 second"})
	q := fakeQuery("window", out, in, nil)
	w.start(q)
	w.append(in, []int64{1, 0}, []int64{11, 0})
	w.runAt(q, 1000)
	w.runAt(q, 900_000)
	w.want(out)
	w.runAt(q, 1_001_000)
	w.want(out, "0 1")
	w.runAt(q, 2_001_000)
	if i := w.info(q); i.Watermark != 11 || i.Step != 2 {
		t.Fatalf("info is %+v", i)
	}
}

func TestTrackerPartitions(t *testing.T) {
	rel := relation(1, "s", catalog.Stream, "ts")
	rel.Watermark = &catalog.Watermark{Delay: 10}
	rel.Options = catalog.Options{{Key: "watermark_idle_timeout", Value: "100 microseconds"}}
	tr := newTracker(rel)
	tr.see("a", 1000, 1)
	tr.see("b", 500, 1)
	if got := tr.at(50); got != 490 {
		t.Fatalf("watermark is %d, want the least of the partitions", got)
	}
	tr.see("a", 1100, 60)
	if next := tr.next(60); next != 101 {
		t.Fatalf("next is %d, want when b becomes idle", next)
	}
	if got := tr.at(120); got != 1090 {
		t.Fatalf("watermark is %d with b idle", got)
	}
	tr.Mark = 1090
	tr.see("b", 600, 130)
	if got := tr.at(130); got != 1090 {
		t.Fatalf("watermark went back to %d", got)
	}
}

// eventually waits for a view to have the rows.
func (w *world) eventually(rel *catalog.Relation, want ...string) {
	w.t.Helper()
	end := time.Now().Add(5 * time.Second)
	for time.Now().Before(end) {
		if slices.Equal(w.rows(rel), want) {
			return
		}
		time.Sleep(time.Millisecond)
	}
	w.want(rel, want...)
}

func TestDefaultTriggerAndFlush(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in := relation(100, "s", catalog.Stream, "k", "v")
	a, b := relation(101, "a", catalog.MatView, "k", "n"), relation(102, "b", catalog.MatView, "k", "n")
	a.Trigger, b.Trigger = "default", "1 hour"
	a.Key, b.Key = []int{0}, []int{0}
	w.start(fakeQuery("count", a, in, nil))
	w.append(in, []int64{1, 0})
	w.eventually(a, "1 1")
	w.start(fakeQuery("pass", b, a, nil)) // the first step comes at once, the next by the interval
	w.eventually(b, "1 1")
	w.append(in, []int64{1, 0}, []int64{2, 0})
	w.eventually(a, "1 2", "2 1")
	w.want(b, "1 1")
	check(t, w.m.Flush(context.Background(), []uint32{b.OID}))
	w.want(b, "1 2", "2 1")
}

func TestOnceAndAvailableNow(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in := relation(100, "s", catalog.Stream, "k", "v")
	w.append(in, []int64{1, 0}, []int64{2, 0}, []int64{3, 0}, []int64{4, 0}, []int64{5, 0})
	for i, c := range []struct {
		trigger string
		steps   int64
	}{{"once", 1}, {"available_now", 3}} {
		out := relation(101+uint32(i), c.trigger, catalog.MatView, "k", "v")
		out.Trigger = c.trigger
		out.Options = catalog.Options{{Key: "max_rows_per_trigger", Value: "2"}}
		q := fakeQuery("pass", out, in, nil)
		w.start(q)
		done, err := w.m.Await(context.Background(), out.OID, 5*time.Second)
		if !done || err != nil {
			t.Fatalf("%s: %v, %v", c.trigger, done, err)
		}
		w.want(out, "1 0", "2 0", "3 0", "4 0", "5 0")
		if i := w.info(q); i.Step != c.steps || i.Status != Stopped {
			t.Fatalf("%s: %+v", c.trigger, i)
		}
	}
	w.append(in, []int64{6, 0})
	check(t, w.m.Resume(101))
	_, err := w.m.Await(context.Background(), 101, 5*time.Second)
	check(t, err)
	if n := len(w.rows(relation(101, "once", catalog.MatView, "k", "v"))); n != 6 {
		t.Fatalf("%d rows after RESUME", n)
	}
}

func TestIntervalTrigger(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	w.m.cfg.Clock = time.Now
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "v")
	out.Trigger = "20 milliseconds"
	q := fakeQuery("pass", out, in, nil)
	w.start(q)
	w.append(in, []int64{1, 0})
	w.eventually(out, "1 0")
	time.Sleep(50 * time.Millisecond)
	if i := w.info(q); i.Step != 1 {
		t.Fatalf("empty triggers made steps: %d", i.Step)
	}
	if got := nextMultiple(time.UnixMilli(1005), 20*time.Millisecond); got.UnixMilli() != 1020 {
		t.Fatalf("next is %v", got)
	}
}

func TestFailureAndResume(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer func() { w.close() }()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	var fail error
	q := fakeQuery("count", out, in, &fail)
	w.start(q)
	w.append(in, []int64{1, 0})
	w.run(q)
	fail = sqlerr.New("22012", "division by zero")
	w.append(in, []int64{1, 0})
	if err := w.m.RunTrigger(context.Background(), 101, nil); codeOf(err) != "22012" {
		t.Fatalf("error is %v", err)
	}
	if i := w.info(q); i.Status != Failed || i.ErrorCode != "22012" || i.Step != 1 {
		t.Fatalf("info is %+v", i)
	}
	check(t, w.m.Flush(context.Background(), nil))
	check(t, w.m.Shutdown(context.Background()))
	w.m = NewManager(w.m.cfg)
	w.start(q)
	if i := w.info(q); i.Status != Failed || i.Error != "division by zero" {
		t.Fatalf("after a restart: %+v", i)
	}
	fail = nil
	check(t, w.m.Resume(101))
	w.run(q)
	w.want(out, "1 2")
}

func TestPanicFailsTheQuery(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	q := fakeQuery("count", out, in, nil)
	w.start(q)
	w.m.queries[101].core.runner.(*fakeRunner).counts = nil
	w.append(in, []int64{1, 0})
	if err := w.m.RunTrigger(context.Background(), 101, nil); codeOf(err) != "XX000" {
		t.Fatalf("error is %v", err)
	}
	check(t, w.m.Resume(101))
	w.run(q)
	w.want(out, "1 1")
}

func TestSinks(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.Sink, "k", "n")
	out.Key, out.Options = []int{0}, catalog.Options{{Key: "connector", Value: "file"}}
	mem := relation(102, "m", catalog.Sink, "k", "n")
	mem.Key, mem.Options = []int{0}, catalog.Options{{Key: "connector", Value: "memory"}}
	q, qm := fakeQuery("count", out, in, nil), fakeQuery("count", mem, in, nil)
	w.start(q, qm)
	for _, k := range []int64{1, 1} {
		w.append(in, []int64{k, 0})
		w.run(q)
		w.run(qm)
	}
	w.append(in, []int64{2, 0})
	w.run(q)
	w.run(qm)
	if got := strings.Join(w.sink.published(t), ","); got != "insert 1 1,insert 1 2,insert 2 1" {
		t.Fatalf("the sink without deletes got %s", got)
	}
	all := *mem
	all.Columns = append(slices.Clone(mem.Columns), catalog.Column{}, catalog.Column{})
	w.want(&all, "1 1 1 insert", "1 2 2 update", "2 1 3 insert")
}

func TestFollow(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	out.Key = []int{0}
	q := fakeQuery("count", out, in, nil)
	w.start(q)
	for range 3 {
		w.append(in, []int64{1, 0})
		w.run(q)
	}
	for _, c := range []struct {
		since    int64
		snapshot bool
		want     string
	}{{-1, true, "3 insert 1 3"}, {1, true, "2 update 1 2,3 update 1 3"}, {0, false, "1 insert 1 1,2 update 1 2,3 update 1 3"}} {
		var got []string
		end := errors.New("end")
		err := w.m.Follow(context.Background(), out, c.since, c.snapshot, func(ch Change) error {
			for i := range ch.Batch.N {
				got = append(got, fmt.Sprint(ch.Step, " ", opAt(ch.Changes, i), " ", rowText(ch.Batch, i)))
			}
			if ch.Step == 3 {
				return end
			}
			return nil
		})
		if !errors.Is(err, end) || strings.Join(got, ",") != c.want {
			t.Errorf("since %d: %v, %q", c.since, err, got)
		}
	}
}

func TestRunEphemeral(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(0, "", catalog.MatView, "k", "n")
	out.Key = []int{0}
	w.append(in, []int64{1, 0})
	end := errors.New("end")
	var got []string
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := w.m.Run(ctx, fakeQuery("count", out, in, nil), func(c Change) error {
		for i := range c.Batch.N {
			got = append(got, fmt.Sprint(c.Step, " ", opAt(c.Changes, i), " ", rowText(c.Batch, i)))
		}
		if c.Step == 2 {
			return end
		}
		go w.append(in, []int64{1, 0})
		return nil
	})
	if !errors.Is(err, end) || strings.Join(got, ",") != "1 insert 1 1,2 update 1 2" {
		t.Fatalf("%v, %q", err, got)
	}
}

func TestDropLeavesNothing(t *testing.T) {
	w := newWorld(t, nil, state.Options{})
	defer w.close()
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	q := fakeQuery("count", out, in, nil)
	w.start(q)
	w.append(in, []int64{1, 0})
	w.run(q)
	check(t, w.m.Drop(101))
	check(t, w.m.CloseStream(in, true))
	b := w.store.NewBatch()
	check(t, w.m.DropState(b, 101))
	check(t, w.m.DropState(b, 100))
	check(t, b.Commit(true))
	check(t, w.store.Scan(nil, func(k, _ []byte) error { return fmt.Errorf("key %q is left", k) }))
}
