package types

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
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
