package types

import (
	"encoding/hex"
	"math/rand"
	"os"
	"strings"
	"testing"
)

// TestBinaryGolden compares with PostgreSQL 15: testdata/binary.tsv has type, text and binary form.
func TestBinaryGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/binary.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		p := strings.Split(line, "\t")
		text, want := copyEscapes.Replace(p[1]), p[2]
		typ := pgType(t, p[0])
		col := column(t, typ, text)
		got, err := AppendBinary(nil, col, 0, typ)
		if err != nil || hex.EncodeToString(got) != want {
			t.Errorf("%s %s: %x %v, want %s", p[0], text, got, err, want)
		}
		b := NewBuilder(typ)
		if err := ParseBinary(b, got, typ); err != nil {
			t.Errorf("%s %s: reading back: %v", p[0], text, err)
			continue
		}
		back := b.NewArray()
		if !RowsEqual(cols(col), 0, cols(back), 0, []Type{typ}) || texts(back, typ)[0] != texts(col, typ)[0] {
			t.Errorf("%s %s: read back as %s", p[0], text, texts(back, typ)[0])
		}
		for cut := range len(got) {
			if err := ParseBinary(b, got[:cut], typ); err != nil && b.Len() != 0 {
				t.Errorf("%s %s cut to %d left a value behind", p[0], text, cut)
			}
			b = NewBuilder(typ)
		}
	}
}

func TestBinaryRejects(t *testing.T) {
	for _, c := range []struct {
		typ  Type
		data string
		code string
	}{
		{Int4, "abc", "22P03"}, {Numeric, "1234567", "22P03"}, {Text, "a\xffb", "22021"}, {Text, "a\x00b", "22021"}, {JSONB, "\x02{}", "22P03"},
		{JSONB, "\x01{", "22P02"}, {int4Array, "\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x17", "22P03"}, {UUID, "short", "22P03"},
		{Time, "\xff\xff\xff\xff\xff\xff\xff\xff", "22008"}, {Timestamp, "\x7f\xff\xff\xff\xff\xff\xff\x00", "22008"},
	} {
		b := NewBuilder(c.typ)
		if err := ParseBinary(b, []byte(c.data), c.typ); err == nil || errCode(err) != c.code || b.Len() != 0 {
			t.Errorf("%s %q: %v, %d values", c.typ, c.data, err, b.Len())
		}
	}
}

// TestTextBinaryAgree reads random values as text and as binary and compares.
func TestTextBinaryAgree(t *testing.T) {
	seed := int64(11)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	for range 500 {
		for typ, text := range map[Type]string{
			Numeric:     dec(t, randomNumeric(r)).String(),
			Timestamp:   string(AppendTimestamp(nil, r.Int63n(1<<58)-1<<57)),
			Date:        string(AppendDate(nil, int32(r.Intn(4_000_000)-2_000_000))),
			Interval:    string(IntervalValue{r.Int63() - 1<<62, r.Int31() - 1<<30, r.Int31() - 1<<30}.AppendText(nil, "")),
			Float8:      string(AppendFloat8(nil, r.NormFloat64()*1e10, 1)),
			Float4:      string(AppendFloat4(nil, float32(r.NormFloat64()), 1)),
			Time:        string(AppendTime(nil, r.Int63n(Day))),
			TimestampTZ: string(AppendTimestampTZ(nil, r.Int63n(1<<58)-1<<57, nil)),
		} {
			col := column(t, typ, text)
			bin, err := AppendBinary(nil, col, 0, typ)
			if err != nil {
				t.Fatal(err)
			}
			b := NewBuilder(typ)
			if err := ParseBinary(b, bin, typ); err != nil {
				t.Fatalf("%s %s: %v", typ, text, err)
			}
			if got := texts(b.NewArray(), typ)[0]; got != text {
				t.Fatalf("%s: %s came back as %s", typ, text, got)
			}
		}
	}
}
