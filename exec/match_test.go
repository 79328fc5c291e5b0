package exec

import (
	"context"
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// matchEnv has a stream s and a table t of (ts, k, v).
func matchEnv() *sql.Env {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	cols := []catalog.Column{{Name: "ts", Type: types.TimestampTZ}, {Name: "k", Type: types.Text}, {Name: "v", Type: types.Int8}}
	env.Catalog.Put(&catalog.Relation{OID: 20000, Schema: catalog.Public, Kind: catalog.Stream, Name: "s", Columns: cols, Watermark: &catalog.Watermark{Column: 0}})
	env.Catalog.Put(&catalog.Relation{OID: 20001, Schema: catalog.Public, Kind: catalog.Table, Name: "t", Columns: cols})
	return env
}

// matchTexts are clauses over a relation of (ts, k, v).
var matchTexts = []string{
	"partition by k order by ts measures first(ts) as f, last(ts) as l, count(*) as n pattern (a b+) define b as v > prev(v)",
	"partition by k order by ts measures match_number() as m, a.v as av, b.v as bv pattern (a b) within interval '5 seconds' define a as v < 40, b as v > a.v + 10",
	"partition by k order by ts measures classifier() as c, match_number() as m, running sum(v) as r, final sum(down.v) as f all rows per match after match skip to last up pattern (strt down+ up+) within interval '30 seconds' define down as v < prev(v), up as v > prev(v)",
	"partition by k order by ts measures classifier() as c, prev(v, 2) as p all rows per match with unmatched rows pattern (a b) within interval '10 seconds' define b as v < a.v",
	"order by ts measures first(v) as f, last(v) as l, count(b.*) as n after match skip to next row pattern (a b*? c) within interval '8 seconds' define a as v > 50, c as v < a.v - 20",
	"partition by k order by ts measures string_agg(classifier(), '') as s pattern (permute(a, b, c)) within interval '20 seconds' define a as v < 30, b as v between 20 and 60, c as v > 50",
	"partition by k order by ts, v desc measures next(last(a.v)) as x, avg(a.v) as m pattern (a+ b) define a as avg(a.v) < 60",
	"partition by k order by ts measures min(a.v) as lo, max(u.v) as hi all rows per match omit empty matches pattern ((a | b){2,3}? {- c -}) within interval '15 seconds' subset u = (b, c) define a as v % 2 = 0, b as v > first(a.v)",
	"partition by k order by ts measures first(ts) as f, count(*) as n pattern (a*) define a as next(v) > v",
	"partition by k order by ts measures a.v as x, match_number() as m pattern (^ a b?) within interval '3 seconds' define b as b.v > a.v",
}

// matchRow is a row of (ts, k, v).
func matchRow(sec int, k string, v int) row {
	ts := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(sec) * time.Second)
	return row{[]string{ts.Format("2006-01-02 15:04:05+00"), k, fmt.Sprint(v)}, 1}
}

