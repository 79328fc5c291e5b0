package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestServe runs the real program: start, restart over its data, a second one over the same directory, refusals, SIGTERM.
func TestServe(t *testing.T) {
	bin := binary(t)
	d := &daemon{t: t, bin: bin, dir: filepath.Join(t.TempDir(), "data"), port: freePort(t)}
	c := d.start()
	mustExec(t, c, "CREATE STREAM s (a int); CREATE MATERIALIZED VIEW v AS SELECT count(*) AS n FROM s; INSERT INTO s VALUES (1), (2)")

	out, err := exec.Command(bin, "--listen", "127.0.0.1:0", "--http", "", "--data-dir", d.dir).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "another streamsqld runs on it") {
		t.Errorf("second server over one data directory: %v %s", err, out)
	}
	taken := fmt.Sprint("127.0.0.1:", d.port)
	out, err = exec.Command(bin, "--listen", taken, "--http", "", "--data-dir", t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--listen "+taken+": another program listens there") {
		t.Errorf("second server on one port: %v %s", err, out)
	}
	out, err = exec.Command(bin, "--listen", "0.0.0.0:0", "--http", "", "--data-dir", t.TempDir()).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--allow-remote-trust") {
		t.Errorf("remote trust: %v %s", err, out)
	}

	c.Close(context.Background())
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Fatalf("SIGTERM: %v\n%s", err, d.log.String())
	}
	c = d.start()
	mustExec(t, c, "FLUSH")
	if got := value(t, c, "SELECT n FROM v"); got != "2" {
		t.Errorf("after a restart the view has %s", got)
	}
	// An idle connection does not hold up a stop, and a query that runs is given time.
	began := time.Now()
	if err := d.end(syscall.SIGINT); err != nil {
		t.Errorf("SIGINT: %v", err)
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("stopping took %s", took)
	}
}

// TestRun runs scripts without a server.
func TestRun(t *testing.T) {
	bin, dir := binary(t), t.TempDir()
	run := func(sql string, args ...string) (string, string, error) {
		t.Helper()
		file := filepath.Join(dir, "script.sql")
		if err := os.WriteFile(file, []byte(sql), 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, append([]string{"run", file}, args...)...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		return stdout.String(), stderr.String(), err
	}
	out, _, err := run("SELECT 1 AS one, 'x' AS two;\nVALUES (1), (22);", "-q")
	if want := " one | two\n-----+-----\n   1 | x\n(1 row)\n\n column1\n---------\n       1\n      22\n(2 rows)\n\n"; err != nil || out != want {
		t.Errorf("%v\n%s", err, out)
	}
	_, msg, err := run("SELECT 1;\n\nSELECT *\n  FORM t;")
	if err == nil || !strings.Contains(msg, `script.sql:4: ERROR:  42601: syntax error at or near "FORM"`) || !strings.Contains(msg, "\nLINE 4:   FORM t;\n          ^") {
		t.Errorf("%v\n%s", err, msg)
	}
	if err := os.WriteFile(filepath.Join(dir, "in.json"), []byte("{\"a\":1}\n{\"a\":2}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`CREATE STREAM f (a int) WITH (connector = 'file', path = '%[1]s/in.json');
CREATE SINK o WITH (connector = 'file', path = '%[1]s/out', trigger = 'available_now') AS SELECT a * 10 AS b FROM f;`, dir)
	if out, msg, err := run(script, "--until-done"); err != nil {
		t.Fatalf("%v\n%s%s", err, out, msg)
	}
	out, _, err = run(fmt.Sprintf("CREATE STREAM o (b int) WITH (connector = 'file', path = '%s/out'); COPY (SELECT b FROM o ORDER BY b) TO STDOUT;", dir), "-q", "--until-done")
	if err != nil || out != "10\n20\n" {
		t.Errorf("%v %q", err, out)
	}
}
