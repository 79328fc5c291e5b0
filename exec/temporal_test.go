package exec

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// temporalCase is a run of steps: what the left side and the table brought in each, with the clocks of the table's commits.
type temporalCase struct {
	steps []temporalStep
}

type temporalStep struct {
	now         int64
	left, table []row // table: the clock is the last value
}

// randomTemporal makes steps in which rows of the table come and go; left rows lie up to ten seconds before and after the clock, and some are taken back.
func randomTemporal(rnd *rand.Rand, steps int, changing, unique bool) temporalCase {
	var c temporalCase
	var there, lefts [][]string
	key := func() string {
		if rnd.Intn(12) == 0 {
			return "NULL"
		}
		return strconv.Itoa(rnd.Intn(4))
	}
	at := int64(100)
	for range steps {
		var s temporalStep
		for range rnd.Intn(5) {
			at += rnd.Int63n(4)
			clock := strconv.FormatInt(at, 10)
			if len(there) > 0 && rnd.Intn(2) == 0 {
				i := rnd.Intn(len(there))
				s.table = append(s.table, row{append(slices.Clone(there[i]), clock), -1})
				there = slices.Delete(there, i, i+1)
			}
			r := []string{key(), strconv.Itoa(rnd.Intn(3))}
			if unique && slices.ContainsFunc(there, func(o []string) bool { return o[0] == r[0] }) {
				continue
			}
			there = append(there, r)
			s.table = append(s.table, row{append(slices.Clone(r), clock), 1})
		}
		at++
		s.now = at
		for range rnd.Intn(6) {
			if changing && len(lefts) > 0 && rnd.Intn(3) == 0 {
				i := rnd.Intn(len(lefts))
				s.left = append(s.left, row{lefts[i], -1})
				lefts = slices.Delete(lefts, i, i+1)
				continue
			}
			r := []string{key(), strconv.FormatInt(at+rnd.Int63n(20)-10, 10), strconv.Itoa(rnd.Intn(3))}
			if rnd.Intn(15) == 0 {
				r[1] = "NULL"
			}
			lefts = append(lefts, r)
			s.left = append(s.left, row{r, 1})
		}
		c.steps = append(c.steps, s)
	}
	return c
}

// naive is the join by its definition: the version at a time is the sum of the changes up to it.
func (c temporalCase) naive(kind string, rest bool) map[string]int64 {
	out := map[string]int64{}
	add := func(s string, w int64) {
		if out[s] += w; out[s] == 0 {
			delete(out, s)
		}
	}
	for _, s := range c.steps {
		for _, l := range s.left {
			found := map[string]int64{}
			for _, s := range c.steps {
				for _, r := range s.table {
					ts, err := strconv.ParseInt(l.vals[1], 10, 64)
					at, _ := strconv.ParseInt(r.vals[2], 10, 64)
					if err == nil && at <= ts && l.vals[0] == r.vals[0] && l.vals[0] != "NULL" && (!rest || l.vals[2] < r.vals[1]) {
						found[strings.Join(r.vals[:2], "|")] += r.w
					}
				}
			}
			some := false
			for r, w := range found {
				some = some || w != 0
				add(strings.Join(l.vals, "|")+"|"+r, w*l.w)
			}
			if !some && kind == "left" {
				add(strings.Join(l.vals, "|")+"|NULL|NULL", l.w)
			}
		}
	}
	return out
}

// TestTemporalLaw: however the changes of both sides are cut into steps, and over restarts, the result is the join by its definition.
func TestTemporalLaw(t *testing.T) {
	for _, kind := range []string{"inner", "left"} {
		for _, mode := range []plan.Mode{plan.Batch, plan.Append, plan.Update} {
			for variant := range 8 {
				rest, unique, bounded := variant&1 > 0, variant&2 > 0, variant&4 > 0
				t.Run(fmt.Sprintf("%s %s rest=%t unique=%t bounded=%t", kind, mode, rest, unique, bounded), func(t *testing.T) {
					rnd := seeded(t)
					for range 25 {
						changing := mode == plan.Update && !bounded && rnd.Intn(2) == 0
						c := randomTemporal(rnd, 1+rnd.Intn(12), changing, unique)
						c.check(t, rnd, temporalJoin(t, kind, mode, rest, bounded, changing), mode, rest, bounded)
					}
				})
			}
		}
	}
}

