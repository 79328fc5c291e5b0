package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// result is one workload's comparison: the best of the rounds of each side.
type result struct {
	workload
	ours, duck     time.Duration
	oursMB, duckMB int
	version        string
}

func (r *result) ratio() float64 { return r.duck.Seconds() / r.ours.Seconds() }

func (r *result) line() string {
	return fmt.Sprintf("%s  streamsqld %.2f s, %d MB   DuckDB %.2f s, %d MB   ratio %.2f", r.name, r.ours.Seconds(), r.oursMB, r.duck.Seconds(), r.duckMB, r.ratio())
}

// fill puts the directories into a query.
func fill(sql, in, out string) string {
	return strings.ReplaceAll(strings.ReplaceAll(sql, "%[1]s", in), "%[2]s", out)
}

// compare runs a workload on both sides in turn.
func compare(base, in string, w workload) (*result, error) {
	r := &result{workload: w}
	ours, duck := filepath.Join(base, "ours"), filepath.Join(base, "duck.json")
	for i := 0; i < *rounds; i++ {
		d, err := duckdb(fill(w.duck, in, duck))
		if err != nil {
			return nil, err
		}
		r.version = d.version
		if i == 0 || d.took < r.duck {
			r.duck = d.took
		}
		r.duckMB = max(r.duckMB, d.rssMB)
		took, mb, err := script(base, fill(w.ours, in, ours), ours)
		if err != nil {
			return nil, err
		}
		if i == 0 || took < r.ours {
			r.ours = took
		}
		r.oursMB = max(r.oursMB, mb)
	}
	check := fmt.Sprintf("WITH ours AS (SELECT * FROM read_json('%s/**/*.json', format = 'newline_delimited')), duck AS (SELECT * FROM read_json('%s', format = 'newline_delimited')) %s", ours, duck, w.check)
	d, err := duckdb(check)
	if err != nil {
		return nil, err
	}
	if d.rows != "0" {
		return nil, fmt.Errorf("%s: the results differ: %s", w.name, d.rows)
	}
	return r, nil
}

// script runs a script with the real program, with a data directory, and gives the time of the whole process and its peak memory.
func script(base, sql, out string) (time.Duration, int, error) {
	data, file := filepath.Join(base, "data"), filepath.Join(base, "script.sql")
	if err := clear(data, out); err != nil {
		return 0, 0, err
	}
	if err := os.WriteFile(file, []byte(sql), 0o644); err != nil {
		return 0, 0, err
	}
	cmd := exec.Command(*server, "run", "--until-done", "--data-dir", data, file)
	began := time.Now()
	if b, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%w\n%s", err, b)
	}
	return time.Since(began), maxRSS(cmd), nil
}

func maxRSS(cmd *exec.Cmd) int {
	return int(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024)
}

func clear(paths ...string) error {
	for _, p := range paths {
		if err := os.RemoveAll(p); err != nil {
			return err
		}
	}
	return nil
}
