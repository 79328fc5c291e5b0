package exec

import (
	"fmt"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// TestJoinSQL runs the queries of testdata/join.txt.
func TestJoinSQL(t *testing.T) {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	cols := []catalog.Column{{Name: "k", Type: types.Int4}, {Name: "t", Type: types.Text}, {Name: "n", Type: types.Int8}}
	for i, name := range []string{"l", "r"} {
		env.Catalog.Put(&catalog.Relation{OID: uint32(20000 + i), Schema: catalog.Public, Kind: catalog.Table, Name: name, Columns: cols})
	}
	rnd := seeded(t)
	ins := [2][]row{randomRows(rnd, 40, joinValues[:3], true), randomRows(rnd, 24, joinValues[:3], true)}
	left := [2][]row{consolidated(ins[0]), consolidated(ins[1])}
	datadriven.RunTest(t, "testdata/join.txt", func(t *testing.T, d *datadriven.TestData) string {
		once := variant{1, 3, 4, 2, false, -1}
		bound := bindSQL(t, d.Input, env, false)
		off := map[string]bool{}
		for _, r := range optimizer.RuleNames() {
			off[r] = true
		}
		plain, _ := optimizer.OptimizeTrace(bound, off)
		want, _ := joinSteps(t, plain.Root, plan.Batch, left, once)
		best, err := optimizer.Optimize(bound)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := joinSteps(t, best.Root, plan.Batch, left, once); got.String() != want.String() {
			t.Errorf("%s: optimized:\n%s\n--- want\n%s\n--- plan\n%s", d.Pos, got, want, plan.Explain(best.Root))
		}
		q, _, err := optimizer.Continuous(bindSQL(t, d.Input, env, true), plan.Update)
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		for _, v := range joinVariants {
			if got, _ := joinSteps(t, q.Root, plan.Update, ins, v); got.String() != want.String() {
				t.Errorf("%s: %+v:\n%s\n--- want\n%s\n--- plan\n%s", d.Pos, v, got, want, plan.Explain(q.Root))
			}
		}
		n := int64(0)
		for _, w := range want.rows {
			n += w
		}
		return fmt.Sprintf("%d rows\n", n)
	})
}

func bindSQL(t *testing.T, text string, env *sql.Env, continuous bool) *plan.Query {
	t.Helper()
	q, err := parser.ParseQuery(text)
	if err != nil {
		t.Fatal(err)
	}
	e := *env
	e.Continuous = continuous
	bound, err := sql.BindQuery(q, text, &e)
	if err != nil {
		t.Fatal(text, err)
	}
	return bound
}
