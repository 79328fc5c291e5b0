package expr

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// inDate is a date as it is put together.
type inDate struct {
	year, month, day int
	hasYear          bool
}

func inOverflow(src string) error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow, `date/time field value out of range: "%s"`, src)
}

// resolve makes a date (days since 1970) and a time (microseconds since midnight) of the fields; src is the text, for errors.
func (t *inTime) resolve(src string) (days int, micros int64, err error) {
	micros, err = t.clock(src)
	if err != nil {
		return 0, 0, err
	}
	d := inDate{month: 1, day: 1}
	t.setYear(&d)
	if t.julian != 0 {
		d.year, d.month, d.day = types.CivilFromDays(t.julian - unixJulian)
		d.hasYear = true
	}
	given := func(at *int, v int) {
		if v != 0 {
			*at = v
		}
	}
	yday, day := t.yday, t.day
	if t.week != 0 && t.mode == 'i' {
		at := isoWeek(d.year, t.week)
		if wday := t.weekday; wday > 1 {
			at += wday - 2
		} else if wday == 1 {
			at += 6
		}
		d.year, d.month, d.day = types.CivilFromDays(at)
	} else if t.week != 0 {
		yday = (t.week-1)*7 + 1
	}
	if t.weekOfMonth != 0 {
		day = (t.weekOfMonth-1)*7 + 1
	}
	given(&d.day, day)
	given(&d.month, t.month)
	if yday != 0 && (d.month <= 1 || d.day <= 1) {
		if err := t.dayOfYear(&d, yday); err != nil {
			return 0, 0, err
		}
	}
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 || d.hasYear && t.month != 0 && day != 0 && d.day > types.DaysInMonth(d.year, d.month) {
		return 0, 0, inOverflow(src)
	}
	return types.DaysFromCivil(d.year, d.month, d.day), micros, nil
}

const unixJulian = 2440588 // the Julian day of 1970-01-01

// clock is the time of day.
func (t *inTime) clock(src string) (int64, error) {
	h, m, s := 0, 0, 0
	if t.daySecs != 0 {
		h, m, s = t.daySecs/3600, t.daySecs/60%60, t.daySecs%60
	}
	for _, f := range []struct {
		at *int
		v  int
	}{{&h, t.hour}, {&m, t.min}, {&s, t.sec}} {
		if f.v != 0 {
			*f.at = f.v
		}
	}
	if t.half {
		switch {
		case h < 1 || h > 12:
			return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, `hour "%d" is invalid for the 12-hour clock`, h).
				WithHint("Use the 24-hour clock, or give an hour between 1 and 12.")
		case t.pm && h < 12:
			h += 12
		case !t.pm && h == 12:
			h = 0
		}
	}
	frac := t.milli*1000 + t.micro
	if h < 0 || h >= 24 || m < 0 || m >= 60 || s < 0 || s >= 60 || frac < 0 || frac >= 1e6 {
		return 0, inOverflow(src)
	}
	return (int64(h)*3600+int64(m)*60+int64(s))*1e6 + int64(frac), nil
}

// setYear takes the year and the century.
func (t *inTime) setYear(d *inDate) {
	cc := t.century
	if t.bc {
		cc = -cc
	}
	switch {
	case t.year != 0 && cc != 0 && t.yearDigits <= 2:
		d.year = t.year % 100
		switch {
		case d.year == 0 && cc >= 0:
			d.year = cc * 100
		case d.year == 0:
			d.year = cc*100 + 1
		case cc >= 0:
			d.year += (cc - 1) * 100
		default:
			d.year = (cc+1)*100 - d.year + 1
		}
	case t.year != 0:
		if d.year = t.year; t.bc {
			d.year = -d.year
		}
		if d.year < 0 {
			d.year++
		}
	case cc > 0:
		d.year = (cc-1)*100 + 1
	case cc < 0:
		d.year = cc*100 + 1
	}
	d.hasYear = t.year != 0 || cc != 0
}

// dayOfYear takes the number of a day for month and day where these were not given.
func (t *inTime) dayOfYear(d *inDate, yday int) error {
	if d.year == 0 && !t.bc {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, `cannot calculate day of year without year information`)
	}
	if t.mode == 'i' {
		d.year, d.month, d.day = types.CivilFromDays(isoWeek(d.year, 1) - 1 + yday)
		return nil
	}
	if total := types.DaysFromCivil(d.year+1, 1, 1) - types.DaysFromCivil(d.year, 1, 1); yday > total {
		d.month = 13
		return nil
	}
	_, m, day := types.CivilFromDays(types.DaysFromCivil(d.year, 1, 1) + yday - 1)
	if d.month <= 1 {
		d.month = m
	}
	if d.day <= 1 {
		d.day = day
	}
	return nil
}

// isoWeek is the Monday of a week of an ISO year, in days since 1970.
func isoWeek(year, week int) int {
	fourth := types.DaysFromCivil(year, 1, 4)
	return fourth - int(floorMod(int64(fourth)+3, 7)) + (week-1)*7
}

// zone is the zone's offset in seconds east of UTC, ok where there was one.
func (t *inTime) zone(src string) (east int64, ok bool, err error) {
	if t.zoneSign == 0 {
		return 0, false, nil
	}
	if t.zoneHour < 0 || t.zoneHour > 15 || t.zoneMin < 0 || t.zoneMin >= 60 {
		return 0, false, inOverflow(src)
	}
	return int64(t.zoneSign) * int64(t.zoneHour*3600+t.zoneMin*60), true, nil
}
