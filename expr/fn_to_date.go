package expr

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// toDateFuncs are to_date and to_timestamp of text by a template.
func toDateFuncs() []*Func {
	X := types.Text
	return []*Func{
		vol(Stable, f2("to_date", X, X, types.Date, func(_ *Ctx, s, f string) (int32, error) {
			p, err := parseByFormat(s, f)
			if err != nil {
				return 0, err
			}
			return p.date(s)
		}, "date of a text by a template")),
		vol(Stable, f2("to_timestamp", X, X, types.TimestampTZ, func(ctx *Ctx, s, f string) (int64, error) {
			p, err := parseByFormat(s, f)
			if err != nil {
				return 0, err
			}
			d, err := p.date(s)
			if err != nil {
				return 0, err
			}
			ts := int64(d)*microsPerDay + p.clock()
			if p.hasZone {
				return ts - p.off*microsPerSecond, nil
			}
			return toUTC(ctx.Format.Loc, ts), nil
		}, "instant of a text by a template")),
	}
}

// parsedTime is what a template found.
type parsedTime struct {
	year, month, day, yday int
	hour, min, sec         int
	fsec                   int64
	pm, hasPM, bc          bool
	julian                 int
	daySecs                int
	off                    int64
	hasZone                bool
}

func (p *parsedTime) clock() int64 {
	h := p.hour
	if p.hasPM {
		h %= 12
		if p.pm {
			h += 12
		}
	}
	if p.daySecs > 0 {
		return int64(p.daySecs)*1e6 + p.fsec
	}
	return (int64(h)*3600+int64(p.min)*60+int64(p.sec))*1e6 + p.fsec
}

func (p *parsedTime) date(src string) (int32, error) {
	out := sqlerr.New(sqlerr.DatetimeFieldOverflow, `date/time field value out of range: "%s"`, src)
	if p.julian > 0 {
		return int32(p.julian - 2440588), nil
	}
	y := p.year
	if p.bc && y > 0 {
		y = 1 - y
	}
	if p.month > 12 || p.hour > 24 || p.min > 59 || p.sec > 59 || p.hasPM && p.hour > 12 {
		return 0, out
	}
	if p.yday > 0 {
		return int32(types.DaysFromCivil(y, 1, 1) + p.yday - 1), nil
	}
	m, d := max(p.month, 1), max(p.day, 1)
	if d > types.DaysInMonth(y, m) {
		return 0, out
	}
	return int32(types.DaysFromCivil(y, m, d)), nil
}

func parseByFormat(s, format string) (*parsedTime, error) {
	p := &parsedTime{}
	nodes := parseTimeFormat(format)
	for i, n := range nodes {
		if s == "" {
			break
		}
		if n.key == "" {
			s = skipText(s, n.text)
			continue
		}
		s = strings.TrimLeft(s, " ")
		next := i+1 < len(nodes) && nodes[i+1].key != "" && isNumberKey(nodes[i+1].key)
		rest, err := p.take(&n, s, next)
		if err != nil {
			return nil, err
		}
		s = rest
	}
	return p, nil
}

