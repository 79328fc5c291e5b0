package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

func cols(spec string) []catalog.Column {
	var cs []catalog.Column
	for _, f := range strings.Split(spec, ", ") {
		name, typ, _ := strings.Cut(f, " ")
		typ, notNull := strings.CutSuffix(typ, " not null")
		base, arr := strings.CutSuffix(typ, "[]")
		t, ok := types.Lookup(base)
		if !ok {
			panic(typ)
		}
		if arr {
			t, _ = t.Array()
		}
		cs = append(cs, catalog.Column{Name: name, Type: t, NotNull: notNull})
	}
	return cs
}

func upTo(n int) []int {
	w := make([]int, n)
	for i := range w {
		w[i] = i
	}
	return w
}

// decode gives the rows as lines of text, "|" between columns, and the bad rows' reasons.
func decode(t *testing.T, name string, c Config, chunk string) (out, bad []string) {
	t.Helper()
	c.OnBad = func(raw []byte, reason string, off int) error {
		if !strings.HasPrefix(chunk[off:], string(raw)) {
			t.Errorf("bad row %q is not at %d", raw, off)
		}
		bad = append(bad, reason)
		return nil
	}
	if c.Want == nil {
		c.Want = upTo(len(c.Cols))
	}
	d, err := NewDecoder(name, c)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Decode([]byte(chunk), func(b *types.Batch) error {
		for i := range b.N {
			out = append(out, rowText(b, c, i))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, bad
}

func rowText(b *types.Batch, c Config, i int) string {
	var f []string
	for k, a := range b.Cols {
		if a.IsNull(i) {
			f = append(f, "NULL")
		} else {
			f = append(f, string(types.AppendText(nil, a, i, c.Cols[c.Want[k]].Type, nil)))
		}
	}
	return strings.Join(f, "|")
}

func TestJSONValues(t *testing.T) {
	cases := []struct{ typ, in, want string }{
		{"int8", `12`, "12"}, {"int8", `-9223372036854775808`, "-9223372036854775808"}, {"int8", `1.0`, "1"}, {"int8", `2e3`, "2000"},
		{"int8", `"77"`, "77"}, {"int8", `1.5`, "!"}, {"int8", `9223372036854775808`, "!"}, {"int8", `true`, "!"}, {"int8", `[1]`, "!"},
		{"int4", `2147483648`, "!"}, {"int4", `-2147483648`, "-2147483648"}, {"int2", `32767`, "32767"}, {"int2", `32768`, "!"},
		{"int8", `012`, "!"}, {"int8", `-`, "!"}, {"int8", `1.`, "!"}, {"int8", `1e`, "!"}, {"int8", `nul`, "!"}, {"int8", `null`, "NULL"},
		{"float8", `1.25e2`, "125"}, {"float8", `-0.5`, "-0.5"}, {"float8", `"NaN"`, "NaN"}, {"float4", `1.5`, "1.5"}, {"float8", `1e999`, "!"},
		{"numeric", `123456789012345678901234.5600`, "123456789012345678901234.5600"}, {"numeric", `1e-3`, "0.001"}, {"numeric", `"1.10"`, "1.10"},
		{"bool", `true`, "t"}, {"bool", `false`, "f"}, {"bool", `"yes"`, "t"}, {"bool", `1`, "t"}, {"bool", `2`, "!"},
		{"text", `"a\"b\\\u00e9\n\ud83d\ude00"`, "a\"b\\é\n😀"}, {"text", `"\ud83d"`, "\ufffd"}, {"text", `12.50`, "12.50"}, {"text", `true`, "true"},
		{"text", `{"a": [1, "}"]}`, `{"a": [1, "}"]}`}, {"text", `"\u0000"`, "!"}, {"text", `"\x"`, "!"}, {"text", `"a`, "!"}, {"text", `"\u12"`, "!"},
		{"text", "\"\xff\"", "!"}, {"text", `""`, ""}, {"json", `{"a": 1}`, `{"a": 1}`}, {"json", `"x"`, `"x"`}, {"json", `[1, 2`, "!"},
		{"timestamptz", `"2026-01-02T03:04:05.678Z"`, "2026-01-02 03:04:05.678+00"}, {"timestamptz", `"2026-01-02 03:04:05+02"`, "2026-01-02 01:04:05+00"},
		{"timestamptz", `1767323045`, "2026-01-02 03:04:05+00"}, {"timestamptz", `1767323045678`, "2026-01-02 03:04:05.678+00"},
		{"timestamptz", `1767323045678901`, "2026-01-02 03:04:05.678901+00"}, {"timestamptz", `1767323045678901234`, "2026-01-02 03:04:05.678901+00"},
		{"timestamptz", `1767323045.25`, "2026-01-02 03:04:05.25+00"}, {"timestamptz", `-1`, "1969-12-31 23:59:59+00"}, {"timestamptz", `"soon"`, "!"},
		{"timestamp", `"2026-01-02T03:04:05+02:00"`, "2026-01-02 03:04:05"}, {"timestamp", `"2026-01-02T03:04:05Z"`, "2026-01-02 03:04:05"},
		{"date", `"2026-01-02"`, "2026-01-02"}, {"uuid", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}, {"uuid", `"x"`, "!"},
		{"int8[]", `[1, null, 3]`, "{1,NULL,3}"}, {"text[]", `["a,b", "", null, "x\"y"]`, `{"a,b","",NULL,"x\"y"}`}, {"int8[]", `[]`, "{}"},
		{"int8[]", `[1, "x"]`, "!"}, {"int8[]", `"{4,5}"`, "{4,5}"}, {"int8[]", `{"a":1}`, "!"}, {"timestamptz[]", `[0]`, `{"1970-01-01 00:00:00+00"}`},
		{"interval", `"1 day"`, "1 day"}, {"int8 not null", `null`, "!"},
	}
	for _, c := range cases {
		for _, form := range []string{"{\"a\":%s}", " { \"x\" : [1,{\"a\":2}] , \"a\" : %s , \"y\":\"\\\\\" } \r", "{\"b\":7,\"a\":%s,\"a\":5}\n\n"} {
			line := fmt.Sprintf(form, c.in)
			out, bad := decode(t, "json", Config{Cols: cols("a " + c.typ + ", b int8")}, line)
			switch {
			case c.want == "!" && (len(out) != 0 || len(bad) != 1):
				t.Errorf("%s as %s: got %q, want a bad row", line, c.typ, out)
			case c.want != "!" && (len(out) != 1 || out[0][:strings.LastIndexByte(out[0], '|')] != c.want):
				t.Errorf("%s as %s: got %q %q, want %q", line, c.typ, out, bad, c.want)
			}
		}
	}
}

// TestStampCache holds the short way of reading timestamps to the long one.
func TestStampCache(t *testing.T) {
	base := "2026-02-28T12:34:56.789Z"
	var d dayCache
	d.keep([]byte(base))
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	hits := 0
	for range 20000 {
		s := []byte(base)
		if r.Intn(2) == 0 {
			s = append(s[:19], 'Z')
		}
		for range r.Intn(3) {
			s[r.Intn(len(s))] = "0123456789:-TZ. "[r.Intn(16)]
		}
		v, ok := d.parse(s)
		want, _, valid := types.ParseTimestampISO(s)
		if ok {
			hits++
		}
		if ok && (!valid || v != want) {
			t.Fatalf("%s: %d, want %d, %v", s, v, want, valid)
		}
	}
	if hits < 5000 {
		t.Errorf("%d hits", hits)
	}
}

func TestJSONRows(t *testing.T) {
	in := `{"id":1,"dateTime":"2026-01-01T00:00:00Z","x":{"id":5}}
{"id":2}
{"dateTime":null,"id":3}
{"id":4,}
[1]
{"id":5} x

{"id":6, "DATETIME": "2026-01-01"}
{}
{"id":{"a":[]},"x":1}
{"id":7{"id":8}
{"id":9}`
	c := Config{Cols: cols("id int8, datetime timestamptz")}
	out, bad := decode(t, "json", c, in)
	want := "1|2026-01-01 00:00:00+00 2|NULL 3|NULL 6|2026-01-01 00:00:00+00 NULL|NULL 9|NULL"
	if got := strings.Join(out, " "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(bad) != 5 || !strings.Contains(bad[2], `byte 10: unexpected 'x'`) {
		t.Errorf("bad rows: %q", bad)
	}
	c.Want = []int{1}
	if out, bad = decode(t, "json", c, in); len(out) != 7 || len(bad) != 4 { // the id that is an object is not looked at
		t.Errorf("projected: %q %q", out, bad)
	}
	c.Want = []int{}
	if out, _ = decode(t, "json", c, in); len(out) != 7 {
		t.Errorf("no column: %q", out)
	}
}

// oracle reads a line with encoding/json; ok is false where that refuses it.
func oracle(line []byte, names []string) (vals []string, ok bool) {
	var m map[string]json.RawMessage
	if json.Unmarshal(line, &m) != nil || m == nil {
		return nil, false
	}
	for _, n := range names {
		raw, there := m[n]
		var s string
		switch {
		case !there || string(raw) == "null":
			vals = append(vals, "NULL")
			continue
		case json.Unmarshal(raw, &s) != nil:
			s = string(raw)
		}
		vals = append(vals, s)
	}
	return vals, true
}

// compare holds the decoder to encoding/json, as far as the two mean the same: no key twice, no NUL, valid UTF-8.
func compare(t *testing.T, lines []byte) {
	c := Config{Cols: cols("a text, b text, c text")}
	c.Want = upTo(3)
	for _, line := range bytes.Split(lines, []byte("\n")) {
		want, ok := oracle(line, []string{"a", "b", "c"})
		if bytes.Contains(line, []byte(`\u0000`)) || types.CheckUTF8(line) != nil || doubled(line) {
			decode(t, "json", c, string(line)) // must not panic
			continue
		}
		out, bad := decode(t, "json", c, string(line))
		if ok && (len(out) != 1 || out[0] != strings.Join(want, "|")) {
			t.Fatalf("%q: got %q %q, want %q", line, out, bad, want)
		}
		if !ok && len(out) != 0 && !bytes.ContainsFunc(line, func(r rune) bool { return r < 0x20 || r == '\\' }) {
			t.Fatalf("%q: got %q, but it is not JSON", line, out)
		}
	}
}

// doubled says whether the keys a, b, c may stand in the line twice, or in another case.
func doubled(line []byte) bool {
	low := strings.ToLower(string(line))
	for _, k := range []string{`"a"`, `"b"`, `"c"`, `\u`} {
		if strings.Count(low, k) > 1 || strings.Contains(string(line), strings.ToUpper(k)) {
			return true
		}
	}
	return false
}

func TestJSONAgainstStandard(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	frag := []string{`{`, `}`, `[`, `]`, `,`, `:`, `"a"`, `"b"`, `"c"`, `"a":`, `,"b":`, ` `, `1`, `-0.5e3`, `"x y"`, `"q\"uo\\te"`, `"\u00e9"`, `null`, `true`, `{"a":1}`, `[1,{"b":2}]`, `"dé"`, `{"a":1,"b":"x","c":null}`, "\t", `01`, `\`}
	for range 3000 {
		var b bytes.Buffer
		if r.Intn(2) == 0 {
			b.WriteString(`{"a":1`)
		}
		for range r.Intn(9) {
			b.WriteString(frag[r.Intn(len(frag))])
		}
		if r.Intn(2) == 0 {
			b.WriteString(`}`)
		}
		compare(t, b.Bytes())
	}
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":1,"b":"x\n","c":{"d":[1,2.5e3,null,true]}}`))
	f.Add([]byte("{\"a\" : \"\\ud83d\\ude00\"}\n{\"b\":1 , \"a\":2}"))
	f.Fuzz(compare)
}

func TestJSONRoundTrip(t *testing.T) {
	cs := cols("a int8, b text, c timestamptz, d float8, e bool, f numeric, g int8[], h json, i timestamp, j date, k text[]")
	in := `{"a":1,"b":"x\"\n\u0001é","c":"2026-01-02T03:04:05.678Z","d":1.5,"e":true,"f":1.10,"g":[1,null],"h":{"z": 1},"i":"2026-01-02T00:00:00","j":"2026-01-02","k":["a","b,c"]}
{"a":null,"b":null,"c":null,"d":"NaN","e":null,"f":"NaN","g":[],"h":null,"i":null,"j":null,"k":null}
`
	d, _ := NewDecoder("json", Config{Cols: cs, Want: upTo(len(cs)), OnBad: func(raw []byte, reason string, _ int) error { return fmt.Errorf("%s", reason) }})
	e, _ := NewEncoder("json", cs, nil)
	var out []byte
	if err := d.Decode([]byte(in), func(b *types.Batch) error { out = e.Append(out, b); return nil }); err != nil {
		t.Fatal(err)
	}
	if string(out) != in {
		t.Errorf("got  %s\nwant %s", out, in)
	}
}
