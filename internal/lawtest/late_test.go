package lawtest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgtest"
)

var (
	lateSeed = flag.Uint64("late.seed", 0, "run the case of this seed only")
	lateTime = flag.Duration("late.time", 10*time.Second, "how long to try")
	lateOnly = flag.String("late.only", "", "only the queries of this name")
)

// lateView is a continuous query, and what the rules of sql.md say of its watermark.
type lateView struct {
	name, mode string
	kind       lateKind
	read       [2]int       // rows of s1 and s2 that it has read
	max        [2]time.Time // the greatest time of those
	wm         time.Time    // the least of max less the delay; zero: none
	rows       [2][]string  // what it has read, with the watermark that judged it
	sessions   sessionModel
}

// lateCase is streams with late rows, and queries over them.
type lateCase struct {
	t      *testing.T
	seed   uint64
	rng    *rand.Rand
	s      *server
	pg     *postgres
	rows   [2][]lateRow
	now    time.Time
	views  []*lateView
	checks int
}

type lateRow struct {
	values string
	ts     time.Time // zero: NULL
}

// TestLate: rows come late by up to a minute, in triggers cut at random, with restarts and crashes between. Each query's result equals the SELECT in PostgreSQL over the rows
// that were not late by a model of the watermark: by the window's end where windows count, else by the time itself; and as many rows are reported as late.
func TestLate(t *testing.T) {
	pg := &postgres{dsn: *lawPG}
	if pg.dsn == "" {
		pg.dsn = pgtest.Start(t)
	}
	seed := firstSeed()
	if *lateSeed != 0 {
		seed = *lateSeed
	}
	cases, checks := 0, 0
	for start := time.Now(); time.Since(start) < *lateTime; seed++ {
		c := &lateCase{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 7)), pg: pg, now: base}
		c.run()
		cases, checks = cases+1, checks+c.checks
		if *lateSeed != 0 || t.Failed() {
			break
		}
	}
	t.Logf("%d cases, %d comparisons", cases, checks)
}

func (c *lateCase) fatalf(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("-late.seed %d: %s", c.seed, fmt.Sprintf(format, args...))
}

func (c *lateCase) exec(sql string) {
	c.t.Helper()
	if _, err := run(c.s.conn, sql); err != nil {
		c.fatalf("%s: %v", sql, err)
	}
}

func (c *lateCase) run() {
	if err := c.pg.fresh(); err != nil {
		c.fatalf("%v", err)
	}
	var err error
	if c.s, err = newServer(c.rng); err != nil {
		c.fatalf("%v", err)
	}
	defer func() { c.s.close() }()
	for _, s := range []string{"s1", "s2"} {
		c.exec("CREATE STREAM " + s + " (id int, k int, v int, ts timestamptz, WATERMARK FOR ts AS ts - INTERVAL '4 seconds')")
	}
	early := c.rng.IntN(4) * 2
	for range early {
		c.insert()
	}
	for i := range 6 {
		c.create(i)
	}
	for range 8 + c.rng.IntN(25) {
		switch n := c.rng.IntN(12); {
		case n < 5:
			c.insert()
		case n == 6 && c.rng.IntN(2) == 0:
			c.crash(c.views[c.rng.IntN(len(c.views))])
		case n == 5 && c.rng.IntN(2) == 0:
			if err := c.s.restart(); err != nil {
				c.fatalf("restart: %v", err)
			}
		default:
			c.trigger(c.views[c.rng.IntN(len(c.views))])
		}
	}
	for s := range 2 { // a row that closes all, which no query counts
		c.add(s, []lateRow{{"30000, NULL, NULL", base.AddDate(0, 0, 10)}})
	}
	for _, v := range c.views {
		c.trigger(v)
		c.trigger(v)
		c.check(v)
	}
}

