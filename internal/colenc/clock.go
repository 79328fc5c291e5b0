package colenc

import (
	"math"
	"time"
)

const (
	usecPerSec = 1000000
	usecPerDay = 86400 * usecPerSec
)

// clock writes timestamps in ISO style. It keeps the zone's offset with the span of time in which it holds, and the text
// of the last day, because neighbouring rows mostly share them.
type clock struct {
	loc      *time.Location // nil: timestamp without time zone
	from, to int64          // µs of UTC in which offset and suffix hold
	offset   int64          // µs to add to UTC
	suffix   [9]byte        // "+05:30", "+00", "-00:44:30"
	suffixN  int
	day      int64 // days since 1970 of date
	date     [11]byte
	dateN    int
}

// append appends v, µs since 1970. ok is false, and nothing appended, for infinities and years outside 1 to 9999.
func (c *clock) append(dst []byte, v int64) (out []byte, ok bool) {
	if v < -62135596800*usecPerSec+usecPerDay || v >= 253402300800*usecPerSec-usecPerDay {
		return dst, false
	}
	if c.loc != nil {
		if v < c.from || v >= c.to {
			c.zone(v)
		}
		v += c.offset
	}
	day := v / usecPerDay
	us := v - day*usecPerDay
	if us < 0 {
		day--
		us += usecPerDay
	}
	if day != c.day || c.dateN == 0 {
		c.day = day
		c.dateN = copy(c.date[:], time.Unix(day*86400, 0).UTC().Format("2006-01-02 "))
	}
	dst = append(dst, c.date[:c.dateN]...)
	s := us / usecPerSec
	frac := us - s*usecPerSec
	m := s / 60
	dst = append(dst, digits(m/60), digit(m/60), ':', digits(m%60), digit(m%60), ':', digits(s%60), digit(s%60))
	if frac != 0 {
		dst = appendFraction(dst, frac)
	}
	return append(dst, c.suffix[:c.suffixN]...), true
}

func digits(n int64) byte { return byte('0' + n/10%10) }
func digit(n int64) byte  { return byte('0' + n%10) }

// appendFraction appends "." and up to six digits without trailing zeros.
func appendFraction(dst []byte, frac int64) []byte {
	dst = append(dst, '.')
	for unit := int64(usecPerSec / 10); frac != 0; unit /= 10 {
		dst = append(dst, byte('0'+frac/unit))
		frac %= unit
	}
	return dst
}

// zone looks up the offset that holds at v and until when.
func (c *clock) zone(v int64) {
	t := time.UnixMicro(v).In(c.loc)
	_, off := t.Zone()
	start, end := t.ZoneBounds()
	c.from, c.to = math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		c.from = start.UnixMicro()
	}
	if !end.IsZero() {
		c.to = end.UnixMicro()
	}
	c.offset = int64(off) * usecPerSec
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	o := int64(off)
	s := append(c.suffix[:0], sign, digits(o/3600), digit(o/3600))
	if o%3600 != 0 {
		s = append(s, ':', digits(o/60%60), digit(o/60%60))
	}
	if o%60 != 0 {
		s = append(s, ':', digits(o%60), digit(o%60))
	}
	c.suffixN = len(s)
}
