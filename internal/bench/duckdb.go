package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"time"
)

const duckScript = `
import duckdb, resource, sys, time
c = duckdb.connect()
c.execute("SET threads = 2")
c.execute("SET enable_progress_bar = false")
t = time.time()
r = c.execute(sys.argv[1]).fetchall()
print(time.time() - t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, r[0][0] if r else 0, duckdb.__version__)
`

// duckResult is what a statement took in DuckDB, without the start of Python.
type duckResult struct {
	took    time.Duration
	rssMB   int
	value   string // of the first row's first column
	version string
}

func duckdb(sql string) (duckResult, error) {
	cmd := exec.Command(*python, "-c", duckScript, sql)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	if err != nil {
		return duckResult{}, fmt.Errorf("duckdb: %w\n%s\n%s", err, sql, stderr.String())
	}
	var r duckResult
	var seconds float64
	var kb int
	if _, err := fmt.Sscan(string(b), &seconds, &kb, &r.value, &r.version); err != nil {
		return r, fmt.Errorf("duckdb: %w: %s", err, b)
	}
	r.took, r.rssMB = time.Duration(seconds*float64(time.Second)), kb/1024
	return r, nil
}
