package copyfmt

import (
	"fmt"
	"io"
	"math/rand"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

var twoCols = []Column{{"a", types.Int8}, {"b", types.Text}}

func csvWith(f func(*Options)) *Options { o := Defaults(CSV); f(&o); return &o }
func textWith(f func(*Options)) *Options {
	o := Defaults(Text)
	f(&o)
	return &o
}

// decodeAll gives the rows as text, values joined by | and ended by ;, NULL for null, or the error with its place.
func decodeAll(r io.Reader, cols []Column, o *Options) string {
	d := NewDecoder(r, "t", cols, o, types.UTCFormat(0))
	var out strings.Builder
	for {
		b, err := d.Next(2)
		if err == io.EOF {
			return out.String()
		}
		if err != nil {
			e := sqlerr.From(err)
			s := e.Code + " " + e.Message + " @ " + e.Where
			if e.Hint != "" {
				s += " H=" + e.Hint
			}
			return s
		}
		for i := range b.N {
			for k, c := range b.Cols {
				if k > 0 {
					out.WriteByte('|')
				}
				if c.IsNull(i) {
					out.WriteString("NULL")
				} else {
					out.WriteString(c.ValueStr(i))
				}
			}
			out.WriteByte(';')
		}
	}
}

func TestDecode(t *testing.T) {
	text, csv := textWith(func(*Options) {}), csvWith(func(*Options) {})
	for _, c := range []struct {
		name string
		o    *Options
		in   string
		want string
	}{
		{"plain", text, "1\tx\n-20\ty z\n", "1|x;-20|y z;"},
		{"no last line end", text, "1\tx\n2\ty", "1|x;2|y;"},
		{"nothing", text, "", ""},
		{"null", text, "\\N\t\\N\n1\t\n", "NULL|NULL;1|;"},
		{"escapes", text, `1` + "\t" + `a\tb\nc\\d\b\f\r\v\q\101\x41\x4\1` + "\n", "1|a\tb\nc\\d\b\f\r\vqAA\x04\x01;"},
		{"escaped delimiter and line break", text, "1\ta\\\tb\\\nc\n2\tx\n", "1|a\tb\nc;2|x;"},
		{"escaped N is not null", text, "1\t\\\\N\n", `1|\N;`},
		{"end mark", text, "1\tx\n\\.\n2\ty\n", "1|x;"},
		{"corrupt end mark", text, "1\tx\n\\.y\n", "22P04 end-of-copy marker corrupt @ COPY t, line 2"},
		{"end mark at the end of a line", text, "1\tx\\.\n2\ty\n", "1|x;"},
		{"CRLF", text, "1\tx\r\n2\ty\r\n", "1|x;2|y;"},
		{"CR", text, "1\tx\r2\ty\r", "1|x;2|y;"},
		{"stray CR", text, "1\tx\n2\ty\rz\n", `22P04 literal carriage return found in data @ COPY t, line 2 H=Use "\r" to represent carriage return.`},
		{"stray LF", text, "1\tx\r\n2\ty\nz\r\n", `22P04 literal newline found in data @ COPY t, line 2 H=Use "\n" to represent newline.`},
		{"missing", text, "1\tx\n2\n", `22P04 missing data for column "b" @ COPY t, line 2: "2"`},
		{"extra", text, "1\tx\ty\n", "22P04 extra data after last expected column @ COPY t, line 1: \"1\tx\ty\""},
		{"bad value", text, "1\tx\ntwo\ty\n", `22P02 invalid input syntax for type bigint: "two" @ COPY t, line 2, column a: "two"`},
		{"long bad line", text, strings.Repeat("é", 80) + "\n", `22P02 invalid input syntax for type bigint: "` + strings.Repeat("é", 80) + `" @ COPY t, line 1, column a: "` + strings.Repeat("é", 50) + `..."`},
		{"not UTF-8", text, "1\t\xff\n", `22021 invalid byte sequence for encoding "UTF8": 0xff @ COPY t, line 1`},
		{"escape that is not UTF-8", text, `1` + "\t" + `\xff` + "\n", `22021 invalid byte sequence for encoding "UTF8": 0xff @ COPY t, line 1: "1` + "\t" + `\xff"`},
		{"header", textWith(func(o *Options) { o.Header = true }), "x\ty\n1\tx\n", "1|x;"},
		{"header match", textWith(func(o *Options) { o.Header, o.Match = true, true }), "a\tc\n1\tx\n", `22P04 column name mismatch in header line field 2: got "c", expected "b" @ COPY t, line 1: "a` + "\tc\""},
		{"delimiter and null", textWith(func(o *Options) { o.Delim, o.Null = '|', "-" }), "-|x\n1|-\n", "NULL|x;1|NULL;"},

		{"csv", csv, "1,x\n2,\"y, \"\"z\"\"\"\n", `1|x;2|y, "z";`},
		{"csv null and empty", csv, "1,\n2,\"\"\n,x\n", "1|NULL;2|;NULL|x;"},
		{"csv line break in quotes", csv, "1,\"a\nb\r\nc\"\n2,x\n", "1|a\nb\r\nc;2|x;"},
		{"csv quotes in the middle", csv, "1,a\"b,c\"d\n", "1|ab,cd;"},
		{"csv backslash is itself", csv, "1,\\n\\N\n", `1|\n\N;`},
		{"csv end mark", csv, "1,x\n\\.\n2,y\n", "1|x;"},
		{"csv unterminated", csv, "1,x\n2,\"y\n", `22P04 unterminated CSV quoted field @ COPY t, line 3: "2,"y` + "\n\""},
		{"csv stray CR", csv, "1,x\n2,y\rz\n", "22P04 unquoted carriage return found in data @ COPY t, line 2 H=Use quoted CSV field to represent carriage return."},
		{"csv escape", csvWith(func(o *Options) { o.Escape = '\\' }), `1,"a\"b\\c\d"` + "\n2,x\n", `1|a"b\c\d;2|x;`},
		{"csv quote", csvWith(func(o *Options) { o.Quote, o.Escape = '\'', '\'' }), "1,'a''b\"'\n", `1|a'b";`},
		{"csv force null", csvWith(func(o *Options) { o.ForceNull = []bool{false, true} }), "1,\"\"\n", "1|NULL;"},
		{"csv force not null", csvWith(func(o *Options) { o.ForceNotNull = []bool{false, true} }), "1,\n", "1|;"},
		{"csv both forced", csvWith(func(o *Options) { o.ForceNull, o.ForceNotNull = []bool{false, true}, []bool{false, true} }), "1,\"\"\n2,\n", "1|NULL;2|;"},
		{"csv line count", csv, "1,x\n1,\"a\nb\"\nx,y\n", `22P02 invalid input syntax for type bigint: "x" @ COPY t, line 4, column a: "x"`},
		{"csv header", csvWith(func(o *Options) { o.Header, o.Match = true, true }), "a,\"b\"\n1,x\n", "1|x;"},
		{"csv CRLF", csv, "1,x\r\n2,\"y\"\r\n", "1|x;2|y;"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := decodeAll(strings.NewReader(c.in), twoCols, c.o); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if got := decodeAll(iotest.OneByteReader(strings.NewReader(c.in)), twoCols, c.o); got != c.want {
				t.Errorf("byte by byte\ngot  %q\nwant %q", got, c.want)
			}
		})
	}
}

