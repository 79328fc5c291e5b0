// Command bench measures the server beside DuckDB on the same files in the same run, and small figures of the server alone, and
// writes them down as Markdown. Use it by make bench.
//
// workloads.go holds what is compared, duckdb.go and server.go run it, figures.go has the small figures, report.go writes.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"github.com/streamsqld/streamsqld/connector/nexmark"
)

var (
	server   = flag.String("server", "bin/streamsqld", "the program")
	python   = flag.String("python", ".tools/venv/bin/python", "a Python with duckdb")
	dir      = flag.String("dir", "bench-data", "directory for the data")
	events   = flag.Int("events", 5_000_000, "bids")
	rounds   = flag.Int("rounds", 3, "runs of each; the best counts")
	postgres = flag.String("postgres", "", "connection to a PostgreSQL for the batch queries; empty: without it")
	only     = flag.String("only", "", "one workload, or: batch, live")
	out      = flag.String("out", "", "file to write; empty: standard output")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	base, err := filepath.Abs(*dir)
	if err != nil {
		return err
	}
	in := filepath.Join(base, "bids")
	if _, err := os.Stat(filepath.Join(in, "bids-019.json")); err != nil {
		log.Printf("writing %d bids to %s", *events, in)
		if _, err := nexmark.WriteBids(in, *events, 20); err != nil {
			return err
		}
	}
	r := &report{events: *events}
	for _, w := range workloads {
		if *only != "" && *only != w.name {
			continue
		}
		res, err := compare(base, in, w)
		if err != nil {
			return err
		}
		r.results = append(r.results, res)
		log.Print(res.line())
	}
	if *only == "" || *only == "batch" {
		if r.batch, err = batch(base); err != nil {
			return err
		}
	}
	if *only == "" || *only == "live" {
		if r.live, err = liveFigures(base); err != nil {
			return err
		}
	}
	if *only != "" {
		return nil
	}
	if r.figures, err = smallFigures(base); err != nil {
		return err
	}
	return r.write(*out)
}
