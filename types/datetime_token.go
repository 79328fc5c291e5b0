package types

import "strings"

// fieldKind is what the look of a piece of a date's or interval's text says of it.
type fieldKind uint8

const (
	fkNumber fieldKind = iota
	fkString
	fkDate    // digits or words joined by - / or .
	fkTime    // with a colon
	fkZone    // a sign and a number
	fkSpecial // a sign and a word
)

type dtField struct {
	kind fieldKind
	text string // lower case
}

const maxDateFields = 25

// splitDatetime cuts the text into fields as PostgreSQL's ParseDateTime; ok is false for what can be no date or interval.
func splitDatetime(s string) (fields []dtField, ok bool) {
	s = strings.ToLower(s)
	fields = make([]dtField, 0, 8)
	for i := 0; i < len(s); {
		c := s[i]
		start := i
		var kind fieldKind
		switch {
		case isSpace(c):
			i++
			continue
		case isDigit(c):
			kind, i = scanNumber(s, i)
		case c == '.':
			kind, i = fkNumber, skipWhile(s, i+1, isDigit)
		case isLower(c):
			kind, i = scanWord(s, i)
		case c == '+' || c == '-':
			var text string
			if kind, text, i = scanSigned(s, i); text == "" {
				return nil, false
			}
			if fields = append(fields, dtField{kind, text}); len(fields) > maxDateFields {
				return nil, false
			}
			continue
		case c > ' ' && c < 0x7f:
			i++
			continue
		default:
			return nil, false
		}
		if fields = append(fields, dtField{kind, s[start:i]}); len(fields) > maxDateFields {
			return nil, false
		}
	}
	return fields, true
}

func skipWhile(s string, i int, f func(byte) bool) int {
	for i < len(s) && f(s[i]) {
		i++
	}
	return i
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

func isAlnum(c byte) bool { return isLower(c) || isDigit(c) }

func scanNumber(s string, i int) (fieldKind, int) {
	i = skipWhile(s, i, isDigit)
	if i == len(s) {
		return fkNumber, i
	}
	delim := s[i]
	switch delim {
	case ':':
		return fkTime, skipWhile(s, i, func(c byte) bool { return isDigit(c) || c == ':' || c == '.' })
	case '-', '/', '.':
	default:
		return fkNumber, i
	}
	i++
	if i == len(s) || !isDigit(s[i]) {
		return fkDate, skipWhile(s, i, func(c byte) bool { return isAlnum(c) || c == delim })
	}
	kind := fkDate
	if delim == '.' {
		kind = fkNumber
	}
	i = skipWhile(s, i, isDigit)
	if i < len(s) && s[i] == delim {
		return fkDate, skipWhile(s, i, func(c byte) bool { return isDigit(c) || c == delim })
	}
	return kind, i
}

func scanWord(s string, start int) (fieldKind, int) {
	i := skipWhile(s, start, isLower)
	if i == len(s) {
		return fkString, i
	}
	switch c := s[i]; {
	case c == '-' || c == '/' || c == '.':
	case c == '+' || isDigit(c):
		if _, known := dateWords[clipToken(s[start:i])]; known {
			return fkString, i
		}
	default:
		return fkString, i
	}
	return fkDate, skipWhile(s, i, func(c byte) bool {
		return c == '+' || c == '-' || c == '/' || c == '_' || c == '.' || c == ':' || isAlnum(c)
	})
}

// scanSigned reads a sign, blanks, and a number or word; text is "" for anything else.
func scanSigned(s string, i int) (kind fieldKind, text string, end int) {
	sign := s[i : i+1]
	i = skipWhile(s, i+1, isSpace)
	switch {
	case i == len(s):
		return fkZone, "", i
	case isDigit(s[i]):
		end = skipWhile(s, i, func(c byte) bool { return isDigit(c) || c == ':' || c == '.' || c == '-' })
		return fkZone, sign + s[i:end], end
	case isLower(s[i]):
		end = skipWhile(s, i, isLower)
		return fkSpecial, sign + s[i:end], end
	}
	return fkZone, "", i
}

// clipToken cuts a word to the length in which PostgreSQL looks it up.
func clipToken(s string) string { return s[:min(len(s), 10)] }

// wordKind is what a word in a date means.
type wordKind uint8

const (
	wkNone wordKind = iota
	wkIgnore
	wkMonth
	wkWeekday
	wkAMPM
	wkBC
	wkJulian
	wkISOTime
	wkDST
	wkNow
	wkToday // val: days from today
	wkAllballs
	wkEpoch
	wkInf // val: its sign
	wkUnit
)

type dateWord struct {
	kind wordKind
	val  int
}

var dateWords = map[string]dateWord{
	"ad": {wkBC, 0}, "bc": {wkBC, 1}, "am": {wkAMPM, 0}, "pm": {wkAMPM, 12}, "at": {wkIgnore, 0}, "on": {wkIgnore, 0},
	"allballs": {wkAllballs, 0}, "epoch": {wkEpoch, 0}, "infinity": {wkInf, 1}, "+infinity": {wkInf, 1}, "-infinity": {wkInf, -1},
	"now": {wkNow, 0}, "today": {wkToday, 0}, "tomorrow": {wkToday, 1}, "yesterday": {wkToday, -1},
	"t": {wkISOTime, 0}, "j": {wkJulian, 0}, "jd": {wkJulian, 0}, "julian": {wkJulian, 0}, "dst": {wkDST, 3600},
	"jan": {wkMonth, 1}, "january": {wkMonth, 1}, "feb": {wkMonth, 2}, "february": {wkMonth, 2}, "mar": {wkMonth, 3}, "march": {wkMonth, 3},
	"apr": {wkMonth, 4}, "april": {wkMonth, 4}, "may": {wkMonth, 5}, "jun": {wkMonth, 6}, "june": {wkMonth, 6}, "jul": {wkMonth, 7},
	"july": {wkMonth, 7}, "aug": {wkMonth, 8}, "august": {wkMonth, 8}, "sep": {wkMonth, 9}, "sept": {wkMonth, 9}, "september": {wkMonth, 9},
	"oct": {wkMonth, 10}, "october": {wkMonth, 10}, "nov": {wkMonth, 11}, "november": {wkMonth, 11}, "dec": {wkMonth, 12},
	"december": {wkMonth, 12}, "sun": {wkWeekday, 0}, "sunday": {wkWeekday, 0}, "mon": {wkWeekday, 1}, "monday": {wkWeekday, 1},
	"tue": {wkWeekday, 2}, "tues": {wkWeekday, 2}, "tuesday": {wkWeekday, 2}, "wed": {wkWeekday, 3}, "weds": {wkWeekday, 3},
	"wednesday": {wkWeekday, 3}, "thu": {wkWeekday, 4}, "thur": {wkWeekday, 4}, "thurs": {wkWeekday, 4}, "thursday": {wkWeekday, 4},
	"fri": {wkWeekday, 5}, "friday": {wkWeekday, 5}, "sat": {wkWeekday, 6}, "saturday": {wkWeekday, 6},
	"d": {wkUnit, 0}, "h": {wkUnit, 0}, "m": {wkUnit, 0}, "mm": {wkUnit, 0}, "s": {wkUnit, 0}, "y": {wkUnit, 0},
}
