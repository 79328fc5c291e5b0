package exec

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// TestJoinSQL runs the queries of testdata/join.txt.
func TestJoinSQL(t *testing.T) {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	cols := []catalog.Column{{Name: "k", Type: types.Int4}, {Name: "t", Type: types.Text}, {Name: "n", Type: types.Int8}}
	for i, name := range []string{"l", "r"} {
		env.Catalog.Put(&catalog.Relation{OID: uint32(20000 + i), Schema: catalog.Public, Kind: catalog.Table, Name: name, Columns: cols})
	}
	rnd := seeded(t)
	ins := [2][]row{randomRows(rnd, 40, joinValues[:3], true), randomRows(rnd, 24, joinValues[:3], true)}
	left := [2][]row{consolidated(ins[0]), consolidated(ins[1])}
	datadriven.RunTest(t, "testdata/join.txt", func(t *testing.T, d *datadriven.TestData) string {
		once := variant{1, 3, 4, 2, false, -1}
		bound := bindSQL(t, d.Input, env, false)
		off := map[string]bool{}
		for _, r := range optimizer.RuleNames() {
			off[r] = true
		}
		plain, _ := optimizer.OptimizeTrace(bound, optimizer.Options{Off: off})
		want, _ := joinSteps(t, plain.Root, plan.Batch, left, once)
		best, err := optimizer.Optimize(bound)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := joinSteps(t, best.Root, plan.Batch, left, once); got.String() != want.String() {
			t.Errorf("%s: optimized:\n%s\n--- want\n%s\n--- plan\n%s", d.Pos, got, want, plan.Explain(best.Root))
		}
		q, _, err := optimizer.Continuous(bindSQL(t, d.Input, env, true), plan.Update, optimizer.Options{})
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		for _, v := range joinVariants {
			if got, _ := joinSteps(t, q.Root, plan.Update, ins, v); got.String() != want.String() {
				t.Errorf("%s: %+v:\n%s\n--- want\n%s\n--- plan\n%s", d.Pos, v, got, want, plan.Explain(q.Root))
			}
		}
		n := int64(0)
		for _, w := range want.rows {
			n += w
		}
		return fmt.Sprintf("%d rows\n", n)
	})
}

func bindSQL(t *testing.T, text string, env *sql.Env, continuous bool) *plan.Query {
	t.Helper()
	q, err := parser.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	e := *env
	e.Continuous = continuous
	bound, err := sql.BindQuery(q, text, &e)
	if err != nil {
		t.Fatal(text, err)
	}
	return bound
}

// TestJoinSQLAppend: what append mode has handed on when a far row has closed everything before it is the batch result of the rows before it.
func TestJoinSQLAppend(t *testing.T) {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	cols := []catalog.Column{{Name: "ts", Type: types.TimestampTZ}, {Name: "k", Type: types.Int4}, {Name: "v", Type: types.Int8}}
	for i, name := range []string{"a", "b"} {
		env.Catalog.Put(&catalog.Relation{OID: uint32(20000 + i), Schema: catalog.Public, Kind: catalog.Stream, Name: name, Columns: cols, Watermark: &catalog.Watermark{Column: 0}})
	}
	rnd := seeded(t)
	ins := [2][]row{timed(rnd, 80, 200, 4), timed(rnd, 70, 200, 4)}
	last := row{[]string{"2026-01-01 00:59:00+00", "NULL", "0"}, 1}
	closed := [2][]row{append(ins[0][:80:80], last), append(ins[1][:70:70], last)}
	windows := func(kind string) string {
		return "select x.window_start, x.k, y.k, n, m from (select window_start, window_end, k, count(*) n from tumble(a, ts, '10 s') w group by window_start, window_end, k) x " + kind +
			" join (select window_start, window_end, k, sum(v) m from tumble(b, ts, '10 s') w where v > 30 group by window_start, window_end, k) y " +
			"on x.k = y.k and x.window_start = y.window_start and x.window_end = y.window_end"
	}
	for _, text := range []string{
		windows("inner"), windows("left"), windows("full"), windows("right"),
		"select window_start, count(*) from tumble((select a.k, a.ts from a join b on a.k = b.k and a.ts between b.ts - interval '15 seconds' and b.ts), ts, '10 s') w group by window_start",
		"select window_start, count(*), count(v) from tumble((select a.k, a.ts, b.v from a left join b on a.k = b.k and b.v > 50 and b.ts between a.ts and a.ts + interval '5 seconds'), ts, '10 s') w group by window_start",
		"select window_end, k, count(*) from tumble(a, ts, '10 s') w where exists (select 1 from b where b.k = w.k and b.ts >= w.ts and b.ts < w.ts + interval '4 seconds') group by window_end, k",
		"select window_end, k, count(*) from tumble(a, ts, '10 s') w where not exists (select 1 from b where b.k = w.k and b.ts >= w.ts and b.ts < w.ts + interval '4 seconds') group by window_end, k",
		"select x.window_end, count(*) from tumble(a, ts, '10 s') x join tumble(b, ts, '10 s') y on x.k = y.k and x.window_end = y.window_end and x.v < y.v group by x.window_end",
	} {
		want, _ := joinSteps(t, bindSQL(t, text, env, false).Root, plan.Batch, ins, variant{1, 1, 50, 1, false, -1})
		if len(want.rows) == 0 {
			t.Fatalf("%s: no rows", text)
		}
		q, _, err := optimizer.Continuous(bindSQL(t, text, env, true), plan.Append, optimizer.Options{})
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, v := range joinVariants {
			v.delay = 5 * second
			got, stats := joinSteps(t, q.Root, plan.Append, closed, v)
			if got.String() != want.String() || got.minus > 0 || dropped(stats) > 0 {
				t.Errorf("%s: %+v, %d late:\n%s\n--- want\n%s\n--- plan\n%s", text, v, dropped(stats), got, want, plan.Explain(q.Root))
				break
			}
		}
	}
}

