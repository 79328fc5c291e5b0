package lawtest

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

var (
	callsSeed = flag.Uint64("calls.seed", 1, "seed of TestDifferentialCalls; 0: from the time")
	callsTime = flag.Duration("calls.time", 5*time.Second, "how long to try")
	callsOnly = flag.String("calls.only", "", "only functions, operators and casts whose text matches")
	callsStop = flag.Int("calls.stop", 1, "stop after so many failures")
)

// call is a function, an operator or a cast with the types of its arguments: $1 and $2 in text stand for them.
type call struct {
	text  string
	args  []string
	total bool // an aggregate
}

// callsSQL lists what may be called: functions and aggregates whose result depends on their arguments alone, operators, and casts between all types.
const callsSQL = `SELECT p.proname, p.prokind::text, p.proretset::text, p.pronargs::text, (SELECT string_agg(t.typname, ' ' ORDER BY a.n) FROM unnest(string_to_array(p.proargtypes::text, ' ')) WITH ORDINALITY AS a (o, n)
  JOIN pg_type AS t ON t.oid = a.o::oid)
FROM pg_proc AS p WHERE p.pronamespace = 11 AND p.provolatile <> 'v' AND p.pronargs > 0 AND p.prokind IN ('f', 'a') AND p.provariadic = 0
UNION ALL
SELECT o.oprname, 'o', '', '', l.typname || ' ' || r.typname FROM pg_operator AS o JOIN pg_type AS l ON l.oid = o.oprleft JOIN pg_type AS r ON r.oid = o.oprright WHERE o.oprnamespace = 11
UNION ALL
SELECT o.oprname, 'o', '', '', r.typname FROM pg_operator AS o JOIN pg_type AS r ON r.oid = o.oprright WHERE o.oprleft = 0 AND o.oprnamespace = 11`

// notCalled are functions whose result depends on the server, on rows' order or on the plan.
var notCalled = regexp.MustCompile(`^(pg_|has_|current_|inet_|txid_|col_description|obj_description|shobj|to_reg|query_to|table_to|schema_to|cursor_to|database_to|row_security|format_type|version|regtype|regclass|set_config|lo_|generate_|ts_|.*(_in|_out|_recv|send|[a-z0-9]out)$|numeric$|bit$|time$|timestamp$|interval$|varchar$|bpchar$|char$|varbit$|timetz$|timestamptz$|unnest$|json_populate|jsonb_populate|json_to_record|jsonb_to_record|xid|hash|bt|network_sub|extract$|to_char|to_number|to_date|to_timestamp|convert|make_interval|age$|repeat|satisfies)`)

// knownCalls are differences of calls that docs/differences.md tells, as kind and statement.
var knownCalls = []*regexp.Regexp{
	regexp.MustCompile(`(?s)CAST\(.* AS (jsonpath|json|jsonb|macaddr|cidr|time|timetz|timestamptz|date|_\w+)\)`),         // which fault of a text is told
	regexp.MustCompile(`(?s)^PostgreSQL 22003, here \n.*(corr|regr_\w+|covar_\w+|var_\w+|variance|stddev\w*|avg|sum)\(`), // infinite values beside those that overflow
	regexp.MustCompile(`(?s)\{\{|\{NULL\}|\]=`),                                                              // what several faults of arrays tell
	regexp.MustCompile(`(?s)^(PostgreSQL.*|message)\n.*(date_trunc|date_part|timezone|date_bin|overlaps)\(`), // infinite times beside words that are wrong
	regexp.MustCompile(`(?s)^rows\n.*(width_bucket|pow|power|timezone|min|max|cotd)\(`),
	regexp.MustCompile(`(?s)make_(date|timestamp|timestamptz)\(.*'-\d+'::int4`),
	regexp.MustCompile(`(?s)^message\n.*(log|array_agg|json_object|jsonb_object)\(`),
	regexp.MustCompile(`(?s)inet.* - |inetmi|_regr_|interval_|float8_|(bit|float8?|int[248]|numeric|inet)(mi|pl|mul|div)|decode\(|exp\(|,NULL,|regexp_match|,NULL\}|substring\(`),
	regexp.MustCompile(`(?s)like_escape|length\(.*bytea|like\(.*bytea|~~|bit_(and|or|xor)\(.*bit\)|overlaps\(.*timetz`),
	regexp.MustCompile(`(?s) - .*inet|\^ |interval.*('2147483647 days|2000000 hours)`),
}

// polymorphic are the types that stand for another.
var polymorphic = map[string][]string{"any": {"int4", "text", "numeric", "date"}, "anyelement": {"int4", "text", "numeric"}, "anycompatible": {"int4", "text", "numeric"}, "anynonarray": {"int4", "text"},
	"anyarray": {"_int4", "_text"}, "anycompatiblearray": {"_int4", "_text"}, "anyenum": {"mood"}, "anycompatiblenonarray": {"int4", "text"}}

