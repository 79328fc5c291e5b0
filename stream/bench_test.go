package stream

import (
	"context"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/state"
)

// BenchmarkOneRow is the way of one row from its append to the commit of a view under the default trigger, on a real disk.
func BenchmarkOneRow(b *testing.B) {
	s, err := state.Open(b.TempDir(), nil, state.Options{})
	check(b, err)
	m := NewManager(ManagerConfig{Store: s, Catalog: catalog.New(nil)})
	in, out := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n")
	out.Key, out.Trigger = []int{0}, "default"
	check(b, m.Start(context.Background(), fakeQuery("count", out, in, nil)))
	l, err := m.Log(in)
	check(b, err)
	t, err := m.Table(out)
	check(b, err)
	row := ints(false, 2, []int64{1, 1})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for b.Loop() {
		v := t.Version()
		check(b, l.Append(ctx, row))
		check(b, t.Wait(ctx, v))
	}
	check(b, m.Shutdown(ctx))
	check(b, s.Close())
}

// BenchmarkFlush is an append and a FLUSH over a view and a view over that.
func BenchmarkFlush(b *testing.B) {
	s, err := state.Open(b.TempDir(), nil, state.Options{})
	check(b, err)
	m := NewManager(ManagerConfig{Store: s, Catalog: catalog.New(nil)})
	in, v1, v2 := relation(100, "s", catalog.Stream, "k", "v"), relation(101, "o", catalog.MatView, "k", "n"), relation(102, "p", catalog.MatView, "k", "n")
	v1.Key, v2.Key, v1.Trigger, v2.Trigger = []int{0}, []int{0}, "default", "default"
	check(b, m.Start(context.Background(), fakeQuery("count", v1, in, nil)))
	check(b, m.Start(context.Background(), fakeQuery("count", v2, v1, nil)))
	l, err := m.Log(in)
	check(b, err)
	row := ints(false, 2, []int64{1, 1})
	for b.Loop() {
		check(b, l.Append(context.Background(), row))
		check(b, m.Flush(context.Background(), nil))
	}
	check(b, m.Shutdown(context.Background()))
	check(b, s.Close())
}
