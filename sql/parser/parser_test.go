package parser

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// TestData runs testdata/trees: "parse" prints the trees of a text's statements, "expr" of one expression, "type" of a type name;
// positions stand after @. An error prints its SQLSTATE, its position and its words. -rewrite writes the answers anew.
func TestData(t *testing.T) {
	datadriven.Walk(t, "testdata/trees", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "parse":
				return parseAll(d.Input)
			case "expr":
				x, err := ParseExpr(d.Input)
				return answer(x, err)
			case "type":
				ty, err := ParseTypeName(d.Input)
				return answer(ty, err)
			}
			t.Fatalf("%s: unknown command %s", d.Pos, d.Cmd)
			return ""
		})
	})
}

func answer(tree any, err error) string {
	if err != nil {
		e := sqlerr.From(err)
		return fmt.Sprintf("error %s at %d: %s\n", e.Code, e.Pos, e.Message)
	}
	return dump(tree) + "\n"
}

func parseAll(text string) string {
	list, err := Parse(text)
	if err != nil {
		return answer(nil, err)
	}
	var b strings.Builder
	for _, st := range list {
		if len(list) > 1 {
			fmt.Fprintf(&b, "%d: ", st.Start)
		}
		b.WriteString(dump(st.Stmt))
		if st.NParams > 0 {
			fmt.Fprintf(&b, " params=%d", st.NParams)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestPsql takes every query that psql sends for its backslash commands.
func TestPsql(t *testing.T) {
	f, err := os.Open("testdata/psql.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	n := 0
	for sc.Scan() {
		name, q, ok := strings.Cut(sc.Text(), "\t")
		if !ok {
			continue
		}
		n++
		if _, err := Parse(q); err != nil {
			t.Errorf("%s: %v\n%s", name, err, q)
		}
	}
	if n != 26 {
		t.Errorf("%d queries, want 26", n)
	}
}

// TestText holds that each statement's text and start are those of the input.
func TestText(t *testing.T) {
	const text = "  SELECT 1 ; ;\n-- c\nINSERT INTO t VALUES ($2) /* x */;SELECT 'é', $3"
	list, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"SELECT 1", "INSERT INTO t VALUES ($2)", "SELECT 'é', $3"}
	params := []int{0, 2, 3}
	if len(list) != len(want) {
		t.Fatalf("%d statements, want %d", len(list), len(want))
	}
	for k, st := range list {
		if st.Text != want[k] || text[st.Start:st.Start+len(st.Text)] != want[k] || st.NParams != params[k] {
			t.Errorf("statement %d is %q at %d with %d parameters", k, st.Text, st.Start, st.NParams)
		}
	}
}

func TestQuoteIdent(t *testing.T) {
	for in, want := range map[string]string{
		"a": "a", "A": `"A"`, "a b": `"a b"`, "select": `"select"`, "left": `"left"`, "int": `"int"`, "key": "key", `a"b`: `"a""b"`,
		"": `""`, "1a": `"1a"`, "a$": `"a$"`, "_x9": "_x9", "é": `"é"`,
	} {
		if got := QuoteIdent(in); got != want {
			t.Errorf("QuoteIdent(%q) is %s, want %s", in, got, want)
		}
	}
}

// TestDepth holds that no nesting, however deep, ends in anything but an error.
func TestDepth(t *testing.T) {
	const n = 100_000
	for _, q := range []string{
		"SELECT " + strings.Repeat("(", n), "SELECT " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"SELECT " + strings.Repeat("- ", n) + "1", strings.Repeat("(", n) + "SELECT 1" + strings.Repeat(")", n),
		"SELECT " + strings.Repeat("ARRAY[", n), "SELECT * FROM " + strings.Repeat("(", n), "SELECT " + strings.Repeat("f(", n),
		"SELECT " + strings.Repeat("CASE WHEN ", n), strings.Repeat("EXPLAIN ", n),
		"SELECT 1 GROUP BY " + strings.Repeat("ROLLUP(", n),
		"SELECT * FROM t MATCH_RECOGNIZE (PATTERN (" + strings.Repeat("(", n) + strings.Repeat(")", n) + "))",
	} {
		_, err := Parse(q)
		if err == nil {
			t.Fatalf("%.40s... is accepted", q)
		}
		if e := sqlerr.From(err); e.Code != sqlerr.SyntaxError && e.Code != sqlerr.StatementTooComplex {
			t.Errorf("%.40s...: %s %s", q, e.Code, e.Message)
		}
	}
	if _, err := Parse("SELECT 1" + strings.Repeat(" + 1", n)); err != nil {
		t.Errorf("a long sum: %v", err)
	}
}

// FuzzParse holds that the parser has no faults of its own (XX000), whatever the text.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"SELECT a FROM t", "CREATE STREAM s (a int)", "SELECT 'a' || $1", "INSERT INTO t VALUES (1)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, err := Parse(s); err != nil && sqlerr.From(err).Code == sqlerr.InternalError {
			t.Fatalf("%q: %v", s, err)
		}
	})
}

const typical = "SELECT window_start, auction, count(*) AS n, max(price) AS hi, sum(price)::float8 FROM bids b JOIN auctions a ON b.auction = a.id WHERE b.price > 100 AND a.category IN (1,2,3) AND b.channel LIKE 'ch%' GROUP BY window_start, auction HAVING count(*) > 3 ORDER BY n DESC LIMIT 10"

func BenchmarkSelect(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(typical); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkInsert parses 10,000 rows of 4 columns.
func BenchmarkInsert(b *testing.B) {
	q := "INSERT INTO t VALUES (1, 'abc', 1.5, NULL)" + strings.Repeat(", (12345, 'some text', -1.25, true)", 9_999)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(q); err != nil {
			b.Fatal(err)
		}
	}
}