func batchOf(vals ...any) *types.Batch {
	a, b := types.NewBuilder(types.Int8), types.NewBuilder(types.Text)
	for i := 0; i < len(vals); i += 2 {
		if vals[i] == nil {
			a.AppendNull()
		} else {
			a.(*array.Int64Builder).Append(int64(vals[i].(int)))
		}
		if vals[i+1] == nil {
			b.AppendNull()
		} else {
			b.(*array.StringBuilder).Append(vals[i+1].(string))
		}
	}
	return &types.Batch{N: len(vals) / 2, Cols: []arrow.Array{a.NewArray(), b.NewArray()}}
}

func TestEncode(t *testing.T) {
	b := batchOf(1, "x", nil, nil, -3, "a\tb\nc\\d\"e,f\b\v", 4, "", 5, `\.`, 6, "\r")
	for _, c := range []struct {
		name string
		o    *Options
		want string
	}{
		{"text", textWith(func(*Options) {}), "1\tx\n\\N\t\\N\n-3\ta\\tb\\nc\\\\d\"e,f\\b\\v\n4\t\n5\t\\\\.\n6\t\\r\n"},
		{"text delimiter", textWith(func(o *Options) { o.Delim, o.Null = ',', "" }), "1,x\n,\n-3,a\\tb\\nc\\\\d\"e\\,f\\b\\v\n4,\n5,\\\\.\n6,\\r\n"},
		{"csv", csvWith(func(*Options) {}), "1,x\n,\n-3,\"a\tb\nc\\d\"\"e,f\b\v\"\n4,\"\"\n5,\\.\n6,\"\r\"\n"},
		{"csv force", csvWith(func(o *Options) { o.ForceQuote = []bool{true, false}; o.Null = "x" }), "\"1\",\"x\"\nx,x\n\"-3\",\"a\tb\nc\\d\"\"e,f\b\v\"\n\"4\",\n\"5\",\\.\n\"6\",\"\r\"\n"},
		{"csv escape", csvWith(func(o *Options) { o.Escape = '\\' }), "1,x\n,\n-3,\"a\tb\nc\\\\d\\\"e,f\b\v\"\n4,\"\"\n5,\\.\n6,\"\r\"\n"},
		{"csv null is a number", csvWith(func(o *Options) { o.Null = "1" }), "\"1\",x\n1,1\n-3,\"a\tb\nc\\d\"\"e,f\b\v\"\n4,\n5,\\.\n6,\"\r\"\n"},
	} {
		e := NewEncoder([]types.Type{types.Int8, types.Text}, c.o, types.UTCFormat(0))
		got, err := e.AppendBatch(nil, b)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\ngot  %q\nwant %q", c.name, err, got, c.want)
		}
	}
	o := Defaults(CSV)
	e := NewEncoder([]types.Type{types.Int8, types.Text}, &o, types.UTCFormat(0))
	if got := string(e.AppendHeader(nil, []string{"a", "b,\"c"})); got != "a,\"b,\"\"c\"\n" {
		t.Error(got)
	}
}

