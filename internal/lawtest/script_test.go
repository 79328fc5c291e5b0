package lawtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// script makes the operations.
func (c *testCase) script(g *gen, views []*view, nulls, nullTimes bool) {
	rng := g.rng
	restarts := rng.IntN(3) == 0
	early := rng.IntN(3) > 0
	for range 2 {
		c.ops = append(c.ops, op{kind: "sql", sql: c.insert(c.rels[4], rng, nulls, false)})
	}
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
		switch k := rng.IntN(14); {
		case k < 4:
			v := views[rng.IntN(len(views))]
			c.ops = append(c.ops, op{kind: "trigger", view: v})
		case k == 4:
			c.ops = append(c.ops, op{kind: "flush"})
		case k == 5 && restarts:
			c.ops = append(c.ops, op{kind: pick(rng, "restart", "crash"), n: int64(1 + rng.IntN(25))})
		case k == 6:
			c.ops = append(c.ops, c.alter(g, views[rng.IntN(len(views))]))
		}
	}
}

// alter changes a running query: an option, whether it runs, or its SELECT, whose columns stay as others may read them.
func (c *testCase) alter(g *gen, v *view) op {
	switch {
	case g.n(3) > 0 || !g.on("alteras"):
		set := pick(g.rng, "parallelism = 1", "parallelism = 2", "parallelism = 7", "trigger = 'manual'", "trigger = 'default'", "trigger = 'continuous'", "trigger = 'once'", "trigger = 'available_now'", "trigger = '30 milliseconds'")
		if strings.Contains(v.options, "max_rows") && set == "trigger = 'manual'" {
			set = "trigger = 'available_now'" // by hand it would need as many calls as the limit asks
		}
		return op{kind: "set", view: v, sql: set}
	case g.n(3) == 0:
		return op{kind: "pause", view: v}
	}
	q := *v.query
	q.where = slices.Clone(q.where)
	if len(q.where) > 0 && g.n(2) == 0 {
		q.where = q.where[1:]
	} else {
		i := slices.IndexFunc(q.items, func(x string) bool { return !strings.ContainsAny(x, "(") && strings.Contains(x, ".") })
		if i < 0 {
			return op{kind: "flush"}
		}
		q.where = append(q.where, fmt.Sprintf("%s IS %sNULL", q.items[i], pick(g.rng, "", "NOT ", "NOT ")))
	}
	return op{kind: "alter", view: v, query: &q}
}

// write makes a statement that changes the rows of a relation.
func (c *testCase) write(rng *rand.Rand, nulls, nullTimes bool) op {
	if rng.IntN(8) > 0 {
		return op{kind: "sql", sql: c.change(rng, nulls, nullTimes)}
	}
	b := []string{"BEGIN", c.change(rng, nulls, nullTimes)}
	switch rng.IntN(4) {
	case 0:
		b = append(b, "SAVEPOINT p", c.change(rng, nulls, nullTimes), "ROLLBACK TO p", c.change(rng, nulls, nullTimes))
	case 1:
		b = append(b, "SAVEPOINT p", c.change(rng, nulls, nullTimes), "SAVEPOINT q", c.change(rng, nulls, nullTimes), pick(rng, "ROLLBACK TO p", "ROLLBACK TO q", "RELEASE p"))
	case 2:
		b = append(b, c.change(rng, nulls, nullTimes), c.change(rng, nulls, nullTimes))
	}
	return op{kind: "sql", sql: strings.Join(append(b, pick(rng, "COMMIT", "COMMIT", "ROLLBACK")), "; ")}
}

func (c *testCase) change(rng *rand.Rand, nulls, nullTimes bool) string {
	r := c.rels[rng.IntN(4)]
	if !r.stream && r.nextID > 2 && rng.IntN(3) == 0 {
		return c.dml(r, rng, nulls)
	}
	return c.insert(r, rng, nulls, nullTimes)
}

func (c *testCase) insert(r *relation, rng *rand.Rand, nulls, nullTimes bool) string {
	rows := make([]string, 1+rng.IntN(4))
	for i := range rows {
		rows[i] = r.row(rng, nulls, nullTimes)
		if r == c.rels[3] {
			r.nextID++
		}
	}
	return fmt.Sprintf("INSERT INTO %s VALUES %s", r.name, strings.Join(rows, ", "))
}

// dml makes a change of a table other than a plain INSERT.
func (c *testCase) dml(r *relation, rng *rand.Rand, nulls bool) string {
	where := pick(rng, fmt.Sprintf("id = %d", 1+rng.IntN(r.nextID)), fmt.Sprintf("k = %d", rng.IntN(5)), "v < 0", "g IS NULL", fmt.Sprintf("k IN (SELECT o.k FROM %s AS o WHERE o.v > 20)", c.rels[rng.IntN(4)].name))
	switch rng.IntN(9) {
	case 0, 1, 2:
		return fmt.Sprintf("DELETE FROM %s WHERE %s", r.name, where)
	case 3:
		if rng.IntN(4) == 0 {
			return "TRUNCATE " + r.name
		}
	case 4:
		if r.primary {
			saved := r.nextID
			r.nextID = rng.IntN(saved)
			s := c.insert(r, rng, nulls, false) + " ON CONFLICT (id) DO " + pick(rng, "NOTHING", "UPDATE SET v = excluded.v, g = concat(t1.g, excluded.g)", "UPDATE SET k = excluded.k WHERE t1.v < excluded.v")
			r.nextID = max(r.nextID, saved)
			return s
		}
	case 5:
		id := 1 + rng.IntN(r.nextID)
		r.nextID++
		return fmt.Sprintf("MERGE INTO %s AS t USING (VALUES (%d, 5), (%d, 11)) AS x(id, v) ON t.id = x.id WHEN MATCHED AND t.v > 8 THEN DELETE WHEN MATCHED THEN UPDATE SET v = x.v, k = 3 WHEN NOT MATCHED THEN INSERT (id, k, v) VALUES (x.id, 1, x.v)", r.name, id, r.nextID)
	case 6:
		o := c.rels[rng.IntN(4)]
		return fmt.Sprintf("UPDATE %s SET v = (SELECT max(o.v) FROM %s AS o WHERE o.k = %s.k) WHERE %s", r.name, o.name, r.name, where)
	}
	set := pick(rng, "v = v + 1", "k = 2", "g = 'new'", "k = (k + 1)::int % 5, v = NULL", "g = NULL")
	return fmt.Sprintf("UPDATE %s SET %s WHERE %s", r.name, set, where)
}