// TestMatchUpdate holds MATCH_RECOGNIZE to the law over rows that come in any order and are taken back.
func TestMatchUpdate(t *testing.T) {
	defer func(n int) { markEvery = n }(markEvery)
	env := matchEnv()
	rnd := seeded(t)
	for _, text := range matchTexts {
		q, _, err := optimizer.Continuous(bindSQL(t, "select * from t match_recognize ("+text+")", env, true), plan.Update, optimizer.Options{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for i, n := range []int{0, 1, 15, 70, 120, 120} {
			markEvery = 1 + i
			var rows, live []row
			for len(rows) < n {
				if len(live) > 0 && rnd.Intn(4) == 0 {
					k := rnd.Intn(len(live))
					rows = append(rows, row{live[k].vals, -1})
					live = slices.Delete(live, k, k+1)
					continue
				}
				r := matchRow(rnd.Intn(40), []string{"x", "y", "NULL"}[rnd.Intn(3)], rnd.Intn(100))
				rows, live = append(rows, r), append(live, r)
			}
			checkLaw(t, q.Root, rows)
		}
	}
}

// TestMatchAppend: what append mode has handed on when far rows have closed everything before them is the batch result over the rows before
// them, however the input was cut; nothing is taken back.
func TestMatchAppend(t *testing.T) {
	env := matchEnv()
	rnd := seeded(t)
	keys := []string{"x", "y", "z"}
	for _, text := range matchTexts {
		text = "select * from s match_recognize (" + text + ")"
		q, _, err := optimizer.Continuous(bindSQL(t, text, env, true), plan.Append, optimizer.Options{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for range 3 {
			var rows []row
			for i := range 120 {
				rows = append(rows, matchRow(max(0, i/2+rnd.Intn(6)-5), keys[rnd.Intn(3)], rnd.Intn(100)))
			}
			checkMatchAppend(t, text, q.Root, bindSQL(t, text, env, false).Root, rows)
		}
	}
}

// checkMatchAppend compares with the batch as far as the time before which all is decided: the matches that begin there.
func checkMatchAppend(t *testing.T, text string, root, batch plan.Node, rows []row) {
	t.Helper()
	want := runBatch(t, batch, rows)
	var first string
	for _, v := range variants {
		v.delay = 5_000_000
		got, stats := runSteps(t, root, plan.Append, rows, v)
		for _, s := range stats {
			if s.Dropped["late"] > 0 {
				t.Fatalf("%s: rows were late", text)
			}
		}
		if got.minus > 0 {
			t.Fatalf("%s: %+v: rows were taken back", text, v)
		}
		for s, w := range got.rows {
			if want.rows[s] < w {
				t.Fatalf("%s: %+v: %s is not in the batch result\n%s", text, v, s, want)
			}
		}
		if first == "" {
			first = got.String()
		} else if got.String() != first {
			t.Fatalf("%s: %+v:\n%s\n--- other cuts gave\n%s", text, v, got, first)
		}
	}
	// Rows far behind, with values that make no match with what came before, decide all that can be decided.
	closed := slices.Clone(rows)
	for i := range 30 {
		for _, k := range []string{"x", "y", "z"} {
			closed = append(closed, matchRow(1000+100*i, k, 45))
		}
	}
	all := runBatch(t, batch, closed)
	for _, v := range []variant{{9, 2, 4, 2, true, 5_000_000}, {1, 1, 500, 1, false, 5_000_000}} {
		got, _ := runSteps(t, root, plan.Append, closed, v)
		missing := 0
		for s, w := range all.rows {
			missing += int(max(0, w-got.rows[s]))
		}
		if missing > 40 { // of the far rows themselves
			t.Fatalf("%s: %+v: %d rows are missing:\n%s\n--- want\n%s", text, v, missing, got, all)
		}
		for s, w := range want.rows {
			if !strings.Contains(text, "within") {
				break
			}
			if w <= all.rows[s] && got.rows[s] < w {
				t.Fatalf("%s: %+v: %s is missing", text, v, s)
			}
		}
	}
}

// matchNaive finds the preferred match by trying all ways, as the standard words it.
type matchNaive struct {
	vals []int
	vars []string
	test func(v string, path []string, start, pos int) bool
}

// nullable says whether p can be taken without rows; repeats, whether something that can is repeated: then preference is a matter of taste.
func nullable(p *plan.RowPattern, repeats *bool) bool {
	empty := p.Kind != "var" && p.Kind != "alt"
	for _, it := range p.Items {
		e := nullable(it, repeats)
		if p.Kind == "alt" {
			empty = empty || e
		} else {
			empty = empty && e
		}
	}
	*repeats = *repeats || empty && (p.Min != 1 || p.Max != 1)
	return empty || p.Min == 0
}

// find calls done for each way to take rows from pos on as p, in order of preference, until done says true.
func (n *matchNaive) find(p *plan.RowPattern, path []string, start int, done func([]string) bool) bool {
	var times func(k int, path []string) bool
	times = func(k int, path []string) bool {
		more := func() bool {
			if p.Max >= 0 && k >= p.Max {
				return false
			}
			return n.once(p, path, start, func(next []string) bool {
				return times(k+1, next)
			})
		}
		if k < p.Min {
			return more()
		}
		if p.Reluctant {
			return done(path) || more()
		}
		return more() || done(path)
	}
	return times(0, path)
}

func (n *matchNaive) once(p *plan.RowPattern, path []string, start int, done func([]string) bool) bool {
	switch p.Kind {
	case "var":
		pos := start + len(path)
		v := n.vars[p.Var]
		return pos < len(n.vals) && n.test(v, path, start, pos) && done(append(slices.Clone(path), v))
	case "seq":
		var from func(i int, path []string) bool
		from = func(i int, path []string) bool {
			if i == len(p.Items) {
				return done(path)
			}
			return n.find(p.Items[i], path, start, func(next []string) bool { return from(i+1, next) })
		}
		return from(0, path)
	case "alt":
		for _, it := range p.Items {
			if n.find(it, path, start, done) {
				return true
			}
		}
		return false
	}
	return done(path)
}

// last is the value of the last row taken as v.
func (n *matchNaive) last(v string, path []string, start int) (int, bool) {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == v {
			return n.vals[start+i], true
		}
	}
	return 0, false
}

func randomPattern(rnd *rand.Rand, depth int) string {
	if depth == 0 || rnd.Intn(3) == 0 {
		return []string{"a", "b", "c", "d"}[rnd.Intn(4)] + []string{"", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??", "{,2}?"}[rnd.Intn(11)]
	}
	parts := make([]string, 1+rnd.Intn(3))
	for i := range parts {
		parts[i] = randomPattern(rnd, depth-1)
	}
	return "(" + strings.Join(parts, []string{" ", " ", " | "}[rnd.Intn(3)]) + ")" + []string{"", "", "", "*", "+", "?", "{2,3}", "+?"}[rnd.Intn(8)]
}

// TestMatchPreference compares random patterns with naive search.
func TestMatchPreference(t *testing.T) {
	env := matchEnv()
	rnd := seeded(t)
	for range 1500 {
		pattern := randomPattern(rnd, 3)
		var defs []string
		hasA := strings.Contains(pattern, "a")
		for _, d := range []string{"a as v < 5", "b as v > prev(v)", "c as c.v > last(a.v)"} {
			if strings.Contains(pattern, d[:1]) && (d[0] != 'c' || hasA) {
				defs = append(defs, d)
			}
		}
		define := ""
		if len(defs) > 0 {
			define = "define " + strings.Join(defs, ", ")
		}
		text := "select * from t match_recognize (order by ts measures match_number() as m, string_agg(classifier(), '') as s after match skip to next row pattern (" + pattern + ") " + define + ")"
		q := bindSQL(t, text, env, false)
		m := q.Root
		for len(m.Inputs()) > 0 {
			if _, ok := m.(*plan.Match); ok {
				break
			}
			m = m.Inputs()[0]
		}
		p := m.(*plan.Match)
		repeats := false
		if nullable(p.Pattern, &repeats); repeats {
			continue
		}
		n := &matchNaive{vars: p.Vars}
		var rows []row
		for i := range 1 + rnd.Intn(10) {
			n.vals = append(n.vals, rnd.Intn(10))
			rows = append(rows, matchRow(i, "x", n.vals[i]))
		}
		n.test = func(v string, path []string, start, pos int) bool {
			switch v {
			case "a":
				return n.vals[pos] < 5
			case "b":
				return pos > 0 && n.vals[pos] > n.vals[pos-1]
			case "c":
				x, ok := n.last("a", path, start)
				return !hasA || ok && n.vals[pos] > x
			}
			return true
		}
		var want []string
		for start := range n.vals {
			n.find(p.Pattern, nil, start, func(path []string) bool {
				s := strings.Join(path, "")
				if s == "" {
					s = "NULL"
				}
				want = append(want, fmt.Sprintf("%d|%s", len(want)+1, s))
				return true
			})
		}
		slices.Sort(want)
		if got := runBatch(t, q.Root, rows).String(); got != strings.Join(want, "\n") {
			t.Fatalf("pattern (%s) over %v:\n%s\n--- want\n%s", pattern, n.vals, got, strings.Join(want, "\n"))
		}
	}
}

// TestMatchNoExplosion: nested quantifiers over rows that never match end in time linear in the rows, or by an error.
func TestMatchNoExplosion(t *testing.T) {
	env := matchEnv()
	var rows []row
	for i := range 3000 {
		rows = append(rows, matchRow(i, "x", 1))
	}
	for _, pattern := range []string{"((a+)+)+ b", "(a | a)* b", "((a?){20})* b", "a* a* a* a* b"} {
		text := "select * from t match_recognize (order by ts measures count(*) as n pattern (" + pattern + ") define a as v = 1, b as v = 2)"
		if got := runBatch(t, bindSQL(t, text, env, false).Root, rows).String(); got != "" {
			t.Errorf("%s: %s", pattern, got)
		}
	}
	text := "select * from t match_recognize (order by ts measures count(*) as n pattern ((a | c)* b) define a as sum(a.v) >= 0, c as count(c.*) >= 0, b as v = 2)"
	q := bindSQL(t, text, env, false).Root
	g, err := Build(q, Config{Mode: plan.Batch, Parallelism: 1, NewCtx: testCtx})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err = g.Run(ctx, &Step{N: 1, WMStart: NoWatermark, Last: true}, []Input{{Splits: cut(t, g.Scans()[0].Schema().Types(), rows, 1, 5000)}}, newResult(q).add)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it is not interrupted: %v", err)
	}
	m := &matcher{plan: &plan.Match{Pos: -1}, ctx: context.Background(), steps: matchSteps + 1, look: matchLook{dynamic: true}}
	var e *sqlerr.Error
	if err := m.check(0); !errors.As(err, &e) || e.Code != sqlerr.StatementTooComplex || e.Hint == "" {
		t.Errorf("too many steps: %v", err)
	}
}

// TestMatchForgets: append mode keeps no more than what the limit asks for.
func TestMatchForgets(t *testing.T) {
	env := matchEnv()
	q, _, err := optimizer.Continuous(bindSQL(t, "select * from s match_recognize (partition by k order by ts measures a.v as x pattern (a b+) within interval '5 seconds' define b as v > a.v)", env, true), plan.Append, optimizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for i := range 2000 {
		rows = append(rows, matchRow(i, fmt.Sprint("k", i%50), i%7))
	}
	_, stats := runSteps(t, q.Root, plan.Append, rows, variant{40, 1, 100, 1, false, 1_000_000})
	for _, s := range stats {
		if strings.HasPrefix(s.Op, "match") && s.StateRows > 20 {
			t.Errorf("%d rows are kept", s.StateRows)
		}
	}
}
