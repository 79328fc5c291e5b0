package lawtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// view is a continuous query of a case.
type view struct {
	name    string
	query   *query
	sink    bool // a memory sink, whose changes are integrated
	mode    string
	trigger string
	options string
	tags    map[string]bool
	deps    map[string]bool
	follow  bool // SUBSCRIBE to it
}

func (v *view) what() string {
	if v.sink {
		return "SINK"
	}
	return "MATERIALIZED VIEW"
}

func (v *view) create() string {
	with := ""
	if v.sink {
		with = "connector = 'memory', "
	}
	return fmt.Sprintf("CREATE %s %s WITH (%soutput_mode = '%s', trigger = '%s'%s) AS %s", v.what(), v.name, with, v.mode, v.trigger, v.options, render(v.query.sql(), false))
}

// op is a step of a case's script.
type op struct {
	kind  string // sql, create, trigger, flush, restart, crash, set, pause, alter
	sql   string
	view  *view
	query *query // of alter
	n     int64
}

func (o op) String() string {
	switch o.kind {
	case "sql":
		return o.sql + ";"
	case "create":
		return o.view.create() + ";"
	case "trigger":
		return fmt.Sprintf("CALL streamsql.run_trigger('%s');", o.view.name)
	case "flush":
		return "FLUSH;"
	case "set":
		return fmt.Sprintf("ALTER %s %s SET (%s);", o.view.what(), o.view.name, o.sql)
	case "pause":
		return fmt.Sprintf("ALTER %s %s PAUSE;", o.view.what(), o.view.name)
	case "alter":
		return fmt.Sprintf("ALTER %s %s AS %s;", o.view.what(), o.view.name, render(o.query.sql(), false))
	}
	return fmt.Sprintf("-- %s %d", o.kind, o.n)
}

// testCase is what one seed gives.
type testCase struct {
	seed uint64
	rels []*relation
	ops  []op
}

func (c *testCase) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "-- seed %d\n", c.seed)
	for _, r := range c.rels {
		b.WriteString(r.create(false) + ";\n")
	}
	b.WriteString(functions + ";\n")
	for _, o := range c.ops {
		b.WriteString(o.String() + "\n")
	}
	return b.String()
}

// newCase makes the case of a seed.
func newCase(seed uint64, off map[string]bool, only []string) *testCase {
	rng := rand.New(rand.NewPCG(seed, 1))
	c := &testCase{seed: seed, rels: newRelations(rng)}
	room := rand.New(rand.NewPCG(seed, 3))
	nulls, nullTimes := rng.IntN(3) > 0, rng.IntN(6) == 0
	g := &gen{rng: rng, rels: c.rels, off: off, noTime: nullTimes}
	var views []*view
	for len(views) < 5 {
		g.tags, g.deps = map[string]bool{}, map[string]bool{}
		q := g.query()
		if !wanted(g.tags, only) {
			continue
		}
		v := &view{name: fmt.Sprintf("m%d", len(views)), query: q, tags: g.tags, deps: g.deps}
		v.mode = pick(rng, "update", "update", "update", "append", "append", "complete")
		v.trigger = pick(rng, "manual", "manual", "manual", "manual", "default", "20 milliseconds", "continuous", "continuous 50 milliseconds", "once", "available_now")
		if p := rng.IntN(4); p > 0 {
			v.options = fmt.Sprintf(", parallelism = %d", []int{1, 2, 7}[p-1])
		}
		if (v.trigger == "default" || v.trigger == "available_now") && rng.IntN(2) == 0 {
			v.options += fmt.Sprintf(", max_rows_per_trigger = %d", 1+rng.IntN(5))
		}
		if room.IntN(2) == 0 {
			v.options += fmt.Sprintf(", state_memory = '%dB'", 1+room.IntN(3000))
		}
		if rng.IntN(4) == 0 {
			v.sink = true
		} else {
			g.views = append(g.views, v)
			v.follow = rng.IntN(3) == 0
		}
		views = append(views, v)
	}
	c.script(g, views, nulls, nullTimes)
	return c
}

func wanted(tags map[string]bool, only []string) bool {
	for _, t := range only {
		if !tags[t] {
			return false
		}
	}
	return true
}
