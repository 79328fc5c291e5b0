package lawtest

import (
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

const tpchQueries = 22

// tpchFile reads a file of testdata/tpch.
func tpchFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "tpch", name+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

// TestTPCH runs TPC-H's queries, each as a SELECT and as a materialized view over tables whose rows come, change and go, with a restart between. Both
// give what PostgreSQL gives, after each round of changes.
func TestTPCH(t *testing.T) {
	dsn := *lawPG
	if dsn == "" {
		dsn = pgtest.Start(t)
	}
	pg, err := connect(dsn)
	if err != nil {
		t.Fatal(err)
	}
	must(t, pg, "DROP SCHEMA IF EXISTS tpch CASCADE; CREATE SCHEMA tpch; SET search_path = tpch")
	s, err := newServer(rand.New(rand.NewPCG(1, 22)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	seed := firstSeed()
	if *lawSeed != 0 {
		seed = *lawSeed
	}
	t.Logf("seed %d: -law.seed=%d", seed, seed)
	g := newTPCH(seed)
	tables := tpchFile(t, "tables")
	must(t, pg, tables)
	must(t, s.conn, tables)
	for i := range tpchQueries / 2 { // half of the views see the first rows come, the others begin with them
		tpchView(t, s, i+1)
	}
	rows := g.rows()
	for _, table := range []string{"region", "nation", "supplier", "part", "partsupp", "customer", "orders", "lineitem"} {
		copyRows(t, pg, table, rows[table])
		copyRows(t, s.conn, table, rows[table])
	}
	must(t, pg, "ANALYZE")
	for i := tpchQueries / 2; i < tpchQueries; i++ {
		tpchView(t, s, i+1)
	}
	checkTPCH(t, s, pg, "at first")
	const rounds = 4
	for r := range rounds {
		for _, st := range g.change() {
			must(t, pg, st)
			must(t, s.conn, st)
			if g.rng.IntN(5) == 0 {
				must(t, s.conn, "FLUSH")
			}
		}
		if r == rounds/2 {
			if err := s.restart(); err != nil {
				t.Fatal(err)
			}
		}
		checkTPCH(t, s, pg, fmt.Sprintf("after round %d", r+1))
	}
}

func tpchView(t *testing.T, s *server, i int) {
	t.Helper()
	must(t, s.conn, fmt.Sprintf("CREATE MATERIALIZED VIEW q%d AS %s", i, tpchFile(t, fmt.Sprintf("q%d", i))))
}

// checkTPCH compares all views and all queries with PostgreSQL.
func checkTPCH(t *testing.T, s *server, pg *pgconn.PgConn, when string) {
	t.Helper()
	must(t, s.conn, "FLUSH")
	empty := 0
	for i := 1; i <= tpchQueries; i++ {
		q := tpchFile(t, fmt.Sprintf("q%d", i))
		want := must(t, pg, q)
		if len(want.rows) == 0 {
			empty++
		}
		for _, is := range []struct {
			what, sql string
			ordered   bool
		}{{"the query", q, true}, {"the view", fmt.Sprintf("SELECT * FROM q%d", i), false}} {
			got := must(t, s.conn, is.sql)
			if !slices.Equal(got.oids, want.oids) || !slices.Equal(got.cols, want.cols) {
				t.Errorf("q%d, %s: columns %v %v, want %v %v", i, is.what, got.cols, got.oids, want.cols, want.oids)
				continue
			}
			if d := diff(lines(got, is.ordered), lines(want, is.ordered)); d != "" {
				t.Errorf("q%d, %s %s: %d rows, want %d; the result (-) and PostgreSQL (+):\n%s", i, is.what, when, len(got.rows), len(want.rows), d)
			}
		}
	}
	if empty > 2 {
		t.Errorf("%d queries have no rows %s", empty, when)
	}
}
