package lawtest

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	temporalSeed = flag.Uint64("temporal.seed", 0, "run the case of this seed only")
	temporalRuns = flag.Int("temporal.runs", 12, "how many cases to run")
)

// versioned is a case of joins with the version of a table at a time: a table and a stream under a clock, and what the join is by its definition.
type versioned struct {
	t     *testing.T
	rng   *rand.Rand
	s     *server
	seed  uint64
	clock int64 // seconds
	next  int
	key   bool     // the table has a primary key
	table [][2]int // rows that are there
	log   []versionChange
	rows  []versionedRow
}

type versionChange struct {
	at  int64
	row [2]int
	w   int
}

type versionedRow struct {
	id, k int
	ts    int64
}

// TestTemporalLaw: continuous joins with versions, in append and in update mode, and over restarts and crashes, come to what the join is by its definition; so does the
// batch SELECT, as far back as the table's versions are kept.
func TestTemporalLaw(t *testing.T) {
	first, runs := firstSeed(), *temporalRuns
	if *temporalSeed != 0 {
		first, runs = *temporalSeed, 1
	}
	for seed := first; seed < first+uint64(runs); seed++ {
		v := &versioned{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 1)), clock: 1000}
		v.run()
		if t.Failed() {
			return
		}
	}
}

func (v *versioned) fatalf(format string, args ...any) {
	v.t.Helper()
	v.t.Fatalf("-temporal.seed %d: %s", v.seed, fmt.Sprintf(format, args...))
}

func (v *versioned) exec(sql string) {
	v.t.Helper()
	if _, err := run(v.s.conn, sql); err != nil {
		v.fatalf("%s: %v", sql, err)
	}
}

func at(sec int64) string {
	return time.Unix(1767225600+sec, 0).UTC().Format("2006-01-02 15:04:05Z07:00")
}

func (v *versioned) setClock() { v.exec(fmt.Sprintf("SET streamsql.clock = '%s'", at(v.clock))) }

func (v *versioned) run() {
	var err error
	if v.s, err = newServer(v.rng); err != nil {
		v.fatalf("%v", err)
	}
	defer func() { v.s.close() }()
	v.key = v.rng.IntN(2) == 0
	v.setClock()
	if v.key {
		v.exec("CREATE TABLE t (k int PRIMARY KEY, v int)")
	} else {
		v.exec("CREATE TABLE t (k int, v int)")
	}
	v.exec("CREATE STREAM s (id int, k int, ts timestamptz, WATERMARK FOR ts AS ts - INTERVAL '40 seconds')")
	for range v.rng.IntN(4) {
		if v.s.opts.History == 0 { // else versions before the views may be forgotten
			v.step(false)
		}
	}
	v.exec(`CREATE MATERIALIZED VIEW upd WITH (trigger = 'manual') AS SELECT id, t.v FROM s LEFT JOIN t FOR SYSTEM_TIME AS OF s.ts AS t ON t.k = s.k`)
	v.exec(`CREATE MATERIALIZED VIEW app WITH (trigger = 'manual', output_mode = 'append') AS SELECT id, t.v, ts FROM s JOIN t FOR SYSTEM_TIME AS OF s.ts AS t ON t.k = s.k`)
	v.exec(`CREATE MATERIALIZED VIEW win WITH (trigger = 'manual', output_mode = 'append') AS SELECT window_start, count(*), sum(v) FROM tumble(app, ts, INTERVAL '10 seconds') GROUP BY window_start`)
	for range 15 + v.rng.IntN(25) {
		v.step(true)
	}
	v.clock += 1000
	v.setClock()
	v.exec(fmt.Sprintf("INSERT INTO s VALUES (-1, NULL, '%s')", at(v.clock-1))) // closes every window
	for _, name := range []string{"upd", "app", "win"} {
		for range 3 {
			v.exec("CALL streamsql.run_trigger('" + name + "')")
		}
	}
	v.rows = append(v.rows, versionedRow{-1, -1, v.clock - 1})
	v.check("SELECT id, v FROM upd", v.naive(true, false))
	v.check("SELECT id, v FROM app", v.naive(false, false))
	v.check("SELECT extract(epoch FROM window_start)::bigint, count, sum FROM win", v.naive(false, true))
	v.batch()
}

// batch compares the batch SELECT, unless versions that it needs are not kept any more.
func (v *versioned) batch() {
	sql := "SELECT id, t.v FROM s LEFT JOIN t FOR SYSTEM_TIME AS OF s.ts AS t ON t.k = s.k"
	_, err := run(v.s.conn, sql)
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == "72000" && v.s.opts.History > 0 {
		return
	}
	v.check(sql, v.naive(true, false))
}

