package lawtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// kind is a family of types.
type kind byte

const (
	kInt   kind = 'I'
	kNum   kind = 'N'
	kFloat kind = 'F'
	kText  kind = 'T'
	kBool  kind = 'B'
	kTime  kind = 'Z'
	kDate  kind = 'D'
)

// column is a column that an expression may name.
type column struct {
	name   string // as expressions write it
	kind   kind
	typ    string // for CREATE
	unique bool
}

// relation is an input.
type relation struct {
	name    string
	stream  bool
	primary bool // PRIMARY KEY (id)
	marked  bool // WATERMARK FOR ts
	cols    []column
	nextID  int
	now     time.Time // greatest ts so far
}

var base = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

const delay = 4 * time.Second

// newRelations makes streams s1, s2 and tables t1, t2 and t0, which never changes, with random columns.
func newRelations(rng *rand.Rand) []*relation {
	s1 := &relation{name: "s1", stream: true, marked: true}
	s2 := &relation{name: "s2", stream: true, marked: rng.IntN(5) > 0}
	t1 := &relation{name: "t1", primary: true}
	t2 := &relation{name: "t2"}
	t0 := &relation{name: "t0", primary: true}
	all := []*relation{s1, s2, t1, t2, t0}
	for _, r := range all {
		r.now = base
		r.cols = []column{{"id", kInt, pick(rng, "int", "bigint"), r != t2}, {"k", kInt, pick(rng, "int", "int", "bigint", "smallint"), false}, {"g", kText, "text", false}}
		if r.stream || rng.IntN(2) == 0 {
			r.cols = append(r.cols, column{"ts", kTime, "timestamptz", false})
		}
		r.cols = append(r.cols, column{"v", kInt, pick(rng, "int", "bigint"), false})
		for _, c := range []column{{"x", kNum, "numeric(10,2)", false}, {"f", kFloat, pick(rng, "float8", "float8", "real"), false}, {"b", kBool, "bool", false}, {"d", kDate, "date", false}, {"w", kText, pick(rng, "text", "varchar(20)"), false}} {
			if rng.IntN(2) == 0 {
				r.cols = append(r.cols, c)
			}
		}
	}
	return all
}

func (r *relation) create(postgres bool) string {
	var parts []string
	for _, c := range r.cols {
		col := c.name + " " + c.typ
		if c.name == "id" && r.primary {
			col += " PRIMARY KEY"
		}
		parts = append(parts, col)
	}
	if postgres {
		return fmt.Sprintf("CREATE TABLE %s (%s)", r.name, strings.Join(parts, ", "))
	}
	if r.marked {
		parts = append(parts, "WATERMARK FOR ts AS ts - INTERVAL '4 seconds'")
	}
	what := "TABLE"
	if r.stream {
		what = "STREAM"
	}
	return fmt.Sprintf("CREATE %s %s (%s)", what, r.name, strings.Join(parts, ", "))
}

// row makes a random row as a list of literals; no row of a stream is late.
func (r *relation) row(rng *rand.Rand, nulls, nullTimes bool) string {
	vals := make([]string, len(r.cols))
	for i, c := range r.cols {
		if nulls && c.name != "id" && c.name != "ts" && rng.IntN(7) == 0 {
			vals[i] = "NULL"
			continue
		}
		vals[i] = r.value(rng, c, nullTimes)
	}
	return "(" + strings.Join(vals, ", ") + ")"
}

func (r *relation) value(rng *rand.Rand, c column, nullTimes bool) string {
	switch c.name {
	case "id":
		r.nextID++
		if !c.unique {
			return fmt.Sprint(rng.IntN(12))
		}
		return fmt.Sprint(r.nextID)
	case "k":
		return fmt.Sprint(rng.IntN(5))
	case "ts":
		if nullTimes && rng.IntN(8) == 0 {
			return "NULL"
		}
		return quote(r.time(rng).Format("2006-01-02 15:04:05.999Z07:00"))
	}
	switch c.kind {
	case kInt:
		return fmt.Sprint(rng.IntN(41) - 10)
	case kNum:
		return fmt.Sprintf("%d.%02d", rng.IntN(60)-20, rng.IntN(4)*25)
	case kFloat:
		return fmt.Sprint(float64(rng.IntN(100)-30) / 4)
	case kText:
		return quote(texts10[rng.IntN(10)])
	case kBool:
		return pick(rng, "true", "false")
	case kDate:
		return quote(base.AddDate(0, 0, rng.IntN(4)).Format("2006-01-02"))
	}
	return "NULL"
}

// time is the next event time: mostly onwards, behind the greatest by the watermark's delay at most.
func (r *relation) time(rng *rand.Rand) time.Time {
	t := r.now.Add(time.Duration(rng.IntN(5)) * time.Second)
	switch rng.IntN(6) {
	case 0:
		t = r.now.Add(-time.Duration(rng.IntN(int(delay/(500*time.Millisecond))+1)) * 500 * time.Millisecond)
	case 1:
		t = r.now
	case 2:
		t = r.now.Add(time.Duration(rng.IntN(30000)) * time.Millisecond)
	}
	if t.After(r.now) {
		r.now = t
	}
	return t
}

// far is a row that closes everything: NULL but for its id and a time ten days on. With fill rows come before it, six and more for each k and g, which break
// the loops of patterns and stand behind what looks ahead.
func (r *relation) far(fill bool) string {
	var rows []string
	row := func(id int, k, g string, ts time.Time) {
		vals := make([]string, len(r.cols))
		for i, c := range r.cols {
			vals[i] = "NULL"
			switch c.name {
			case "id":
				vals[i] = fmt.Sprint(id)
			case "k":
				vals[i] = k
			case "g":
				vals[i] = g
			case "ts":
				vals[i] = quote(ts.Format(time.RFC3339))
			}
		}
		rows = append(rows, "("+strings.Join(vals, ", ")+")")
	}
	end := base.AddDate(0, 0, 10)
	for i := range 6 * (len(texts10) + 1) {
		if !fill {
			break
		}
		k, g := fmt.Sprint(i%6), "NULL"
		if k == "5" {
			k = "NULL"
		}
		if n := i % (len(texts10) + 1); n < len(texts10) {
			g = quote(texts10[n])
		}
		row(30001+i, k, g, end.Add(time.Duration(i-100)*time.Second))
	}
	row(30000, "NULL", "NULL", end)
	return fmt.Sprintf("INSERT INTO %s VALUES %s", r.name, strings.Join(rows, ", "))
}

// texts10 are the values of text columns.
var texts10 = []string{"", "a", "b", "Ab", "abc", "b c", "€ 5", "zz", "%_", "10"}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func pick[T any](rng *rand.Rand, xs ...T) T { return xs[rng.IntN(len(xs))] }
