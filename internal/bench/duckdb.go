package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

const duckScript = `
import duckdb, resource, sys, time
c = duckdb.connect()
c.execute("SET threads = 2")
c.execute("SET enable_progress_bar = false")
for q in sys.argv[2:]:
    c.execute(q)
t = time.time()
r = c.execute(sys.argv[1]).fetchall()
print(time.time() - t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, duckdb.__version__)
print("\n".join("|".join(map(str, row)) for row in r))
`

// duckResult is what a statement took in DuckDB, without the start of Python.
type duckResult struct {
	took    time.Duration
	rssMB   int
	rows    string // as lines of values with bars between them
	version string
}

// duckdb runs a statement in a new DuckDB, after the given ones, which do not count.
func duckdb(sql string, before ...string) (duckResult, error) {
	cmd := exec.Command(*python, append([]string{"-c", duckScript, sql}, before...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		return duckResult{}, fmt.Errorf("duckdb: %w\n%s\n%s", err, sql, stderr.String())
	}
	var r duckResult
	var seconds float64
	var kb int
	head, rows, _ := strings.Cut(string(b), "\n")
	r.rows = strings.TrimSpace(rows)
	if _, err := fmt.Sscan(head, &seconds, &kb, &r.version); err != nil {
		return r, fmt.Errorf("duckdb: %w: %s", err, b)
	}
	r.took, r.rssMB = time.Duration(seconds*float64(time.Second)), kb/1024
	return r, nil
}