func (v *versioned) check(sql string, want []string) {
	v.t.Helper()
	r, err := run(v.s.conn, sql)
	if err != nil {
		v.fatalf("%s: %v", sql, err)
	}
	var got []string
	for _, row := range r.rows {
		got = append(got, strings.Join(row, "|"))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		v.fatalf("%s\n got: %v\nwant: %v\nlog: %v\nrows: %v", sql, got, want, v.log, v.rows)
	}
}

// step does something to the table, the stream, the views or the server.
func (v *versioned) step(views bool) {
	switch n := v.rng.IntN(10); {
	case n < 3:
		v.clock += v.rng.Int64N(6)
		v.setClock()
	case n < 6:
		v.change()
	case n < 8 || !views:
		v.arrive()
	case n < 9:
		v.exec(fmt.Sprintf("CALL streamsql.run_trigger('%s')", []string{"upd", "app", "win"}[v.rng.IntN(3)]))
	default:
		v.restart()
	}
}

func (v *versioned) restart() {
	err := error(nil)
	if v.rng.IntN(2) == 0 {
		err = v.s.restart()
	} else {
		err = v.s.crash(v.rng.Int64N(20), func() error {
			_, _ = run(v.s.conn, "CALL streamsql.run_trigger('upd')")
			_, _ = run(v.s.conn, "CALL streamsql.run_trigger('app')")
			return nil
		})
	}
	if err != nil {
		v.fatalf("%v", err)
	}
	v.setClock()
}

// change does one commit to the table.
func (v *versioned) change() {
	if len(v.table) > 0 && v.rng.IntN(2) == 0 {
		r := v.table[v.rng.IntN(len(v.table))]
		to := v.rng.IntN(2) == 0
		keep := v.table[:0:0]
		for _, o := range v.table {
			if o != r {
				keep = append(keep, o)
				continue
			}
			v.log = append(v.log, versionChange{v.clock, o, -1})
			if to {
				o[1] += 10
				keep = append(keep, o)
				v.log = append(v.log, versionChange{v.clock, o, 1})
			}
		}
		v.table = keep
		if to {
			v.exec(fmt.Sprintf("UPDATE t SET v = v + 10 WHERE k = %d AND v = %d", r[0], r[1]))
		} else {
			v.exec(fmt.Sprintf("DELETE FROM t WHERE k = %d AND v = %d", r[0], r[1]))
		}
		return
	}
	r := [2]int{v.rng.IntN(3), v.rng.IntN(3)}
	if v.key && slices.ContainsFunc(v.table, func(o [2]int) bool { return o[0] == r[0] }) {
		return
	}
	v.exec(fmt.Sprintf("INSERT INTO t VALUES (%d, %d)", r[0], r[1]))
	v.table = append(v.table, r)
	v.log = append(v.log, versionChange{v.clock, r, 1})
}

func (v *versioned) arrive() {
	var list []string
	for range 1 + v.rng.IntN(3) {
		v.next++
		r := versionedRow{v.next, v.rng.IntN(4), v.clock + v.rng.Int64N(24) - 12}
		v.rows = append(v.rows, r)
		list = append(list, fmt.Sprintf("(%d, %d, '%s')", r.id, r.k, at(r.ts)))
	}
	v.exec("INSERT INTO s VALUES " + strings.Join(list, ", "))
}

// naive is the join by its definition; windows: its groups of ten seconds.
func (v *versioned) naive(left, windows bool) []string {
	var out []string
	type group struct{ n, sum int }
	groups := map[int64]group{}
	for _, r := range v.rows {
		here := map[[2]int]int{}
		for _, c := range v.log {
			if c.at <= r.ts && c.row[0] == r.k {
				here[c.row] += c.w
			}
		}
		some := false
		for row, n := range here {
			for range n {
				some = true
				out = append(out, fmt.Sprintf("%d|%d", r.id, row[1]))
				g := groups[r.ts/10*10]
				groups[r.ts/10*10] = group{g.n + 1, g.sum + row[1]}
			}
		}
		if !some && left {
			out = append(out, fmt.Sprintf("%d|NULL", r.id))
		}
	}
	if windows {
		out = nil
		for start, g := range groups {
			out = append(out, fmt.Sprintf("%d|%d|%d", 1767225600+start, g.n, g.sum))
		}
	}
	return out
}