// TestAsof: the nearest row of the same key, in every direction, and what is refused.
func TestAsof(t *testing.T) {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	cols := []catalog.Column{{Name: "k", Type: types.Text}, {Name: "n", Type: types.Int4}}
	for i, name := range []string{"l", "r"} {
		env.Catalog.Put(&catalog.Relation{OID: uint32(20000 + i), Schema: catalog.Public, Kind: catalog.Table, Name: name, Columns: cols})
	}
	ins := [2][]row{rowsOf("a|1", "a|5", "a|9", "b|4", "c|1", "NULL|2", "a|NULL"), rowsOf("a|2", "a|5", "a|7", "b|5", "NULL|2", "b|NULL")}
	for _, c := range []struct{ on, want string }{
		{"l.k = r.k and l.n >= r.n", "a|1|NULL a|5|5 a|9|7 a|NULL|NULL b|4|NULL c|1|NULL NULL|2|NULL"},
		{"l.k = r.k and r.n < l.n", "a|1|NULL a|5|2 a|9|7 a|NULL|NULL b|4|NULL c|1|NULL NULL|2|NULL"},
		{"l.k = r.k and l.n <= r.n", "a|1|2 a|5|5 a|9|NULL a|NULL|NULL b|4|5 c|1|NULL NULL|2|NULL"},
		{"l.k = r.k and l.n < r.n", "a|1|2 a|5|7 a|9|NULL a|NULL|NULL b|4|5 c|1|NULL NULL|2|NULL"},
		{"l.n >= r.n", "a|1|NULL a|5|5 a|9|7 a|NULL|NULL b|4|2 c|1|NULL NULL|2|2"},
	} {
		for _, kind := range []string{"left", ""} {
			q, err := optimizer.Optimize(bindSQL(t, fmt.Sprintf("select l.k, l.n, r.n from l asof %s join r on %s", kind, c.on), env, false))
			if err != nil {
				t.Fatal(err)
			}
			var want []string
			for _, w := range strings.Fields(c.want) {
				if kind == "left" || !strings.HasSuffix(w, "|NULL") {
					want = append(want, w)
				}
			}
			slices.Sort(want)
			got, _ := joinSteps(t, q.Root, plan.Batch, ins, variant{1, 2, 2, 2, false, -1})
			if s := strings.ReplaceAll(got.String(), "\n", " "); s != strings.Join(want, " ") {
				t.Errorf("%s join on %s: %s, want %s", kind, c.on, s, want)
			}
			checkAsof(t, fmt.Sprintf("select * from l asof %s join r on %s", kind, c.on), env)
		}
	}
	for _, text := range []string{"select * from l asof join r on l.k = r.k", "select * from l asof join r on l.k = r.k and l.n < r.n and l.n > r.n - 5"} {
		if _, err := Build(bindSQL(t, text, env, false).Root, Config{Mode: plan.Batch}); err == nil || !strings.Contains(err.Error(), "ASOF JOIN needs one comparison") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// checkAsof holds an ASOF JOIN of random rows to the law; the right rows differ in what is compared, so that the nearest is one.
func checkAsof(t *testing.T, text string, env *sql.Env) {
	rnd := seeded(t)
	ins := [2][]row{randomRows(rnd, 40, [][]string{{"a", "b"}, {"1", "5", "9", "14"}}, true), nil}
	for i := range 12 {
		x := row{[]string{[]string{"a", "b", "NULL"}[rnd.Intn(3)], fmt.Sprint(i)}, 1}
		if ins[1] = append(ins[1], x); rnd.Intn(3) == 0 {
			ins[1] = append(ins[1], row{x.vals, -1})
		}
	}
	best, err := optimizer.Optimize(bindSQL(t, text, env, false))
	if err != nil {
		t.Fatal(err)
	}
	want, _ := joinSteps(t, best.Root, plan.Batch, [2][]row{consolidated(ins[0]), consolidated(ins[1])}, variant{1, 2, 2, 2, false, -1})
	q, _, err := optimizer.Continuous(bindSQL(t, text, env, true), plan.Update, optimizer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range joinVariants {
		if got, _ := joinSteps(t, q.Root, plan.Update, ins, v); got.String() != want.String() {
			t.Fatalf("%s: %+v:\n%s\n--- want\n%s", text, v, got, want)
		}
	}
	for _, v := range joinPagedVariants {
		got, stats := joinPaged(t, q.Root, plan.Update, ins, v.variant, int(v.from))
		if got.String() != want.String() {
			t.Fatalf("paged %s: %+v:\n%s\n--- want\n%s", text, v, got, want)
		}
		if keyed := strings.Contains(text, "l.k = r.k"); keyed && !v.restart && !slices.ContainsFunc(stats, func(s OpStats) bool { return s.Reads > 0 }) {
			t.Fatalf("%s: nothing was read: %+v", text, stats)
		}
	}
}
