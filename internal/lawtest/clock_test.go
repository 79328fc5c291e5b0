package lawtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// clockQueries read rows by the processing time: they come and go by the clock alone. CLOCK stands for now().
var clockQueries = []string{
	"SELECT id, k FROM e WHERE ts > CLOCK - interval '1 hour'",
	"SELECT id, ts FROM e WHERE ts <= CLOCK AND ts + interval '30 minutes' >= CLOCK AND k <> 2",
	"SELECT k, count(*), sum(id) FROM e WHERE ts BETWEEN CLOCK - interval '2 hours' AND CLOCK GROUP BY k",
	"SELECT id FROM e WHERE d = CLOCK::date",
	"SELECT k, max(ts) FROM e WHERE ts >= date_trunc('hour', CLOCK) - interval '1 month' GROUP BY k",
	"SELECT id FROM e WHERE isfinite(ts) AND CLOCK - ts < interval '90 minutes' AND ts - CLOCK < interval '10 minutes'",
	"SELECT a.id, b.id AS other FROM e a JOIN e b USING (k) WHERE a.ts > CLOCK AND b.ts < CLOCK - interval '12 hours'",
	"SELECT k FROM (SELECT k, max(ts) AS last FROM e GROUP BY k) g WHERE last < CLOCK - interval '1 hour'",
	"SELECT DISTINCT k FROM s WHERE ts >= CLOCK - interval '3 hours'",
	"SELECT k FROM s WHERE ts > CLOCK - interval '1 hour' EXCEPT SELECT k FROM e WHERE d < CLOCK::date - 1",
	"SELECT k, id, rank() OVER (PARTITION BY k ORDER BY ts, id) FROM e WHERE ts > CLOCK - interval '5 hours'",
}

// TestClockFilters moves the clock while rows come, change and go, with restarts and triggers of some views only. After its trigger a view has the rows of
// its SELECT at that clock.
func TestClockFilters(t *testing.T) {
	seed := *lawSeed
	if seed == 0 {
		seed = firstSeed()
	}
	t.Logf("-law.seed=%d", seed)
	rng := rand.New(rand.NewPCG(seed, 5))
	s, err := newServer(rng)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	must(t, s.conn, "CREATE TABLE e (id int PRIMARY KEY, k int, ts timestamptz, d date); CREATE STREAM s (k int, ts timestamptz)")
	for i, q := range clockQueries {
		must(t, s.conn, fmt.Sprintf("CREATE MATERIALIZED VIEW v%d WITH (trigger = 'manual') AS %s", i, strings.ReplaceAll(q, "CLOCK", "now()")))
	}
	clock := time.Date(2026, 1, 30, 22, 0, 0, 0, time.UTC)
	around := func() string {
		if rng.IntN(15) == 0 {
			return []string{"NULL", "'infinity'", "'-infinity'"}[rng.IntN(3)]
		}
		return "'" + clock.Add(time.Duration(rng.IntN(600)-300)*time.Minute).Format(time.RFC3339) + "'"
	}
	id := 0
	for range 60 {
		switch rng.IntN(6) {
		case 0, 1:
			for range rng.IntN(6) {
				id++
				must(t, s.conn, fmt.Sprintf("INSERT INTO e VALUES (%d, %d, %s, %s)", id, rng.IntN(4), around(), around()))
			}
			must(t, s.conn, fmt.Sprintf("INSERT INTO s VALUES (%d, %s), (%d, %s)", rng.IntN(4), around(), rng.IntN(4), around()))
		case 2:
			must(t, s.conn, fmt.Sprintf("UPDATE e SET ts = %s, k = %d WHERE id %% 5 = %d", around(), rng.IntN(4), rng.IntN(5)))
		case 3:
			must(t, s.conn, fmt.Sprintf("DELETE FROM e WHERE id %% 7 = %d", rng.IntN(7)))
		case 4:
			if err := s.restart(); err != nil {
				t.Fatal(err)
			}
		}
		clock = clock.Add(time.Duration(rng.IntN(80)) * time.Minute)
		at := clock.Format(time.RFC3339)
		must(t, s.conn, fmt.Sprintf("SET streamsql.clock = '%s'", at))
		for i, q := range clockQueries {
			if rng.IntN(2) == 0 {
				continue
			}
			must(t, s.conn, fmt.Sprintf("CALL streamsql.run_trigger('v%d')", i))
			got := must(t, s.conn, fmt.Sprintf("SELECT * FROM v%d", i))
			want := must(t, s.conn, strings.ReplaceAll(q, "CLOCK", "timestamptz '"+at+"'"))
			if d := diff(lines(got, false), lines(want, false)); d != "" {
				t.Fatalf("%s at %s: the view (-) and the SELECT (+):\n%s", q, at, d)
			}
		}
	}
}
