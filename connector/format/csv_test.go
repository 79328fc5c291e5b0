package format

import (
	"regexp"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func options(s string) catalog.Options {
	var o catalog.Options
	for _, f := range strings.Fields(s) {
		k, v, _ := strings.Cut(f, "=")
		o = append(o, catalog.Option{Key: k, Value: v})
	}
	return o
}

func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, opts, header, in, want, bad string }{
		{"plain", "", "", "1,a,2026-01-01\n2,,\r\n3,\"x\"\"y,z\",\n", `1|a|2026-01-01; 2|NULL|NULL; 3|x"y,z|NULL`, ""},
		{"empty and null", "", "", "1,\"\",\n", "1||NULL", ""},
		{"null text", `null=\N`, "", "1,\\N,\\N\n2,\"\\N\",\\N\n3,,\\N", `1|NULL|NULL; 2|\N|NULL; 3||NULL`, ""},
		{"bad", "", "", "x,a,\n1\n1,2,,4\n\n1,\"a,\n1,\"a\"b,\n5,ok,", "5|ok|NULL",
			`column a: invalid input syntax for type bigint: "x"; missing data for column "b"; extra data after last expected column; unterminated CSV quoted field; unexpected data after a quoted CSV field`},
		{"delimiter", `delimiter=\t quote=' escape=\`, "", "1\t'a\\'b\\\\'\t\n", `1|a'b\|NULL`, ""},
		{"header", "header=true", "\xef\xbb\xbfC,\"B\", x ,A\r\n", "2026-01-02,b,0,1\n,,,\n", "1|b|2026-01-02; NULL|NULL|NULL", ""},
		{"multiline", "multiline=true", "", "1,\"a\nb\",\n2,c,\n", "1|a\nb|NULL; 2|c|NULL", ""},
		{"not UTF-8", "", "", "1,\xff,\n2,b,\n", "2|b|NULL", `invalid byte sequence for encoding "UTF8": 0xff`},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := Config{Cols: cols("a int8, b text, c date"), Options: options(c.opts)}
			if c.header != "" {
				cfg.Header = []byte(c.header)
			}
			out, bad := decode(t, "csv", cfg, c.in)
			if strings.Join(out, "; ") != c.want || strings.Join(bad, "; ") != c.bad {
				t.Errorf("got %q, bad %q", out, bad)
			}
			cfg.Want = []int{1}
			one, _ := decode(t, "csv", cfg, c.in)
			for i, row := range out {
				if len(one) == len(out) && one[i] != strings.Split(row, "|")[1] {
					t.Errorf("column b alone: %q", one)
				}
			}
		})
	}
}

func TestCSVRoundTrip(t *testing.T) {
	cs := cols("a int8, b text, c timestamptz")
	in := "1,\"x,\"\"y\",2026-01-01 00:00:00+00\n,\"\",\n2,\"a\rb\",\n"
	for _, opts := range []string{"", "header=true"} {
		e, err := NewEncoder("csv", cs, options(opts))
		if err != nil {
			t.Fatal(err)
		}
		out := e.Header()
		d, _ := NewDecoder("csv", Config{Cols: cs, Want: upTo(3), OnBad: func(_ []byte, reason string, _ int) error { t.Error(reason); return nil }})
		if err := d.Decode([]byte(in), func(b *types.Batch) error { out = e.Append(out, b); return nil }); err != nil {
			t.Fatal(err)
		}
		want := in
		if opts != "" {
			want = "a,b,c\n" + in
		}
		if string(out) != want {
			t.Errorf("got %q, want %q", out, want)
		}
	}
}

// accessLog is the pattern that the README shows for the combined log format.
const accessLog = `^(?P<client>\S+) \S+ \S+ \[(?P<ts>[^\]]+)\] "(?P<method>\S+) (?P<path>\S+) [^"]*" (?P<status>\d+) (?:(?P<bytes>\d+)|-)`

func TestText(t *testing.T) {
	out, bad := decode(t, "text", Config{Cols: cols("value text")}, "one\r\n\ntwo")
	if strings.Join(out, ";") != "one;;two" || bad != nil {
		t.Errorf("%q %q", out, bad)
	}
	cfg := Config{Cols: cols("ts timestamptz, client text, status int4, bytes int8, path text"), Options: catalog.Options{{Key: "pattern", Value: accessLog}}}
	out, bad = decode(t, "text", cfg, `10.0.0.1 - - [10/Oct/2025:13:55:36 -0700] "GET /a?b=1 HTTP/1.1" 200 2326 "-" "curl"`+"\n"+`x - - [10/Oct/2025:13:55:37 -0700] "GET / HTTP/1.1" 304 -`+"\nnoise\n"+`x - - [soon] "GET / HTTP/1.1" 304 -`)
	if strings.Join(out, ";") != "2025-10-10 20:55:36+00|10.0.0.1|200|2326|/a?b=1;2025-10-10 20:55:37+00|x|304|NULL|/" {
		t.Errorf("%q", out)
	}
	if len(bad) != 2 || bad[0] != "the line does not match the pattern" || !regexp.MustCompile(`^column ts: .*soon`).MatchString(bad[1]) {
		t.Errorf("bad: %q", bad)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ format, cols, opts, code, column string }{
		{"xml", "a int8", "", "22023", "format"}, {"csv", "a int8", "delimiter=ab", "22023", "delimiter"}, {"csv", "a int8", "quote=,", "22023", "quote"},
		{"text", "a int8", "", "42P16", ""}, {"text", "a text, b text", "", "42P16", ""}, {"text", "a text", "pattern=(", "2201B", "pattern"},
		{"text", "a text not null", "pattern=(?P<b>.)", "22023", "pattern"},
	} {
		_, err := NewDecoder(c.format, Config{Cols: cols(c.cols), Want: []int{0}, Options: options(c.opts)})
		if e := sqlerr.From(err); err == nil || e.Code != c.code || e.Column != c.column {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := NewEncoder("text", cols("a text, b text"), nil); err == nil {
		t.Error("text with two columns")
	}
}

func BenchmarkAccessLog(b *testing.B) {
	line := `10.0.0.1 - - [10/Oct/2025:13:55:36 -0700] "GET /some/path/of/it?b=1 HTTP/1.1" 200 2326 "-" "Mozilla/5.0 (X11; Linux x86_64)"` + "\n"
	d, err := NewDecoder("text", Config{Cols: cols("ts timestamptz, client text, status int4, bytes int8, path text"), Want: upTo(5), Options: catalog.Options{{Key: "pattern", Value: accessLog}}})
	if err != nil {
		b.Fatal(err)
	}
	data := []byte(strings.Repeat(line, 8192))
	rows, from := 0, cpu()
	for b.Loop() {
		if err := d.Decode(data, func(x *types.Batch) error { rows += x.N; return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)/(cpu()-from).Seconds()/1e6, "Mrows/cpu-s")
}
