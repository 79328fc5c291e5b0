package expr

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// inTime is what a template found in a text; 0 is a field that was not there.
type inTime struct {
	year, yearDigits, century, month, day, yday, week, weekOfMonth, weekday, julian int
	hour, min, sec, daySecs, milli, micro, digits                                   int
	half, pm, bc                                                                    bool
	zoneSign, zoneHour, zoneMin                                                     int
	mode                                                                            byte // 'g': of the Gregorian calendar, 'i': of ISO weeks
	dated, timed                                                                    bool
}

// shortNames are names of three letters, and reversedMonths the Roman numbers from XII down, so that none begins with one before it.
var (
	shortMonths    = shorten(monthNames)
	shortDays      = shorten(dayNames)
	reversedMonths = []string{"XII", "XI", "X", "IX", "VIII", "VII", "VI", "V", "IV", "III", "II", "I"}
)

func shorten(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n[:3]
	}
	return out
}

// field reads a field; free: it may be longer than its width.
func (c *inCursor) field(n *inNode, free bool) error {
	if err := c.t.convention(n.key); err != nil {
		return err
	}
	t := &c.t
	number := func(width int, at *int) error {
		v, _, err := c.number(width, n, free)
		if err == nil && at != nil {
			err = n.put(at, v)
		}
		return err
	}
	switch n.key {
	case "A.M.", "P.M.", "AM", "PM", "A.D.", "B.C.", "AD", "BC":
		return c.half(n)
	case "HH", "HH12":
		t.half = true
		return number(2, &t.hour)
	case "HH24":
		return number(2, &t.hour)
	case "MI":
		return number(2, &t.min)
	case "SS":
		return number(2, &t.sec)
	case "SSSS", "SSSSS":
		return number(len(n.key), &t.daySecs)
	case "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6":
		return c.fraction(n, free)
	case "TZ", "OF":
		return sqlerr.New(sqlerr.FeatureNotSupported, "formatting field \"%s\" is only supported in to_char", n.name)
	case "TZH":
		return c.zoneHour(n, free)
	case "TZM":
		if t.zoneSign == 0 {
			t.zoneSign = 1
		}
		return number(2, &t.zoneMin)
	case "MM":
		return number(2, &t.month)
	case "DD":
		return number(2, &t.day)
	case "DDD", "IDDD":
		return number(3, &t.yday)
	case "D":
		return number(1, &t.weekday)
	case "ID":
		v, _, err := c.number(1, n, free)
		if err != nil {
			return err
		}
		if v++; v > 7 {
			v = 1
		}
		return n.put(&t.weekday, v)
	case "WW", "IW":
		return number(2, &t.week)
	case "W":
		return number(1, &t.weekOfMonth)
	case "Q":
		return number(1, nil)
	case "CC":
		return number(2, &t.century)
	case "J":
		return number(1, &t.julian)
	case "Y,YYY":
		return c.thousands(n)
	}
	if strings.HasSuffix(n.key, "Y") && n.key != "DAY" && n.key != "DY" || n.key == "I" {
		return c.yearField(n, free)
	}
	return c.name(n)
}

// convention remembers which calendar a field is of, and that it is of a date or a time.
func (t *inTime) convention(key string) error {
	mode := byte(0)
	switch key {
	case "IYYY", "IYY", "IY", "I", "IW", "IDDD", "ID":
		mode = 'i'
	case "Y,YYY", "YYYY", "YYY", "YY", "Y", "WW", "W", "DDD", "DD", "D", "DAY", "DY", "MM", "MON", "MONTH", "RM":
		mode = 'g'
	}
	if mode != 0 && t.mode != 0 && mode != t.mode {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid combination of date conventions").
			WithHint("Do not mix Gregorian and ISO week date conventions in a formatting template.")
	}
	if mode != 0 {
		t.mode = mode
	}
	switch key {
	case "HH", "HH12", "HH24", "MI", "SS", "SSSS", "SSSSS", "MS", "US", "FF1", "FF2", "FF3", "FF4", "FF5", "FF6", "AM", "PM", "A.M.", "P.M.":
		t.timed = true
	case "TZH", "TZM", "TZ", "OF":
	default:
		t.dated = true
	}
	return nil
}