func TestBinary(t *testing.T) {
	o := Defaults(Binary)
	e := NewEncoder([]types.Type{types.Int8, types.Text}, &o, types.UTCFormat(0))
	data, err := e.AppendBatch(nil, batchOf(1, "x", nil, nil, 258, "äöü"))
	if err != nil {
		t.Fatal(err)
	}
	data = e.AppendEnd(data)
	want := "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "\x00\x02\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x01x"
	if !strings.HasPrefix(string(data), want) || !strings.HasSuffix(string(data), "\xff\xff") {
		t.Fatalf("%q", data)
	}
	if got := decodeAll(iotest.OneByteReader(strings.NewReader(string(data))), twoCols, &o); got != "1|x;NULL|NULL;258|äöü;" {
		t.Error(got)
	}
	for in, want := range map[string]string{
		"nonsense":                     "22P04 COPY file signature not recognized @ COPY t, line 0",
		string(data[:30]):              "22P04 unexpected EOF in COPY data @ COPY t, line 1, column a",
		string(data[:19]) + "\x00\x03": "22P04 row field count is 3, expected 2 @ COPY t, line 1",
		string(data) + "x":             "22P04 received copy data after EOF marker @ COPY t, line 4",
		string(data[:19]) + "\xff\xff": "",
		string(data[:11]) + "\x00\x01\x00\x00\x00\x00\x00\x00": "22P04 invalid COPY file header (WITH OIDS) @ COPY t, line 0",
	} {
		if got := decodeAll(strings.NewReader(in), twoCols, &o); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
	if got := e.AppendEnd(nil); string(got) != "\xff\xff" {
		t.Errorf("%q", got)
	}
}

// TestRoundTrip encodes random rows with random options and decodes them again.
func TestRoundTrip(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	alphabet := []rune("ab\\\"',\t\n\r.N|-01ä\b")
	for range 2000 {
		o := Defaults(Format(r.Intn(3)))
		if o.Format != Binary {
			o.Delim = ",|\t;"[r.Intn(4)]
		}
		if o.Format == CSV {
			o.Escape = `"\`[r.Intn(2)]
			o.ForceQuoteAll = r.Intn(4) == 0
		}
		var vals []any
		want := ""
		for range 1 + r.Intn(4) {
			s := make([]rune, r.Intn(6))
			for i := range s {
				s[i] = alphabet[r.Intn(len(alphabet))]
			}
			n := r.Intn(2000) - 1000
			vals = append(vals, n, string(s))
			want += fmt.Sprintf("%d|%s;", n, string(s))
			if r.Intn(5) == 0 {
				vals = append(vals, nil, nil)
				want += "NULL|NULL;"
			}
		}
		e := NewEncoder([]types.Type{types.Int8, types.Text}, &o, types.UTCFormat(0))
		data, err := e.AppendBatch(nil, batchOf(vals...))
		if err != nil {
			t.Fatal(err)
		}
		data = e.AppendEnd(data)
		if got := decodeAll(iotest.HalfReader(strings.NewReader(string(data))), twoCols, &o); got != want {
			t.Fatalf("seed %d, %+v, data %q\ngot  %q\nwant %q", seed, o, data, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		o    *Options
		code string
	}{
		{textWith(func(o *Options) { o.Delim = '\n' }), "22023"}, {textWith(func(o *Options) { o.Delim = 'a' }), "22023"},
		{textWith(func(o *Options) { o.Null = "\n" }), "22023"}, {textWith(func(o *Options) { o.Null = "a\t" }), "0A000"},
		{csvWith(func(o *Options) { o.Delim = '"' }), "22023"}, {csvWith(func(o *Options) { o.Null = `"` }), "0A000"},
		{csvWith(func(o *Options) { o.Delim = 'a' }), ""}, {textWith(func(*Options) {}), ""},
	} {
		got := ""
		if err := c.o.Check(); err != nil {
			got = sqlerr.From(err).Code
		}
		if got != c.code {
			t.Errorf("%+v: %q, want %q", c.o, got, c.code)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	text, csv := Defaults(Text), Defaults(CSV)
	for _, c := range []struct {
		name string
		o    *Options
		line string
	}{
		{"text", &text, "%d\tchannel-%d\n"},
		{"csv", &csv, "%d,channel-%d\n"},
		{"csv quoted", &csv, "%d,\"channel-%d\"\n"},
	} {
		var data strings.Builder
		const n = 20000
		for i := range n {
			fmt.Fprintf(&data, c.line, i*1001, i%100)
		}
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(data.Len()))
			for b.Loop() {
				d := NewDecoder(strings.NewReader(data.String()), "t", twoCols, c.o, types.UTCFormat(0))
				rows := 0
				for {
					batch, err := d.Next(8192)
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					rows += batch.N
				}
				if rows != n {
					b.Fatal(rows)
				}
			}
			b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	var vals []any
	for i := range 8192 {
		vals = append(vals, i*1001, fmt.Sprint("channel-", i%100))
	}
	batch := batchOf(vals...)
	for _, f := range []Format{Text, CSV} {
		b.Run(f.String(), func(b *testing.B) {
			o := Defaults(f)
			e := NewEncoder([]types.Type{types.Int8, types.Text}, &o, types.UTCFormat(0))
			var buf []byte
			for b.Loop() {
				buf, _ = e.AppendBatch(buf[:0], batch)
			}
			b.ReportMetric(float64(b.N)*8192/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
