package optimizer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// TestOptimizer runs the files of testdata:
//
//	setup                       CREATE TABLE and CREATE STREAM
//	stats                       what is known of a table: its name, its rows, column=distinct values
//	opt expect=Rule [off=Rule]  the optimized plan of a SELECT; the rule must have fired
//	continuous mode=append      the plan of a continuous query with what the finality analysis found, or its refusal
func TestOptimizer(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
		stats := known{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "setup":
				if err := setup(d.Input, env); err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				return "ok\n"
			case "stats":
				return stats.learn(t, d, env)
			case "opt":
				return optimized(t, d, env, stats)
			case "continuous":
				return continuous(t, d, env, stats)
			}
			t.Fatalf("%s: unknown command %q", d.Pos, d.Cmd)
			return ""
		})
	})
}

func setup(text string, env *sql.Env) error {
	stmts, err := parser.Parse(text)
	if err != nil {
		return err
	}
	for _, p := range stmts {
		rel := &catalog.Relation{OID: env.Catalog.NextOID(), Schema: catalog.Public}
		var def *sql.TableDef
		switch s := p.Stmt.(type) {
		case *ast.CreateTable:
			rel.Kind, rel.Name = catalog.Table, s.Names[0]
			def, err = sql.BindColumnDefs("t", s.Cols, s.Keys, s.Checks, env)
		case *ast.CreateStream:
			rel.Kind, rel.Name = catalog.Stream, s.Names[0]
			if def, err = sql.BindColumnDefs("t", s.Cols, nil, nil, env); err == nil && len(s.Watermarks) > 0 {
				rel.Watermark, err = sql.BindWatermark(&s.Watermarks[0], def.Columns, env)
			}
		case *ast.CreateIndex:
			if err := setupIndex(s, env); err != nil {
				return err
			}
			continue
		default:
			err = fmt.Errorf("cannot set up %T", s)
		}
		if err != nil {
			return err
		}
		rel.Columns, rel.Primary = def.Columns, def.Primary
		env.Catalog.Put(rel)
	}
	return nil
}

// setupIndex is CREATE INDEX over columns, or over expressions, or with WHERE.
func setupIndex(s *ast.CreateIndex, env *sql.Env) error {
	rel, err := env.Catalog.Resolve(s.Table, env.SearchPath)
	if err != nil {
		return err
	}
	x := catalog.Index{Name: s.Name, Def: &catalog.IndexDef{Where: s.WhereText}}
	for i, c := range s.Cols {
		k := catalog.IndexKey{Col: -1, SQL: s.Texts[i]}
		if col := rel.Column(s.Texts[i]); col >= 0 {
			k.Col = col
			x.Cols = append(x.Cols, col)
		}
		k.Desc = c.Desc
		x.Def.Keys = append(x.Def.Keys, k)
	}
	if !x.Def.Plain() {
		x.Cols = nil
	}
	rel.Indexes = append(rel.Indexes, x)
	return nil
}

// IndexKeys implements Indexes.
func (k known) IndexKeys(rel *catalog.Relation) map[string]*sql.IndexKeys {
	out := map[string]*sql.IndexKeys{}
	for _, x := range rel.Indexes {
		if b, err := sql.BindUnique(rel, &catalog.Unique{Name: x.Name, Cols: x.Cols, Def: x.Def}, &sql.Env{Catalog: catalog.New(nil), Format: types.UTCFormat(0)}); err == nil && !x.Def.Plain() {
			out[x.Name] = b
		}
	}
	return out
}

// known are statistics given by hand; they implement Stats.
type known map[*catalog.Relation]*catalog.TableStats

func (k known) Of(rel *catalog.Relation) *catalog.TableStats { return k[rel] }

