package lawtest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// failure is what differs in a case.
type failure struct {
	view *view
	kind string // create, statement, failed, mv, batch, types, changes
	text string
}

func (f *failure) Error() string {
	name, sql := "", ""
	if f.view != nil {
		name, sql = f.view.name, "\n"+f.view.create()
		if !f.view.query.foreign() {
			sql += "\nPostgreSQL: " + render(f.view.query.sql(), true)
		}
	}
	return fmt.Sprintf("%s %s: %s%s", f.kind, name, f.text, sql)
}

// runner runs one case.
type runner struct {
	c       *testCase
	pg      *postgres
	s       *server
	live    []*view // copies, as they are now
	paused  map[*view]bool
	gone    map[string]bool // views that are not there, by name
	follows map[*view]*follower
	stats   *stats
}

// stats counts what was tried.
type stats struct {
	cases, checks int
	tags          map[string]int
	refused       map[string]int
}

func runCase(c *testCase, pg *postgres, st *stats) *failure {
	r := &runner{c: c, pg: pg, gone: map[string]bool{}, paused: map[*view]bool{}, follows: map[*view]*follower{}, stats: st}
	if err := pg.fresh(); err != nil {
		return &failure{nil, "postgres", err.Error()}
	}
	var err error
	if r.s, err = newServer(rand.New(rand.NewPCG(c.seed, 2))); err != nil {
		return &failure{nil, "open", err.Error()}
	}
	f := r.script()
	if f == nil {
		f = r.check()
	}
	for _, x := range r.follows {
		x.stop()
	}
	if err := r.s.close(); err != nil && f == nil {
		f = &failure{nil, "close", err.Error()}
	}
	st.cases++
	return f
}

func (r *runner) script() *failure {
	for _, rel := range r.c.rels {
		if f := r.both(rel.create(false), rel.create(true)); f != nil {
			return f
		}
	}
	if f := r.both(functions, functions); f != nil {
		return f
	}
	for _, o := range r.c.ops {
		var f *failure
		switch o.kind {
		case "sql":
			f = r.both(o.sql, o.sql)
		case "create":
			f = r.create(o.view)
		case "trigger":
			f = r.trigger(r.find(o.view))
		case "set":
			f = r.set(r.find(o.view), o)
		case "pause":
			f = r.pause(r.find(o.view), o)
		case "alter":
			f = r.alter(r.find(o.view), o)
		case "flush":
			f = r.flush()
		case "restart":
			f = wrap(r.s.restart(), "restart")
			r.refollow(f, true)
		case "crash":
			paused := maps.Clone(r.paused)
			f = wrap(r.s.crash(o.n, func() error {
				if f := r.settle(1); f != nil {
					return f
				}
				return nil
			}), "crash")
			maps.Copy(r.paused, paused) // the crash may have undone a RESUME
			r.refollow(f, false)
		}
		if f != nil {
			return f
		}
	}
	return nil
}

func wrap(err error, kind string) *failure {
	var f *failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	}
	return &failure{nil, kind, err.Error()}
}

func firstLine(err error) string {
	s, _, _ := strings.Cut(err.Error(), "\n")
	return s
}

func (r *runner) check() *failure {
	if f := r.settle(2); f != nil {
		return f
	}
	before := map[*view]*result{}
	for _, v := range r.live {
		want, err := r.reference(v)
		if err != nil {
			return nil // it fails on this data
		}
		before[v] = want
		if f := r.compare(v, want, nil); f != nil {
			return f
		}
	}
	fill := slices.ContainsFunc(r.live, func(v *view) bool { return v.query.ahead && v.mode == "append" })
	for _, rel := range r.c.rels {
		if rel.marked {
			if f := r.both(rel.far(fill), rel.far(fill)); f != nil {
				return f
			}
		}
	}
	if f := r.settle(2); f != nil {
		return f
	}
	for _, v := range r.live {
		want, err := r.reference(v)
		if err != nil {
			return nil
		}
		if f := r.compare(v, want, before[v]); f != nil {
			return f
		}
	}
	return nil
}

// foreign says whether PostgreSQL can't say the view's query, or one that it reads.
func (r *runner) foreign(v *view) bool {
	return v.query.foreign() || slices.ContainsFunc(r.live, func(o *view) bool { return v.deps[o.name] && r.foreign(o) })
}

// reference is what PostgreSQL gives for the view's query; where it can't say it, the batch SELECT.
func (r *runner) reference(v *view) (*result, error) {
	if r.foreign(v) {
		return run(r.s.conn, render(v.query.sql(), false))
	}
	return r.pg.run(render(v.query.sql(), true))
}