// calls lists what both servers know.
func calls(t *testing.T, pg, us *pgconn.PgConn) []call {
	list := func(c *pgconn.PgConn) [][]string {
		r, err := run(c, callsSQL)
		if err != nil {
			t.Fatal(err)
		}
		return r.rows
	}
	theirs, known := list(pg), map[string]bool{}
	for _, row := range list(us) {
		known[row[0]+" "+row[1]] = true
	}
	var out []call
	missing := 0
	for _, row := range theirs {
		args := strings.Fields(row[4])
		if notCalled.MatchString(row[0]) || slices.ContainsFunc(args, func(a string) bool { return extremes[a] == nil && polymorphic[a] == nil }) {
			continue
		}
		if !known[row[0]+" "+row[1]] {
			missing++
			if testing.Verbose() {
				t.Logf("not here: %s(%s)", row[0], row[4])
			}
			continue
		}
		c := call{args: args, total: row[1] == "a"}
		var list []string
		for i := range args {
			list = append(list, fmt.Sprintf("$%d", i+1))
		}
		switch {
		case row[1] == "o" && len(args) == 1:
			c.text = "(" + row[0] + " $1)"
		case row[1] == "o":
			c.text = "($1 " + row[0] + " $2)"
		default:
			c.text = row[0] + "(" + strings.Join(list, ", ") + ")"
		}
		out = append(out, c)
	}
	t.Logf("%d functions and operators, %d are not here", len(out), missing)
	for _, a := range sortedKeys(extremes) {
		for _, b := range sortedKeys(extremes) {
			out = append(out, call{text: "CAST($1 AS " + b + ")", args: []string{a}})
		}
		out = append(out, call{text: "CAST($1 AS " + a + ")", args: []string{"unknown"}}, call{text: "CAST(($1)::text AS " + a + ")", args: []string{a}})
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// TestDifferentialCalls calls every function and operator with extreme arguments, NULLs and empty ones: values and errors, with their texts, must be PostgreSQL's.
func TestDifferentialCalls(t *testing.T) {
	pg, s := bothServers(t)
	for _, c := range []*pgconn.PgConn{pg, s.conn} {
		run(c, "DROP TYPE IF EXISTS mood")
		if _, err := run(c, "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')"); err != nil {
			t.Fatal(err)
		}
	}
	all := calls(t, pg, s.conn)
	if *callsOnly != "" {
		re := regexp.MustCompile(*callsOnly)
		all = slices.DeleteFunc(all, func(c call) bool { return !re.MatchString(c.text + " " + strings.Join(c.args, " ")) })
	}
	seed := *callsSeed
	if seed == 0 {
		seed = firstSeed()
	}
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 11))
	count, failures, seen := 0, 0, map[string]bool{}
	for start := time.Now(); time.Since(start) < *callsTime && failures < *callsStop; count++ {
		sql, key := all[rng.IntN(len(all))].sql(rng)
		if d := differCall(pg, s.conn, sql); d.what != "" && !seen[key+d.kind] && !known(knownCalls, d.kind+"\n"+sql) {
			seen[key+d.kind] = true
			failures++
			t.Errorf("%s\n%s;\n%s", d.kind, sql, d.what)
		}
	}
	t.Logf("%d calls", count)
}

func known(list []*regexp.Regexp, text string) bool {
	return slices.ContainsFunc(list, func(re *regexp.Regexp) bool { return re.MatchString(text) })
}

// sql is the call with random arguments, and what tells it from others.
func (c call) sql(rng *rand.Rand) (sql, key string) {
	types := slices.Clone(c.args)
	some := rng.IntN(10)
	for i, a := range types {
		if p := polymorphic[a]; p != nil {
			types[i] = p[some%len(p)]
		}
	}
	value := func(typ string) string {
		if rng.IntN(12) == 0 {
			return "NULL::" + typ
		}
		if typ == "unknown" {
			typ = pick(rng, sortedKeys(extremes)...)
			return quote(pick(rng, extremes[typ]...))
		}
		return quote(pick(rng, extremes[typ]...)) + "::" + typ
	}
	fill := func(of func(i int) string) string {
		text := c.text
		for i := len(types); i > 0; i-- {
			text = strings.ReplaceAll(text, fmt.Sprintf("$%d", i), of(i-1))
		}
		return text
	}
	key = c.text + strings.Join(types, ",")
	if !c.total && rng.IntN(2) == 0 || slices.Contains(types, "unknown") {
		return "SELECT " + fill(func(i int) string { return value(types[i]) }), key
	}
	var rows, names []string
	n := 1 + rng.IntN(2)
	if c.total {
		n = rng.IntN(5)
	}
	for range max(n, 1) {
		var row []string
		for _, typ := range types {
			row = append(row, value(typ))
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
	}
	for i := range types {
		names = append(names, fmt.Sprintf("x%d", i))
	}
	sql = fmt.Sprintf("SELECT %s FROM (VALUES %s) AS v (%s)", fill(func(i int) string { return names[i] }), strings.Join(rows, ", "), strings.Join(names, ", "))
	if c.total && n == 0 {
		sql += " WHERE false"
	}
	return sql, key
}

// differCall compares a statement in all: rows in their order, and an error's text, too.
func differCall(pg, us *pgconn.PgConn, sql string) difference {
	a, errA := run(pg, sql)
	b, errB := run(us, sql)
	switch {
	case sqlState(errA) != sqlState(errB):
		return difference{kind: "PostgreSQL " + sqlState(errA) + ", here " + sqlState(errB), what: fmt.Sprintf("PostgreSQL: %s %v\nhere: %s %v", rowsOf(a), errA, rowsOf(b), errB)}
	case errA != nil && message(errA) != message(errB):
		return difference{kind: "message", what: "PostgreSQL: " + message(errA) + "\nhere: " + message(errB)}
	case errA != nil:
		return difference{}
	case !slices.Equal(a.cols, b.cols) || !slices.EqualFunc(a.oids, b.oids, func(x, y uint32) bool { return x == y || min(x, y) >= 16384 }):
		return difference{kind: "names or types", what: fmt.Sprintf("PostgreSQL: %q %v\nhere: %q %v", a.cols, a.oids, b.cols, b.oids)}
	case rowsOf(a) != rowsOf(b) && !nearRows(a, b):
		return difference{kind: "rows", what: "PostgreSQL: " + rowsOf(a) + "\nhere: " + rowsOf(b)}
	}
	return difference{}
}

func rowsOf(r *result) string {
	if r == nil {
		return ""
	}
	return fmt.Sprintf("%q", r.rows)
}
