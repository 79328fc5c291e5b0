package types

import "github.com/streamsqld/streamsqld/internal/sqlerr"

// ParseTimestamp reads a timestamp in any form of PostgreSQL's; a zone in the text is ignored. Errors: 22007, 22008.
func ParseTimestamp(s string, f *Format) (int64, error) {
	if ts, zone, ok := isoTimestamp(s); ok && !zone {
		return ts, nil
	}
	d, err := parseDatetime(s, "timestamp", f, false)
	if err != nil {
		return 0, err
	}
	return d.timestamp(s, false)
}

// ParseTimestampTZ reads a timestamp with time zone in any form of PostgreSQL's; without a zone it is one of f's. Errors: 22007,
// 22008, 22009, 22023.
func ParseTimestampTZ(s string, f *Format) (int64, error) {
	if ts, zone, ok := isoTimestamp(s); ok {
		if !zone {
			ts = FromLocal(ts, f.loc())
		}
		return ts, nil
	}
	d, err := parseDatetime(s, "timestamp with time zone", f, false)
	if err != nil {
		return 0, err
	}
	return d.timestamp(s, true)
}

// isoTimestamp is the fast path for the usual form.
func isoTimestamp(s string) (ts int64, zone, ok bool) {
	var buf [40]byte
	if len(s) > len(buf) {
		return 0, false, false
	}
	return ParseTimestampISO(buf[:copy(buf[:], s)])
}

func parseDatetime(s, typ string, f *Format, timeOnly bool) (*datetime, error) {
	d, fault, err := decodeDatetime(s, f, timeOnly)
	if err != nil {
		return nil, err
	}
	if fault != dtOK {
		return nil, fault.error(typ, s)
	}
	return d, nil
}

// timestamp is what the fields say; zoned turns it into UTC.
func (d *datetime) timestamp(s string, zoned bool) (int64, error) {
	switch d.inf {
	case 1:
		return TimestampInf, nil
	case -1:
		return TimestampNegInf, nil
	}
	days := DaysFromCivil(d.year, d.mon, d.day)
	if days < minDate || int64(days) > endTimestamp/Day {
		return 0, outOfRange("timestamp", s)
	}
	ts := int64(days)*Day + d.micros()
	if zoned {
		ts -= d.offset(ts) * Second
	}
	if ts < minTimestamp || ts >= endTimestamp {
		return 0, outOfRange("timestamp", s)
	}
	return ts, nil
}

// offset is the seconds east of UTC that hold for the local time ts.
func (d *datetime) offset(ts int64) int64 {
	switch {
	case d.loc != nil:
		return (ts - FromLocal(ts, d.loc)) / Second
	case d.mask&hasZone != 0:
		return int64(d.zone)
	}
	return (ts - FromLocal(ts, d.f.loc())) / Second
}

func outOfRange(typ, s string) error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow, `%s out of range: "%s"`, typ, s)
}

// ParseDate reads a date in any form of PostgreSQL's; a time in the text is ignored. Errors: 22007, 22008.
func ParseDate(s string, f *Format) (int32, error) {
	if len(s) == 10 {
		if ts, _, ok := isoTimestamp(s); ok {
			return int32(floorDiv(ts, Day)), nil
		}
	}
	d, err := parseDatetime(s, "date", f, false)
	if err != nil {
		return 0, err
	}
	switch d.inf {
	case 1:
		return DateInf, nil
	case -1:
		return DateNegInf, nil
	}
	days := DaysFromCivil(d.year, d.mon, d.day)
	if days < minDate || days > maxDate {
		return 0, outOfRange("date", s)
	}
	return int32(days), nil
}

// ParseTime reads a time of day in any form of PostgreSQL's, as microseconds; a date and a zone in the text are ignored. Errors:
// 22007, 22008.
func ParseTime(s string, f *Format) (int64, error) {
	d, err := parseDatetime(s, "time", f, true)
	if err != nil {
		return 0, err
	}
	if d.inf != 0 {
		return 0, dtBad.error("time", s)
	}
	return d.micros(), nil
}

// ParseTimeTZ reads a time of day with a zone; without one it is f's zone of today. Errors: 22007, 22008, 22009, 22023.
func ParseTimeTZ(s string, f *Format) (TimeTZValue, error) {
	d, err := parseDatetime(s, "time with time zone", f, true)
	if err != nil {
		return TimeTZValue{}, err
	}
	if d.inf != 0 {
		return TimeTZValue{}, dtBad.error("time with time zone", s)
	}
	local := int64(DaysFromCivil(d.year, d.mon, d.day))*Day + d.micros()
	return TimeTZValue{d.micros(), -int32(d.offset(local))}, nil
}

// RoundTimestamp rounds microseconds half away from zero to the digits of a modifier (-1: none); infinities stay.
func RoundTimestamp(v int64, mod int32) int64 {
	if mod < 0 || mod > 5 || v == TimestampInf || v == TimestampNegInf {
		return v
	}
	unit := int64(pow10[6-mod])
	if v >= pgEpochMicros {
		return (v-pgEpochMicros+unit/2)/unit*unit + pgEpochMicros
	}
	return pgEpochMicros - (pgEpochMicros-v+unit/2)/unit*unit
}

// RoundTime rounds microseconds since midnight to the digits of a modifier (-1: none), half up.
func RoundTime(v int64, mod int32) int64 {
	if mod < 0 || mod > 5 {
		return v
	}
	unit := int64(pow10[6-mod])
	return (v + unit/2) / unit * unit
}