// compare holds a view against what PostgreSQL gives, and the same SELECT on the server too. Before everything is closed (less is nil), an append view
// has a part of that; afterwards it has all that there was before the closing rows, and perhaps of theirs.
func (r *runner) compare(v *view, want, less *result) *failure {
	r.stats.checks++
	got, err := r.read(v)
	if err != nil {
		return &failure{v, "read", err.Error()}
	}
	batch, err := run(r.s.conn, render(v.query.sql(), false))
	if err != nil {
		return &failure{v, "batch", err.Error()}
	}
	if r.overAppend(v) {
		want = batch
		if v.mode == "append" {
			return nil
		}
	}
	if !slices.Equal(batch.oids, want.oids) || !slices.Equal(got.oids, want.oids) {
		return &failure{v, "types", fmt.Sprintf("view %v, batch %v, PostgreSQL %v", got.oids, batch.oids, want.oids)}
	}
	ordered := v.query.tail != "" && !v.query.loose
	if d := diff(lines(batch, ordered), lines(want, ordered)); d != "" {
		return &failure{v, "batch", "the batch SELECT (-) and PostgreSQL (+):\n" + d}
	}
	if v.mode == "append" {
		if d := missing(lines(got, false), lines(want, false)); d != "" {
			return &failure{v, "mv", "append handed on what the SELECT does not have:\n" + d}
		}
		if less != nil && !v.query.open {
			sure := common(lines(less, false), lines(want, false)) // what a later row has changed was not final
			if d := missing(sure, lines(got, false)); d != "" {
				return &failure{v, "mv", "append never handed on:\n" + d}
			}
		}
	} else if d := diff(lines(got, false), lines(want, false)); d != "" && !(v.sink && v.mode == "complete" && len(want.rows) == 0) {
		return &failure{v, "mv", "the query's result (-) and the SELECT (+):\n" + d}
	}
	return r.followed(v, got)
}

func (r *runner) followed(v *view, got *result) *failure {
	f := r.follows[v]
	if f == nil {
		return nil
	}
	var d string
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		rows, err := f.integrate(r.key(v))
		if err != nil && strings.Contains(err.Error(), "are not kept any more") {
			f.stop()
			r.subscribe(v, nil)
			f, err = r.follows[v], nil
		}
		if err != nil {
			return &failure{v, "subscribe", err.Error()}
		}
		if d = diff(lines(&result{oids: got.oids, rows: rows}, false), lines(got, false)); d == "" {
			return nil
		}
		if time.Now().After(deadline) {
			return &failure{v, "subscribe", "the changes integrated (-) and the result (+):\n" + d}
		}
	}
}

func (r *runner) key(v *view) []int { return r.s.relation(v.name).ChangeKey() }

// overAppend says whether the view reads, perhaps through others, a view that hands on only what is final.
func (r *runner) overAppend(v *view) bool {
	for _, o := range r.live {
		if v.deps[o.name] && (o.mode == "append" || r.overAppend(o)) {
			return true
		}
	}
	return false
}

// read gives the result of a view: of a sink, its changes integrated.
func (r *runner) read(v *view) (*result, error) {
	if !v.sink {
		return run(r.s.conn, "SELECT * FROM "+v.name)
	}
	all, err := run(r.s.conn, "SELECT _batch_id, _op, * FROM "+v.name+" ORDER BY _batch_id")
	if err != nil {
		return nil, err
	}
	if n := len(all.rows); v.mode == "complete" && n > 0 {
		last := all.rows[n-1][0]
		all.rows = slices.DeleteFunc(all.rows, func(row []string) bool { return row[0] != last })
	}
	rows, err := integrate(all.rows, r.key(v))
	return &result{cols: all.cols[2:], oids: all.oids[2:], rows: rows}, err
}

// lines gives the rows as text; floats in nine digits, quotients without trailing zeros: which of several equal ones, of more and fewer zeros, stands for their group is not settled.
func lines(r *result, ordered bool) []string {
	out := make([]string, len(r.rows))
	for i, row := range r.rows {
		parts := make([]string, len(row))
		for k, v := range row {
			if (r.oids[k] == 700 || r.oids[k] == 701) && v != null {
				f, _ := strconv.ParseFloat(v, 64)
				if f > -1e-9 && f < 1e-9 {
					f = 0
				}
				v = strconv.FormatFloat(f*offTie, 'g', pickDigits(r.oids[k]), 64)
			}
			if r.oids[k] == 1700 && len(v)-strings.IndexByte(v, '.') > 12 && strings.Contains(v, ".") {
				v = strings.TrimSuffix(strings.TrimRight(v, "0"), ".")
			}
			parts[k] = v
		}
		out[i] = strings.Join(parts, " | ")
	}
	if !ordered {
		sort.Strings(out)
	}
	return out
}

// offTie moves floats off the ties of rounding: the sums of quarters that the rows hold lie on them often, and there the last bit of a sum, which depends on
// the order of addition, would decide.
const offTie = 1 + 1.37e-11

func pickDigits(oid uint32) int {
	if oid == 700 {
		return 5
	}
	return 9
}

// diff shows how two lists of lines differ, at most ten lines; "" if they don't.
func diff(a, b []string) string {
	if slices.Equal(a, b) {
		return ""
	}
	d := prefixed("- ", missing(a, b)) + prefixed("+ ", missing(b, a))
	if d == "" {
		return "the order differs"
	}
	return d
}

func prefixed(p, text string) string {
	if text == "" {
		return ""
	}
	return p + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+p) + "\n"
}

// common are the lines that both have, as multisets.
func common(a, b []string) (out []string) {
	n := map[string]int{}
	for _, x := range b {
		n[x]++
	}
	for _, x := range a {
		if n[x]--; n[x] >= 0 {
			out = append(out, x)
		}
	}
	return out
}

// missing are the lines of a that b lacks, as multisets.
func missing(a, b []string) string {
	n := map[string]int{}
	for _, x := range b {
		n[x]++
	}
	var out strings.Builder
	shown := 0
	for _, x := range a {
		if n[x]--; n[x] < 0 && shown < 10 {
			out.WriteString(x + "\n")
			shown++
		}
	}
	return out.String()
}
