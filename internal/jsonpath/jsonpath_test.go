package jsonpath

import (
	"strings"
	"testing"
)

func same(s string) string { return s }

// TestRoundTrip: what is written is read as the same expression again.
func TestRoundTrip(t *testing.T) {
	for _, s := range []string{`$.a[*]?(@."x y" > 1 && !(@ starts with $v)).size()`, `strict $.**{2 to last}[last - 1, 0 to 3]`, `($.a + 1).type() == "number"`,
		`(exists($.a) || $.b like_regex "^x\"" flag "iq") is unknown`, `-($.a * (2 - 1)) / 3`, `"\u0041\n".datetime("HH24")`} {
		p, err := Parse(s)
		if err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		once := string(p.Append(nil, same))
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("%s, written from %s: %v", once, s, err)
		}
		if twice := string(again.Append(nil, same)); twice != once {
			t.Errorf("%s became %s and then %s", s, once, twice)
		}
	}
}

// TestDeep: an expression nested too deeply is refused, not a crash.
func TestDeep(t *testing.T) {
	for _, s := range []string{"(", "-", "$[", "!(", "exists(", "$.a ?(", "1 + ", "true && "} {
		if _, err := Parse(strings.Repeat(s, 1_000_000)); err == nil {
			t.Errorf("a million of %q is no expression", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`$.a[0 to last] ? (@ > 1)`, `$."a`, `1e`, `$ ? (`, `\u{`, `$v.**{`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := Parse(s)
		if err != nil {
			return
		}
		if _, err := Parse(string(p.Append(nil, same))); err != nil {
			t.Errorf("%q is written as %q, which does not read: %v", s, p.Append(nil, same), err)
		}
	})
}
