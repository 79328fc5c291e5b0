package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Lines between which the table stands in the report.
const (
	begin = "## Nexmark"
	end   = "\n## "
)

func (r result) line() string {
	if r.err != "" {
		return fmt.Sprintf("%s: %s", r.name, r.err)
	}
	return fmt.Sprintf("%-4s %9.0f events/s (floor %7d)  %6.2f CPU-s per million events  %5.1f s  %5d MB",
		r.name, r.speed(), r.floor, r.cost(), r.wall.Seconds(), r.peak>>20)
}

// speed is in events a second of the clock, start and stop of the server included.
func (r result) speed() float64 { return float64(r.events) / r.wall.Seconds() }

// cost is in CPU-seconds for a million events.
func (r result) cost() float64 { return r.cpu.Seconds() / float64(r.events) * 1e6 }

func table(rs []result, runs int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `%s

`+"`make bench-nexmark`"+`. Each query reads the built-in generator (10,000 events a second of event time; 1 person : 3 auctions : 46 bids) and writes to
the blackhole sink (q10: to CSV files); the trigger is available_now with half a million events a step, each step a synced checkpoint on
disk. Events are all those of the generator, also those of streams that a query does not read. Events/s is by the clock, over the whole
life of the process, start and end included; of %d runs the fastest counts. The machine has %d CPUs; where other work runs on them, the clock says little, and the
CPU-seconds (user and system) for a million events say more: with both CPUs busy, 1 CPU-second is half a second.

| query | events | events/s | floor | CPU-s per million events | peak memory, MB |
| --- | ---: | ---: | ---: | ---: | ---: |
`, begin, runs, runtime.NumCPU())
	for _, r := range rs {
		if r.err != "" {
			fmt.Fprintf(&b, "| %s | | failed | %s | | %s |\n", r.name, thousands(r.floor), r.err)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %.2f | %d |\n", r.name, thousands(r.events), thousands(int64(r.speed())), thousands(r.floor), r.cost(), r.peak>>20)
	}
	return b.String()
}

func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// write puts the section into the file, in place of the one that is there or at its end.
func write(path, section string) error {
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	text := string(old)
	if text == "" {
		text = "# Benchmarks\n"
	}
	at := strings.Index(text, begin)
	if at < 0 {
		return os.WriteFile(path, []byte(strings.TrimRight(text, "\n")+"\n\n"+section), 0o644)
	}
	rest := ""
	if k := strings.Index(text[at+len(begin):], end); k >= 0 {
		rest = text[at+len(begin)+k:]
	}
	return os.WriteFile(path, []byte(text[:at]+section+rest), 0o644)
}
