package lawtest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/streamsqld/streamsqld/internal/pgtest"
	"github.com/streamsqld/streamsqld/optimizer"
)

var (
	diffSeed  = flag.Uint64("diff.seed", 0, "run the query of this seed only")
	diffTime  = flag.Duration("diff.time", 15*time.Second, "how long to try")
	diffRules = flag.Bool("diff.rules", true, "run each query without each of the optimizer's rules, too")
	diffStop  = flag.Int("diff.stop", 1, "stop after so many failures")
)

// diffCase is a random SELECT.
func diffCase(seed uint64) *tree {
	g := &diffGen{rng: rand.New(rand.NewPCG(seed, 7)), subs: 3}
	types := make([]string, 1+g.rng.IntN(3))
	for i := range types {
		types[i] = g.pick(allTypes)
	}
	if g.one(3) {
		return g.query(types, 3)
	}
	return g.core(types, 1+g.rng.IntN(3), shape{free: true})
}

// bothServers are a connection to PostgreSQL and a server of ours, until the test ends.
func bothServers(t *testing.T) (*pgconn.PgConn, *server) {
	dsn := *lawPG
	if dsn == "" {
		dsn = pgtest.Start(t)
	}
	pg, err := connect(dsn)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newServer(rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return pg, s
}

// TestDifferential compares random SELECTs with PostgreSQL: rows, names and types of columns, SQLSTATE.
func TestDifferential(t *testing.T) {
	pg, s := bothServers(t)
	seed := firstSeed()
	if *diffSeed != 0 {
		seed = *diffSeed
	}
	rules := optimizer.RuleNames()
	failures, count, failed, skipped := 0, 0, 0, 0
	data, codes := uint64(0), map[string]int{}
	for start := time.Now(); time.Since(start) < *diffTime; seed++ {
		if at := seed / 200; count == 0 || at != data {
			data = at
			for _, sql := range diffData(rand.New(rand.NewPCG(at, 3))) {
				for _, c := range []*pgconn.PgConn{pg, s.conn} {
					if _, err := run(c, sql); err != nil {
						t.Fatalf("%s: %v", sql, err)
					}
				}
			}
		}
		q := diffCase(seed)
		count++
		d := differ(pg, s.conn, q.String())
		switch {
		case d.skip:
			skipped++
		case d.failed:
			failed++
			codes[d.code]++
		}
		bound, params := "", []param(nil)
		if rng := rand.New(rand.NewPCG(seed, 5)); d == (difference{}) && rng.IntN(3) == 0 {
			bound, params = withParams(pg, rng, q)
			d = differParams(pg, s.conn, bound, params)
			d.failed, d.skip = false, false
			if d.what != "" {
				failures++
				t.Errorf("seed %d: %s\n%s\nwith %s;\n%s", seed, d.kind, bound, paramText(params), d.what)
				continue
			}
			d = difference{}
		}
		off := ""
		if d == (difference{}) && *diffRules {
			off, d = ruleOff(s.conn, rules, q.String())
		}
		if d.what != "" {
			failures++
			again := func() difference {
				if off != "" {
					_, d := ruleOff(s.conn, []string{off}, q.String())
					return d
				}
				return differ(pg, s.conn, q.String())
			}
			shrinkTree(q, func() bool { return again().kind == d.kind }, 20*time.Second)
			t.Errorf("seed %d: %s\n%s;\n%s", seed, d.kind, q, again().what)
		}
		if *diffSeed != 0 || failures >= *diffStop {
			break
		}
	}
	if testing.Verbose() {
		for _, c := range slices.Sorted(maps.Keys(codes)) {
			t.Logf("%5d %s", codes[c], c)
		}
	}
	t.Logf("%d queries, of which both refuse %d; %d fail at run time in one only", count, failed, skipped)
}

// ruleOff runs a query without each of the optimizer's rules: the rows must be the same.
func ruleOff(c *pgconn.PgConn, rules []string, sql string) (string, difference) {
	want, err := run(c, sql)
	if err != nil {
		return "", difference{}
	}
	defer run(c, "RESET streamsql.rules_off")
	for _, r := range rules {
		if _, err := run(c, "SET streamsql.rules_off = '"+r+"'"); err != nil {
			return r, difference{kind: "setting", what: err.Error()}
		}
		got, err := run(c, sql)
		switch {
		case err != nil && runtime(sqlState(err)):
		case err != nil:
			return r, difference{kind: "without " + r, what: err.Error()}
		case !slices.Equal(rowTexts(got), rowTexts(want)):
			return r, difference{kind: "without " + r, what: fmt.Sprintf("with: %q\nwithout: %q", rowTexts(want), rowTexts(got))}
		}
	}
	return "", difference{}
}

// difference is how two servers differ in a query.
type difference struct {
	kind, what   string // "": not at all
	failed, skip bool
	code         string // of both
}

func sqlState(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		if strings.Contains(e.Message, "cannot convert") {
			return "22003" // its own code is 0A000
		}
		return e.Code
	}
	if err != nil {
		return "lost"
	}
	return ""
}