func (k known) learn(t *testing.T, d *datadriven.TestData, env *sql.Env) string {
	for line := range strings.Lines(d.Input) {
		w := strings.Fields(line)
		rel, err := env.Catalog.Resolve(w[:1], env.SearchPath)
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		s := &catalog.TableStats{Cols: map[int]*catalog.ColStats{}}
		if s.Rows, err = strconv.ParseFloat(w[1], 64); err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		for _, x := range w[2:] {
			name, n, _ := strings.Cut(x, "=")
			c := &catalog.ColStats{}
			if c.Distinct, err = strconv.ParseFloat(n, 64); err != nil {
				t.Fatalf("%s: %v", d.Pos, err)
			}
			s.Cols[rel.Column(name)] = c
		}
		k[rel] = s
	}
	return "ok\n"
}

func bind(t *testing.T, d *datadriven.TestData, env *sql.Env) *plan.Query {
	q, err := parser.ParseQuery(d.Input)
	if err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	bound, err := sql.BindQuery(q, d.Input, env)
	if err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	return bound
}

func arg(d *datadriven.TestData, name string) string {
	for _, a := range d.CmdArgs {
		if a.Key == name && len(a.Vals) > 0 {
			return a.Vals[0]
		}
	}
	return ""
}

func optimized(t *testing.T, d *datadriven.TestData, env *sql.Env, stats known) string {
	off := map[string]bool{}
	if o := arg(d, "off"); o != "" {
		off[o] = true
	}
	q, fired := OptimizeTrace(bind(t, d, env), Options{Off: off, Stats: stats})
	if want := arg(d, "expect"); want != "" && !slices.Contains(fired, want) {
		t.Errorf("%s: rule %s did not fire, but %v", d.Pos, want, fired)
	}
	return plan.Explain(q.Root)
}

func continuous(t *testing.T, d *datadriven.TestData, env *sql.Env, stats known) string {
	e := *env
	e.Continuous = true
	q, fin, err := Continuous(bind(t, d, &e), plan.Mode(arg(d, "mode")), Options{Stats: stats})
	if err != nil {
		x := sqlerr.From(err)
		return fmt.Sprintf("%s %s\nat: %s\nhint: %s\n", x.Code, x.Message, d.Input[x.Pos-1:], x.Hint)
	}
	var b strings.Builder
	b.WriteString(plan.Explain(q.Root))
	for _, l := range fin.Lines {
		fmt.Fprintln(&b, l)
	}
	fmt.Fprintf(&b, "append-only=%v key=%v single=%v times=%v\n", fin.AppendOnly, fin.Key, fin.Single, fin.Times)
	for _, n := range fin.Notices {
		fmt.Fprintln(&b, "notice:", n.Text)
	}
	return b.String()
}

// TestRuleOff: a query gives the same columns with any one rule off, and the list settles.
func TestRuleOff(t *testing.T) {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	if err := setup("create table t (a int primary key, b text, c numeric); create table u (a int, x text)", env); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"select b from (select a, b, c from t where a > 1 + 1) s where c is not null and b like 'x%'",
		"select t.a, x from t join u on t.a = u.a and u.x > 'm' where t.b = 'q' order by 1",
		"select b, sum(c) from t group by b having b <> 'z' and sum(c) > 3",
		"with s as (select a, b from t) select s.a from s join s r on s.a = r.a where s.b = 'x'",
	} {
		q, err := parser.ParseQuery(text)
		if err != nil {
			t.Fatal(err)
		}
		bound, err := sql.BindQuery(q, text, env)
		if err != nil {
			t.Fatal(text, err)
		}
		want := fmt.Sprint(bound.Root.Schema().Types())
		for _, off := range append(RuleNames(), "") {
			got, _ := OptimizeTrace(bound, Options{Off: map[string]bool{off: true}})
			if s := fmt.Sprint(got.Root.Schema().Types()); s != want {
				t.Errorf("%s without %s: columns %s, want %s", text, off, s, want)
			}
			again, fired := OptimizeTrace(got, Options{Off: map[string]bool{off: true}})
			if plan.Explain(again.Root) != plan.Explain(got.Root) {
				t.Errorf("%s without %s does not settle: %v", text, off, fired)
			}
		}
	}
}
