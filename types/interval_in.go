package types

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// ivUnit is a unit of an interval.
type ivUnit uint8

const (
	ivNone ivUnit = iota
	ivMicro
	ivMilli
	ivSecond
	ivMinute
	ivHour
	ivDay
	ivWeek
	ivMonth
	ivYear
	ivDecade
	ivCentury
	ivMillennium
	ivAgo
)

var ivUnits = map[string]ivUnit{
	"ago": ivAgo, "c": ivCentury, "cent": ivCentury, "centuries": ivCentury, "century": ivCentury, "d": ivDay, "day": ivDay, "days": ivDay,
	"dec": ivDecade, "decade": ivDecade, "decades": ivDecade, "decs": ivDecade, "h": ivHour, "hour": ivHour, "hours": ivHour, "hr": ivHour,
	"hrs": ivHour, "m": ivMinute, "microsecon": ivMicro, "mil": ivMillennium, "millennia": ivMillennium, "millennium": ivMillennium,
	"mils": ivMillennium, "millisecon": ivMilli, "min": ivMinute, "mins": ivMinute, "minute": ivMinute, "minutes": ivMinute, "mon": ivMonth,
	"mons": ivMonth, "month": ivMonth, "months": ivMonth, "ms": ivMilli, "msec": ivMilli, "msecond": ivMilli, "mseconds": ivMilli,
	"msecs": ivMilli, "s": ivSecond, "sec": ivSecond, "second": ivSecond, "seconds": ivSecond, "secs": ivSecond, "us": ivMicro,
	"usec": ivMicro, "usecond": ivMicro, "useconds": ivMicro, "usecs": ivMicro, "w": ivWeek, "week": ivWeek, "weeks": ivWeek,
	"y": ivYear, "year": ivYear, "years": ivYear, "yr": ivYear, "yrs": ivYear,
}

// ParseInterval reads an interval in any form of PostgreSQL's. Errors: 22007, 22015.
func ParseInterval(s string) (IntervalValue, error) { return ParseIntervalMod(s, "", -1) }

// ParseIntervalMod reads an interval under an IntervalStyle and a modifier (-1: none; otherwise fields<<16 | precision, with fields of
// IntervalYear and so on), which says what a bare number counts and cuts the value. Errors: 22007, 22015.
func ParseIntervalMod(s, style string, mod int32) (IntervalValue, error) {
	fieldsMask := int32(intervalFullRange)
	if mod >= 0 {
		fieldsMask = mod >> 16 & intervalFullRange
	}
	fields, ok := splitDatetime(s)
	fault := dtBad
	var a ivParts
	if ok {
		a, fault = decodeIntervalFields(fields, fieldsMask, style)
	}
	if fault == dtBad {
		a, fault = decodeISOInterval(trimLeft(s))
	}
	if fault == dtOverflow {
		fault = dtIntervalOverflow
	}
	if fault != dtOK {
		return IntervalValue{}, fault.error("interval", s)
	}
	iv, ok := a.value()
	if !ok {
		return IntervalValue{}, intervalRange()
	}
	return iv.ApplyMod(mod), nil
}

func trimLeft(s string) string { return s[skipWhile(s, 0, isSpace):] }

// ivParts adds up the fields of an interval.
type ivParts struct {
	years, months, days, micros int64
	over                        bool
}

func (a *ivParts) value() (IntervalValue, bool) {
	m := a.years*12 + a.months
	ok := !a.over && m == int64(int32(m)) && a.days == int64(int32(a.days))
	return IntervalValue{a.micros, int32(a.days), int32(m)}, ok
}

func (a *ivParts) addMicros(v float64, unit int64) {
	f := v * float64(unit)
	whole := math.Trunc(f)
	if f -= whole; f > 0.5 {
		whole++
	} else if f < -0.5 {
		whole--
	}
	a.addInt(int64(whole), 1)
}

func (a *ivParts) addInt(v, unit int64) {
	p := v * unit
	if v != 0 && p/v != unit {
		a.over = true
	}
	s := a.micros + p
	if (s > a.micros) != (p > 0) && p != 0 {
		a.over = true
	}
	a.micros = s
}

// addDays adds a fraction of unit days, what is left as time.
func (a *ivParts) addDays(frac float64, unit float64) {
	frac *= unit
	whole := math.Trunc(frac)
	a.days += int64(whole)
	a.addMicros(frac-whole, Day)
}

// add adds val and the fraction frac of it in a unit.
func (a *ivParts) add(u ivUnit, val int64, frac float64) dtFault {
	switch u {
	case ivMicro:
		a.addInt(val, 1)
		a.addMicros(frac, 1)
	case ivMilli:
		a.addInt(val, 1000)
		a.addMicros(frac, 1000)
	case ivSecond:
		a.addInt(val, Second)
		a.addMicros(frac, Second)
	case ivMinute:
		a.addInt(val, Minute)
		a.addMicros(frac, Minute)
	case ivHour:
		a.addInt(val, Hour)
		a.addMicros(frac, Hour)
	case ivDay:
		a.days += val
		a.addMicros(frac, Day)
	case ivWeek:
		a.days += val * 7
		a.addDays(frac, 7)
	case ivMonth:
		a.months += val
		a.addDays(frac, 30)
	case ivYear, ivDecade, ivCentury, ivMillennium:
		scale := [...]int64{1, 10, 100, 1000}[u-ivYear]
		a.years += val * scale
		a.months += int64(math.RoundToEven(frac * 12 * float64(scale)))
	default:
		return dtBad
	}
	if a.over || tooLong(a.days) || tooLong(a.months) || tooLong(a.years) {
		return dtOverflow
	}
	return dtOK
}

