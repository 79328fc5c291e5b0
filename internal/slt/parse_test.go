package slt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func parse(t *testing.T, text string) ([]*Record, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "a.slt")
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return ParseFile(name)
}

func TestParse(t *testing.T) {
	recs, err := parse(t, `# a comment
statement ok
CREATE TABLE t (a int,
  b text)

skipif postgres
connection two
statement error 42P01.*does not
SELECT 1

statement count 3
DELETE FROM t

query IT rowsort lab retry 5 backoff 20ms
SELECT 1, 'a'
----
1  a
2  b

copy
COPY t FROM STDIN

1	x
2	y

sleep 10ms

query T
SELECT 1 WHERE false
----

halt
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(recs) != 8 {
		t.Fatalf("%d records", len(recs))
	}
	if r := recs[0]; r.Expect != "ok" || r.SQL != "CREATE TABLE t (a int,\n  b text)" || r.Line != 2 {
		t.Errorf("%+v", r)
	}
	if r := recs[1]; r.Expect != "error" || r.Pattern != "42P01.*does not" || r.Conn != "two" || !r.Skipped("postgres") || r.Skipped("streamsqld") {
		t.Errorf("%+v", r)
	}
	if r := recs[2]; r.Count != 3 {
		t.Errorf("%+v", r)
	}
	if r := recs[3]; r.Types != "IT" || r.Sort != "rowsort" || r.Label != "lab" || r.Retries != 5 || r.Wait != 20*time.Millisecond || strings.Join(r.Rows, "|") != "1  a|2  b" {
		t.Errorf("%+v", r)
	}
	if r := recs[4]; r.Data != "1\tx\n2\ty\n" {
		t.Errorf("%+v", r)
	}
	if r := recs[6]; r.result == 0 || len(r.Rows) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"statment ok\nSELECT 1\n":     `:1: unknown directive "statment"`,
		"\nstatement maybe\nSELECT 1": `:2: unknown statement "maybe"`,
		"statement ok\n\n":            "without a text",
		"sleep soon":                  "invalid duration",
		"query":                       "needs an argument",
	} {
		if _, err := parse(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}
