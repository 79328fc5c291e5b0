package colenc

import (
	"encoding/hex"
	"math"
	"math/rand"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// TestAgainstTypes wants the same bytes as package types gives, for every type and in both formats.
func TestAgainstTypes(t *testing.T) {
	f := types.UTCFormat(0)
	for _, c := range []struct {
		t    types.Type
		vals []string
	}{
		{types.Bool, []string{"t", "f"}}, {types.Int2, []string{"-32768", "0", "7"}}, {types.Int4, []string{"-2147483648", "12"}},
		{types.Int8, []string{"-9223372036854775808", "9223372036854775807", "0"}}, {types.Float4, []string{"1.5", "NaN"}},
		{types.Float8, []string{"1e20", "-Infinity", "0.1"}}, {types.Numeric, []string{"12.340", "NaN", "-1e30"}},
		{types.Text, []string{"", "a\tb", "ä"}}, {types.Varchar, []string{"x"}}, {types.JSONB, []string{`{"a": 1}`}}, {types.JSON, []string{`{"a":1}`}},
		{types.Bytea, []string{`\x00ff`}}, {types.Date, []string{"2026-02-03"}},
		{types.Time, []string{"12:34:56.789"}}, {types.TimeTZ, []string{"\x01\x02\x03\x04\x05\x00\x00\x00\x10\x0e\x00\x00"}}, {types.Interval, []string{"\x01\x02\x03\x04\x05\x00\x00\x00\x02\x00\x00\x00\x03\x00\x00\x00"}},
		{types.Timestamp, []string{"2026-02-03 04:05:06.07"}},
		{types.TimestampTZ, []string{"2026-02-03 04:05:06.000007+00", "1969-12-31 23:59:59.999999+00"}},
		{types.UUID, []string{"0123456789abcdef"}}, {types.OID, []string{"4294967295"}},
		{types.Type{OID: 1007, Mod: -1}, []string{"{1,NULL,3}"}},
	} {
		b := types.NewBuilder(c.t)
		for _, v := range c.vals {
			if fixed, ok := b.(*array.FixedSizeBinaryBuilder); ok {
				fixed.Append([]byte(v)[:fixed.Type().(*arrow.FixedSizeBinaryType).ByteWidth])
				continue
			}
			if err := types.ParseText(b, v, c.t, f); err != nil {
				t.Fatalf("%s %s: %v", c.t, v, err)
			}
		}
		b.AppendNull()
		arr := b.NewArray()
		sliced := array.NewSlice(arr, 1, int64(arr.Len()))
		for format := range int16(2) {
			col := New(c.t, format, f)
			for _, a := range []arrow.Array{arr, sliced} {
				if err := col.Bind(a); err != nil {
					t.Fatal(err)
				}
				if !col.IsNull(a.Len()-1) || col.IsNull(0) != a.IsNull(0) {
					t.Errorf("%s: wrong nulls", c.t)
				}
				for i := range a.Len() - 1 {
					want := types.AppendText(nil, a, i, c.t, f)
					if format == 1 {
						want, _ = types.AppendBinary(nil, a, i, c.t)
					}
					got, err := col.Append([]byte("x"), i)
					if err != nil || string(got) != "x"+string(want) {
						t.Errorf("%s format %d row %d: %v, got %s, want %s", c.t, format, i, err, hex.EncodeToString(got[1:]), hex.EncodeToString(want))
					}
				}
			}
		}
	}
}

// TestClock compares random times in several zones, near and far from each other.
func TestClock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	for _, zone := range []string{"UTC", "Europe/Berlin", "Asia/Kolkata", "America/St_Johns", "Africa/Monrovia", "Pacific/Apia"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		f := types.UTCFormat(0)
		f.Loc = loc
		for _, typ := range []types.Type{types.Timestamp, types.TimestampTZ} {
			b := types.NewBuilder(typ).(*array.TimestampBuilder)
			at := int64(0)
			for range 3000 {
				switch r.Intn(10) {
				case 0:
					at = r.Int63n(400e15) - 150e15 // about 2,800 BC to 9,900
				case 1:
					at = r.Int63n(4e15) - 2e15
				default:
					at += r.Int63n(7200e6) - 3600e6
				}
				b.Append(arrow.Timestamp(at))
			}
			b.Append(math.MaxInt64)
			b.Append(math.MinInt64)
			a := b.NewArray()
			col := New(typ, 0, f)
			col.Bind(a)
			for i := range a.Len() {
				got, _ := col.Append(nil, i)
				if want := types.AppendText(nil, a, i, typ, f); string(got) != string(want) {
					t.Fatalf("seed %d, %s %s: got %s, want %s", seed, zone, typ, got, want)
				}
			}
		}
	}
}

func TestTextColumnOfAnyType(t *testing.T) {
	b := types.NewBuilder(types.Text).(*array.StringBuilder)
	b.Append("pg_class")
	a := b.NewArray()
	col := New(types.RegClass, 0, types.UTCFormat(0))
	if err := col.Bind(a); err != nil {
		t.Fatal(err)
	}
	if got, _ := col.Append(nil, 0); string(got) != "pg_class" {
		t.Error(string(got))
	}
	col = New(types.RegClass, 1, types.UTCFormat(0))
	if err := col.Bind(a); err == nil || sqlerr.From(err).Code != sqlerr.FeatureNotSupported {
		t.Error(err)
	}
}