func temporalJoin(t *testing.T, kind string, mode plan.Mode, rest, bounded, changing bool) *plan.Join {
	lk := catalog.Stream
	if changing {
		lk = catalog.Table
	}
	l, r := table(lk, 1, types.Int4, types.Int8, types.Int8), table(catalog.Table, -1, types.Int4, types.Int8)
	l.Rel.OID, r.Rel.OID, r.AsOf = 0, 1, "time"
	j := joinOf(t, kind, l, r, [][2]int{{0, 0}}, nil)
	j.LKeys, j.RKeys = []expr.Expr{col(l, 0)}, []expr.Expr{col(r, 0)}
	if rest {
		j.Rest = op(t, col(l, 2), "<", &expr.Column{Idx: 4, Name: "v", Typ: types.Int8})
	}
	j.Lookup, j.AsOfTime, j.OnClose = "time", col(l, 1), mode == plan.Append
	j.LTime, j.RTime = -1, -1
	if bounded {
		j.LTime, j.LClose = 1, 1
	}
	return j
}

func (c temporalCase) check(t *testing.T, rnd *rand.Rand, j *plan.Join, mode plan.Mode, rest, bounded bool) {
	t.Helper()
	want := &result{rows: c.naive(j.Kind, rest)}
	r := newResult(j)
	build := func() *Graph {
		g, err := Build(j, Config{Mode: mode, Parallelism: 1 + rnd.Intn(3), NewCtx: testCtx})
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	steps := append(slices.Clone(c.steps), temporalStep{now: 1 << 40})
	if mode == plan.Batch {
		all := temporalStep{}
		for _, s := range c.steps {
			all.left, all.table = append(all.left, s.left...), append(all.table, s.table...)
		}
		steps = []temporalStep{all}
	}
	g, wm, greatest := build(), int64(NoWatermark), int64(NoWatermark)
	var saved []Chunk
	for n, s := range steps {
		lt, rt := j.L.Schema().Types(), append(j.R.Schema().Types(), types.Int8)
		in := []Input{{Splits: cut(t, rt, s.table, 1+rnd.Intn(2), 1+rnd.Intn(4))}, {Splits: cut(t, lt, s.left, 1+rnd.Intn(3), 1+rnd.Intn(4))}}
		for _, l := range s.left {
			if ts, err := strconv.ParseInt(l.vals[1], 10, 64); err == nil {
				greatest = max(greatest, ts)
			}
		}
		st := &Step{N: int64(n + 1), Now: s.now, WMStart: wm, Settled: s.now, Last: mode == plan.Batch}
		st.Advance = func([]Seen) int64 {
			if bounded && greatest != NoWatermark {
				return max(wm, min(greatest-20, s.now))
			}
			return wm
		}
		var err error
		if wm, err = g.Run(context.Background(), st, in, r.add); err != nil {
			t.Fatal(err)
		}
		if mode == plan.Batch {
			break
		}
		chunks, err := g.SaveDelta()
		if err != nil {
			t.Fatal(err)
		}
		if saved = append(saved, chunks...); n%3 == 2 {
			if saved, err = g.SaveAll(); err != nil {
				t.Fatal(err)
			}
		}
		if rnd.Intn(2) == 0 {
			g = build()
			if err := g.Load(saved); err != nil {
				t.Fatal(err)
			}
		}
	}
	if mode == plan.Append && r.minus > 0 {
		t.Fatalf("%d rows were taken back in append mode", r.minus)
	}
	if r.String() != want.String() {
		t.Fatalf("got:\n%s\n--- want\n%s\n--- steps\n%v", r, want, c.steps)
	}
}

// TestTemporalForgets: once the watermark has passed them, ended versions and left rows are let go.
func TestTemporalForgets(t *testing.T) {
	j := temporalJoin(t, "inner", plan.Update, false, true, false)
	g, err := Build(j, Config{Mode: plan.Update, NewCtx: testCtx})
	if err != nil {
		t.Fatal(err)
	}
	wm := int64(NoWatermark)
	for n := int64(1); n <= 200; n++ {
		const second = 1_000_000
		was, is := strconv.FormatInt((n-1)*second, 10), strconv.FormatInt(n*second, 10)
		changes := []row{{[]string{"1", is, is}, 1}}
		if n > 1 {
			changes = append([]row{{[]string{"1", was, is}, -1}}, changes...)
		}
		in := []Input{{Splits: cut(t, append(j.R.Schema().Types(), types.Int8), changes, 1, 10)}, {Splits: cut(t, j.L.Schema().Types(), []row{{[]string{"1", is, "0"}, 1}}, 1, 10)}}
		st := &Step{N: n, Now: n * second, WMStart: wm, Advance: func([]Seen) int64 { return (n - 5) * second }}
		if wm, err = g.Run(context.Background(), st, in, func(*types.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
		for _, s := range g.Stats() {
			if s.StateRows > 20 {
				t.Fatalf("step %d: %s keeps %d rows", n, s.Op, s.StateRows)
			}
		}
	}
}
