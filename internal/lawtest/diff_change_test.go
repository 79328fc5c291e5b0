package lawtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// changeTables are the tables that scripts of TestDifferentialChanges change, with rows.
const changeTables = `DROP TABLE IF EXISTS u2; DROP TABLE IF EXISTS u1;
CREATE TABLE u1 (id int PRIMARY KEY, a int CHECK (a < 1000), s text DEFAULT 'd', n numeric(8,2) DEFAULT 1.5, g int GENERATED ALWAYS AS (a * 2) STORED);
CREATE TABLE u2 (id int PRIMARY KEY, a int REFERENCES u1 ON DELETE CASCADE, s text NOT NULL, d date, UNIQUE (a, s));
INSERT INTO u1 (id, a, s, n) VALUES (1, 1, 'a', 1), (2, 2, 'b', NULL), (3, NULL, 'a', 2.25), (4, 1, NULL, -1), (5, 7, '', 0);
INSERT INTO u2 VALUES (1, 1, 'a', '2024-02-29'), (2, 1, 'b', NULL), (3, 2, 'a', '2023-12-31'), (4, NULL, 'a', NULL)`

var changeFields = map[string][]field{
	"u1": {{"id", "int4"}, {"a", "int4"}, {"s", "text"}, {"n", "num"}, {"g", "int4"}},
	"u2": {{"id", "int4"}, {"a", "int4"}, {"s", "text"}, {"d", "date"}},
}

// named are the fields of a table under a name.
func named(table, as string) []field {
	var out []field
	for _, f := range changeFields[table] {
		out = append(out, field{as + "." + f.text, f.typ})
	}
	return out
}

// over makes an expression over fields only.
func (g *diffGen) over(typ string, fields []field, depth int) string {
	g.levels = []*level{{fields: fields}}
	defer func() { g.levels = nil }()
	return g.expr(typ, depth).String()
}

// set makes assignments to some columns of a table.
func (g *diffGen) set(table string, fields []field) string {
	var out []string
	for _, f := range changeFields[table][1:] {
		if f.text == "g" || f.text == "a" && table == "u2" || !g.one(2) && len(out) > 0 {
			continue
		}
		x := g.over(f.typ, fields, 2)
		if g.one(8) {
			x = "DEFAULT"
		}
		out = append(out, f.text+" = "+x)
	}
	return strings.Join(out, ", ")
}

func (g *diffGen) returning(fields []field) string {
	switch g.rng.IntN(4) {
	case 0:
		return ""
	case 1:
		return " RETURNING *"
	}
	typ := g.pick([]string{"int4", "text", "num"})
	return " RETURNING " + fields[0].text + ", " + g.over(typ, fields, 2) + " AS x"
}

func (g *diffGen) insertRows(table string) string {
	var rows []string
	for range 1 + g.rng.IntN(3) {
		id := g.rng.IntN(9) + 1
		if table == "u1" {
			rows = append(rows, fmt.Sprintf("(%d, %s, %s, %s)", id, g.pick([]string{"1", "2", "NULL", "DEFAULT", "1000", "50"}), g.pick([]string{"'a'", "'zz'", "NULL", "DEFAULT"}), g.pick([]string{"1", "2.345", "NULL", "DEFAULT", "'7'"})))
		} else {
			rows = append(rows, fmt.Sprintf("(%d, %s, %s)", id, g.pick([]string{"1", "2", "NULL", "9", "3"}), g.pick([]string{"'a'", "'b'", "'c'", "NULL"})))
		}
	}
	return map[string]string{"u1": "(id, a, s, n)", "u2": "(id, a, s)"}[table] + " VALUES " + strings.Join(rows, ", ")
}

