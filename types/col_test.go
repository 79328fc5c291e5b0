package types

import (
	"math/rand"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// column builds a column of texts; "NULL" is null.
func column(t testing.TB, typ Type, vals ...string) arrow.Array {
	t.Helper()
	b := NewBuilder(typ)
	for _, v := range vals {
		if v == "NULL" {
			b.AppendNull()
		} else if err := ParseText(b, v, typ, nil); err != nil {
			t.Fatalf("%s %q: %v", typ, v, err)
		}
	}
	return b.NewArray()
}

// texts gives a column's values as text, null as "NULL".
func texts(a arrow.Array, typ Type) []string {
	out := make([]string, a.Len())
	for i := range out {
		out[i] = "NULL"
		if a.IsValid(i) {
			out[i] = string(AppendText(nil, a, i, typ, nil))
		}
	}
	return out
}

var int4Array, textArray = Type{1007, -1}, Type{1009, -1}

// samples are three values and a null of many types.
var samples = []struct {
	typ  Type
	vals []string
}{
	{Bool, []string{"t", "f", "NULL", "t"}},
	{Int2, []string{"1", "-32768", "NULL", "32767"}},
	{Int4, []string{"1", "-2147483648", "NULL", "7"}},
	{Int8, []string{"1", "-9223372036854775808", "NULL", "7"}},
	{OID, []string{"1", "4294967295", "NULL", "7"}},
	{Float4, []string{"1.5", "NaN", "NULL", "-1e+20"}},
	{Float8, []string{"1.5", "-Infinity", "NULL", "0.0001"}},
	{Numeric, []string{"1.50", "-12345678901234567890.123", "NULL", "NaN"}},
	{Text, []string{"", "héllo", "NULL", "x"}},
	{Bytea, []string{`\x`, `\x00ff`, "NULL", `\x61`}},
	{Date, []string{"2020-02-29", "infinity", "NULL", "0044-03-15 BC"}},
	{Time, []string{"00:00:00", "23:59:59.999999", "NULL", "24:00:00"}},
	{TimeTZ, []string{"12:00:00+00", "12:00:00+05:30", "NULL", "00:00:00-08"}},
	{Interval, []string{"1 day", "-00:00:01", "NULL", "1 year 2 mons 3 days 04:05:06.5"}},
	{Timestamp, []string{"2020-02-29 12:34:56.789", "-infinity", "NULL", "1969-12-31 23:59:59.999999"}},
	{TimestampTZ, []string{"2020-02-29 12:34:56.789+00", "infinity", "NULL", "1970-01-01 00:00:00+00"}},
	{UUID, []string{"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "NULL", "ffffffff-ffff-ffff-ffff-ffffffffffff"}},
	{JSONB, []string{`{"a": 1}`, `[1, "x", null]`, "NULL", "true"}},
	{int4Array, []string{"{1,2,3}", "{}", "NULL", "{NULL,4}"}},
	{textArray, []string{`{a,"b c",""}`, "{}", "NULL", `{NULL,"NULL"}`}},
}

func cols(a ...arrow.Array) []arrow.Array { return a }

func TestTakeConcatRepeat(t *testing.T) {
	for _, s := range samples {
		all := column(t, s.typ, append([]string{"NULL"}, s.vals...)...)
		a := array.NewSlice(all, 1, int64(all.Len())) // an offset that is no multiple of 8
		v := texts(a, s.typ)
		want := []string{v[3], v[0], "NULL", v[2], v[0]}
		if got := texts(Take(a, []int32{3, 0, -1, 2, 0}), s.typ); !slices.Equal(got, want) {
			t.Errorf("%s: take %v, want %v", s.typ, got, want)
		}
		if got := Take(a, []int32{0, 1}); got.NullN() != 0 || !slices.Equal(texts(got, s.typ), v[:2]) {
			t.Errorf("%s: take without nulls %v", s.typ, texts(got, s.typ))
		}
		if got := Take(a, nil); got.Len() != 0 {
			t.Errorf("%s: take of nothing has %d rows", s.typ, got.Len())
		}
		c, err := Concat(cols(a, Nulls(s.typ, 2), a))
		if want := append(append(slices.Clone(v), "NULL", "NULL"), v...); err != nil || !slices.Equal(texts(c, s.typ), want) {
			t.Errorf("%s: concat %v %v", s.typ, err, texts(c, s.typ))
		}
		if got := texts(Repeat(column(t, s.typ, s.vals[0]), 3), s.typ); !slices.Equal(got, []string{v[0], v[0], v[0]}) {
			t.Errorf("%s: repeat %v", s.typ, got)
		}
	}
}

func sampleBatch(t testing.TB, rows int) (*Batch, []Type) {
	b := &Batch{N: rows}
	var ts []Type
	for _, s := range samples {
		vals := make([]string, rows)
		for i := range vals {
			vals[i] = s.vals[i%len(s.vals)]
		}
		b.Cols = append(b.Cols, column(t, s.typ, vals...))
		ts = append(ts, s.typ)
	}
	return b, ts
}

func TestFilter(t *testing.T) {
	b, ts := sampleBatch(t, 10)
	b.W = []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	if Filter(b, []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) != b {
		t.Error("all rows are copied")
	}
	for _, sel := range [][]int32{{}, {4, 5, 6}, {0, 2, 9}} {
		f := Filter(b, sel)
		if f.N != len(sel) || len(f.W) != len(sel) {
			t.Fatalf("%v: %d rows, %d weights", sel, f.N, len(f.W))
		}
		for c, typ := range ts {
			for k, i := range sel {
				if f.W[k] != b.W[i] || !RowsEqual(f.Cols[c:c+1], k, b.Cols[c:c+1], int(i), ts[c:c+1]) {
					t.Errorf("%v: row %d of %s", sel, k, typ)
				}
			}
		}
	}
	if j, err := ConcatBatches([]*Batch{b, {N: 1, Cols: TakeBatch(b, []int32{3}).Cols}}); err != nil || j.N != 11 || j.W[9] != 10 || j.W[10] != 1 {
		t.Errorf("concat: %v", err)
	}
}

func TestBoolsToSel(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	b := array.NewBooleanBuilder(Mem)
	var want []int32
	for i := range 1000 {
		switch r.Intn(3) {
		case 0:
			b.AppendNull()
		case 1:
			b.Append(false)
		default:
			b.Append(true)
			want = append(want, int32(i))
		}
	}
	a := b.NewBooleanArray()
	for _, off := range []int64{0, 1, 7, 8, 63, 64, 65, 999, 1000} {
		got := BoolsToSel(array.NewSlice(a, off, 1000).(*array.Boolean), nil)
		from, _ := slices.BinarySearch(want, int32(off))
		if len(got) != len(want)-from {
			t.Fatalf("offset %d: %d rows, want %d", off, len(got), len(want)-from)
		}
		for k, g := range got {
			if g+int32(off) != want[from+k] {
				t.Fatalf("offset %d: row %d is %d", off, k, g)
			}
		}
	}
}

// equals are writings of equal values; orders ascend in PostgreSQL's order.
var equals = []struct {
	typ  Type
	vals []string
}{
	{Numeric, []string{"1", "1.0", "1.00000"}}, {Numeric, []string{"0", "0.00"}}, {Numeric, []string{"123456789012345678901234567890", "123456789012345678901234567890.0"}},
	{Float8, []string{"0", "-0"}}, {Float8, []string{"NaN", "-NaN"}}, {BPChar, []string{"a", "a  "}}, {Interval, []string{"1 day", "24 hours"}},
	{Interval, []string{"1 mon", "30 days", "720:00:00"}}, {JSONB, []string{`{"a": 1.0}`, `{"a": 1}`, `{"a": 1.00}`}}, {Type{1231, -1}, []string{"{1.0,NULL}", "{1,NULL}"}},
}

func TestEqualValues(t *testing.T) {
	for _, e := range equals {
		a, ts, hash := column(t, e.typ, e.vals...), []Type{e.typ}, make([]uint64, len(e.vals))
		HashCols(cols(a), ts, a.Len(), hash)
		for i := range e.vals {
			if hash[i] != hash[0] || !RowsEqual(cols(a), 0, cols(a), i, ts) || NewComparer(e.typ)(a, 0, a, i) != 0 {
				t.Errorf("%s: %s and %s are not equal", e.typ, e.vals[0], e.vals[i])
			}
		}
	}
	for _, s := range samples {
		a, ts, hash := column(t, s.typ, s.vals...), []Type{s.typ}, make([]uint64, len(s.vals))
		HashCols(cols(a), ts, a.Len(), hash)
		for i := range s.vals {
			for j := range s.vals {
				if same := s.vals[i] == s.vals[j]; RowsEqual(cols(a), i, cols(a), j, ts) != same || (hash[i] == hash[j]) != same {
					t.Errorf("%s: %s and %s", s.typ, s.vals[i], s.vals[j])
				}
			}
		}
	}
}

var orders = []struct {
	typ  Type
	vals []string
}{
	{Bool, []string{"f", "t"}}, {Int2, []string{"-2", "1"}}, {Int8, []string{"-5", "3", "1000000000000"}}, {OID, []string{"1", "4294967295"}},
	{Float8, []string{"-Infinity", "-1", "0", "1e-300", "Infinity", "NaN"}}, {Float4, []string{"-1", "NaN"}},
	{Numeric, []string{"-Infinity", "-1e30", "-2", "-1.999", "0", "0.0001", "1.5", "1.51", "12345678901234567890123", "Infinity", "NaN"}},
	{Text, []string{"", "A", "B", "a", "ab", "b", "é"}}, {BPChar, []string{"a ", "b"}}, {Bytea, []string{`\x00`, `\x0001`, `\xff`}},
	{Date, []string{"-infinity", "0044-03-15 BC", "2020-01-01", "infinity"}}, {Time, []string{"00:00:00", "24:00:00"}},
	{Timestamp, []string{"-infinity", "2020-01-01 00:00:00", "infinity"}}, {TimeTZ, []string{"12:00:00+02", "12:00:00+01", "11:00:00+00"}},
	{Interval, []string{"-1 mon", "-29 days", "0", "23:59:59", "1 day", "1 mon", "31 days", "178000000 years"}},
	{UUID, []string{"00000000-0000-0000-0000-000000000001", "f0000000-0000-0000-0000-000000000000"}},
	{int4Array, []string{"{}", "{1}", "{1,2}", "{1,3}", "{1,NULL}", "{2}", "{NULL}"}},
	{JSONB, []string{"[]", "null", `"a"`, `"b"`, "1", "1.5", "2", "false", "true", "[1]", "[2]", "[1, 2]", "{}", `{"a": 1}`, `{"a": 2}`, `{"b": 1}`, `{"a": 1, "b": 1}`}},
}

func TestOrder(t *testing.T) {
	for _, o := range orders {
		a, less := column(t, o.typ, o.vals...), NewComparer(o.typ)
		for i := range o.vals {
			for j := range o.vals {
				if got := cmpOrdered(less(a, i, a, j), 0); got != cmpOrdered(i, j) {
					t.Errorf("%s: %s against %s is %d", o.typ, o.vals[i], o.vals[j], got)
				}
			}
		}
	}
}

func TestFitChars(t *testing.T) {
	for _, c := range []struct {
		typ      Type
		in, want string
		explicit bool
		code     string
	}{
		{Type{Varchar.OID, 7}, "abc", "abc", false, ""}, {Type{Varchar.OID, 7}, "abc  ", "abc", false, ""}, {Type{Varchar.OID, 7}, "é€xy", "é€x", true, ""},
		{Type{Varchar.OID, 7}, "abcd", "", false, "22001"}, {Type{BPChar.OID, 7}, "a", "a  ", false, ""}, {Varchar, "abcd", "abcd", false, ""},
	} {
		if got, err := FitChars(c.in, c.typ, c.explicit); err == nil && got != c.want || err != nil && errCode(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s %q: %q %v", c.typ, c.in, got, err)
		}
	}
}

func benchColumn(b *testing.B, typ Type, vals ...string) arrow.Array {
	rows := make([]string, 4096)
	for i := range rows {
		rows[i] = vals[i%len(vals)]
	}
	return column(b, typ, rows...)
}

var benchCols = []struct {
	typ  Type
	vals []string
}{
	{Int8, []string{"1", "123456789"}}, {Text, []string{"hello", "a longer text of a row"}}, {Numeric, []string{"12.50", "99999.99"}},
	{Timestamp, []string{"2020-01-01 12:34:56.789"}}, {TimestampTZ, []string{"2020-01-01 12:34:56.789+00"}}, {Float8, []string{"1.5", "0.1"}},
}

func BenchmarkAppendText(b *testing.B) {
	f := UTCFormat(0)
	for _, c := range benchCols {
		b.Run(c.typ.Info().Name, func(b *testing.B) {
			a, dst := benchColumn(b, c.typ, c.vals...), make([]byte, 0, 64)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				dst = AppendText(dst[:0], a, i&4095, c.typ, f)
			}
		})
	}
}

func BenchmarkTake(b *testing.B) {
	idx := make([]int32, 4096)
	for i := range idx {
		idx[i] = int32((i * 7) & 4095)
	}
	for _, c := range benchCols[:3] {
		b.Run(c.typ.Info().Name, func(b *testing.B) {
			a := benchColumn(b, c.typ, c.vals...)
			for b.Loop() {
				Take(a, idx)
			}
		})
	}
}

func BenchmarkHashCols(b *testing.B) {
	out := make([]uint64, 4096)
	for _, c := range benchCols[:3] {
		b.Run(c.typ.Info().Name, func(b *testing.B) {
			a := benchColumn(b, c.typ, c.vals...)
			for b.Loop() {
				HashCols(cols(a), []Type{c.typ}, 4096, out)
			}
		})
	}
}
