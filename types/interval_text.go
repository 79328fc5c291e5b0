package types

import "strconv"

// intervalParts is an interval taken apart as PostgreSQL prints it; all parts of the time have one sign.
type intervalParts struct {
	year, mon, day, hour, min, sec, fsec int64
}

func (iv IntervalValue) parts() intervalParts {
	s, f := iv.Micros/Second, iv.Micros%Second
	return intervalParts{int64(iv.Months / 12), int64(iv.Months % 12), int64(iv.Days), s / 3600, s / 60 % 60, s % 60, f}
}

func (p intervalParts) timeNeg() bool { return p.hour < 0 || p.min < 0 || p.sec < 0 || p.fsec < 0 }

func (p intervalParts) hasTime() bool { return p.hour != 0 || p.min != 0 || p.sec != 0 || p.fsec != 0 }

// AppendText appends iv in an IntervalStyle: postgres (also for an unknown one), postgres_verbose, iso_8601, sql_standard.
func (iv IntervalValue) AppendText(dst []byte, style string) []byte {
	p := iv.parts()
	switch style {
	case "postgres_verbose":
		return p.appendVerbose(dst)
	case "iso_8601":
		return p.appendISO(dst)
	case "sql_standard":
		return p.appendSQL(dst)
	}
	return p.appendPostgres(dst)
}

func (p intervalParts) appendPostgres(dst []byte) []byte {
	start, before := len(dst), false
	for i, v := range [3]int64{p.year, p.mon, p.day} {
		if v == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		if before && v > 0 {
			dst = append(dst, '+')
		}
		dst = append(strconv.AppendInt(dst, v, 10), [3]string{" year", " mon", " day"}[i]...)
		if v != 1 {
			dst = append(dst, 's')
		}
		before = v < 0
	}
	if len(dst) > start && !p.hasTime() {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	switch {
	case p.timeNeg():
		dst = append(dst, '-')
	case before:
		dst = append(dst, '+')
	}
	return p.appendClock(dst, true)
}

// appendClock appends h:mm:ss[.ffffff] without sign; wide pads the hour to two digits.
func (p intervalParts) appendClock(dst []byte, wide bool) []byte {
	if h := abs(p.hour); wide {
		dst = appendTwo(dst, int(h))
	} else {
		dst = strconv.AppendInt(dst, h, 10)
	}
	dst = append(dst, ':')
	dst = appendTwo(dst, int(abs(p.min)))
	dst = append(dst, ':')
	dst = appendTwo(dst, int(abs(p.sec)))
	return appendFraction(dst, abs(p.fsec))
}

func (p intervalParts) appendVerbose(dst []byte) []byte {
	dst = append(dst, '@')
	zero, before := true, false
	for i, v := range [5]int64{p.year, p.mon, p.day, p.hour, p.min} {
		if v == 0 {
			continue
		}
		if zero {
			before, v = v < 0, abs(v)
		} else if before {
			v = -v
		}
		dst = strconv.AppendInt(append(dst, ' '), v, 10)
		dst = append(dst, [5]string{" year", " mon", " day", " hour", " min"}[i]...)
		if v != 1 {
			dst = append(dst, 's')
		}
		zero = false
	}
	if p.sec != 0 || p.fsec != 0 {
		dst = append(dst, ' ')
		if p.sec < 0 || p.fsec < 0 {
			if zero {
				before = true
			} else if !before {
				dst = append(dst, '-')
			}
		} else if before {
			dst = append(dst, '-')
		}
		dst = strconv.AppendInt(dst, abs(p.sec), 10)
		dst = append(appendFraction(dst, abs(p.fsec)), " sec"...)
		if abs(p.sec) != 1 || p.fsec != 0 {
			dst = append(dst, 's')
		}
		zero = false
	}
	if zero {
		dst = append(dst, " 0"...)
	}
	if before {
		dst = append(dst, " ago"...)
	}
	return dst
}

func (p intervalParts) appendISO(dst []byte) []byte {
	if p == (intervalParts{}) {
		return append(dst, "PT0S"...)
	}
	part := func(v int64, unit byte) {
		if v != 0 {
			dst = append(strconv.AppendInt(dst, v, 10), unit)
		}
	}
	dst = append(dst, 'P')
	part(p.year, 'Y')
	part(p.mon, 'M')
	part(p.day, 'D')
	if !p.hasTime() {
		return dst
	}
	dst = append(dst, 'T')
	part(p.hour, 'H')
	part(p.min, 'M')
	if p.sec != 0 || p.fsec != 0 {
		if p.sec < 0 || p.fsec < 0 {
			dst = append(dst, '-')
		}
		dst = strconv.AppendInt(dst, abs(p.sec), 10)
		dst = append(appendFraction(dst, abs(p.fsec)), 'S')
	}
	return dst
}

func (p intervalParts) appendSQL(dst []byte) []byte {
	yearMonth, dayTime := p.year != 0 || p.mon != 0, p.day != 0 || p.hasTime()
	neg := p.year < 0 || p.mon < 0 || p.day < 0 || p.timeNeg()
	pos := p.year > 0 || p.mon > 0 || p.day > 0 || p.hour > 0 || p.min > 0 || p.sec > 0 || p.fsec > 0
	switch {
	case !neg && !pos:
		return append(dst, '0')
	case neg && pos, yearMonth && dayTime:
		dst = append(dst, signOf(p.year < 0 || p.mon < 0))
		dst = append(strconv.AppendInt(dst, abs(p.year), 10), '-')
		dst = append(strconv.AppendInt(dst, abs(p.mon), 10), ' ', signOf(p.day < 0))
		dst = append(strconv.AppendInt(dst, abs(p.day), 10), ' ', signOf(p.timeNeg()))
		return p.appendClock(dst, false)
	}
	if neg {
		dst = append(dst, '-')
	}
	if yearMonth {
		dst = append(strconv.AppendInt(dst, abs(p.year), 10), '-')
		return strconv.AppendInt(dst, abs(p.mon), 10)
	}
	if p.day != 0 {
		dst = append(strconv.AppendInt(dst, abs(p.day), 10), ' ')
	}
	return p.appendClock(dst, false)
}

func signOf(neg bool) byte {
	if neg {
		return '-'
	}
	return '+'
}

func abs(v int64) int64 {
	if v < 0 {
		return -v
	}
	return v
}
