package types

import (
	"math"
	"strconv"
	"strings"
)

// numberField decodes a plain number: a label before it, its length and what is known already say what it is.
func (d *datetime) numberField(s string) (tmask int, fault dtFault) {
	label := d.label
	d.label = wkNone
	switch label {
	case wkJulian:
		return d.julianNumber(s)
	case wkISOTime:
		tmask, fault = d.joined(s, d.mask|hasDate)
		if fault == dtOK && tmask != hasTime {
			fault = dtBad
		}
		return tmask, fault
	}
	point := strings.IndexByte(s, '.')
	switch {
	case point >= 0 && d.mask&hasDate == 0:
		return d.date(s)
	case point > 2:
		return d.joined(s, d.mask)
	case point < 0 && len(s) >= 6 && (d.mask&hasDate == 0 || d.mask&hasTime == 0):
		return d.joined(s, d.mask)
	}
	return d.number(s, d.textMonth, d.mask)
}

func (d *datetime) julianNumber(s string) (tmask int, fault dtFault) {
	v, digits := leadingInt(s)
	if v > math.MaxInt32 || v < 0 {
		return 0, dtOverflow
	}
	d.setJulian(v)
	if digits == s {
		return hasDate, dtOK
	}
	f, err := strconv.ParseFloat("0"+s[len(digits):], 64)
	if err != nil {
		return 0, dtBad
	}
	d.setMicros(int64(f * float64(Day)))
	return hasDate | hasTime, dtOK
}

// date decodes the pieces of a date that is written as one word.
func (d *datetime) date(s string) (tmask int, fault dtFault) {
	var parts [maxDateFields]string
	n := 0
	for i := 0; i < len(s); n++ {
		if i = skipWhile(s, i, func(c byte) bool { return !isAlnum(c) }); i == len(s) || n == maxDateFields {
			return 0, dtBad
		}
		start := i
		if isDigit(s[i]) {
			i = skipWhile(s, i, isDigit)
		} else {
			i = skipWhile(s, i, isLower)
		}
		parts[n] = s[start:i]
		i++
	}
	mask, text := d.mask, false
	for k, p := range parts[:n] {
		if isDigit(p[0]) {
			continue
		}
		w := dateWords[clipToken(p)]
		if w.kind == wkIgnore {
			continue
		}
		if w.kind != wkMonth || mask&hasMonth != 0 {
			return 0, dtBad
		}
		d.mon, text = w.val, true
		mask |= hasMonth
		tmask |= hasMonth
		parts[k] = ""
	}
	for _, p := range parts[:n] {
		if p == "" {
			continue
		}
		m, fault := d.number(p, text, mask)
		if fault != dtOK {
			return 0, fault
		}
		if m&mask != 0 {
			return 0, dtBad
		}
		mask |= m
		tmask |= m
	}
	if mask&^(hasDOY|hasZone) != hasDate {
		return 0, dtBad
	}
	return tmask, dtOK
}

// number decodes one number of a date; mask is what is known so far.
func (d *datetime) number(s string, text bool, mask int) (tmask int, fault dtFault) {
	v, digits := leadingInt(s)
	switch {
	case digits == "":
		return 0, dtBad
	case v > math.MaxInt32:
		return 0, dtOverflow
	case digits != s && s[len(digits)] != '.':
		return 0, dtBad
	case digits != s && len(digits) > 2:
		return d.joined(s, mask|hasDate)
	case digits != s:
		if d.fsec, fault = fractionOf(s[len(digits):]); fault != dtOK {
			return 0, fault
		}
	}
	if len(s) == 3 && mask&hasDate == hasYear && v >= 1 && v <= 366 {
		d.yday = v
		return hasDOY | hasMonth | hasDay, dtOK
	}
	long := len(s) >= 3
	switch mask & hasDate {
	case 0:
		switch {
		case long || d.order == "YMD":
			return d.setYear(v, s)
		case d.order == "DMY":
			d.day = v
			return hasDay, dtOK
		}
		d.mon = v
		return hasMonth, dtOK
	case hasYear, hasDay:
		d.mon = v
		return hasMonth, dtOK
	case hasMonth:
		if text && (long || d.order == "YMD") {
			return d.setYear(v, s)
		}
	case hasYear | hasMonth:
		if text && long && d.twoDigits {
			d.day, d.year, d.twoDigits = d.year, v, false
			return hasDay, dtOK
		}
	case hasMonth | hasDay:
		return d.setYear(v, s)
	default:
		if mask&hasDate == hasDate {
			return d.joined(s, mask)
		}
		return 0, dtBad
	}
	d.day = v
	return hasDay, dtOK
}

