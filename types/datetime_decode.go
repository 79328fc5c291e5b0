package types

import (
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// The parts of a date that have been seen, as bits.
const (
	hasYear = 1 << iota
	hasMonth
	hasDay
	hasHour
	hasMinute
	hasSecond
	hasZone
	hasDOY
	hasOther // weekday, AM, BC: each may come once
	hasAMPM
	hasBC

	hasDate = hasYear | hasMonth | hasDay
	hasTime = hasHour | hasMinute | hasSecond
)

// dtFault is why a text is no date; dtOK is 0.
type dtFault uint8

const (
	dtOK dtFault = iota
	dtBad
	dtOverflow
	dtMDOverflow
	dtZoneOverflow
	dtIntervalOverflow
)

// error makes PostgreSQL's error of a fault, for a value s of the named type.
func (d dtFault) error(typ, s string) error {
	switch d {
	case dtOverflow:
		return sqlerr.New(sqlerr.DatetimeFieldOverflow, `date/time field value out of range: "%s"`, s)
	case dtMDOverflow:
		return sqlerr.New(sqlerr.DatetimeFieldOverflow, `date/time field value out of range: "%s"`, s).
			WithHint(`Perhaps you need a different "datestyle" setting.`)
	case dtZoneOverflow:
		return sqlerr.New(sqlerr.InvalidTimeZone, `time zone displacement out of range: "%s"`, s)
	case dtIntervalOverflow:
		return sqlerr.New("22015", `interval field value out of range: "%s"`, s)
	}
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, `invalid input syntax for type %s: "%s"`, typ, s)
}

// datetime is a date's text being taken apart; a port of PostgreSQL's DecodeDateTime.
type datetime struct {
	f      *Format
	order  string // MDY, DMY, YMD
	mask   int
	fields []dtField

	year, mon, day, yday  int
	hour, min, sec, fsec  int
	zone                  int // seconds east of UTC, with hasZone
	loc                   *time.Location
	inf                   int // the sign of an infinity
	ampm                  int // 0 am, 12 pm; -1 none
	bc, twoDigits, julian bool
	textMonth             bool
	noDate                bool     // a time of day without a date
	label                 wordKind // the field before said what the next one is: wkJulian, wkISOTime
}

// decodeDatetime reads all fields of s. timeOnly says that a date is not needed.
func decodeDatetime(s string, f *Format, timeOnly bool) (*datetime, dtFault, error) {
	fields, ok := splitDatetime(s)
	if !ok {
		return nil, dtBad, nil
	}
	d := &datetime{f: f, order: dateOrder(f), fields: fields, ampm: -1}
	if timeOnly && !d.mentionsDate() {
		d.mask, d.noDate = hasDate, true
		d.year, d.mon, d.day = CivilFromDays(d.today())
	}
	for i := range fields {
		tmask, fault := d.field(i)
		if fault != dtOK {
			if fault == dtBad && d.badZone(i) {
				return nil, fault, sqlerr.New(sqlerr.InvalidParameterValue, `time zone "%s" not recognized`, fields[i].text)
			}
			return nil, fault, nil
		}
		if tmask&d.mask != 0 {
			return nil, dtBad, nil
		}
		d.mask |= tmask
	}
	if d.inf != 0 {
		return d, dtOK, nil
	}
	return d, d.finish(timeOnly), nil
}

func dateOrder(f *Format) string {
	if f != nil {
		for _, o := range []string{"YMD", "DMY"} {
			if strings.HasSuffix(strings.ToUpper(f.DateStyle), o) {
				return o
			}
		}
	}
	return "MDY"
}

// mentionsDate says whether a field must be (part of) a date, before decoding.
func (d *datetime) mentionsDate() bool {
	for _, f := range d.fields {
		if f.kind == fkDate && isDigit(f.text[0]) && len(d.fields) > 1 {
			return true
		}
		if w := dateWords[clipToken(f.text)].kind; w == wkNow || w == wkToday || w == wkEpoch || w == wkInf {
			return true
		}
	}
	return false
}

// badZone says whether field i failed as the name of a zone with punctuation in it.
func (d *datetime) badZone(i int) bool {
	return !d.noDate && d.fields[i].kind == fkDate && d.mask&(hasMonth|hasDay) == hasMonth|hasDay && isLower(d.fields[i].text[0]) && d.label == wkNone
}

// field decodes field i and says which parts it gave.
func (d *datetime) field(i int) (tmask int, fault dtFault) {
	f := d.fields[i]
	switch f.kind {
	case fkDate:
		return d.dateField(f.text)
	case fkTime:
		if d.label != wkNone && d.label != wkISOTime {
			return 0, dtBad
		}
		d.label = wkNone
		fault = d.clock(f.text)
		if fault == dtOK && timeOverflows(d.hour, d.min, d.sec, d.fsec) {
			fault = dtOverflow
		}
		return hasTime, fault
	case fkZone:
		d.zone, fault = decodeZone(f.text)
		return hasZone, fault
	case fkNumber:
		return d.numberField(f.text)
	}
	return d.word(i)
}

