package types

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTimeGolden compares with PostgreSQL 15: testdata/time.tsv has TimeZone, operation, operands and result or error.
func TestTimeGolden(t *testing.T) {
	data, err := os.ReadFile("testdata/time.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for n, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		p := strings.Split(line, "\t")
		loc, err := SessionLocation(p[0])
		if err != nil {
			t.Fatal(err)
		}
		got, err := timeOp(p[1], p[2], p[3], loc)
		if err != nil {
			got = "ERROR " + errCode(err) + " " + err.Error()
		}
		if got != p[4] {
			t.Errorf("line %d: %s %s %s %s: got %s, want %s", n+1, p[0], p[1], p[2], p[3], got, p[4])
		}
	}
}

func timeOp(op, x, y string, loc *time.Location) (string, error) {
	f := UTCFormat(0)
	f.Loc = loc
	switch op {
	case "ts", "tstz":
		iv, err := ParseInterval(y)
		if err != nil {
			return "", err
		}
		if op == "ts" {
			ts, err := ParseTimestamp(x, f)
			if err == nil {
				ts, err = TimestampAddInterval(ts, iv, nil)
			}
			return string(AppendTimestamp(nil, ts)), err
		}
		ts, err := ParseTimestampTZ(x, f)
		if err == nil {
			ts, err = TimestampAddInterval(ts, iv, loc)
		}
		return string(AppendTimestampTZ(nil, ts, loc)), err
	case "style":
		iv, err := ParseInterval(y)
		return string(iv.AppendText(nil, x)), err
	case "ivmul", "ivdiv":
		iv, err := ParseInterval(x)
		if err != nil {
			return "", err
		}
		k, err := strconv.ParseFloat(y, 64)
		if err != nil {
			return "", err
		}
		if op == "ivmul" {
			iv, err = iv.Mul(k)
		} else {
			iv, err = iv.Div(k)
		}
		return string(iv.AppendText(nil, "")), err
	}
	a, err := ParseInterval(x)
	if err != nil {
		return "", err
	}
	b, err := ParseInterval(y)
	if err != nil {
		return "", err
	}
	if op == "ivcmp" {
		return strconv.Itoa(a.Cmp(b)), nil
	}
	a, err = a.Add(b)
	return string(a.AppendText(nil, "")), err
}

func TestParseTimestampISO(t *testing.T) {
	for _, c := range []struct {
		in   string
		us   int64
		zone bool
		ok   bool
	}{
		{"1970-01-01", 0, false, true},
		{"1970-01-01T00:00:01.5Z", 1_500_000, true, true},
		{"1970-01-01 01:00:00+01", 0, true, true},
		{"1970-01-01 01:00:00.0000005+0100", 0, true, true},
		{"1970-01-01 00:00:00.0000015-05:30", 5*Hour + 30*Minute + 2, true, true},
		{"2000-02-30", 0, false, false},
		{"1970-01-01 24:00:00", 0, false, false},
		{"1970-01-01 00:00", 0, false, false},
		{"1970-01-01 00:00:00+1", 0, false, false},
		{"garbage in here, 19 b", 0, false, false},
	} {
		us, zone, ok := ParseTimestampISO([]byte(c.in))
		if ok != c.ok || ok && (us != c.us || zone != c.zone) {
			t.Errorf("%s: %d %v %v", c.in, us, zone, ok)
		}
	}
	if n := testing.AllocsPerRun(10, func() { ParseTimestampISO([]byte("2020-01-01 00:00:00.123456+01:00")) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestLocations(t *testing.T) {
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name          string
		load, session int // seconds east; 1: not known
	}{
		{"UTC", 0, 0}, {"Europe/Berlin", 3600, 3600}, {"europe/berlin", 3600, 3600}, {"+02", -7200, 7200}, {"-3.5", 1, -12600},
		{"EST5EDT", -18000, -18000}, {"EST", -18000, -18000}, {"CEST", 7200, 1}, {"UTC+3", -10800, -10800}, {"<+02>-02", 7200, 7200},
		{"america/new_york", -18000, -18000}, {"us/pacific", -28800, -28800}, {"Foo/Bar", 1, 1}, {"", 1, 1}, {"America/Port-au-Prince", -18000, -18000},
	} {
		if got := offsetOf(LoadLocation(c.name))(at); got != c.load {
			t.Errorf("LoadLocation(%q): %d, want %d", c.name, got, c.load)
		}
		if got := offsetOf(SessionLocation(c.name))(at); got != c.session {
			t.Errorf("SessionLocation(%q): %d, want %d", c.name, got, c.session)
		}
	}
	if l, err := SessionLocation("+02"); err != nil || l.String() != "<+02>-02" {
		t.Errorf("name of +02: %v %v", l, err)
	}
}

func offsetOf(l *time.Location, err error) func(time.Time) int {
	return func(at time.Time) int {
		if err != nil {
			return 1
		}
		_, off := at.In(l).Zone()
		return off
	}
}

func TestCivil(t *testing.T) {
	for d := -3_000_000; d < 3_000_000; d += 997 {
		y, m, day := CivilFromDays(d)
		if tm := time.Unix(int64(d)*86400, 0).UTC(); tm.Year() != y || int(tm.Month()) != m || tm.Day() != day {
			t.Fatalf("day %d: %d-%d-%d", d, y, m, day)
		}
		if DaysFromCivil(y, m, day) != d {
			t.Fatalf("day %d back", d)
		}
	}
}

func BenchmarkParseTimestampISO(b *testing.B) {
	in := []byte("2020-01-01 12:34:56.123456+01:00")
	for b.Loop() {
		if _, _, ok := ParseTimestampISO(in); !ok {
			b.Fatal("not read")
		}
	}
}

func TestIntervalTypeNames(t *testing.T) {
	for want, mod := range map[string]int32{
		"interval": IntervalMod(0, -1), "interval(3)": IntervalMod(0, 3), "interval year": IntervalMod(IntervalYear, -1),
		"interval day to second(2)": IntervalMod(IntervalDay|IntervalHour|IntervalMinute|IntervalSecond, 2),
	} {
		if got := (Type{Interval.OID, mod}).String(); got != want {
			t.Errorf("%d: %s, want %s", mod, got, want)
		}
	}
}

func TestNowWords(t *testing.T) {
	berlin, err := LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now, _, _ := ParseTimestampISO([]byte("2020-06-30 23:30:00.5Z"))
	f := &Format{Loc: berlin, Now: now}
	for in, want := range map[string]string{
		"now": "2020-07-01 01:30:00.5+02", "today": "2020-07-01 00:00:00+02", "yesterday 04:05": "2020-06-30 04:05:00+02",
		"tomorrow": "2020-07-02 00:00:00+02", "tomorrow allballs": "2020-07-02 02:00:00+02", "epoch": "1970-01-01 01:00:00+01",
	} {
		ts, err := ParseTimestampTZ(in, f)
		if got := string(AppendTimestampTZ(nil, ts, berlin)); err != nil || got != want {
			t.Errorf("%s: %s %v, want %s", in, got, err, want)
		}
	}
	if d, err := ParseDate("tomorrow", f); err != nil || string(AppendDate(nil, d)) != "2020-07-02" {
		t.Errorf("tomorrow: %d %v", d, err)
	}
	if v, err := ParseTime("now", f); err != nil || string(AppendTime(nil, v)) != "01:30:00.5" {
		t.Errorf("now: %d %v", v, err)
	}
}
