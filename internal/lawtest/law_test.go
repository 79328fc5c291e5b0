package lawtest

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/internal/pgtest"
)

var (
	lawSeed  = flag.Uint64("law.seed", 0, "run the case of this seed only")
	lawFirst = flag.Uint64("law.first", 0, "the first seed; 0: from the time")
	lawTime  = flag.Duration("law.time", 20*time.Second, "how long to try")
	lawOnly  = flag.String("law.only", "", "only queries with all these parts, comma-separated")
	lawOff   = flag.String("law.off", "", "no queries with these parts")
	lawStop  = flag.Int("law.stop", 1, "stop after so many failures")
	lawPG    = flag.String("law.pg", "", "DSN of a PostgreSQL that runs already")
)

func split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// TestLaw runs random cases.
func TestLaw(t *testing.T) {
	dsn := *lawPG
	if dsn == "" {
		dsn = pgtest.Start(t)
	}
	pg := &postgres{dsn: dsn}
	off := map[string]bool{}
	for _, o := range split(*lawOff) {
		off[o] = true
	}
	st := &stats{tags: map[string]int{}, refused: map[string]int{}}
	seed := *lawFirst
	if seed == 0 {
		seed = firstSeed()
	}
	if *lawSeed != 0 {
		seed = *lawSeed
	}
	failures := 0
	for start := time.Now(); time.Since(start) < *lawTime; seed++ {
		fmt.Fprintln(os.Stderr, "-law.seed", seed) // also seen when the process dies
		c, began := newCase(seed, off, split(*lawOnly)), time.Now()
		f := runCase(c, pg, st)
		if d := time.Since(began); d > time.Second {
			t.Logf("seed %d took %v", seed, d)
		}
		if f != nil {
			failures++
			fails := func(n *testCase) *failure { return runCase(n, pg, st) }
			limit := 10 * time.Second
			c, f = shrink(c, f, fails, limit)
			t.Errorf("seed %d: %v\n%s", seed, f, c)
		}
		if *lawSeed != 0 || failures >= *lawStop {
			break
		}
	}
	t.Logf("%d cases, %d comparisons", st.cases, st.checks)
	for _, m := range []map[string]int{st.tags, st.refused} {
		var lines []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			lines = append(lines, fmt.Sprintf("%6d %s", m[k], k))
		}
		t.Log("\n" + strings.Join(lines, "\n"))
	}
}
