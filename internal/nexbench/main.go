package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// result is what a query took.
type result struct {
	query
	wall, cpu time.Duration
	peak      int64 // bytes
	err       string
}

func main() {
	server := flag.String("server", "bin/streamsqld", "the program to measure")
	out := flag.String("out", "", "write the table into this file's section Nexmark; none: only print it")
	only := flag.String("only", "", "these queries, separated by commas; none: all")
	scale := flag.Float64("scale", 1, "times the events of each query")
	runs := flag.Int("runs", 1, "run each query so often and take the fastest")
	flag.Parse()
	if err := run(*server, *out, *only, *scale, *runs); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(server, out, only string, scale float64, runs int) error {
	var done []result
	for _, q := range queries {
		if only != "" && !strings.Contains(","+only+",", ","+q.name+",") {
			continue
		}
		q.events = int64(float64(q.events) * scale)
		r, err := fastest(server, q, runs)
		if err != nil {
			return err
		}
		fmt.Println(r.line())
		done = append(done, r)
	}
	if out == "" {
		return nil
	}
	return write(out, table(done, runs))
}

// fastest is the fastest of some runs of a query.
func fastest(server string, q query, runs int) (result, error) {
	best, err := measure(server, q)
	for range runs - 1 {
		if err != nil || best.err != "" {
			break
		}
		var r result
		if r, err = measure(server, q); r.err != "" || r.wall < best.wall {
			best = r
		}
	}
	return best, err
}

// measure runs one query in a process of its own, with its data in a directory that is removed again.
func measure(server string, q query) (result, error) {
	r := result{query: q}
	dir, err := os.MkdirTemp("", "nexbench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	script := filepath.Join(dir, "script.sql")
	if err := os.WriteFile(script, []byte(q.script(dir)), 0o644); err != nil {
		return r, err
	}
	cmd := exec.Command(server, "run", script, "--until-done", "-q", "--data-dir", filepath.Join(dir, "data"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	begin := time.Now()
	err = cmd.Run()
	r.wall = time.Since(begin)
	if err != nil {
		r.err = firstLine(stderr.String(), err)
	}
	if cmd.ProcessState != nil {
		r.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
			r.peak = u.Maxrss << 10
		}
	}
	return r, nil
}

func firstLine(text string, err error) string {
	for line := range strings.Lines(text) {
		if strings.Contains(line, "ERROR") || strings.Contains(line, "error") {
			return strings.TrimSpace(line)
		}
	}
	return err.Error()
}

// script makes the streams, of which a trigger takes the rows of half a million events, and the query.
func (q query) script(dir string) string {
	var b strings.Builder
	for _, t := range []struct {
		name string
		rows int
	}{{"person", 10_000}, {"auction", 30_000}, {"bid", 460_000}} {
		fmt.Fprintf(&b, "CREATE STREAM %s WITH (connector = 'nexmark', \"table\" = '%s', \"limit\" = %d, first_event_rate = 10000, max_rows_per_trigger = %d);\n",
			t.name, t.name, q.events, t.rows)
	}
	if q.side {
		b.WriteString("CREATE TABLE side_input (key bigint PRIMARY KEY, value text);\n")
		b.WriteString("INSERT INTO side_input SELECT i, i::text FROM generate_series(0, 9999) AS g(i);\n")
	}
	with := "connector = 'blackhole'" + q.with
	if q.with == files {
		with = fmt.Sprintf("connector = 'file', path = '%s', format = 'csv', partition_by = 'day,minute'", filepath.Join(dir, "out"))
	}
	fmt.Fprintf(&b, "CREATE SINK %s WITH (%s, trigger = 'available_now') AS\n%s;\n", q.name, with, q.sql)
	return b.String()
}