// skipText passes over literal text: a separator takes any separator, a letter any character.
func skipText(s, text string) string {
	for _, c := range []byte(text) {
		if s == "" {
			return s
		}
		sep := !isAlnum(c)
		if sep {
			if !isAlnum(s[0]) && (s[0] != '-' && s[0] != '+' || c == s[0] || c != ' ') {
				s = s[1:]
			}
			continue
		}
		s = s[1:]
	}
	return s
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

var keyWidths = map[string]int{"YYYY": 4, "YYY": 3, "YY": 2, "Y": 1, "MM": 2, "DD": 2, "DDD": 3, "HH24": 2, "HH12": 2, "HH": 2, "MI": 2, "SS": 2,
	"MS": 3, "US": 6, "FF1": 1, "FF2": 2, "FF3": 3, "FF4": 4, "FF5": 5, "FF6": 6, "SSSS": 5, "SSSSS": 5, "J": 9, "TZM": 2, "Q": 1, "D": 1, "ID": 1, "W": 1, "WW": 2, "CC": 2}

func isNumberKey(k string) bool { return keyWidths[k] > 0 }

// take reads one field. Only where a number follows at once is a number held to its width.
func (p *parsedTime) take(n *fmtNode, s string, tight bool) (string, error) {
	switch n.key {
	case "MONTH", "MON":
		return p.takeMonth(s)
	case "DAY", "DY":
		for _, d := range dayNames {
			for _, w := range []string{d, d[:3]} {
				if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
					return s[len(w):], nil
				}
			}
		}
		return s, badField(s, n.key)
	case "AM", "PM", "A.M.", "P.M.", "AD", "BC", "A.D.", "B.C.":
		return p.takeEra(n, s)
	case "TZH", "OF", "TZ":
		return p.takeZone(s)
	}
	width := keyWidths[n.key]
	if width == 0 {
		return s, sqlerr.New(sqlerr.FeatureNotSupported, "formatting field %q is only supported in to_char", n.key)
	}
	if !tight && n.key != "MS" && n.key != "US" && n.key[:1] != "F" {
		width = 9
	}
	k, v := 0, 0
	for k < len(s) && k < width && s[k] >= '0' && s[k] <= '9' {
		v = v*10 + int(s[k]-'0')
		k++
	}
	if k == 0 {
		return s, badField(s, n.key)
	}
	p.set(n.key, v, k)
	return s[k:], nil
}

func badField(s, key string) error {
	if i := strings.IndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	if w := keyWidths[key]; w > 0 && len(s) > w {
		s = s[:w]
	}
	if isNumberKey(key) {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, `invalid value "%s" for "%s"`, s, key).WithDetail("Value must be an integer.")
	}
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, `invalid value "%s" for "%s"`, s, key).
		WithDetail("The given value did not match any of the allowed values for this field.")
}

func (p *parsedTime) set(key string, v, digits int) {
	switch key {
	case "YYYY":
		p.year = v
	case "YYY", "YY", "Y":
		if p.year = v; digits <= 2 {
			p.year = v + 2000 - 100*int(b2u(v >= 70))
		}
	case "MM":
		p.month = v
	case "DD":
		p.day = v
	case "DDD":
		p.yday = v
	case "HH24", "HH12", "HH":
		p.hour = v
	case "MI":
		p.min = v
	case "SS":
		p.sec = v
	case "SSSS", "SSSSS":
		p.daySecs = v
	case "J":
		p.julian = v
	case "TZM":
		p.off += int64(v) * 60 * (1 - 2*int64(b2u(p.off < 0)))
	case "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		f := int64(v)
		for k := digits; k < 6; k++ {
			f *= 10
		}
		p.fsec = f
	}
}

func (p *parsedTime) takeMonth(s string) (string, error) {
	for i, m := range monthNames {
		for _, w := range []string{m, m[:3]} {
			if len(s) >= len(w) && strings.EqualFold(s[:len(w)], w) {
				p.month = i + 1
				return s[len(w):], nil
			}
		}
	}
	return s, badField(s, "MONTH")
}

func (p *parsedTime) takeEra(n *fmtNode, s string) (string, error) {
	k := len(n.key)
	if len(s) < k {
		return s, badField(s, n.key)
	}
	switch w := strings.ToUpper(strings.ReplaceAll(s[:k], ".", "")); w {
	case "AM", "PM":
		p.hasPM, p.pm = true, w == "PM"
	case "BC":
		p.bc = true
	case "AD":
	default:
		return s, badField(s, n.key)
	}
	return s[k:], nil
}

// takeZone reads +hh or +hh:mm.
func (p *parsedTime) takeZone(s string) (string, error) {
	sign := int64(1)
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	v, k := 0, 0
	for k < len(s) && k < 2 && s[k] >= '0' && s[k] <= '9' {
		v = v*10 + int(s[k]-'0')
		k++
	}
	if k == 0 {
		return s, badField(s, "TZH")
	}
	p.hasZone, p.off = true, sign*int64(v)*3600
	return s[k:], nil
}
