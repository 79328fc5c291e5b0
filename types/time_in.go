package types

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// ParseTimestamp reads a timestamp; a zone in the text is ignored, as PostgreSQL does. Errors: 22007, 22008.
func ParseTimestamp(s string, _ *Format) (int64, error) {
	ts, _, ok := ParseTimestampISO([]byte(trimSpace(s)))
	if !ok {
		return 0, badDatetime("timestamp", s)
	}
	return ts, nil
}

// ParseTimestampTZ reads a timestamp with time zone; without a zone it is one of f's. Errors: 22007, 22008.
func ParseTimestampTZ(s string, f *Format) (int64, error) {
	ts, zone, ok := ParseTimestampISO([]byte(trimSpace(s)))
	if !ok {
		return 0, badDatetime("timestamp with time zone", s)
	}
	if !zone {
		ts = FromLocal(ts, f.loc())
	}
	return ts, nil
}

// ParseDate reads a date. Errors: 22007, 22008.
func ParseDate(s string, _ *Format) (int32, error) {
	ts, _, ok := ParseTimestampISO([]byte(trimSpace(s)))
	if !ok {
		return 0, badDatetime("date", s)
	}
	return int32(floorDiv(ts, Day)), nil
}

// ParseTime reads a time of day. Errors: 22007, 22008.
func ParseTime(s string, _ *Format) (int64, error) {
	ts, _, ok := ParseTimestampISO(append([]byte("1970-01-01 "), trimSpace(s)...))
	if !ok {
		return 0, badDatetime("time", s)
	}
	return ts, nil
}

// ParseTimeTZ reads a time of day with a zone. Errors: 22007, 22008.
func ParseTimeTZ(s string, f *Format) (TimeTZValue, error) {
	v, err := ParseTime(s, f)
	return TimeTZValue{Micros: v}, err
}

// RoundTimestamp rounds microseconds to the digits of a modifier (-1: none).
func RoundTimestamp(v int64, mod int32) int64 {
	if mod < 0 || mod > 5 || v == TimestampInf || v == TimestampNegInf {
		return v
	}
	unit := int64(math.Pow10(int(6 - mod)))
	if v >= 0 {
		return (v + unit/2) / unit * unit
	}
	return -((-v + unit/2) / unit * unit)
}

// ParseIntervalMod reads an interval. Errors: 22007, 22008.
func ParseIntervalMod(s, _ string, _ int32) (IntervalValue, error) {
	return IntervalValue{}, badDatetime("interval", s)
}

func badDatetime(typ, s string) error {
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, `invalid input syntax for type %s: "%s"`, typ, s)
}
