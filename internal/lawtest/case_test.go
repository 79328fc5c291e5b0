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

func (v *view) create() string {
	what, with := "MATERIALIZED VIEW", ""
	if v.sink {
		what, with = "SINK", "connector = 'memory', "
	}
	return fmt.Sprintf("CREATE %s %s WITH (%soutput_mode = '%s', trigger = '%s'%s) AS %s", what, v.name, with, v.mode, v.trigger, v.options, render(v.query.sql(), false))
}

// op is a step of a case's script.
type op struct {
	kind string // sql, create, trigger, flush, restart, crash
	sql  string
	view *view
	n    int64
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
		v.trigger = pick(rng, "manual", "manual", "manual", "default", "20 milliseconds")
		if p := rng.IntN(4); p > 0 {
			v.options = fmt.Sprintf(", parallelism = %d", []int{1, 2, 7}[p-1])
		}
		if v.trigger == "default" && rng.IntN(2) == 0 {
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
	c.script(rng, views, nulls, nullTimes)
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

// script makes the operations.
func (c *testCase) script(rng *rand.Rand, views []*view, nulls, nullTimes bool) {
	restarts := rng.IntN(3) == 0
	early := rng.IntN(3) > 0
	create := func() {
		for _, v := range views {
			c.ops = append(c.ops, op{kind: "create", view: v})
		}
	}
	if early {
		create()
	}
	n := 4 + rng.IntN(30)
	for i := range n {
		if !early && i == n/2 {
			create()
		}
		c.ops = append(c.ops, c.write(rng, nulls, nullTimes))
		if !early && i < n/2 {
			continue
		}
		switch k := rng.IntN(12); {
		case k < 4:
			v := views[rng.IntN(len(views))]
			if v.trigger == "manual" {
				c.ops = append(c.ops, op{kind: "trigger", view: v})
			}
		case k == 4:
			c.ops = append(c.ops, op{kind: "flush"})
		case k == 5 && restarts:
			c.ops = append(c.ops, op{kind: pick(rng, "restart", "crash"), n: int64(1 + rng.IntN(25))})
		}
	}
}

// write makes an INSERT, UPDATE or DELETE.
func (c *testCase) write(rng *rand.Rand, nulls, nullTimes bool) op {
	r := c.rels[rng.IntN(len(c.rels))]
	if !r.stream && r.nextID > 2 && rng.IntN(3) == 0 {
		where := pick(rng, fmt.Sprintf("id = %d", 1+rng.IntN(r.nextID)), fmt.Sprintf("k = %d", rng.IntN(5)), "v < 0", "g IS NULL")
		if rng.IntN(2) == 0 {
			return op{kind: "sql", sql: fmt.Sprintf("DELETE FROM %s WHERE %s", r.name, where)}
		}
		set := pick(rng, "v = v + 1", "k = 2", "g = 'new'", "k = (k + 1)::int % 5, v = NULL", "g = NULL")
		return op{kind: "sql", sql: fmt.Sprintf("UPDATE %s SET %s WHERE %s", r.name, set, where)}
	}
	rows := make([]string, 1+rng.IntN(4))
	for i := range rows {
		rows[i] = r.row(rng, nulls, nullTimes)
		if r == c.rels[3] {
			r.nextID++
		}
	}
	return op{kind: "sql", sql: fmt.Sprintf("INSERT INTO %s VALUES %s", r.name, strings.Join(rows, ", "))}
}
