package types

import "math"

// Units of time in microseconds, and the ends of what dates and timestamps hold.
const (
	Second = int64(1_000_000)
	Minute = 60 * Second
	Hour   = 60 * Minute
	Day    = 24 * Hour

	TimestampInf    = math.MaxInt64 // infinity of timestamp and timestamptz
	TimestampNegInf = math.MinInt64
	DateInf         = math.MaxInt32 // infinity of date
	DateNegInf      = math.MinInt32

	minTimestamp = -210866803200000000 // 4714-11-24 BC, PostgreSQL's first
	minDate      = -2440588            // the same day
	maxDate      = 2145042905          // 5874897-12-31
	endTimestamp = math.MaxInt64 / Day * Day
)

// DaysFromCivil is the number of days from 1970-01-01 to a day of the proleptic Gregorian calendar. Year 0 is 1 BC; month and day
// need not be in range for day (32 January is 1 February), month must be.
func DaysFromCivil(year, month, day int) int {
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	yoe := year - era*400
	doy := (153*(month-3)+2)/5 + day - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int) (year, month, day int) {
	days += 719468
	era := days / 146097
	if days%146097 < 0 {
		era--
	}
	doe := days - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	year = yoe + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// DaysInMonth is the number of days of a month.
func DaysInMonth(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// SplitTimestamp gives the day since 1970-01-01 and the microseconds in it.
func SplitTimestamp(ts int64) (days int, micros int64) {
	d, m := ts/Day, ts%Day
	if m < 0 {
		d, m = d-1, m+Day
	}
	return int(d), m
}

func floorDiv[T int | int64](a, b T) T {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
