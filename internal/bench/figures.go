package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const address = "127.0.0.1:5477"

// figure is one small figure with what it should be.
type figure struct{ name, value, aim string }

// serve starts the server and gives the time until it answered its first query.
func serve(data string) (*exec.Cmd, *pgconn.PgConn, time.Duration, error) {
	cmd := exec.Command(*server, "--listen", address, "--http", "", "--data-dir", data, "--log-level", "error")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // where the bench fails
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, nil, 0, err
	}
	for {
		c, err := pgconn.Connect(context.Background(), "postgres://bench@"+address+"/bench?sslmode=disable")
		if err == nil {
			_, err = c.Exec(context.Background(), "SELECT 1").ReadAll()
			return cmd, c, time.Since(began), err
		}
		if time.Since(began) > time.Minute {
			return nil, nil, 0, err
		}
		time.Sleep(time.Millisecond)
	}
}

func stop(cmd *exec.Cmd) error {
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return cmd.Wait()
}

func exe(c *pgconn.PgConn, sql string) (string, error) {
	r, err := c.Exec(context.Background(), sql).ReadAll()
	if err != nil {
		return "", fmt.Errorf("%s: %w", sql, err)
	}
	if last := r[len(r)-1]; len(last.Rows) > 0 {
		return string(last.Rows[0][0]), nil
	}
	return "", nil
}

// each runs statements, each in a transaction of its own.
func each(c *pgconn.PgConn, list ...string) error {
	for _, sql := range list {
		if _, err := exe(c, sql); err != nil {
			return err
		}
	}
	return nil
}

func rss(pid int) string {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for _, l := range strings.Split(string(b), "\n") {
		if v, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			var kb int
			fmt.Sscan(v, &kb)
			return fmt.Sprintf("%d MB", kb/1024)
		}
	}
	return "?"
}

// smallFigures measures start, idle memory, the latency of a trigger, and the restart over a million groups.
func smallFigures(base string) ([]figure, error) {
	data := filepath.Join(base, "data")
	if err := clear(data); err != nil {
		return nil, err
	}
	cmd, c, took, err := serve(data)
	if err != nil {
		return nil, err
	}
	out := []figure{{"ready to answer, from process start", ms(took), "300 ms"}}
	c.Close(context.Background())
	time.Sleep(2 * time.Second)
	out = append(out, figure{"memory of an idle server", rss(cmd.Process.Pid), "40 MB"})
	if err := stop(cmd); err != nil {
		return nil, err
	}
	if cmd, c, _, err = serve(data); err != nil {
		return nil, err
	}
	lat, err := triggers(c)
	if err != nil {
		return nil, err
	}
	out = append(out, figure{"trigger over a handful of rows, with its synced commit, median of 50", lat, "10 ms"})
	if err := each(c, "CREATE STREAM g (k bigint)", "CREATE MATERIALIZED VIEW groups AS SELECT k, count(*) AS n, max(k) AS m FROM g GROUP BY k",
		"INSERT INTO g SELECT * FROM generate_series(1, 1000000)", "FLUSH groups"); err != nil {
		return nil, err
	}
	if err := stop(cmd); err != nil {
		return nil, err
	}
	began := time.Now()
	if cmd, c, took, err = serve(data); err != nil {
		return nil, err
	}
	if err := each(c, "INSERT INTO g VALUES (1)", "FLUSH groups"); err != nil {
		return nil, err
	}
	n, err := exe(c, "SELECT n FROM groups WHERE k = 1")
	if err != nil {
		return nil, err
	}
	if n != "2" {
		return nil, fmt.Errorf("after the restart the group has %s rows", n)
	}
	out = append(out, figure{"restart over 1 million groups, to the first query (to the first new trigger)", ms(took) + " (" + ms(time.Since(began)) + ")", "2 s"})
	return out, stop(cmd)
}

func ms(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }

func triggers(c *pgconn.PgConn) (string, error) {
	if _, err := exe(c, "CREATE STREAM t (a int, k text); CREATE MATERIALIZED VIEW tv WITH (trigger = 'manual') AS SELECT k, count(*) AS n FROM t GROUP BY k"); err != nil {
		return "", err
	}
	var all []time.Duration
	for i := 0; i < 50; i++ {
		if _, err := exe(c, fmt.Sprintf("INSERT INTO t VALUES (%d, 'a'), (%d, 'b'), (%d, 'k%d')", i, i, i, i)); err != nil {
			return "", err
		}
		began := time.Now()
		if _, err := exe(c, "CALL streamsql.run_trigger('tv')"); err != nil {
			return "", err
		}
		all = append(all, time.Since(began))
	}
	slices.Sort(all)
	return fmt.Sprintf("%.1f ms", float64(all[25].Microseconds())/1000), nil
}
