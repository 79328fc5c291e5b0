package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

type report struct {
	events  int
	results []*result
	figures []figure
	live    []figure
	batch   []batchResult
}

// machine names the processor and the memory.
func machine() string {
	name := runtime.GOARCH
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for _, l := range strings.Split(string(b), "\n") {
			if v, ok := strings.CutPrefix(l, "model name"); ok {
				name = strings.TrimLeft(v, "\t :")
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s", name, runtime.NumCPU(), runtime.Version())
}

// write writes the report to a file, or to standard output.
func (r *report) write(file string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Benchmarks\n\n`make bench` writes this page. Machine: %s; %s.\n\n", machine(), time.Now().UTC().Format("2 January 2006"))
	fmt.Fprintf(&b, "%.1f million bids as lines of JSON (%s), in 20 files, event time 1 ms apart with up to 2 s of disorder, 10,000 auctions. ", float64(r.events)/1e6, "about 180 bytes each")
	fmt.Fprintf(&b, "`streamsqld run --until-done` reads them with trigger `available_now`, four files a trigger, append mode, state and offsets committed and synced at each, and writes JSON files; its time is that of the whole process. "+
		"DuckDB %s (2 threads) runs one batch query over the same files in the same run, and its time is that of the statement. The best of %d rounds counts for each. The results are compared.\n\n", r.results[0].version, *rounds)
	b.WriteString("| | streamsqld | events/s | peak memory | DuckDB | peak memory | ratio of speeds | floor |\n|---|---|---|---|---|---|---|---|\n")
	for _, x := range r.results {
		fmt.Fprintf(&b, "| %s: %s | %.2f s | %.2f M | %d MB | %.2f s | %d MB | **%.2f** | %.1f |\n", x.name, x.what, x.ours.Seconds(), float64(r.events)/1e6/x.ours.Seconds(), x.oursMB, x.duck.Seconds(), x.duckMB, x.ratio(), x.floor)
	}
	b.WriteString("\nA ratio above 1 means that streamsqld was faster. DuckDB's hopping window multiplies each row by six before grouping.\n\n| | measured | aim |\n|---|---|---|\n")
	for _, f := range slices.Concat(r.figures, r.live) {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.name, f.value, f.aim)
	}
	b.WriteString("\nSELECT over ten million bids (the files' rows twice), two threads, the best of the rounds. In the server means a stream without a connector; beside it stand a table of DuckDB and an unlogged, analyzed table of PostgreSQL.\n\n" +
		"| | bids in | streamsqld | DuckDB | PostgreSQL | ratio to DuckDB's time, at most 3 |\n|---|---|---|---|---|---|\n")
	for _, x := range r.batch {
		pg := "–"
		if x.postgres > 0 {
			pg = ms(x.postgres)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %.1f |\n", x.query, x.source, ms(x.ours), ms(x.duck), pg, x.ours.Seconds()/x.duck.Seconds())
	}
	if file == "" {
		_, err := os.Stdout.WriteString(b.String())
		return err
	}
	return os.WriteFile(file, []byte(b.String()+others(file)), 0o644)
}

// others are the sections of the page that other benchmarks write: all from the first of them on.
func others(file string) string {
	old, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	if at := strings.Index(string(old), "\n## "); at >= 0 {
		return string(old[at:])
	}
	return ""
}
