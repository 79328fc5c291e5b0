package types

import (
	"strconv"
	"strings"
)

// Bits of an interval's fields, as PostgreSQL's modifier has them.
const (
	IntervalMonth  = 1 << 1
	IntervalYear   = 1 << 2
	IntervalDay    = 1 << 3
	IntervalHour   = 1 << 10
	IntervalMinute = 1 << 11
	IntervalSecond = 1 << 12

	intervalFullRange = 0x7fff
	intervalFullPrec  = 0xffff
)

// IntervalMod is the modifier of an interval type: fields are IntervalYear and so on, or 0 for all of them; precision is the number
// of digits of a second's fraction, -1 for all six. It is -1 when nothing is restricted.
func IntervalMod(fields, precision int32) int32 {
	if fields == 0 && precision < 0 {
		return -1
	}
	if fields == 0 {
		fields = intervalFullRange
	}
	if precision < 0 {
		precision = intervalFullPrec
	}
	return fields<<16 | precision
}

// intervalModText is what format_type prints behind "interval" for a modifier: " day to second(3)", "(3)".
func intervalModText(mod int32) string {
	text := ""
	if mask := mod >> 16 & intervalFullRange; mask != intervalFullRange {
		var names []string
		for _, f := range []struct {
			bit  int32
			name string
		}{{IntervalYear, "year"}, {IntervalMonth, "month"}, {IntervalDay, "day"}, {IntervalHour, "hour"}, {IntervalMinute, "minute"}, {IntervalSecond, "second"}} {
			if mask&f.bit != 0 {
				names = append(names, f.name)
			}
		}
		if text = " " + strings.Join(names, ""); len(names) > 1 {
			text = " " + names[0] + " to " + names[len(names)-1]
		}
	}
	if prec := mod & intervalFullPrec; prec != intervalFullPrec {
		text += "(" + strconv.Itoa(int(prec)) + ")"
	}
	return text
}

// defaultUnit is what a bare number at the end counts.
func defaultUnit(mask int32) ivUnit {
	switch {
	case mask == intervalFullRange || mask&IntervalSecond != 0:
		return ivSecond
	case mask&IntervalMinute != 0:
		return ivMinute
	case mask&IntervalHour != 0:
		return ivHour
	case mask&IntervalDay != 0:
		return ivDay
	case mask&IntervalMonth != 0:
		return ivMonth
	case mask&IntervalYear != 0:
		return ivYear
	}
	return ivSecond
}

// ApplyMod cuts iv to the fields of a modifier and rounds its seconds, as PostgreSQL's AdjustIntervalForTypmod; -1 leaves it.
func (iv IntervalValue) ApplyMod(mod int32) IntervalValue {
	if mod < 0 {
		return iv
	}
	switch mask := mod >> 16 & intervalFullRange; {
	case mask == intervalFullRange || mask&IntervalSecond != 0:
	case mask&IntervalMinute != 0:
		iv.Micros -= iv.Micros % Minute
	case mask&IntervalHour != 0:
		iv.Micros -= iv.Micros % Hour
	case mask&IntervalDay != 0:
		iv.Micros = 0
	case mask&IntervalMonth != 0:
		iv.Micros, iv.Days = 0, 0
	case mask&IntervalYear != 0:
		iv.Micros, iv.Days, iv.Months = 0, 0, iv.Months/12*12
	}
	if prec := mod & intervalFullPrec; prec < 6 {
		unit := int64(pow10[6-prec])
		if iv.Micros >= 0 {
			iv.Micros = (iv.Micros + unit/2) / unit * unit
		} else {
			iv.Micros = -((-iv.Micros + unit/2) / unit * unit)
		}
	}
	return iv
}
