package lawtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/internal/pgtest"
)

// nexmarkEvents is how many events the tests take: 200 persons, 600 auctions and 9,200 bids in 100 seconds.
const nexmarkEvents = 10_000

var nexmarkTables = []string{"person", "auction", "bid"}

// nexmarkAppend are the queries that append mode takes.
var nexmarkAppend = []int{0, 1, 2, 3, 5, 7, 8, 10, 11, 13, 14, 20, 21, 22}

// nexmarkQuery reads a query of testdata/nexmark; for PostgreSQL where it needs another form.
func nexmarkQuery(t *testing.T, name string, postgres bool) string {
	t.Helper()
	dir := filepath.Join("..", "..", "testdata", "nexmark")
	if postgres {
		if b, err := os.ReadFile(filepath.Join(dir, "pg", name)); err == nil {
			return string(b)
		}
	}
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// must runs statements that have to succeed.
func must(t *testing.T, c *pgconn.PgConn, sql string) *result {
	t.Helper()
	r, err := run(c, sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return r
}

// startNexmark starts both servers; PostgreSQL has the rows, which a server with the connector has made. rows are those as CSV, by table.
func startNexmark(t *testing.T) (s *server, pg *pgconn.PgConn, rows map[string][]string) {
	dsn := *lawPG
	if dsn == "" {
		dsn = pgtest.Start(t)
	}
	pg, err := connect(dsn)
	if err != nil {
		t.Fatal(err)
	}
	must(t, pg, "DROP SCHEMA IF EXISTS nexmark CASCADE; CREATE SCHEMA nexmark; SET search_path = nexmark")
	must(t, pg, nexmarkQuery(t, "tables.sql", true))
	must(t, pg, "CREATE TABLE side_input (key bigint PRIMARY KEY, value text); INSERT INTO side_input SELECT i, i::text FROM generate_series(0, 9999) i")
	s, err = newServer(rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	must(t, s.conn, "CREATE TABLE side_input (key bigint PRIMARY KEY, value text); INSERT INTO side_input SELECT i, i::text FROM generate_series(0, 9999) i")
	rows = map[string][]string{}
	must(t, s.conn, "CREATE SCHEMA gen")
	for _, table := range nexmarkTables {
		must(t, s.conn, fmt.Sprintf("CREATE STREAM gen.%s WITH (connector = 'nexmark', table = '%s', limit = %d)", table, table, nexmarkEvents))
		var csv strings.Builder
		if _, err := s.conn.CopyTo(context.Background(), &csv, "COPY (SELECT * FROM gen."+table+") TO STDOUT (FORMAT csv)"); err != nil {
			t.Fatal(err)
		}
		rows[table] = strings.Split(strings.TrimSuffix(csv.String(), "\n"), "\n")
		copyRows(t, pg, table, rows[table])
	}
	return s, pg, rows
}

func copyRows(t *testing.T, c *pgconn.PgConn, table string, rows []string) {
	t.Helper()
	if len(rows) == 0 {
		return
	}
	if _, err := c.CopyFrom(context.Background(), strings.NewReader(strings.Join(rows, "\n")+"\n"), "COPY "+table+" FROM STDIN (FORMAT csv)"); err != nil {
		t.Fatal(err)
	}
}

// TestNexmarkConnector runs the queries over the connector's streams as they come.
func TestNexmarkConnector(t *testing.T) {
	s, pg, _ := startNexmark(t)
	must(t, s.conn, "SET search_path = gen, public")
	for i := range 23 {
		q := nexmarkQuery(t, fmt.Sprintf("q%d.sql", i), false)
		trigger := "default"
		if i == 12 {
			trigger = "manual"
		}
		must(t, s.conn, fmt.Sprintf("CREATE MATERIALIZED VIEW q%d WITH (trigger = '%s', max_rows_per_trigger = %d) AS %s", i, trigger, 1000+700*i, q))
	}
	must(t, s.conn, "FLUSH; SET streamsql.clock = '2026-01-01 00:00:05Z'")
	for range 20 {
		must(t, s.conn, "CALL streamsql.run_trigger('q12')")
	}
	checkNexmark(t, s, pg, "")
}

// checkNexmark compares all the queries' results with PostgreSQL's.
func checkNexmark(t *testing.T, s *server, pg *pgconn.PgConn, when string) {
	for i := range 23 {
		want := must(t, pg, nexmarkQuery(t, fmt.Sprintf("q%d.sql", i), true))
		got := must(t, s.conn, fmt.Sprintf("SELECT * FROM q%d", i))
		if len(want.rows) == 0 && i != 3 {
			t.Errorf("q%d has no rows", i)
		}
		if !slices.Equal(got.oids, want.oids) {
			t.Errorf("q%d: types %v, want %v", i, got.oids, want.oids)
		}
		if d := diff(lines(got, false), lines(want, false)); d != "" {
			t.Errorf("q%d %s: %d rows, want %d; the result (-) and PostgreSQL (+):\n%s", i, when, len(got.rows), len(want.rows), d)
		}
	}
}

// TestNexmarkGroups runs the queries over rows that come in groups of four seconds, each shuffled, with triggers and a restart between; in append mode too,
// where that is possible.
func TestNexmarkGroups(t *testing.T) {
	s, pg, rows := startNexmark(t)
	seed := firstSeed()
	rng := rand.New(rand.NewPCG(seed, 3))
	t.Logf("seed %d", seed)
	must(t, s.conn, nexmarkQuery(t, "streams.sql", false))
	clock := "SET streamsql.clock = '2026-01-01 00:00:05Z'"
	must(t, s.conn, clock)
	for i := range 23 {
		q := nexmarkQuery(t, fmt.Sprintf("q%d.sql", i), false)
		must(t, s.conn, fmt.Sprintf("CREATE MATERIALIZED VIEW q%d WITH (trigger = 'manual', parallelism = %d) AS %s", i, 1+i%3, q))
		if slices.Contains(nexmarkAppend, i) {
			must(t, s.conn, fmt.Sprintf("CREATE MATERIALIZED VIEW a%d WITH (trigger = 'manual', output_mode = 'append') AS %s", i, q))
		}
	}
	trigger := func(all bool) {
		for i := range 23 {
			if all || rng.IntN(4) == 0 {
				must(t, s.conn, fmt.Sprintf("CALL streamsql.run_trigger('q%d')", i))
			}
			if slices.Contains(nexmarkAppend, i) && (all || rng.IntN(4) == 0) {
				must(t, s.conn, fmt.Sprintf("CALL streamsql.run_trigger('a%d')", i))
			}
		}
	}
	const groups = 25
	for g := range groups {
		for _, table := range nexmarkTables {
			all := rows[table]
			part := slices.Clone(all[len(all)*g/groups : len(all)*(g+1)/groups])
			rng.Shuffle(len(part), func(i, k int) { part[i], part[k] = part[k], part[i] })
			copyRows(t, s.conn, table, part)
		}
		trigger(false)
		if g == groups/2 {
			if err := s.restart(); err != nil {
				t.Fatal(err)
			}
			must(t, s.conn, clock)
		}
	}
	trigger(true)
	checkNexmark(t, s, pg, "in groups")
	must(t, s.conn, `INSERT INTO person (id, date_time) VALUES (-1, '2016-01-01'); INSERT INTO auction (id, date_time) VALUES (-1, '2016-01-01');
		INSERT INTO bid (auction, date_time) VALUES (-2, '2016-01-01')`)
	trigger(true)
	for _, i := range nexmarkAppend {
		want := must(t, pg, nexmarkQuery(t, fmt.Sprintf("q%d.sql", i), true))
		got := must(t, s.conn, fmt.Sprintf("SELECT * FROM a%d", i))
		if d := missing(lines(want, false), lines(got, false)); d != "" {
			t.Errorf("q%d never handed on in append mode:\n%s", i, d)
		}
		if len(got.rows) > len(want.rows)+1 {
			t.Errorf("q%d handed on %d rows in append mode, want %d and that of the closing row", i, len(got.rows), len(want.rows))
		}
	}
}