func (c *lateCase) create(i int) {
	v := &lateView{name: fmt.Sprintf("v%d", i)}
	for v.kind = pick(c.rng, lateKinds...); *lateOnly != "" && v.kind.name != *lateOnly; {
		v.kind = pick(c.rng, lateKinds...)
	}
	v.mode = pick(c.rng, v.kind.modes...)
	options := ""
	if n := c.rng.IntN(4); n > 0 {
		options = fmt.Sprintf(", parallelism = %d", []int{1, 2, 7}[n-1])
	}
	if c.rng.IntN(3) == 0 {
		options += fmt.Sprintf(", state_memory = '%dB'", 1+c.rng.IntN(3000))
	}
	for {
		sql := fmt.Sprintf("CREATE MATERIALIZED VIEW %s WITH (trigger = 'manual', late_rows = 'keep', output_mode = '%s'%s) AS %s", v.name, v.mode, options, c.text(v, false))
		_, err := run(c.s.conn, sql)
		if err == nil {
			break
		}
		c.fatalf("%s (%s)\n%v", v.kind.name, sql, err)
	}
	c.views = append(c.views, v)
}

func (c *lateCase) insert() {
	rows := make([]lateRow, 1+c.rng.IntN(5))
	s := c.rng.IntN(2)
	for i := range rows {
		ts := c.now.Add(time.Duration(c.rng.IntN(6000)) * time.Millisecond)
		switch c.rng.IntN(6) {
		case 0:
			ts = c.now.Add(-time.Duration(c.rng.IntN(60000)) * time.Millisecond)
		case 1:
			ts = c.now.Add(-time.Duration(c.rng.IntN(12)) * time.Second)
		case 2:
			ts = ts.Truncate(5 * time.Second)
		}
		if ts.After(c.now) {
			c.now = ts
		}
		if c.rng.IntN(20) == 0 {
			ts = time.Time{}
		}
		rows[i] = lateRow{fmt.Sprintf("%d, %d, %d", len(c.rows[s])+i+1, c.rng.IntN(3), c.rng.IntN(40)), ts}
	}
	c.add(s, rows)
}

func timeText(t time.Time, zero string) string {
	if t.IsZero() {
		return zero
	}
	return quote(t.Format("2006-01-02 15:04:05.999999Z07:00"))
}

func (c *lateCase) add(s int, rows []lateRow) {
	var b []string
	for _, r := range rows {
		b = append(b, "("+r.values+", "+timeText(r.ts, "NULL")+")")
	}
	c.exec(fmt.Sprintf("INSERT INTO s%d VALUES %s", s+1, strings.Join(b, ", ")))
	c.rows[s] = append(c.rows[s], rows...)
}

// trigger runs one trigger, and the model of it: what it reads is judged by the watermark before it.
func (c *lateCase) trigger(v *lateView) {
	c.exec("CALL streamsql.run_trigger('" + v.name + "')")
	begin, fresh := v.wm, c.rows[0][v.read[0]:]
	var wm time.Time
	for s := range 2 {
		if s == 1 && !v.kind.both {
			break
		}
		for _, r := range c.rows[s][v.read[s]:] {
			if late := r.ts.IsZero() || r.ts.Before(v.wm); v.kind.against == byBatch && late {
				continue
			}
			v.rows[s] = append(v.rows[s], fmt.Sprintf("(%s, %s, %s)", r.values, timeText(r.ts, "NULL"), timeText(v.wm, "'-infinity'")))
		}
		for _, r := range c.rows[s][v.read[s]:] {
			if r.ts.After(v.max[s]) {
				v.max[s] = r.ts
			}
		}
		v.read[s] = len(c.rows[s])
		if m := v.max[s]; s == 0 || wm.IsZero() || m.IsZero() || m.Add(-delay).Before(wm) {
			if s == 1 && wm.IsZero() {
				break
			}
			wm = m
			if !m.IsZero() {
				wm = m.Add(-delay)
			}
		}
	}
	if wm.After(v.wm) {
		v.wm = wm
	}
	v.sessions.trigger(v.mode, fresh, begin, v.wm)
}

