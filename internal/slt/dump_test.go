package slt

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgtest"
)

// dumped is what must look the same in PostgreSQL and where its dump was loaded.
var dumped = []string{
	"SELECT * FROM app.emp ORDER BY id", "SELECT * FROM app.dept ORDER BY id", "SELECT * FROM app.v1 ORDER BY id", "SELECT * FROM app.v2", "SELECT * FROM app.mv ORDER BY mood",
	"SELECT * FROM app.emps(1) ORDER BY id", "SELECT app.addone(), nextval('app.seq1')", `\dt+ public.*`, `\d app.emp`, `\d app.dept`, `\dd app.*`, `\dT+ app.*`, `\dD+ app.*`, `\dv+ app.*`,
	`\df+ app.*`, `\dn+ app`, `\sv app.v1`, `\sv app.v2`, `\sf app.addone`, `\d public.p`, `\d app.seq1`,
	"INSERT INTO app.dept (name) VALUES ('new') RETURNING id, budget", "INSERT INTO app.emp (name, ts) VALUES ('x', '2020-01-01')", "INSERT INTO app.emp (name, dept_id) VALUES ('new', 1) RETURNING id, lvl, meta",
	"INSERT INTO app.emp (name, dept_id) VALUES ('nowhere', 77)", "UPDATE app.emp SET lvl = 0", "DELETE FROM app.dept WHERE id = 1", "SELECT count(*) FROM app.emp",
}

// TestDump loads what pg_dump writes of a PostgreSQL database with psql, as a newcomer would who moves one, and looks at both through psql.
func TestDump(t *testing.T) {
	pg := pgtest.Start(t)
	pgRun(t, "psql", pg, "-q", "-v", "ON_ERROR_STOP=1", "-f", "../../testdata/dump/schema.sql")
	for _, form := range []string{"--rows-per-insert=3", "--encoding=UTF8"} {
		dump := filepath.Join(t.TempDir(), "dump.sql")
		if err := os.WriteFile(dump, []byte(pgRun(t, "pg_dump", pg, form)), 0o600); err != nil {
			t.Fatal(err)
		}
		dsn := strings.Replace(startServer(t), "tester@", "postgres@", 1)
		pgRun(t, "psql", dsn, "-q", "-v", "ON_ERROR_STOP=1", "-f", dump)
		for _, q := range dumped {
			begin := "BEGIN;\n" + q + "\n;\nROLLBACK;\n"
			if want, got := typed(pg, begin), typed(dsn, begin); got != want {
				t.Errorf("%s: %s\ngives\n%s\nand in PostgreSQL\n%s", form, q, got, want)
			}
		}
	}
}

// TestPgbench runs PostgreSQL's own benchmark: its tables, and its transactions of one client after another.
func TestPgbench(t *testing.T) {
	pgtest.Start(t) // for its programs
	dsn := startServer(t)
	pgRun(t, "pgbench", dsn, "-i", "-q", "--foreign-keys")
	for _, mode := range []string{"simple", "extended", "prepared"} {
		if out := pgRun(t, "pgbench", dsn, "-n", "-t", "50", "-M", mode); !strings.Contains(out, "number of failed transactions: 0 ") {
			t.Errorf("%s: %s", mode, out)
		}
	}
	const sums = "SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history), count(*) FROM pgbench_history"
	if out := pgRun(t, "psql", dsn, "-At", "-c", sums); out != "t|150\n" {
		t.Errorf("the balances are not those of the history: %s", out)
	}
}

// pgRun runs a program of PostgreSQL on a database; it must succeed.
func pgRun(t *testing.T, program, dsn string, args ...string) string {
	t.Helper()
	cmd := exec.Command(pgtest.Find(program), append(args, dsn)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, stderr.String())
	}
	return string(out)
}

// typed gives all that psql shows for lines, with the errors.
func typed(dsn, lines string) string {
	cmd := exec.Command(pgtest.Find("psql"), "-X", dsn)
	cmd.Stdin = strings.NewReader(lines)
	out, _ := cmd.CombinedOutput()
	return string(out)
}
