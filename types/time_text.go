package types

import (
	"strconv"
	"time"
)

// AppendDate appends a date in ISO form, "BC" and infinities included.
func AppendDate(dst []byte, days int32) []byte {
	switch days {
	case DateInf:
		return append(dst, "infinity"...)
	case DateNegInf:
		return append(dst, "-infinity"...)
	}
	dst, bc := appendYMD(dst, int(days))
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// AppendTimestamp appends a timestamp without zone in ISO form.
func AppendTimestamp(dst []byte, ts int64) []byte {
	if dst, ok := appendInf(dst, ts); ok {
		return dst
	}
	dst, bc := appendYMDTime(dst, ts)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// AppendTimestampTZ appends a timestamp with the offset of loc (nil: UTC) in ISO form.
func AppendTimestampTZ(dst []byte, ts int64, loc *time.Location) []byte {
	if dst, ok := appendInf(dst, ts); ok {
		return dst
	}
	off := zoneOffset(ts, loc)
	dst, bc := appendYMDTime(dst, ts+off*Second)
	dst = appendOffset(dst, off)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// AppendTime appends a time of day; 24:00:00 is one.
func AppendTime(dst []byte, micros int64) []byte {
	s := micros / Second
	dst = appendTwo(dst, int(s/3600))
	dst = append(dst, ':')
	dst = appendTwo(dst, int(s/60%60))
	dst = append(dst, ':')
	dst = appendTwo(dst, int(s%60))
	return appendFraction(dst, micros%Second)
}

func appendInf(dst []byte, ts int64) ([]byte, bool) {
	switch ts {
	case TimestampInf:
		return append(dst, "infinity"...), true
	case TimestampNegInf:
		return append(dst, "-infinity"...), true
	}
	return dst, false
}

func appendYMDTime(dst []byte, ts int64) (out []byte, bc bool) {
	days, micros := SplitTimestamp(ts)
	if y, m, d := CivilFromDays(days); y > 0 && y < 10000 {
		n := len(dst)
		dst = append(dst, "0000-00-00 00:00:00"...)
		b, sec := dst[n:n+19], uint(micros/Second)
		putTwo(b, uint(y)/100)
		putTwo(b[2:], uint(y)%100)
		putTwo(b[5:], uint(m))
		putTwo(b[8:], uint(d))
		putTwo(b[11:], sec/3600)
		putTwo(b[14:], sec/60%60)
		putTwo(b[17:], sec%60)
		return appendFraction(dst, micros%Second), false
	}
	dst, bc = appendYMD(dst, days)
	dst = append(dst, ' ')
	return AppendTime(dst, micros), bc
}

func appendYMD(dst []byte, days int) (out []byte, bc bool) {
	y, m, d := CivilFromDays(days)
	if y <= 0 {
		y, bc = 1-y, true
	}
	if y < 10000 {
		dst = appendTwo(appendTwo(dst, y/100), y%100)
	} else {
		dst = strconv.AppendInt(dst, int64(y), 10)
	}
	dst = append(dst, '-')
	dst = appendTwo(dst, m)
	dst = append(dst, '-')
	return appendTwo(dst, d), bc
}

// appendOffset appends seconds east as +hh[:mm[:ss]].
func appendOffset(dst []byte, off int64) []byte {
	sign := byte('+')
	if off < 0 {
		sign, off = '-', -off
	}
	dst = appendTwo(append(dst, sign), int(off/3600))
	if off%3600 != 0 {
		dst = appendTwo(append(dst, ':'), int(off/60%60))
	}
	if off%60 != 0 {
		dst = appendTwo(append(dst, ':'), int(off%60))
	}
	return dst
}

// putTwo writes two digits to the front of b.
func putTwo(b []byte, v uint) { b[0], b[1] = byte('0'+v/10), byte('0'+v%10) }

// appendTwo appends at least two digits.
func appendTwo(dst []byte, v int) []byte {
	if v > 99 {
		return strconv.AppendInt(dst, int64(v), 10)
	}
	return append(dst, byte('0'+v/10), byte('0'+v%10))
}

// appendFraction appends a point and microseconds without their trailing zeros; nothing for 0.
func appendFraction(dst []byte, micros int64) []byte {
	if micros == 0 {
		return dst
	}
	n := 6
	for micros%10 == 0 {
		micros /= 10
		n--
	}
	dst = append(dst, '.')
	at := len(dst)
	dst = append(dst, "000000"[:n]...)
	for k := n - 1; k >= 0; k-- {
		dst[at+k] = byte('0' + micros%10)
		micros /= 10
	}
	return dst
}