// half reads AM and PM, BC and AD, with the dots that the template has.
func (c *inCursor) half(n *inNode) error {
	list := []string{"AM", "PM"}
	if strings.HasPrefix(n.key, "B") || strings.HasPrefix(n.key, "AD") || n.key == "A.D." {
		list = []string{"AD", "BC"}
	}
	if strings.Contains(n.key, ".") {
		list = []string{list[0][:1] + "." + list[0][1:] + ".", list[1][:1] + "." + list[1][1:] + "."}
	}
	i, err := c.word(list, n)
	if err != nil {
		return err
	}
	if list[0][len(list[0])-1] == 'D' || strings.HasSuffix(list[0], "D.") {
		c.t.bc = i == 1
		return nil
	}
	c.t.half, c.t.pm = true, i == 1
	return nil
}

// fraction reads parts of a second.
func (c *inCursor) fraction(n *inNode, free bool) error {
	width, at := 6, &c.t.micro
	switch {
	case n.key == "MS":
		width, at = 3, &c.t.milli
	case n.key != "US":
		width = int(n.key[2] - '0')
		c.t.digits = width
	}
	v, used, err := c.number(width, n, free)
	if err != nil {
		return err
	}
	if err := n.put(at, v); err != nil {
		return err
	}
	whole := 6
	if n.key == "MS" {
		whole = 3
	}
	for ; used < whole; used++ {
		*at *= 10
	}
	return nil
}

// zoneHour reads the hours of a zone; a minus that was taken for a separator is its sign.
func (c *inCursor) zoneHour(n *inNode, free bool) error {
	t := &c.t
	switch at := len(c.src) - len(c.s); {
	case c.s != "" && (c.s[0] == '+' || c.s[0] == '-' || c.s[0] == ' '):
		t.zoneSign = 1
		if c.s[0] == '-' {
			t.zoneSign = -1
		}
		c.s = c.s[1:]
	case c.skipped > 0 && at > 0 && c.src[at-1] == '-':
		t.zoneSign = -1
	default:
		t.zoneSign = 1
	}
	v, _, err := c.number(2, n, free)
	if err != nil {
		return err
	}
	return n.put(&t.zoneHour, v)
}

// thousands reads 2,024.
func (c *inCursor) thousands(n *inNode) error {
	head, tail, ok := strings.Cut(c.s, ",")
	k := 0
	for k < len(tail) && k < 3 && tail[k] >= '0' && tail[k] <= '9' {
		k++
	}
	m, err := strconv.Atoi(strings.TrimLeft(head, " "))
	if !ok || err != nil || k == 0 {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, `invalid input string for "Y,YYY"`)
	}
	y, _ := strconv.Atoi(tail[:k])
	c.s = tail[k:]
	c.t.yearDigits = 4
	return n.put(&c.t.year, m*1000+y)
}

// yearField reads a year; one of fewer than four digits is one near 2020.
func (c *inCursor) yearField(n *inNode, free bool) error {
	width := len(n.key)
	v, used, err := c.number(width, n, free)
	if err != nil {
		return err
	}
	if width < 4 && used < 4 {
		switch {
		case v < 70:
			v += 2000
		case v < 100:
			v += 1900
		case v < 520:
			v += 2000
		case v < 1000:
			v += 1000
		}
	}
	c.t.yearDigits = width
	return n.put(&c.t.year, v)
}

// name reads the name of a month or a day.
func (c *inCursor) name(n *inNode) error {
	list, at := monthNames, &c.t.month
	switch n.key {
	case "MON":
		list = shortMonths
	case "RM":
		list = reversedMonths
	case "DAY":
		list, at = dayNames, &c.t.weekday
	case "DY":
		list, at = shortDays, &c.t.weekday
	}
	i, err := c.word(list, n)
	if err != nil {
		return err
	}
	if n.key == "RM" {
		i = 11 - i
	}
	return n.put(at, i+1)
}
