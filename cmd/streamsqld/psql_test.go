package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// describedSchema has an object of each kind that psql describes.
const describedSchema = `
CREATE TYPE mood AS ENUM ('a', 'b'); CREATE TYPE pt AS (x int, y int); CREATE DOMAIN positive AS int CHECK (VALUE > 0); CREATE SEQUENCE sq;
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (a serial PRIMARY KEY, b positive DEFAULT 3, m mood, d text UNIQUE, e pt, f varchar(3) NOT NULL CHECK (f <> ''), g int REFERENCES p ON DELETE CASCADE);
CREATE INDEX ON c (lower(d)) WHERE b > 2;
CREATE VIEW vv AS SELECT id FROM p;
CREATE FUNCTION addone(i int) RETURNS int LANGUAGE sql AS 'SELECT i + 1';
CREATE STREAM st (x int, ts timestamptz, WATERMARK FOR ts AS ts); CREATE MATERIALIZED VIEW mst AS SELECT x, count(*) FROM st GROUP BY x;
COMMENT ON TABLE p IS 'the parents';
`

// described are psql's commands, with what their output must have.
var described = []struct{ command, want string }{
	{`\d`, "c_a_seq"}, {`\d p`, `TABLE "c" CONSTRAINT "c_g_fkey" FOREIGN KEY (g) REFERENCES p(id) ON DELETE CASCADE`},
	{`\d c`, `"c_f_check" CHECK`}, {`\d+ c`, `nextval('c_a_seq'::regclass)`}, {`\d st`, "timestamp with time zone"}, {`\d+ mst`, "View definition:"},
	{`\d vv`, `View "public.vv"`}, {`\d+ vv`, "View definition:"}, {`\d c_pkey`, `primary key, btree, for table "public.c"`}, {`\d sq`, `Sequence "public.sq"`},
	{`\d pt`, `Composite type "public.pt"`}, {`\dS pg_class`, "relname"}, {`\dt+`, "the parents"}, {`\di+`, "c_lower_idx"}, {`\dv+`, "vv"}, {`\dm+`, "mst"}, {`\ds+`, "sq"},
	{`\dn+`, "public"}, {`\df+ addone`, "SELECT i + 1"}, {`\da sum`, "bigint"}, {`\dT+ mood`, "mood"}, {`\dD+`, "positive"}, {`\du+`, "Superuser"}, {`\l+`, "UTF8"},
	{`\dp`, "Access privileges"}, {`\ddp`, ""}, {`\db+`, "pg_default"}, {`\dc`, ""}, {`\dC`, "in assignment"}, {`\dd`, ""}, {`\dF`, ""}, {`\dew`, ""}, {`\des`, ""}, {`\det`, ""},
	{`\dL+`, "Trusted"}, {`\do +`, "integer"}, {`\dO`, ""}, {`\dP`, ""}, {`\drds`, ""}, {`\dRp`, ""}, {`\dRs`, ""}, {`\dX`, ""}, {`\dy`, ""}, {`\dA+`, "btree"}, {`\dl`, ""},
	{`\sv vv`, "CREATE OR REPLACE VIEW public.vv AS"}, {`\sf addone`, "CREATE OR REPLACE FUNCTION public.addone(i integer)"}, {`\conninfo`, "You are connected"}, {`\encoding`, "UTF8"},
}

// needPsql skips the test where there is no psql; CI must have it.
func needPsql(t *testing.T) {
	if _, err := exec.LookPath("psql"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("no psql on this machine")
		}
		t.Skip("SKIP: no psql on this machine: install postgresql-client to run this test")
	}
}

// psql types lines at the program with psql, and gives all that it shows.
func (d *daemon) psql(lines string) (string, error) {
	cmd := exec.Command("psql", "-X", "-h", "127.0.0.1", "-p", fmt.Sprint(d.port), "-U", "tester", "-d", "db")
	cmd.Stdin = strings.NewReader(lines + "\n")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// TestPsqlDescribes types psql's backslash commands at the real program.
func TestPsqlDescribes(t *testing.T) {
	needPsql(t)
	d := &daemon{t: t, bin: binary(t), dir: filepath.Join(t.TempDir(), "data"), port: freePort(t)}
	mustExec(t, d.start(), describedSchema)
	for _, c := range described {
		out, err := d.psql(c.command)
		if err != nil || strings.Contains(out, "ERROR") || !strings.Contains(out, c.want) {
			t.Errorf("%s: %v, want %q:\n%s", c.command, err, c.want, out)
		}
	}
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
}

// TestPsqlSubscribe looks at where psql is told how to see the rows of SUBSCRIBE as they come: where it would show nothing.
func TestPsqlSubscribe(t *testing.T) {
	needPsql(t)
	d := &daemon{t: t, bin: binary(t), dir: filepath.Join(t.TempDir(), "data"), port: freePort(t)}
	mustExec(t, d.start(), "CREATE STREAM s (a int); INSERT INTO s VALUES (17)")
	for _, c := range []struct {
		lines  string
		notice bool
	}{
		{"SET statement_timeout = '300ms';\nSUBSCRIBE s;", true},
		{"SET statement_timeout = '300ms';\nCOPY (SUBSCRIBE s) TO STDOUT;", false},
		{"BEGIN;\nDECLARE c CURSOR FOR SUBSCRIBE s;\nFETCH 1 FROM c;\nCOMMIT;", false},
	} {
		out, _ := d.psql(c.lines)
		if strings.Contains(out, "psql shows rows only when a statement ends") != c.notice || !c.notice && !strings.Contains(out, "17") {
			t.Errorf("%s: notice %v is wrong:\n%s", c.lines, !c.notice, out)
		}
	}
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v", err)
	}
}