// change makes a statement that changes a table; bare: it may stand in WITH.
func (g *diffGen) change(bare bool) string {
	table, other := "u1", "u2"
	if g.one(2) {
		table, other = other, table
	}
	own := changeFields[table]
	both := append(named(table, "t"), named(other, "o")...)
	switch k := g.rng.IntN(10); {
	case k < 2:
		return "INSERT INTO " + table + " " + g.insertRows(table) + g.returning(own)
	case k == 2:
		fields := append(named(table, table), named(table, "excluded")...)
		do := g.pick([]string{" ON CONFLICT DO NOTHING", " ON CONFLICT (id) DO NOTHING", ""})
		if do == "" {
			do = " ON CONFLICT (id) DO UPDATE SET " + g.set(table, fields)
			if g.one(2) {
				do += " WHERE " + g.over("bool", fields, 1)
			}
		}
		return "INSERT INTO " + table + " " + g.insertRows(table) + do + g.returning(own)
	case k == 3:
		return fmt.Sprintf("INSERT INTO %s (id, s) SELECT o.id + %d, %s FROM %s AS o WHERE %s%s", table, g.rng.IntN(6), g.over("text", named(other, "o"), 1), other, g.over("bool", named(other, "o"), 1), g.returning(own))
	case k == 4:
		return "UPDATE " + table + " SET " + g.set(table, own) + " WHERE " + g.over("bool", own, 2) + g.returning(own)
	case k == 5:
		return "UPDATE " + table + " AS t SET " + g.set(table, both) + " FROM " + other + " AS o WHERE t.id = o.id AND " + g.over("bool", both, 1) + g.returning(both)
	case k == 6:
		return "DELETE FROM " + table + " WHERE " + g.over("bool", own, 2) + g.returning(own)
	case k == 7:
		return "DELETE FROM " + table + " AS t USING " + other + " AS o WHERE t.id = o.id AND " + g.over("bool", both, 1) + g.returning(both)
	case k == 8 && !bare:
		return g.mergeText(table, other, both)
	case !bare:
		var items []string
		c := g.change(true)
		if !strings.Contains(c, " RETURNING ") {
			c += " RETURNING *"
		}
		items = append(items, "w0 AS ("+c+")")
		if g.one(2) { // a second change of a row in one statement is left open, so it inserts only
			items = append(items, fmt.Sprintf("w1 AS (INSERT INTO u1 VALUES (%d, DEFAULT, 'w', DEFAULT))", 30+g.rng.IntN(3)))
		}
		return "WITH " + strings.Join(items, ", ") + g.pick([]string{" SELECT * FROM w0", " SELECT count(*) FROM w0", " SELECT (SELECT count(*) FROM w0), (SELECT count(*) FROM u1)", " INSERT INTO u1 (id) SELECT id + 20 FROM w0 RETURNING id"})
	}
	return "DELETE FROM " + table + " WHERE id = " + fmt.Sprint(g.rng.IntN(6)) + " RETURNING *"
}

func (g *diffGen) mergeText(table, other string, both []field) string {
	out := "MERGE INTO " + table + " AS t USING " + other + " AS o ON t.id = o.id"
	for range 1 + g.rng.IntN(3) {
		cond := ""
		if g.one(2) {
			cond = " AND " + g.over("bool", both, 1)
		}
		switch g.rng.IntN(4) {
		case 0:
			out += " WHEN MATCHED" + cond + " THEN UPDATE SET " + g.set(table, both)
		case 1:
			out += " WHEN MATCHED" + cond + " THEN DELETE"
		case 2:
			out += " WHEN MATCHED" + cond + " THEN DO NOTHING"
		default:
			if cond != "" {
				cond = " AND " + g.over("bool", named(other, "o"), 1)
			}
			out += " WHEN NOT MATCHED" + cond + " THEN INSERT (id, s) VALUES (o.id + 10, " + g.over("text", named(other, "o"), 1) + ")"
		}
	}
	return out
}

// script is a list of statements, some in blocks with savepoints.
func (g *diffGen) script() []string {
	var out []string
	points, block := 0, false
	for range 4 + g.rng.IntN(8) {
		switch k := g.rng.IntN(12); {
		case k == 0 && !block:
			out, block, points = append(out, g.pick([]string{"BEGIN", "BEGIN", "START TRANSACTION ISOLATION LEVEL REPEATABLE READ"})), true, 0
		case k == 0 || k == 1 && block:
			out, block = append(out, g.pick([]string{"COMMIT", "COMMIT", "ROLLBACK", "COMMIT AND CHAIN; COMMIT"})), false
		case k == 2 && block:
			points++
			out = append(out, fmt.Sprintf("SAVEPOINT p%d", points))
		case k < 5 && points > 0 && block:
			out = append(out, fmt.Sprintf("%s p%d", g.pick([]string{"ROLLBACK TO", "ROLLBACK TO", "RELEASE"}), 1+g.rng.IntN(points)))
		default:
			out = append(out, g.change(false))
		}
	}
	return append(out, "COMMIT", "SELECT * FROM u1", "SELECT * FROM u2")
}

