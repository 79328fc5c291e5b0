package lawtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestRulesOfJoins: queries over joins of analyzed tables give the same rows without AggregateBelowJoin and InnerBelowOuter.
func TestRulesOfJoins(t *testing.T) {
	s, err := newServer(rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	seed := firstSeed()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	for _, sql := range []string{
		"CREATE TABLE f (a int, b int, i int, l bigint, n numeric, s text)",
		"INSERT INTO f SELECT nullif(i % 40, 7), i % 9, i % 1000, nullif(i, 77), i * 0.01, 's' || i % 300 FROM generate_series(1, 12000) i",
		"CREATE TABLE d (k int, g text, z int)",
		"INSERT INTO d SELECT i % 45, nullif('g' || i % 6, 'g3'), i FROM generate_series(1, 60) i",
		"INSERT INTO d VALUES (NULL, 'null', 1)",
		"CREATE TABLE e (k int PRIMARY KEY, h text)",
		"INSERT INTO e SELECT i, 'h' || i % 4 FROM generate_series(0, 8) i",
		"ANALYZE f", "ANALYZE d", "ANALYZE e",
	} {
		if _, err := run(s.conn, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	pick := func(s ...string) string { return s[rng.IntN(len(s))] }
	fired := 0
	for range 60 {
		var aggs []string
		for range 1 + rng.IntN(4) {
			aggs = append(aggs, pick("count(*)", "count(i)", "count(l)", "sum(i)", "sum(l)", "sum(n)", "min(s)", "max(n)", "max(l)", "min(i)"))
		}
		if rng.IntN(5) == 0 {
			aggs = append(aggs, pick("count(DISTINCT i)", "sum(i) FILTER (WHERE b > 3)", "sum(i + z)"))
		}
		by := pick("", "g", "g", "b, g", "g, z % 3", "a", "upper(g), b", "i % 10")
		from := pick("f JOIN d ON f.a = d.k", "d JOIN f ON f.a = d.k", "f JOIN d ON f.a = d.k JOIN e ON f.b = e.k", "f JOIN d ON f.a = d.k AND f.b = d.z % 9", "f LEFT JOIN d ON f.a = d.k", "f JOIN d ON f.a = d.k AND f.i > d.z")
		q := "SELECT " + strings.Join(aggs, ", ")
		if by != "" {
			q += ", " + by
		}
		q += " FROM " + from + pick("", "", "", " WHERE i > 5", " WHERE i < 0")
		if by != "" {
			q += " GROUP BY " + by + pick("", " HAVING count(*) > 10")
		}
		if rows, err := run(s.conn, "EXPLAIN (VERBOSE) "+q); err == nil && strings.Contains(fmt.Sprint(rows.rows), "AggregateBelowJoin") {
			fired++
		}
		if _, d := ruleOff(s.conn, []string{"AggregateBelowJoin"}, q); d.what != "" {
			t.Fatalf("%s: %s", q, d.what)
		}
	}
	below := 0
	for range 25 {
		left, inner := pick("f LEFT JOIN d ON f.a = d.k", "f LEFT JOIN d ON f.a = d.k AND z > 20", "f LEFT JOIN d ON f.i = d.z"), pick("e.h = 'h1'", "e.h = 'h1' AND f.i > 9", "e.k = 3", "e.h = 'none'")
		q := pick("SELECT count(*), sum(i), count(g), min(h), max(z), sum(f.b + e.k) FROM ", "SELECT h, g, count(*), sum(i) FROM ")
		by := ""
		if strings.HasPrefix(q, "SELECT h") {
			by = " GROUP BY h, g"
		}
		q += fmt.Sprintf(pick("%s JOIN e ON f.b = e.k AND %s", "%s, e WHERE f.b = e.k AND %s", "e JOIN (%s) ON f.b = e.k AND %s"), left, inner) + by
		if rows, err := run(s.conn, "EXPLAIN (VERBOSE) "+q); err == nil && strings.Contains(fmt.Sprint(rows.rows), "InnerBelowOuter") {
			below++
		}
		if _, d := ruleOff(s.conn, []string{"InnerBelowOuter"}, q); d.what != "" {
			t.Fatalf("%s: %s", q, d.what)
		}
	}
	if below < 3 {
		t.Errorf("an inner join went below a left one in %d queries only", below)
	}
	if fired < 5 {
		t.Errorf("the rule fired for %d queries only", fired)
	}
}