// crash loses power while a trigger of v runs; the one after it comes to what one trigger comes to.
func (c *lateCase) crash(v *lateView) {
	err := c.s.crash(c.rng.Int64N(25), func() error {
		_, _ = run(c.s.conn, "CALL streamsql.run_trigger('"+v.name+"')")
		return nil
	})
	if err != nil {
		c.fatalf("crash: %v", err)
	}
	c.trigger(v)
}

var (
	lateOnes = regexp.MustCompile(`\{late ([^}]*)\}`)
	inputs   = regexp.MustCompile(`\{s([12])\}`)
)

// text is the view's query for the server or, over the rows with their watermarks, for PostgreSQL.
func (c *lateCase) text(v *lateView, postgres bool) string { return c.fill(v, v.kind.sql, postgres) }

func (c *lateCase) fill(v *lateView, sql string, postgres bool) string {
	late, wm, from := "", "", "(SELECT * FROM s$1 WHERE id < 30000)"
	if postgres {
		wm, from = ", wm", "(SELECT * FROM "+v.name+"_s$1 WHERE id < 30000)"
		if v.mode != "complete" {
			late = " $1"
		}
	}
	sql = strings.ReplaceAll(lateOnes.ReplaceAllString(sql, late), "{wm}", wm)
	return render(inputs.ReplaceAllString(sql, from), postgres)
}

// want is what the model says: in PostgreSQL, or where that has no such query the batch SELECT here.
func (c *lateCase) want(v *lateView) *result {
	query := func(sql string) (*result, error) { return c.pg.run(sql) }
	switch v.kind.against {
	case bySessions:
		return v.sessions.rows()
	case byBatch:
		query = func(sql string) (*result, error) { return run(c.s.conn, sql) }
	}
	for s := range 2 {
		t := fmt.Sprintf("%s_s%d", v.name, s+1)
		sql := fmt.Sprintf("CREATE TABLE %s (id int, k int, v int, ts timestamptz, wm timestamptz)", t)
		if len(v.rows[s]) > 0 {
			sql += fmt.Sprintf("; INSERT INTO %s VALUES %s", t, strings.Join(v.rows[s], ", "))
		}
		if _, err := query(sql); err != nil {
			c.fatalf("%s: %v", sql, err)
		}
	}
	text := c.text(v, v.kind.against == byPostgres)
	if v.kind.against == byBatch {
		text = strings.ReplaceAll(text, "FROM s1 ", "FROM "+v.name+"_s1 ")
	}
	r, err := query(text)
	if err != nil {
		c.fatalf("%s\n%v", text, err)
	}
	return r
}

func (c *lateCase) check(v *lateView) {
	c.checks++
	got, err := run(c.s.conn, "SELECT * FROM "+v.name)
	if err != nil {
		c.fatalf("%v", err)
	}
	want := c.want(v)
	if d := diff(lines(got, false), lines(want, false)); d != "" {
		c.fatalf("%s in mode %s: the query (-) and the SELECT over the rows that were not late (+):\n%s\n%s\n%s", v.kind.name, v.mode, d, c.text(v, false), c.text(v, true))
	}
	late, ok := c.late(v)
	if !ok {
		return
	}
	n, err := run(c.s.conn, "SELECT late_rows FROM streamsql.queries WHERE name = '"+v.name+"'")
	if err != nil {
		c.fatalf("%v", err)
	}
	if n.rows[0][0] != late {
		c.fatalf("%s in mode %s: late_rows is %s, should be %s\n%s", v.kind.name, v.mode, n.rows[0][0], late, c.text(v, false))
	}
}

// late is how many rows were late by the model, where it says so.
func (c *lateCase) late(v *lateView) (string, bool) {
	switch {
	case v.kind.against == bySessions:
		return strconv.Itoa(v.sessions.late), true
	case v.kind.dropped == "" || v.kind.against == byBatch || v.mode == "complete":
		return "", false
	}
	m, err := c.pg.run(c.fill(v, v.kind.dropped, true))
	if err != nil {
		c.fatalf("%v", err)
	}
	return m.rows[0][0], true
}
