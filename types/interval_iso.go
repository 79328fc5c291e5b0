package types

import (
	"math"
	"regexp"
	"strconv"
)

// decodeISOInterval reads P1Y2M3DT4H5M6S, P0001-02-03T04:05:06 and P00010203T040506, as PostgreSQL's DecodeISO8601Interval.
func decodeISOInterval(s string) (a ivParts, fault dtFault) {
	if len(s) < 2 || s[0] != 'P' {
		return a, dtBad
	}
	s = s[1:]
	datePart, have := true, false
	for s != "" {
		if s[0] == 'T' {
			datePart, have = false, false
			s = s[1:]
			continue
		}
		num := s
		val, frac, rest, ok := isoNumber(s)
		if !ok {
			return a, dtBad
		}
		unit := byte(0)
		if rest != "" {
			unit = rest[0]
			rest = rest[1:]
		}
		s = rest
		var u ivUnit
		if datePart {
			u = isoDateUnits[unit]
		} else {
			u = isoTimeUnits[unit]
		}
		switch {
		case u != ivNone:
			fault = a.add(u, val, frac)
		case datePart && (unit == 0 || unit == 'T' || unit == '-'):
			if s, fault = a.isoDate(num, have); fault == dtOK && s != "" {
				datePart, have = false, false
				continue
			}
		case !datePart && (unit == 0 || unit == ':'):
			s, fault = a.isoTime(num, have)
		default:
			fault = dtBad
		}
		if fault != dtOK {
			return a, fault
		}
		have = true
	}
	return a, dtOK
}

var (
	isoDateUnits = map[byte]ivUnit{'Y': ivYear, 'M': ivMonth, 'W': ivWeek, 'D': ivDay}
	isoTimeUnits = map[byte]ivUnit{'H': ivHour, 'M': ivMinute, 'S': ivSecond}
)

// isoNumber reads a number with sign, fraction and exponent.
func isoNumber(s string) (val int64, frac float64, rest string, ok bool) {
	if s == "" || !isDigit(s[0]) && s[0] != '-' && s[0] != '.' {
		return 0, 0, "", false
	}
	n := isoFloat.FindStringIndex(s)
	if n == nil {
		return 0, 0, "", false
	}
	f, err := strconv.ParseFloat(s[:n[1]], 64)
	if err != nil || math.Abs(f) > 1e15 {
		return 0, 0, "", false
	}
	whole := math.Trunc(f)
	return int64(whole), f - whole, s[n[1]:], true
}

var isoFloat = regexp.MustCompile(`^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?`)

// isoList reads up to three numbers with sep between them and adds them in the units; rest begins behind a 'T'.
func (a *ivParts) isoList(s string, sep byte, units [3]ivUnit) (rest string, fault dtFault) {
	for i, u := range units {
		val, frac, rest, ok := isoNumber(s)
		if !ok {
			return "", dtBad
		}
		if fault := a.add(u, val, frac); fault != dtOK {
			return "", fault
		}
		switch {
		case rest == "":
			return "", dtOK
		case rest[0] == 'T' && sep == '-':
			return rest[1:], dtOK
		case rest[0] != sep || i == 2:
			return "", dtBad
		}
		s = rest[1:]
	}
	return "", dtBad
}

// isoDate reads yyyymmdd or yyyy-mm-dd.
func (a *ivParts) isoDate(s string, have bool) (rest string, fault dtFault) {
	if have {
		return "", dtBad
	}
	if n := skipWhile(s, 0, isDigit); n == 8 && (n == len(s) || s[n] == 'T') {
		val, _, _ := leadingInt64(s)
		a.years, a.months, a.days = a.years+val/10000, a.months+val/100%100, a.days+val%100
		if n == len(s) {
			return "", dtOK
		}
		return s[n+1:], dtOK
	}
	return a.isoList(s, '-', [3]ivUnit{ivYear, ivMonth, ivDay})
}

// isoTime reads hhmmss or hh:mm:ss.
func (a *ivParts) isoTime(s string, have bool) (rest string, fault dtFault) {
	if have {
		return "", dtBad
	}
	if n := skipWhile(s, 0, isDigit); n == 6 && n == len(s) {
		val, _, _ := leadingInt64(s)
		a.addInt(val/10000, Hour)
		a.addInt(val/100%100, Minute)
		a.addInt(val%100, Second)
		return "", dtOK
	}
	return a.isoList(s, ':', [3]ivUnit{ivHour, ivMinute, ivSecond})
}