// dateField decodes what has - / or . in it: a date, the name of a zone, or hhmmss-zz.
func (d *datetime) dateField(s string) (tmask int, fault dtFault) {
	if d.label == wkJulian {
		day, zone, ok := strings.Cut(s, "-")
		v, n := leadingInt(day)
		if !ok || n == "" || v < 0 {
			return 0, dtBad
		}
		d.setJulian(v)
		d.zone, fault = decodeZone("-" + zone)
		return hasDate | hasTime | hasZone, fault
	}
	if d.label == wkNone && d.mask&(hasMonth|hasDay) != hasMonth|hasDay {
		return d.date(s)
	}
	if !isDigit(s[0]) && d.label == wkNone {
		return hasZone, d.named(s)
	}
	cut := strings.IndexByte(s, '-')
	if d.label == wkJulian || d.mask&hasTime == hasTime || cut < 0 {
		return 0, dtBad
	}
	d.label = wkNone
	if d.zone, fault = decodeZone(s[cut:]); fault != dtOK {
		return 0, fault
	}
	tmask, fault = d.joined(s[:cut], d.mask)
	return tmask | hasZone, fault
}

func (d *datetime) named(s string) dtFault {
	loc := namedLocation(s)
	if loc == nil || d.noDate && loc != time.UTC {
		return dtBad
	}
	d.loc = loc
	return dtOK
}

// word decodes a word, a month or zone or one of the special values.
func (d *datetime) word(i int) (tmask int, fault dtFault) {
	s := d.fields[i].text
	if off, ok := zoneAbbrevs[s]; ok {
		if zoneAbbrevZones[s] != "" && !d.noDate {
			d.loc, _ = LoadLocation(s)
			return hasZone, dtOK
		}
		d.zone = int(off)
		return hasZone, dtOK
	}
	w, ok := dateWords[clipToken(s)]
	if !ok {
		return hasZone, d.named(s)
	}
	switch w.kind {
	case wkMonth:
		if d.mask&hasMonth != 0 && !d.textMonth && d.mask&hasDay == 0 && d.mon >= 1 && d.mon <= 31 {
			d.day, d.mon, d.textMonth = d.mon, w.val, true
			return hasDay, dtOK
		}
		d.mon, d.textMonth = w.val, true
		return hasMonth, dtOK
	case wkWeekday:
		return hasOther, dtOK
	case wkAMPM:
		d.ampm = w.val
		return hasAMPM, dtOK
	case wkBC:
		d.bc = w.val == 1
		return hasBC, dtOK
	case wkDST:
		d.zone += w.val
		return 0, dtOK
	case wkJulian:
		d.label = w.kind
		return 0, dtOK
	case wkISOTime:
		if d.mask&hasDate != hasDate || i == len(d.fields)-1 {
			return 0, dtBad
		}
		if k := d.fields[i+1].kind; k != fkNumber && k != fkTime && k != fkDate {
			return 0, dtBad
		}
		d.label = w.kind
		return 0, dtOK
	case wkUnit:
		return 0, dtBad
	case wkIgnore:
		return 0, dtOK
	}
	return d.special(w)
}

// special decodes now, today, epoch, infinity and the like.
func (d *datetime) special(w dateWord) (tmask int, fault dtFault) {
	switch w.kind {
	case wkNow:
		d.setLocal(ToLocal(d.now(), d.f.loc()))
		d.zone = int(zoneOffset(d.now(), d.f.loc()))
		return hasDate | hasTime | hasZone, dtOK
	case wkToday:
		d.year, d.mon, d.day = CivilFromDays(d.today() + w.val)
		d.julian = true
		return hasDate, dtOK
	case wkAllballs:
		d.hour, d.min, d.sec, d.fsec, d.zone = 0, 0, 0, 0, 0
		return hasTime | hasZone, dtOK
	case wkEpoch:
		d.setLocal(0)
		d.zone = 0
		return hasDate | hasTime | hasZone, dtOK
	}
	d.inf = w.val
	return hasDate | hasTime | hasZone, dtOK
}

func (d *datetime) now() int64 {
	if d.f == nil {
		return 0
	}
	return d.f.Now
}

func (d *datetime) today() int { return int(floorDiv(ToLocal(d.now(), d.f.loc()), Day)) }

func (d *datetime) setLocal(ts int64) {
	days, micros := SplitTimestamp(ts)
	d.year, d.mon, d.day = CivilFromDays(days)
	d.setMicros(micros)
	d.julian = true
}

func (d *datetime) setMicros(m int64) {
	d.hour, d.min, d.sec, d.fsec = int(m/Hour), int(m/Minute%60), int(m/Second%60), int(m%Second)
}

func (d *datetime) setJulian(v int) {
	d.year, d.mon, d.day = CivilFromDays(v - 2440588)
	d.julian = true
}

// micros is the time of day.
func (d *datetime) micros() int64 {
	return int64(d.hour)*Hour + int64(d.min)*Minute + int64(d.sec)*Second + int64(d.fsec)
}

// leadingInt reads the digits (and sign) at the front of s; the number is cut to what an int32 holds and one more.
func leadingInt(s string) (v int, digits string) {
	n := 0
	if n < len(s) && (s[n] == '-' || s[n] == '+') {
		n++
	}
	start := n
	n = skipWhile(s, n, isDigit)
	if n == start {
		return 0, ""
	}
	i, err := strconv.ParseInt(s[:n], 10, 32)
	if err != nil {
		if s[0] == '-' {
			return -1 << 40, s[:n]
		}
		return 1 << 40, s[:n]
	}
	return int(i), s[:n]
}