// runScript runs a script on both servers up to the first difference; "": there is none. Where one fails at run time alone the script ends: which rows
// an expression is computed for is left open.
func runScript(pg, us *pgconn.PgConn, script []string) (at int, d difference) {
	for _, c := range []*pgconn.PgConn{pg, us} {
		run(c, "ROLLBACK")
		if _, err := run(c, changeTables); err != nil {
			return 0, difference{kind: "tables", what: err.Error()}
		}
	}
	for i, sql := range script {
		a, errA := run(pg, sql)
		b, errB := run(us, sql)
		ca, cb := sqlState(errA), sqlState(errB)
		switch {
		case ca != cb && (ca == "" || runtime(ca)) && (cb == "" || runtime(cb)):
			return i, difference{skip: true}
		case ca == "23505" && cb == "" && strings.Contains(sql, "UPDATE "): // PostgreSQL looks row by row, docs/differences.md
			return i, difference{skip: true}
		case strings.HasPrefix(ca, "23") && strings.HasPrefix(cb, "23"): // of several rows that break rules one is told
		case ca != cb && (runtime(ca) || runtime(cb)) && (strings.HasPrefix(ca, "23") || strings.HasPrefix(cb, "23")):
			return i, difference{skip: true}
		case ca != cb:
			return i, difference{kind: "PostgreSQL " + ca + ", here " + cb, what: fmt.Sprintf("PostgreSQL: %v\nhere: %v", errA, errB)}
		case ca == "" && !slices.Equal(a.oids, b.oids):
			return i, difference{kind: "types", what: fmt.Sprintf("PostgreSQL: %v\nhere: %v", a.oids, b.oids)}
		}
		if x, y := rowTexts(a), rowTexts(b); ca == "" && !slices.Equal(x, y) {
			return i, difference{kind: "rows", what: fmt.Sprintf("PostgreSQL: %q\nhere: %q", x, y)}
		}
	}
	return 0, difference{}
}

// TestDifferentialChanges compares random scripts of INSERT, UPDATE, DELETE, MERGE, ON CONFLICT, WITH items, blocks and savepoints with PostgreSQL: what each
// statement gives, and what the tables hold in the end.
func TestDifferentialChanges(t *testing.T) {
	pg, s := bothServers(t)
	seed := firstSeed()
	if *diffSeed != 0 {
		seed = *diffSeed
	}
	count, skipped, failures := 0, 0, 0
	for start := time.Now(); time.Since(start) < *diffTime && failures < *diffStop; seed++ {
		script := (&diffGen{rng: rand.New(rand.NewPCG(seed, 13))}).script()
		at, d := runScript(pg, s.conn, script)
		count++
		if d.skip {
			skipped++
		}
		if d.what != "" {
			failures++
			script, d = shrinkScript(pg, s.conn, script[:at+1], d)
			t.Errorf("seed %d: %s\n%s;\n%s", seed, d.kind, strings.Join(script, ";\n"), d.what)
		}
		if *diffSeed != 0 {
			break
		}
	}
	t.Logf("%d scripts, %d end where one server alone fails at run time", count, skipped)
}

// shrinkScript leaves statements out while the last one still differs in the same way.
func shrinkScript(pg, us *pgconn.PgConn, script []string, d difference) ([]string, difference) {
	for i := len(script) - 2; i >= 0; i-- {
		less := slices.Delete(slices.Clone(script), i, i+1)
		if at, e := runScript(pg, us, less); e.kind == d.kind && at == len(less)-1 {
			script, d = less, e
		}
	}
	return script, d
}
