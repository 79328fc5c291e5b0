package main

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestFunctionsRestart: functions, modules and what a continuous query calls outlive a killed server; the query keeps the bodies of its CREATE.
func TestFunctionsRestart(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	module, err := filepath.Abs("../../wasm/testdata/funcs.wasm")
	if err != nil {
		t.Fatal(err)
	}
	d := &daemon{t: t, bin: binary(t), dir: t.TempDir(), port: freePort(t)}
	c := d.start()
	mustExec(t, c, `CREATE TABLE t (id int PRIMARY KEY, a bigint, b bigint);
CREATE FUNCTION inner_one(x bigint) RETURNS bigint LANGUAGE sql AS 'SELECT x + 1';
CREATE FUNCTION twice(x bigint, k bigint DEFAULT 2) RETURNS bigint LANGUAGE sql AS 'SELECT inner_one(x) * k';
CREATE AGGREGATE dot(bigint, bigint) RETURNS bigint LANGUAGE wasm AS '`+module+`';
CREATE FUNCTION common(bigint, bigint) RETURNS bigint LANGUAGE wasm AS '`+module+`' WITH (export = 'gcd');
INSERT INTO t VALUES (1, 4, 6), (2, 5, 10)`)
	mustExec(t, c, "CREATE MATERIALIZED VIEW v AS SELECT sum(twice(a)) AS s, dot(a, b) AS d, sum(common(a, b)) AS g FROM t")
	mustExec(t, c, `CREATE OR REPLACE FUNCTION inner_one(x bigint) RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint';
CREATE FUNCTION twice(x int) RETURNS bigint LANGUAGE sql AS 'SELECT -1::bigint';
ALTER FUNCTION common(bigint, bigint) RENAME TO divisor`)
	_ = d.cmd.Process.Kill()
	_ = d.cmd.Wait()
	c = d.start()
	mustExec(t, c, "INSERT INTO t VALUES (3, 9, 3); DELETE FROM t WHERE id = 1; FLUSH")
	if got := rowsOf(t, c, "SELECT s, d, g, divisor(8, 12), twice(1, 3) FROM v"); got != "32 77 8 4 0" {
		t.Errorf("after the restart: %s", got)
	}
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
}
