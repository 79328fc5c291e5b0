package format

import "github.com/streamsqld/streamsqld/types"

// dayCache keeps the last date read, because neighbouring rows mostly share it.
type dayCache struct {
	text   [10]byte
	micros int64
	set    bool
}

// parse reads the usual forms, YYYY-MM-DDTHH:MM:SSZ and with .mmm before the Z, of the day that is kept. ok is false for all others.
func (d *dayCache) parse(s []byte) (micros int64, ok bool) {
	n := len(s)
	if !d.set || n != 24 && n != 20 || s[n-1] != 'Z' || string(s[:10]) != string(d.text[:]) || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	h, m, sec, ms := pair(s[11:]), pair(s[14:]), pair(s[17:]), uint(0)
	if n == 24 {
		ms = pair(s[20:])*10 + uint(s[22]-'0')
		if s[19] != '.' || s[22]-'0' > 9 {
			return 0, false
		}
	}
	if h > 23 || m > 59 || sec > 59 || ms > 999 {
		return 0, false
	}
	return d.micros + int64(h*3600+m*60+sec)*types.Second + int64(ms)*1000, true
}

// keep keeps the day of s, which began like a date.
func (d *dayCache) keep(s []byte) {
	if len(s) < 20 {
		return
	}
	if v, _, ok := types.ParseTimestampISO(s[:10]); ok {
		d.micros, d.set = v, true
		copy(d.text[:], s)
	}
}

// pair reads two digits; anything else gives more than 99.
func pair(b []byte) uint {
	x, y := uint(b[0]-'0'), uint(b[1]-'0')
	if x > 9 || y > 9 {
		return 1000
	}
	return x*10 + y
}