func (d *datetime) setYear(v int, s string) (int, dtFault) {
	d.year, d.twoDigits = v, len(s) <= 2
	return hasYear, dtOK
}

// joined decodes yyyymmdd, yymmdd, hhmmss[.ffffff] or hhmm; mask is what is known so far.
func (d *datetime) joined(s string, mask int) (tmask int, fault dtFault) {
	point := strings.IndexByte(s, '.')
	if point >= 0 {
		if d.fsec, fault = fractionOf(s[point:]); fault != dtOK {
			return 0, fault
		}
		s = s[:point]
	} else if n := len(s); mask&hasDate != hasDate && n >= 6 {
		y, _ := leadingInt(s[:n-4])
		d.year = y
		d.mon, _ = leadingInt(s[n-4 : n-2])
		d.day, _ = leadingInt(s[n-2:])
		d.twoDigits = n == 6
		if y > math.MaxInt32 {
			return 0, dtOverflow
		}
		return hasDate, dtOK
	}
	if mask&hasTime == hasTime || len(s) != 6 && len(s) != 4 {
		return 0, dtBad
	}
	d.hour, _ = leadingInt(s[:2])
	d.min, _ = leadingInt(s[2:4])
	d.sec = 0
	if len(s) == 6 {
		d.sec, _ = leadingInt(s[4:])
	}
	return hasTime, dtOK
}

// fractionOf reads ".ffffff" as microseconds.
func fractionOf(s string) (int, dtFault) {
	if s == "." {
		return 0, dtOK
	}
	f, n := fraction([]byte(s[1:]))
	if n != len(s)-1 {
		return 0, dtBad
	}
	return int(f), dtOK
}

// clock decodes hh:mm[:ss[.ffffff]], or mm:ss.ffffff.
func (d *datetime) clock(s string) (fault dtFault) {
	d.hour, d.min, d.sec, d.fsec, fault = decodeClock(s, false)
	return fault
}

// decodeClock decodes hh:mm[:ss[.ffffff]]; mm:ss when there is a fraction behind the second number or minSec is true.
func decodeClock(s string, minSec bool) (hour, minute, sec, fsec int, fault dtFault) {
	hour, digits := leadingInt(s)
	rest := s[len(digits):]
	if digits == "" || rest == "" || rest[0] != ':' {
		return 0, 0, 0, 0, dtBad
	}
	minute, digits = leadingInt(rest[1:])
	rest = rest[1+len(digits):]
	switch {
	case rest == "" && minSec:
		hour, minute, sec = 0, hour, minute
	case rest == "":
	case rest[0] == '.':
		hour, minute, sec = 0, hour, minute
		fsec, fault = fractionOf(rest)
	case rest[0] == ':':
		sec, digits = leadingInt(rest[1:])
		if rest = rest[1+len(digits):]; rest != "" {
			if rest[0] != '.' {
				return 0, 0, 0, 0, dtBad
			}
			fsec, fault = fractionOf(rest)
		}
	default:
		fault = dtBad
	}
	if fault == dtOK && (hour < 0 || minute < 0 || minute > 59 || sec < 0 || sec > 60) {
		fault = dtOverflow
	}
	return hour, minute, sec, fsec, fault
}

// decodeZone decodes ±hh[:mm[:ss]] or ±hhmm, in seconds east.
func decodeZone(s string) (int, dtFault) {
	h, digits := leadingInt(s[1:])
	rest := s[1+len(digits):]
	m, sec := 0, 0
	if strings.HasPrefix(rest, ":") {
		m, digits = leadingInt(rest[1:])
		rest = rest[1+len(digits):]
		if strings.HasPrefix(rest, ":") {
			sec, digits = leadingInt(rest[1:])
			rest = rest[1+len(digits):]
		}
	} else if rest == "" && len(s) > 3 {
		h, m = h/100, h%100
	}
	if h < 0 || h > 15 || m < 0 || m > 59 || sec < 0 || sec > 59 {
		return 0, dtZoneOverflow
	}
	if rest != "" {
		return 0, dtBad
	}
	off := h*3600 + m*60 + sec
	if s[0] == '-' {
		off = -off
	}
	return off, dtOK
}
