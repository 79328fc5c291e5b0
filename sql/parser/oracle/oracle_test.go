package oracle

import (
	"encoding/json"
	"flag"
	"math/rand"
	"strings"
	"testing"
	"time"

	pgq "github.com/wasilibs/go-pgquery"

	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

var (
	count = flag.Int("count-expr", 4000, "how many random expressions")
	seed  = flag.Int64("seed", time.Now().UnixNano(), "of the random expressions")
)

var leaves = []string{"a", "b", "c", "t.a", "7", "1.50", "'s'", "$1", "null", "true", "f()"}

// forms are what a random expression is made of; each # is an expression of its own.
var forms = []string{
	"# || #", "# ~ #", "# + #", "# - #", "# * #", "# / #", "# % #", "# ^ #", "# = #", "# <> #", "# < #", "# >= #", "# AND #", "# OR #",
	"NOT #", "- #", "+ #", "@ #", "#::int", "#::text[]", "# IS NULL", "# IS NOT NULL", "# ISNULL", "# IS NOT TRUE", "# IS UNKNOWN",
	"(#)", "f(#, #)", "# -> #", "# @> #", "# ->> #", "# LIKE #", "# NOT ILIKE #", "# LIKE # ESCAPE #", "# SIMILAR TO #",
	"# BETWEEN # AND #", "# NOT BETWEEN SYMMETRIC # AND #", "# IN (#, #)", "# NOT IN (#)", "# IS DISTINCT FROM #",
	"# IS NOT DISTINCT FROM #", "# = ANY (#)", "# < ALL (#)", "# AT TIME ZONE #", "# COLLATE x", "# OPERATOR(pg_catalog.+) #",
	"CASE # WHEN # THEN # ELSE # END", "CASE WHEN # THEN # END", "CAST(# AS numeric)", "ARRAY[#, #]", "ROW(#, #)", "(#, #)",
	"(#)[#]", "(#).x", "coalesce(#, #)", "nullif(#, #)", "int '5'", "#-#", "# !~~* #", "# <-> #", "# ? #",
}

func random(r *rand.Rand, depth int) string {
	if depth <= 0 {
		return leaves[r.Intn(len(leaves))]
	}
	var b strings.Builder
	for _, c := range forms[r.Intn(len(forms))] {
		if c == '#' {
			b.WriteString(random(r, depth-1-r.Intn(depth)))
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// pgExpr gives PostgreSQL's tree of an expression.
func pgExpr(text string) (string, error) {
	j, err := pgq.ParseToJSON("SELECT " + text)
	if err != nil {
		return "", err
	}
	var m obj
	if err := json.Unmarshal([]byte(j), &m); err != nil {
		return "", err
	}
	sel := items(m["stmts"])[0].(obj)["stmt"].(obj)["SelectStmt"].(obj)
	return pgShow(items(sel["targetList"])[0].(obj)["ResTarget"].(obj)["val"]), nil
}

func ourExpr(text string) (string, error) {
	st, err := parser.Parse("SELECT " + text)
	if err != nil {
		return "", err
	}
	return show(st[0].Stmt.(*ast.QueryStmt).Query.Body.(*ast.Select).Items[0].X), nil
}

// TestExpressions holds our trees, and what we accept, against PostgreSQL's.
func TestExpressions(t *testing.T) {
	t.Logf("seed %d", *seed)
	r := rand.New(rand.NewSource(*seed))
	same, rejected := 0, 0
	for range *count {
		text := random(r, 1+r.Intn(5))
		want, pgErr := pgExpr(text)
		got, err := ourExpr(text)
		switch {
		case err != nil && pgErr != nil:
			rejected++
		case err != nil:
			t.Errorf("only PostgreSQL accepts %s\n  %v", text, err)
		case pgErr != nil:
			t.Errorf("only we accept %s\n  %v", text, pgErr)
		case got != want:
			t.Errorf("%s\n  PostgreSQL %s\n  ours       %s", text, want, got)
		default:
			same++
		}
	}
	t.Logf("%d the same, %d that both reject", same, rejected)
}
