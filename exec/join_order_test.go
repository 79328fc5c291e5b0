package exec

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// guesses are statistics that have nothing to do with the rows.
type guesses map[uint32]*catalog.TableStats

func (g guesses) Of(rel *catalog.Relation) *catalog.TableStats { return g[rel.OID] }

func randomStats(rnd *rand.Rand) guesses {
	g := guesses{}
	for i := range uint32(2) {
		s := &catalog.TableStats{Rows: float64(1 + rnd.Intn(1e6)), Cols: map[int]*catalog.ColStats{}}
		for c := range 3 {
			if rnd.Intn(3) > 0 {
				s.Cols[c] = &catalog.ColStats{Distinct: float64(1 + rnd.Intn(1e4))}
			}
		}
		g[20000+i] = s
	}
	return g
}

// randomJoins is a SELECT over inner joins of n inputs.
func randomJoins(rnd *rand.Rand, n int) string {
	var b strings.Builder
	var cond []string
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s a%d", []string{"l", "r"}[rnd.Intn(2)], i)
		if i == 0 || rnd.Intn(12) == 0 {
			continue
		}
		at := rnd.Intn(i)
		col := []string{"k", "t", "n"}[rnd.Intn(3)]
		cond = append(cond, fmt.Sprintf("a%d.%s = a%d.%s", at, col, i, col))
		switch rnd.Intn(4) {
		case 0:
			cond = append(cond, fmt.Sprintf("a%d.n < a%d.k", rnd.Intn(i+1), i))
		case 1:
			cond = append(cond, fmt.Sprintf("a%d.n > %d", i, rnd.Intn(3)))
		case 2:
			cond = append(cond, fmt.Sprintf("a%d.k + a%d.n = a%d.n", rnd.Intn(i+1), rnd.Intn(i+1), i))
		}
	}
	out := "select count(*), sum(a0.k), sum(a0.n * " + fmt.Sprint(1+rnd.Intn(5)) + fmt.Sprintf(" + a%d.n), min(a%d.t) from ", n-1, n/2) + b.String()
	if len(cond) > 0 {
		out += " where " + strings.Join(cond, " and ")
	}
	return out
}

// TestJoinOrders: inner joins give the same rows in whichever order statistics put them.
func TestJoinOrders(t *testing.T) {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	cols := []catalog.Column{{Name: "k", Type: types.Int4}, {Name: "t", Type: types.Text}, {Name: "n", Type: types.Int8}}
	for i, name := range []string{"l", "r"} {
		env.Catalog.Put(&catalog.Relation{OID: uint32(20000 + i), Schema: catalog.Public, Kind: catalog.Table, Name: name, Columns: cols})
	}
	rnd := seeded(t)
	fired := 0
	for n := range 120 {
		size := 2 + rnd.Intn(4)
		if n%20 == 0 {
			size = 9 + rnd.Intn(3)
		}
		rows := 14 - size // the more inputs, the more rows come of them
		ins := [2][]row{randomRows(rnd, max(rows, 4), joinValues[:3], true), randomRows(rnd, max(rows, 3), joinValues[:3], true)}
		left := [2][]row{consolidated(ins[0]), consolidated(ins[1])}
		text := randomJoins(rnd, size)
		once := variant{1, 3, 4, 2, false, -1}
		off := map[string]bool{"OrderJoinsByRows": true}
		stats := randomStats(rnd)
		bound := bindSQL(t, text, env, false)
		written, _ := optimizer.OptimizeTrace(bound, optimizer.Options{Off: off, Stats: stats})
		best, rules := optimizer.OptimizeTrace(bound, optimizer.Options{Stats: stats})
		if strings.Contains(strings.Join(rules, " "), "OrderJoinsByRows") {
			fired++
		}
		want, _ := joinSteps(t, written.Root, plan.Batch, left, once)
		if got, _ := joinSteps(t, best.Root, plan.Batch, left, once); got.String() != want.String() {
			t.Fatalf("%s:\n%s\n--- want\n%s\n--- plan\n%s", text, got, want, plan.Explain(best.Root))
		}
		q, _, err := optimizer.Continuous(bindSQL(t, text, env, true), plan.Update, optimizer.Options{Stats: stats})
		if err != nil {
			t.Fatal(text, err)
		}
		for _, v := range joinVariants[:2] {
			if got, _ := joinSteps(t, q.Root, plan.Update, ins, v); got.String() != want.String() {
				t.Fatalf("%s: %+v:\n%s\n--- want\n%s\n--- plan\n%s", text, v, got, want, plan.Explain(q.Root))
			}
		}
	}
	if fired < 25 {
		t.Errorf("the rule fired %d times only", fired)
	}
}
