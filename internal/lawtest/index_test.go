package lawtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/optimizer"
)

// indexQuery is a random SELECT over the table of TestIndexes.
func indexQuery(rng *rand.Rand) string {
	pick := func(s ...string) string { return s[rng.IntN(len(s))] }
	value := func(col string) string {
		switch col {
		case "id":
			return fmt.Sprint(rng.IntN(1600))
		case "c":
			return fmt.Sprintf("'v%d'", rng.IntN(60))
		case "n":
			return fmt.Sprintf("%d.%d", rng.IntN(40), rng.IntN(10))
		}
		return fmt.Sprint(rng.IntN(40))
	}
	var conds []string
	for range rng.IntN(4) {
		col := pick("id", "a", "b", "c", "n")
		switch rng.IntN(8) {
		case 6:
			conds = append(conds, fmt.Sprintf(pick("%[1]s IN (%[2]s, %[3]s, %[2]s)", "%[1]s IN (%[2]s, NULL, %[3]s)", "%[1]s = ANY (ARRAY[%[2]s, %[3]s])", "(%[1]s = %[2]s OR %[3]s = %[1]s)",
				"(%[1]s = %[2]s OR b = 1)", "%[1]s NOT IN (%[2]s, %[3]s)"), col, value(col), value(col)))
		case 7:
			conds = append(conds, pick("upper(c) > 'V5' AND upper(c) <= 'V56'", "a + b BETWEEN 12 AND 14", "upper(c) < 'V11'", "a % 5 IN (1, 2)", "a > 20 AND b > 7", "c IS NOT NULL AND b < 1"))
		case 0, 1:
			conds = append(conds, fmt.Sprintf("%s = %s", col, value(col)))
		case 2:
			conds = append(conds, fmt.Sprintf("%s %s %s AND %s %s %s", col, pick(">", ">="), value(col), col, pick("<", "<="), value(col)))
		case 3:
			conds = append(conds, fmt.Sprintf("%s %s %s", col, pick("<", "<=", ">", ">="), value(col)))
		case 4:
			conds = append(conds, pick("upper(c) = 'V7'", "a % 5 = 2", "b = 3 AND a > 20", "c IS NOT NULL AND b = 2", "a + b = 12"))
		default:
			conds = append(conds, fmt.Sprintf("%s BETWEEN %s AND %s", col, value(col), value(col)))
		}
	}
	q := "SELECT " + pick("*", "id, a, c", "b, n", "id") + " FROM ix"
	switch rng.IntN(6) {
	case 0:
		q = "SELECT " + pick("few.x, ix.*", "few.y, ix.id", "count(*), min(id), max(few.y)") + " FROM " + fmt.Sprintf(pick("few %s JOIN ix ON %s", "ix %s JOIN few ON %s"), pick("", "LEFT", "RIGHT", "FULL"),
			pick("id = x", "a = x AND b = y", "c = t", "a = x", "id = x AND a < 30", "c = t AND a = y", "id = x AND few.y > b"))
	case 1:
		q = "SELECT id, a FROM ix WHERE " + pick("id IN (SELECT x FROM few)", "EXISTS (SELECT FROM few WHERE x = a AND y = b)", "NOT EXISTS (SELECT FROM few WHERE x = id)", "c NOT IN (SELECT t FROM few WHERE t IS NOT NULL)")
		conds = append([]string{"true"}, conds...)
		q += " AND " + strings.Join(conds, " AND ")
		conds = nil
	case 2:
		q = "SELECT " + pick("min(id)", "max(n)", "min(c), max(c)", "max(a)", "min(n), max(id), max(b)", "max(upper(c))") + " FROM ix"
	}
	if len(conds) > 0 {
		q += " WHERE " + strings.Join(conds, " AND ")
	}
	if rng.IntN(2) == 0 && strings.HasSuffix(strings.Split(q, " WHERE")[0], "FROM ix") && !strings.Contains(q, "(id)") && !strings.Contains(q, "max(") {
		desc := pick("", " DESC", " DESC", " NULLS FIRST")
		var keys []string
		for range 1 + rng.IntN(2) {
			keys = append(keys, pick("id", "a", "b", "c", "n")+desc)
		}
		q += " ORDER BY " + strings.Join(keys, ", ") + fmt.Sprintf(" LIMIT %d", rng.IntN(30))
		if rng.IntN(3) == 0 {
			q += fmt.Sprintf(" OFFSET %d", rng.IntN(20))
		}
	}
	return q
}

// TestIndexes: a query over a table with indexes of all kinds gives the same rows with any of the rules off, also over what its own transaction changed.
func TestIndexes(t *testing.T) {
	s, err := newServer(rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	seed := firstSeed()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 7))
	do := func(sql string) {
		if _, err := run(s.conn, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	do("CREATE TABLE ix (id int PRIMARY KEY, a int, b int, c text, n numeric)")
	for _, x := range []string{"(a, b)", "(c)", "(n, id)", "(b, c DESC)", "(upper(c))", "((a % 5))", "(b) WHERE a > 20", "(b) WHERE c IS NOT NULL", "((a + b), c)"} {
		do("CREATE INDEX ON ix " + x)
	}
	row := func(id int) string {
		null := func(x string) string {
			if rng.IntN(12) == 0 {
				return "NULL"
			}
			return x
		}
		return fmt.Sprintf("(%d, %s, %s, %s, %s)", id, null(fmt.Sprint(rng.IntN(40))), null(fmt.Sprint(rng.IntN(10))), null(fmt.Sprintf("'v%d'", rng.IntN(60))),
			null(fmt.Sprintf("%d.%d", rng.IntN(40), rng.IntN(10))))
	}
	next := 0
	insert := func(n int) {
		rows := make([]string, n)
		for i := range rows {
			rows[i] = row(next)
			next++
		}
		do("INSERT INTO ix VALUES " + strings.Join(rows, ", "))
	}
	insert(1200)
	do("CREATE TABLE few (x int, y int, t text)")
	do("INSERT INTO few SELECT i * 7, i % 10, 'v' || i FROM generate_series(1, 20) i")
	do("INSERT INTO few VALUES (NULL, 1, NULL), (7, NULL, 'v3'), (7, 2, 'v7'), (7, 2, 'v7'), (3, 5, 'v7'), (3, 1, 'v8')")
	rules := optimizer.RuleNames()
	for i := range 150 {
		switch rng.IntN(8) {
		case 0:
			insert(1 + rng.IntN(40))
		case 1:
			do(fmt.Sprintf("UPDATE ix SET a = a + 1, c = 'v' || b WHERE id %% 37 = %d", rng.IntN(37)))
		case 2:
			do(fmt.Sprintf("DELETE FROM ix WHERE id %% 53 = %d", rng.IntN(53)))
		case 3:
			do("ANALYZE ix")
		}
		block := i%10 == 9
		if block {
			do("BEGIN")
			insert(3)
			do(fmt.Sprintf("DELETE FROM ix WHERE a = %d", rng.IntN(40)))
		}
		q := indexQuery(rng)
		for _, off := range [][]string{{"ChooseIndex"}, {"ReadInOrder"}, {"ChooseIndex,ReadInOrder"}, {"JoinByIndex"}, {"MinMaxByIndex"}} {
			if _, d := ruleOff(s.conn, off, q); d.what != "" {
				t.Fatalf("%s: %s", q, d.what)
			}
		}
		if i%15 == 0 {
			if off, d := ruleOff(s.conn, rules, q); d.what != "" {
				t.Fatalf("%s without %s: %s", q, off, d.what)
			}
		}
		if block {
			do("ROLLBACK")
			next -= 3
		}
	}
}
