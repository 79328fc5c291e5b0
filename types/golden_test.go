package types

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// pgType is the type of a name as testdata has it.
func pgType(t *testing.T, name string) Type {
	t.Helper()
	if typ, ok := testTypes[name]; ok {
		return typ
	}
	if elem, ok := strings.CutSuffix(name, "[]"); ok {
		name = "_" + elem
	}
	typ, ok := Lookup(name)
	if !ok {
		t.Fatalf("no type %q", name)
	}
	return typ
}

func ivMod(fields int32) Type { return Type{Interval.OID, fields<<16 | intervalFullPrec} }

var testTypes = map[string]Type{
	"numeric(7,2)": {Numeric.OID, NumericMod(7, 2)}, "numeric(3,-2)": {Numeric.OID, NumericMod(3, -2)},
	"numeric(2,4)": {Numeric.OID, NumericMod(2, 4)}, "varchar(3)": {Varchar.OID, 7}, "char(3)": {BPChar.OID, 7}, `"char"`: Char,
	"timestamp(0)": {Timestamp.OID, 0}, "timestamp(3)": {Timestamp.OID, 3}, "timestamptz(2)": {TimestampTZ.OID, 2}, "time(2)": {Time.OID, 2},
	"interval(3)":               {Interval.OID, intervalFullRange<<16 | 3},
	"interval second(2)":        {Interval.OID, IntervalSecond<<16 | 2},
	"interval second":           ivMod(IntervalSecond),
	"interval year":             ivMod(IntervalYear),
	"interval month":            ivMod(IntervalMonth),
	"interval day":              ivMod(IntervalDay),
	"interval hour":             ivMod(IntervalHour),
	"interval minute":           ivMod(IntervalMinute),
	"interval year to month":    ivMod(IntervalYear | IntervalMonth),
	"interval day to hour":      ivMod(IntervalDay | IntervalHour),
	"interval day to second":    ivMod(IntervalDay | IntervalHour | IntervalMinute | IntervalSecond),
	"interval hour to minute":   ivMod(IntervalHour | IntervalMinute),
	"interval minute to second": ivMod(IntervalMinute | IntervalSecond),
}

var copyEscapes = strings.NewReplacer(`\\`, `\`, `\t`, "\t", `\n`, "\n")

// TestInputGolden compares with what PostgreSQL 15 printed for each input: testdata/input.tsv has TimeZone or date order, type, input
// and output or error.
func TestInputGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/input.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		p := strings.Split(line, "\t")
		for i := range p {
			p[i] = copyEscapes.Replace(p[i])
		}
		f := UTCFormat(0)
		switch p[0] {
		case "DMY", "YMD":
			f.DateStyle = "ISO, " + p[0]
		default:
			if f.Loc, err = SessionLocation(p[0]); err != nil {
				t.Fatal(err)
			}
		}
		typ := pgType(t, p[1])
		if got := readBack(p[2], typ, f, strings.Contains(p[3], " | ")); got != p[3] {
			t.Errorf("line %d: %s %s %q: got %s, want %s", n+1, p[0], p[1], p[2], got, p[3])
		}
	}
}

// readBack is the text of what s reads as, or the error as testdata has it.
func readBack(s string, typ Type, f *Format, detail bool) string {
	b := NewBuilder(typ)
	if err := ParseText(b, s, typ, f); err != nil {
		var e *sqlerr.Error
		if !errors.As(err, &e) {
			return err.Error()
		}
		if detail {
			return "ERROR " + e.Code + " " + e.Message + " | " + e.Detail
		}
		return "ERROR " + e.Code + " " + e.Message
	}
	return string(AppendText(nil, b.NewArray(), 0, typ, f))
}

// errCode is the SQLSTATE of an error.
func errCode(err error) string {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
