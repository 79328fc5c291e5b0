package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	kills = flag.Int("kills", 5, "how often TestKill kills the server")
	seed  = flag.Uint64("kill-seed", 0, "seed of TestKill; 0: a random one")
)

// build makes the program once for all tests that need the real one.
var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "streamsqld-test")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "streamsqld")
	out, err := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return bin, nil
})

func binary(t *testing.T) string {
	t.Helper()
	bin, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestMain(m *testing.M) {
	code := m.Run()
	if bin, err := build(); err == nil {
		os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// daemon is a server process over a data directory.
type daemon struct {
	t    *testing.T
	bin  string
	dir  string
	port int
	cmd  *exec.Cmd
	log  strings.Builder
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// start runs the program and waits until it answers.
func (d *daemon) start() *pgconn.PgConn {
	d.t.Helper()
	d.cmd = exec.Command(d.bin, "--listen", fmt.Sprint("127.0.0.1:", d.port), "--http", "", "--data-dir", d.dir)
	d.cmd.Stderr = &d.log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		c, err := pgconn.Connect(ctx, fmt.Sprintf("postgres://t@127.0.0.1:%d/t?sslmode=disable", d.port))
		cancel()
		if err == nil {
			return c
		}
		if time.Now().After(deadline) {
			d.t.Fatalf("the server does not answer: %v\n%s", err, d.log.String())
		}
	}
}

// end stops the process by a signal and waits for it.
func (d *daemon) end(sig syscall.Signal) error {
	_ = d.cmd.Process.Signal(sig)
	return d.cmd.Wait()
}

func mustExec(t *testing.T, c *pgconn.PgConn, sql string) []*pgconn.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := c.Exec(ctx, sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return r
}

// value gives the single value of a query.
func value(t *testing.T, c *pgconn.PgConn, sql string) string {
	t.Helper()
	r := mustExec(t, c, sql)
	return string(r[len(r)-1].Rows[0][0])
}

// rowsOf gives the rows of a query, each with blanks between its values, as lines.
func rowsOf(t *testing.T, c *pgconn.PgConn, sql string) string {
	t.Helper()
	r := mustExec(t, c, sql)
	var lines []string
	for _, row := range r[len(r)-1].Rows {
		lines = append(lines, string(bytes.Join(row, []byte(" "))))
	}
	return strings.Join(lines, "\n")
}

// writer makes files appear and INSERTs flow until it is told to stop; it counts what is surely there.
type writer struct {
	t     *testing.T
	in    string
	rng   *rand.Rand
	files int // files written
	rows  int // rows in them
	acked int // INSERTs that were acknowledged; unknown are those that failed
	next  int
}

func (w *writer) file() {
	w.t.Helper()
	var b strings.Builder
	n := 1 + w.rng.IntN(200)
	for i := 0; i < n; i++ {
		fmt.Fprintf(&b, "{\"id\":%d,\"k\":\"k%d\"}\n", w.rows+i, (w.rows+i)%17)
	}
	tmp := filepath.Join(w.in, fmt.Sprintf(".f%06d", w.files))
	if err := os.WriteFile(tmp, []byte(b.String()), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(tmp, filepath.Join(w.in, fmt.Sprintf("f%06d.json", w.files))); err != nil {
		w.t.Fatal(err)
	}
	w.files, w.rows = w.files+1, w.rows+n
}

// insert sends one INSERT; false: the server is gone, and whether the row is there is not known.
func (w *writer) insert(c *pgconn.PgConn) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := c.Exec(ctx, fmt.Sprintf("INSERT INTO clicks VALUES (%d, 'u%d')", w.next, w.next%7)).ReadAll()
	w.next++
	if err == nil {
		w.acked++
	}
	return err == nil
}

const killSetup = `
CREATE STREAM f (id int, k text) WITH (connector = 'file', path = '%[1]s/in', format = 'json', max_files_per_trigger = 3);
CREATE STREAM clicks (id int, u text);
CREATE SINK copies WITH (connector = 'file', path = '%[1]s/out', format = 'json') AS SELECT id, k FROM f WHERE id %% 3 <> 0;
CREATE MATERIALIZED VIEW bykey AS SELECT k, count(*) AS n, sum(id) AS s FROM f GROUP BY k;
CREATE MATERIALIZED VIEW byuser AS SELECT u, count(*) AS n, sum(id) AS s FROM clicks GROUP BY u`

// TestKill kills the real server at random while files and INSERTs flow, starts it again, and in the end compares with the batch.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("short")
	}
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("-kill-seed %d -kills %d", *seed, *kills)
	base := t.TempDir()
	in := filepath.Join(base, "in")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	w := &writer{t: t, in: in, rng: rand.New(rand.NewPCG(*seed, 1))}
	d := &daemon{t: t, bin: binary(t), dir: filepath.Join(base, "data"), port: freePort(t)}
	c := d.start()
	mustExec(t, c, fmt.Sprintf(killSetup, base))
	for i := 0; i < *kills; i++ {
		stop := time.After(time.Duration(w.rng.IntN(250)) * time.Millisecond)
		dead := make(chan struct{})
		go func() {
			<-stop
			_ = d.cmd.Process.Kill()
			close(dead)
		}()
		for w.insert(c) {
			if w.rng.IntN(4) == 0 {
				w.file()
			}
		}
		<-dead
		_ = d.cmd.Wait()
		c = d.start()
	}
	w.file()
	mustExec(t, c, "FLUSH")
	checkKilled(t, c, w, filepath.Join(base, "out"))
	c.Close(context.Background())
	if err := d.end(syscall.SIGTERM); err != nil {
		t.Errorf("SIGTERM: %v\n%s", err, d.log.String())
	}
}

// checkKilled compares the views with the batch SELECT, and the sink's files with the rows that were written.
func checkKilled(t *testing.T, c *pgconn.PgConn, w *writer, out string) {
	t.Helper()
	for _, q := range []string{
		"SELECT count(*) FROM (SELECT k, n, s FROM bykey UNION ALL SELECT k, count(*), sum(id) FROM f GROUP BY k) x",
		"SELECT count(*) FROM (SELECT u, n, s FROM byuser UNION ALL SELECT u, count(*), sum(id) FROM clicks GROUP BY u) x",
	} {
		all := value(t, c, q)
		distinct := value(t, c, strings.Replace(strings.Replace(q, "count(*) FROM (", "2 * count(*) FROM (SELECT DISTINCT * FROM (", 1), ") x", ") x) y", 1))
		if all != distinct {
			t.Errorf("view and batch differ: %s rows together, %s if they were equal\n%s", all, distinct, q)
		}
	}
	if got := value(t, c, "SELECT count(*) FROM f"); got != fmt.Sprint(w.rows) {
		t.Errorf("%s rows of files, want %d", got, w.rows)
	}
	got := value(t, c, "SELECT count(*) FROM clicks")
	var n int
	if _, err := fmt.Sscan(got, &n); err != nil || n < w.acked || n > w.next {
		t.Errorf("%s rows of INSERTs, want %d to %d", got, w.acked, w.next)
	}
	if got := value(t, c, "SELECT count(*) - count(DISTINCT id) FROM clicks"); got != "0" {
		t.Errorf("%s rows of INSERTs are doubled", got)
	}
	mustExec(t, c, fmt.Sprintf("CREATE STREAM o (id int, k text) WITH (connector = 'file', path = '%s', format = 'json')", out))
	want := value(t, c, "SELECT count(*) || ' ' || sum(id) || ' ' || count(DISTINCT id) FROM f WHERE id % 3 <> 0")
	if got := value(t, c, "SELECT count(*) || ' ' || sum(id) || ' ' || count(DISTINCT id) FROM o"); got != want {
		t.Errorf("the sink has %s (rows, sum, different), the batch %s", got, want)
	}
	t.Logf("%d files with %d rows, %d INSERTs of which %d were acknowledged", w.files, w.rows, w.next, w.acked)
}
