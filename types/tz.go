package types

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones must be known where the system has none

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

var zones sync.Map // name as given → *time.Location

// LoadLocation finds a zone by a name as AT TIME ZONE takes it: a name of the tz database in any case, an abbreviation (EST,
// CEST), or a POSIX offset, which counts hours west of UTC ("+02" and "UTC+2" are two hours west, "<+02>-02" two hours east).
// Errors: 22023.
func LoadLocation(name string) (*time.Location, error) {
	if l, ok := zones.Load(name); ok {
		return l.(*time.Location), nil
	}
	l := abbrevLocation(name)
	if l == nil {
		l = namedLocation(name)
	}
	if l == nil {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, `time zone "%s" not recognized`, name)
	}
	zones.Store(name, l)
	return l, nil
}

// ZoneOf is LoadLocation where a signed number is an offset east of UTC, as in the text of a timestamp. Errors: 22023.
func ZoneOf(name string) (*time.Location, error) {
	switch {
	case name == "" || name[0] != '+' && name[0] != '-' && (name[0] < '0' || name[0] > '9'):
		return LoadLocation(name)
	case name[0] != '+' && name[0] != '-':
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, `invalid input syntax for type numeric time zone: "%s"`, name).
			WithHint(`Numeric time zones must have "-" or "+" as first character.`)
	}
	off, fault := decodeZone(name)
	switch fault {
	case dtOK:
		return time.FixedZone(name, off), nil
	case dtZoneOverflow:
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, `numeric time zone "%s" out of range`, name)
	}
	return LoadLocation(name)
}

// SessionLocation finds a zone by a value as SET TimeZone takes it: a plain number counts hours east of UTC, and abbreviations that
// are no names do not count. The name of the location is what SHOW prints. Errors: 22023.
func SessionLocation(value string) (*time.Location, error) {
	if h, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && h > -168 && h < 168 {
		off := int(h * 3600)
		return buildZone(posixName(off), string(appendOffset(nil, int64(off))), []zonePeriod{{0, off}}, ""), nil
	}
	if l := namedLocation(value); l != nil {
		return l, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidParameterValue, `invalid value for parameter "TimeZone": "%s"`, value).
		WithHint("Use a name such as UTC or Europe/Berlin.")
}

// posixName is PostgreSQL's name of a fixed offset east: <+02>-02.
func posixName(off int) string {
	iso, posix := appendOffset(nil, int64(off)), appendOffset(nil, int64(-off))
	return "<" + string(iso) + ">" + string(posix)
}

// abbrevLocation finds an abbreviation. One whose offset changed has at each time the offset that it had last; where the zone no longer
// goes by the abbreviation it is the zone itself.
func abbrevLocation(name string) *time.Location {
	off, ok := zoneAbbrevs[strings.ToLower(name)]
	if !ok {
		return nil
	}
	upper := strings.ToUpper(name)
	real, err := time.LoadLocation(zoneAbbrevZones[strings.ToLower(name)])
	if err != nil || real == time.UTC {
		return time.FixedZone(upper, int(off))
	}
	periods := zonePeriods(real, upper)
	if len(periods) == 0 {
		return real
	}
	l := buildZone(upper, upper, periods, "")
	abbrevZones.Store(l, real)
	return l
}

// abbrevZones leads from the zone of an abbreviation to the one that the clocks show.
var abbrevZones sync.Map // *time.Location → *time.Location

// namedLocation finds a name of the tz database, whatever its case, or a POSIX offset; nil when there is none.
func namedLocation(name string) *time.Location {
	if name == "" || strings.EqualFold(name, "local") {
		return nil
	}
	for _, n := range []string{name, titleZone(name), strings.ToUpper(name)} {
		if n == "UTC" || n == "Z" || n == "ZULU" {
			return time.UTC
		}
		if l, err := time.LoadLocation(n); err == nil {
			return l
		}
	}
	return posixLocation(name)
}

