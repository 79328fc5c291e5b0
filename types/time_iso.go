package types

// ParseTimestampISO reads `YYYY-MM-DD[ T]HH:MM:SS[.ffffff][Z|±hh[[:]mm]]` or a date alone, without allocating. micros count from
// 1970-01-01; a zone is subtracted already, hasZone says that there was one. Digits after the sixth of the fraction round. ok is
// false for every other form and for a field out of range: then the general parser must look.
func ParseTimestampISO(b []byte) (micros int64, hasZone bool, ok bool) {
	days, ok := parseDateISO(b)
	if !ok {
		return 0, false, false
	}
	micros = int64(days) * Day
	if len(b) == 10 {
		return micros, false, true
	}
	if len(b) < 19 || b[10] != ' ' && b[10] != 'T' || b[13] != ':' || b[16] != ':' {
		return 0, false, false
	}
	h, m, s := two(b[11:]), two(b[14:]), two(b[17:])
	if h > 23 || m > 59 || s > 59 {
		return 0, false, false
	}
	micros += int64(h)*Hour + int64(m)*Minute + int64(s)*Second
	b = b[19:]
	if len(b) > 1 && b[0] == '.' {
		f, n := fraction(b[1:])
		if n == 0 {
			return 0, false, false
		}
		micros += f
		b = b[1+n:]
	}
	if len(b) == 0 {
		return micros, false, true
	}
	off, ok := zoneISO(b)
	return micros - off*Second, true, ok
}

// parseDateISO reads the YYYY-MM-DD at the front of b.
func parseDateISO(b []byte) (days int, ok bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return 0, false
	}
	y1, y2, m, d := two(b), two(b[2:]), two(b[5:]), two(b[8:])
	y := int(y1)*100 + int(y2)
	if y1 > 99 || y2 > 99 || m < 1 || m > 12 || d < 1 || y == 0 || int(d) > DaysInMonth(y, int(m)) {
		return 0, false
	}
	return DaysFromCivil(y, int(m), int(d)), true
}

// two reads two digits; anything else gives more than 99.
func two(b []byte) uint {
	x, y := uint(b[0]-'0'), uint(b[1]-'0')
	if x > 9 || y > 9 {
		return 1000
	}
	return x*10 + y
}

// fraction reads the digits of a fraction of a second as microseconds; n is their number.
func fraction(b []byte) (micros int64, n int) {
	for n < len(b) && isDigit(b[n]) {
		if n < 6 {
			micros = micros*10 + int64(b[n]-'0')
		}
		n++
	}
	for k := n; k < 6; k++ {
		micros *= 10
	}
	if n > 6 && (b[6] > '5' || b[6] == '5' && (micros%2 == 1 || !allZero(b[7:n]))) {
		micros++
	}
	return micros, n
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != '0' {
			return false
		}
	}
	return true
}

// zoneISO reads Z, ±hh, ±hhmm or ±hh:mm, in seconds east.
func zoneISO(b []byte) (seconds int64, ok bool) {
	if len(b) == 1 && (b[0] == 'Z' || b[0] == 'z') {
		return 0, true
	}
	if len(b) < 3 || b[0] != '+' && b[0] != '-' {
		return 0, false
	}
	h, m := two(b[1:]), uint(0)
	switch {
	case len(b) == 5:
		m = two(b[3:])
	case len(b) == 6 && b[3] == ':':
		m = two(b[4:])
	case len(b) != 3:
		return 0, false
	}
	if h > 15 || m > 59 {
		return 0, false
	}
	seconds = int64(h)*3600 + int64(m)*60
	if b[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