func tooLong(v int64) bool { return v != int64(int32(v)) }

// decodeIntervalFields is PostgreSQL's DecodeInterval: it reads the fields from right to left.
func decodeIntervalFields(fields []dtField, mask int32, style string) (a ivParts, fault dtFault) {
	unit, before, seen := ivNone, false, 0
	if style == "sql_standard" && len(fields) > 0 && fields[0].text[0] == '-' && !moreSigns(fields[1:]) {
		fields = allNegative(fields)
	}
	for i := len(fields) - 1; i >= 0; i-- {
		f, bit := fields[i], 0
		switch f.kind {
		case fkString, fkSpecial:
			u, ok := ivUnits[clipToken(f.text)]
			if !ok {
				return a, dtBad
			}
			if unit = u; u == ivAgo {
				before = true
			}
			continue
		case fkTime, fkZone:
			if bit, fault = a.clock(f, mask); fault == dtOK {
				unit = ivDay
				break
			}
			if f.kind == fkTime {
				return a, fault
			}
			fallthrough
		default:
			if unit == ivNone || unit == ivAgo {
				unit = defaultUnit(mask)
			}
			if bit, fault = a.number(f.text, &unit); fault != dtOK {
				return a, fault
			}
		}
		if bit&seen != 0 {
			return a, dtBad
		}
		seen |= bit
	}
	if seen == 0 {
		return a, dtBad
	}
	if before {
		if a.micros == math.MinInt64 || a.days == math.MinInt32 || a.months == math.MinInt32 || a.years == math.MinInt32 {
			return a, dtOverflow
		}
		a = ivParts{-a.years, -a.months, -a.days, -a.micros, a.over}
	}
	return a, dtOK
}

// allNegative gives every number and time the minus that the first one has.
func allNegative(fields []dtField) []dtField {
	out := slices.Clone(fields)
	for i := range out[1:] {
		if f := &out[i+1]; f.text[0] >= '0' && f.text[0] <= '9' || f.text[0] == '.' {
			f.kind, f.text = fkZone, "-"+f.text
		}
	}
	return out
}

func moreSigns(fields []dtField) bool {
	for _, f := range fields {
		if f.text[0] == '-' || f.text[0] == '+' {
			return true
		}
	}
	return false
}

// clock adds hh:mm[:ss], with a sign or without.
func (a *ivParts) clock(f dtField, mask int32) (bit int, fault dtFault) {
	s, sign := f.text, int64(1)
	if f.kind == fkZone {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
		if !strings.Contains(s, ":") {
			return 0, dtBad
		}
	}
	h, m, sec, fsec, fault := decodeClock(s, mask == IntervalMinute|IntervalSecond)
	if fault == dtOK {
		hours := int64(h)
		if h > math.MaxInt32 {
			if hours, _, a.over = leadingInt64(s); a.over {
				return 0, dtOverflow
			}
		}
		a.addInt(sign*hours, Hour)
		a.addInt(sign*(int64(m)*Minute+int64(sec)*Second+int64(fsec)), 1)
	}
	if a.over {
		fault = dtOverflow
	}
	return 1<<ivHour | 1<<ivMinute | 1<<ivSecond | 1<<ivMilli | 1<<ivMicro, fault
}

// number adds a number of *unit; years-months are one too. After hours come days.
func (a *ivParts) number(s string, unit *ivUnit) (bit int, fault dtFault) {
	val, digits, over := leadingInt64(s)
	if over || *unit >= ivDay && abs(val) > 1<<50 {
		return 0, dtOverflow
	}
	rest := s[len(digits):]
	if digits == "" && (rest == "" || rest[0] != '.') && !strings.HasPrefix(strings.TrimLeft(rest, "+-"), ".") {
		return 0, dtBad
	}
	frac := 0.0
	switch {
	case rest == "":
	case rest[0] == '-':
		m, mdigits, _ := leadingInt64(rest[1:])
		switch {
		case m < 0 || m >= 12:
			return 0, dtOverflow
		case len(mdigits) != len(rest)-1:
			return 0, dtBad
		}
		if s[0] == '-' {
			m = -m
		}
		*unit = ivMonth
		val = val*12 + m
	case rest[0] == '.':
		f, err := strconv.ParseFloat("0"+rest, 64)
		if err != nil {
			return 0, dtBad
		}
		if frac = f; s[0] == '-' {
			frac = -f
		}
	default:
		return 0, dtBad
	}
	bit = 1 << *unit
	if *unit == ivSecond && frac != 0 {
		bit |= 1<<ivMicro | 1<<ivMilli
	}
	fault = a.add(*unit, val, frac)
	if *unit == ivHour {
		*unit = ivDay
	}
	return bit, fault
}

// leadingInt64 reads the digits and sign at the front of s; over says that the number is too large.
func leadingInt64(s string) (v int64, digits string, over bool) {
	n := 0
	if n < len(s) && (s[n] == '-' || s[n] == '+') {
		n++
	}
	start := n
	if n = skipWhile(s, n, isDigit); n == start {
		return 0, "", false
	}
	v, err := strconv.ParseInt(s[:n], 10, 64)
	return v, s[:n], err != nil
}