// runtime says whether an error depends on which rows an expression is computed for, which PostgreSQL leaves open.
func runtime(code string) bool {
	return strings.HasPrefix(code, "22") || code == "21000" || code == "57014" || code == "54000"
}

func differ(pg, us *pgconn.PgConn, sql string) difference {
	a, errA := run(pg, sql)
	b, errB := run(us, sql)
	ca, cb := sqlState(errA), sqlState(errB)
	switch {
	case ca != cb && (runtime(ca) || runtime(cb)) && (ca == "" || runtime(ca)) && (cb == "" || runtime(cb)):
		return difference{skip: true}
	case ca == "42P21", ca == "42804" && cb == "" && strings.Contains(errA.Error(), "recursive query"): // of collations, of which there is one here; of modifiers that PostgreSQL drops
		return difference{skip: true}
	case ca == "42803" && cb == "" && strings.Contains(errA.Error(), "subquery uses ungrouped column"): // of EXISTS, whose columns are not looked at
		return difference{skip: true}
	case ca != cb:
		kind := "PostgreSQL " + ca + ", here " + cb
		if cb == "0A000" || cb == "XX000" || cb == "42883" {
			kind += " " + firstLine(errB)
		}
		return difference{kind: kind, what: fmt.Sprintf("PostgreSQL: %v\nhere: %v", errA, errB)}
	case ca != "":
		return difference{failed: true, code: ca + " " + firstLine(errA)}
	case !slices.Equal(a.cols, b.cols):
		return difference{kind: "names", what: fmt.Sprintf("PostgreSQL: %q\nhere: %q", a.cols, b.cols)}
	case !slices.Equal(a.oids, b.oids):
		return difference{kind: "types", what: fmt.Sprintf("PostgreSQL: %v\nhere: %v", a.oids, b.oids)}
	case a.described(pg, sql) != b.described(us, sql):
		return difference{kind: "described", what: fmt.Sprintf("PostgreSQL: %v\nhere: %v", a.described(pg, sql), b.described(us, sql))}
	}
	x, y := rowTexts(a), rowTexts(b)
	if !slices.Equal(x, y) && !(freeOrder.MatchString(sql) && sameButFloats(a, b)) {
		return difference{kind: "rows", what: fmt.Sprintf("PostgreSQL: %q\nhere: %q", x, y)}
	}
	return difference{}
}

// message is an error's text, with its detail and hint.
func message(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err.Error()
	}
	return strings.Join([]string{e.Message, e.Detail, e.Hint}, " | ")
}

// freeOrder are aggregates of floats in whose rows there is no order: the last digits, and what is left of sums that are 0, are by the plan.
var freeOrder = regexp.MustCompile(`(sum|avg|stddev|variance|var_|corr|covar_|regr_)`)

// described is what Describe says of a statement's columns. PostgreSQL's answer to a query tells type modifiers of the plan instead, where constants are folded.
func (r *result) described(c *pgconn.PgConn, sql string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	d, err := c.Prepare(ctx, "", sql, nil)
	if err != nil {
		return err.Error()
	}
	var out []string
	for _, f := range d.Fields {
		out = append(out, fmt.Sprintf("%s %d %d", f.Name, f.DataTypeOID, f.TypeModifier))
	}
	return strings.Join(out, ", ")
}

// rowTexts are the rows in some fixed order; floating point is rounded.
func rowTexts(r *result) []string {
	var out []string
	for _, row := range r.rows {
		row = slices.Clone(row)
		for i, v := range row {
			if f, err := strconv.ParseFloat(v, 64); err == nil && (r.oids[i] == 700 || r.oids[i] == 701) && !math.IsInf(f, 0) {
				row[i] = strconv.FormatFloat(f, 'g', 12, 64)
			}
		}
		out = append(out, strings.Join(row, "|"))
	}
	slices.Sort(out)
	return out
}