// titleZone is name in the case that most names of the tz database have: europe/berlin → Europe/Berlin.
func titleZone(name string) string {
	b, up := []byte(strings.ToLower(name)), true
	for i, c := range b {
		if up && c >= 'a' && c <= 'z' {
			b[i] = c - 32
		}
		up = c == '/' || c == '_' || c == '-'
	}
	s := string(b)
	for _, w := range []string{"Of", "Es", "Au"} {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "_"+w+"_", "_"+strings.ToLower(w)+"_"), "-"+w+"-", "-"+strings.ToLower(w)+"-")
	}
	if strings.HasPrefix(s, "Us/") {
		s = "US" + s[2:]
	}
	return s
}

var posixSummer = regexp.MustCompile(`^(?:[A-Za-z]{3,}|<[^>]+>)[-+]?\d{1,2}(?::\d\d){0,2}(?:[A-Za-z]{3,}|<[^>]+>)(?:[-+]?\d{1,2}(?::\d\d){0,2})?(,.*)?$`)

// posixLocation reads [letters | <any>] ±h[h][:mm[:ss]], with hours west of UTC, and what may follow: the name of the summer time with the
// rule for it, which is that of the United States where it isn't said.
func posixLocation(name string) *time.Location {
	if m := posixSummer.FindStringSubmatch(name); m != nil {
		rule := strings.ToUpper(name)
		if m[1] == "" {
			rule += ",M3.2.0,M11.1.0"
		}
		if l := buildZone(name, "LMT", []zonePeriod{{math.MinInt32, 0}}, rule); l != nil {
			if abbrev, _ := time.Unix(0, 0).In(l).Zone(); abbrev != "LMT" {
				return l
			}
		}
		return nil
	}
	rest, abbrev := name, ""
	if strings.HasPrefix(rest, "<") {
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			return nil
		}
		abbrev, rest = rest[1:end], rest[end+1:]
	} else {
		rest = strings.TrimLeftFunc(rest, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' })
		abbrev = name[:len(name)-len(rest)]
	}
	if rest == "" {
		return nil
	}
	sign := -1
	if rest[0] == '-' || rest[0] == '+' {
		if rest[0] == '-' {
			sign = 1
		}
		rest = rest[1:]
	}
	off := 0
	for i, p := range strings.Split(rest, ":") {
		n, err := strconv.ParseUint(p, 10, 8)
		if err != nil || i > 2 || i > 0 && n > 59 || n > 167 {
			return nil
		}
		off += int(n) * []int{3600, 60, 1}[i]
	}
	return buildZone(name, abbrev, []zonePeriod{{0, sign * off}}, "")
}

// zoneOffset is the seconds east of UTC of loc (nil: UTC) at ts.
func zoneOffset(ts int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC {
		return 0
	}
	_, off := time.Unix(floorDiv(ts, Second), 0).In(loc).Zone()
	return int64(off)
}

// ToLocal is what the clocks of loc (nil: UTC) show at ts, as a timestamp without zone.
func ToLocal(ts int64, loc *time.Location) int64 {
	if ts == TimestampInf || ts == TimestampNegInf {
		return ts
	}
	return ts + zoneOffset(ts, loc)*Second
}

// FromLocal is when the clocks of loc (nil: UTC) show local. Of a time that they skip it takes the offset before the change, of a
// time that they show twice the one after it, as PostgreSQL does.
func FromLocal(local int64, loc *time.Location) int64 {
	if loc == nil || loc == time.UTC || local == TimestampInf || local == TimestampNegInf {
		return local
	}
	if len(loc.String()) < 6 {
		if real, ok := abbrevZones.Load(loc); ok {
			return local - zoneOffset(FromLocal(local, real.(*time.Location)), loc)*Second
		}
	}
	before, after := zoneOffset(local-Day, loc), zoneOffset(local+Day, loc)
	if before != after {
		late := local - after*Second
		if zoneOffset(late, loc) == after {
			return late
		}
	}
	return local - before*Second
}
