package format

import "github.com/streamsqld/streamsqld/types"

// isoClock writes timestamps in the ISO 8601 form, and keeps the last day's text.
type isoClock struct {
	day  int
	text [11]byte
	set  bool
}

func (c *isoClock) append(dst []byte, ts int64, zone bool) []byte {
	days, us := types.SplitTimestamp(ts)
	y, m, d := 0, 0, 0
	if !c.set || days != c.day {
		if ts == types.TimestampInf || ts == types.TimestampNegInf {
			return types.AppendTimestamp(dst, ts)
		}
		if y, m, d = types.CivilFromDays(days); y < 1 || y > 9999 {
			return types.AppendTimestampTZ(dst, ts, nil)
		}
		c.day, c.set = days, true
		c.text = [11]byte{'0' + byte(y/1000), '0' + byte(y/100%10), '0' + byte(y/10%10), '0' + byte(y%10), '-', '0' + byte(m/10), '0' + byte(m%10), '-', '0' + byte(d/10), '0' + byte(d%10), 'T'}
	}
	dst = append(dst, c.text[:]...)
	s := us / types.Second
	f := us % types.Second
	h, mi, se := s/3600, s/60%60, s%60
	dst = append(dst, '0'+byte(h/10), '0'+byte(h%10), ':', '0'+byte(mi/10), '0'+byte(mi%10), ':', '0'+byte(se/10), '0'+byte(se%10))
	if f != 0 {
		dst = append(dst, '.', '0'+byte(f/100000), '0'+byte(f/10000%10), '0'+byte(f/1000%10))
		if f%1000 != 0 {
			dst = append(dst, '0'+byte(f/100%10), '0'+byte(f/10%10), '0'+byte(f%10))
		}
	}
	if zone {
		dst = append(dst, 'Z')
	}
	return dst
}
