package expr

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/types"
)

// toCharFuncs are to_char of dates, times and intervals; those of numbers are in fn_to_number.go.
func toCharFuncs() []*Func {
	X := types.Text
	fn := func(t types.Type, v Volatility) *Func {
		return &Func{Name: "to_char", Args: args(t, X), Ret: X, Vol: v, Kernel: toCharTime(t), Doc: "date or time as text by a template"}
	}
	return []*Func{fn(types.Timestamp, Stable), fn(types.TimestampTZ, Stable), fn(types.Interval, Stable)}
}

// shownTime is what a template prints from.
type shownTime struct {
	civil
	hour, min, sec int
	fsec           int   // microseconds of the second
	off            int64 // seconds east of UTC
	zone           string
	span           bool // an interval
}

func toCharTime(t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		pat := stringsOf(vs[1])
		valid := andValid(n, vs...)
		get := shownReader(ctx, t, vs[0])
		var nodes []fmtNode
		last, have := "", false
		var memo shownMemo
		a, err := appendRows(types.Text, n, valid, func(dst []byte, i int) ([]byte, error) {
			if p := pat.at(i); !have || !vs[1].Const && p != last {
				nodes, last, have = parseTimeFormat(p), p, true
				memo = newShownMemo(ctx, t, nodes, vs[0])
			}
			if memo.holds(i) {
				return append(dst, memo.text...), nil
			}
			if last == "" {
				return dst, errNull
			}
			st, ok := get(i)
			if !ok {
				return dst, errNull
			}
			from := len(dst)
			for k := range nodes {
				if st.span && slices.Contains(notOfSpans, nodes[k].key) {
					return dst, notOfSpan()
				}
				dst = appendTimeNode(dst, &nodes[k], &st)
			}
			memo.keep(i, dst[from:])
			return dst, nil
		})
		return Vec{Arr: a}, err
	}
}

// shownMemo keeps the last text of a template that shows nothing finer than minutes, or days: the next row mostly has the same.
type shownMemo struct {
	v     Vec
	ts    []int64
	width int64 // µs of a time in which the text stays the same; 0: nothing is kept
	from  int64 // the time of text
	text  []byte
}

func newShownMemo(ctx *Ctx, t types.Type, nodes []fmtNode, v Vec) shownMemo {
	if t == types.Interval || t == types.TimestampTZ && !utc(ctx.Format.Loc) {
		return shownMemo{}
	}
	m := shownMemo{v: v, ts: values[int64](v.Arr), width: types.Day}
	for _, n := range nodes {
		switch n.key {
		case "", "Y,YYY", "YYYY", "YYY", "YY", "Y", "MONTH", "MON", "MM", "DAY", "DDD", "DD", "DY", "D":
		case "HH24", "HH12", "HH", "MI":
			m.width = types.Minute
		default:
			return shownMemo{}
		}
	}
	return m
}

func (m *shownMemo) holds(i int) bool {
	if m.text == nil {
		return false
	}
	x := m.ts[m.v.Idx(i)]
	return x >= m.from && x-m.from < m.width
}

func (m *shownMemo) keep(i int, text []byte) {
	if m.width == 0 {
		return
	}
	x := m.ts[m.v.Idx(i)]
	m.from = x - (x%m.width+m.width)%m.width
	m.text = append(m.text[:0], text...)
}

// shownReader takes row i apart; ok is false for an infinity. The day is kept for the next row, which mostly has the same.
func shownReader(ctx *Ctx, t types.Type, v Vec) func(i int) (st shownTime, ok bool) {
	if t == types.Interval {
		iv := readInterval(v)
		return func(i int) (shownTime, bool) { return shownInterval(iv(i)), true }
	}
	ts := values[int64](v.Arr)
	loc := ctx.Format.Loc
	day := int64(-1 << 62)
	var c civil
	return func(i int) (shownTime, bool) {
		x := ts[v.Idx(i)]
		if isInfTime(x) {
			return shownTime{}, false
		}
		st := shownTime{}
		if t == types.TimestampTZ {
			st.zone = "UTC"
			if !utc(loc) {
				st.off = zoneOffset(loc, x)
				st.zone, _ = time.Unix(floorDiv(x, microsPerSecond), 0).In(loc).Zone()
				x += st.off * microsPerSecond
			}
		}
		if d := floorDiv(x, microsPerDay); d != day {
			day, c = d, civilOf(x)
		}
		st.civil = c
		st.setClock(x - day*microsPerDay)
		return st, true
	}
}

func (st *shownTime) setClock(micros int64) {
	st.micros = micros
	st.hour, st.min = int(micros/3600e6), int(micros/60e6%60)
	st.sec, st.fsec = int(micros/1e6%60), int(micros%1e6)
}

var monthNames = []string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
var dayNames = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
var romanMonths = []string{"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"}

func appendTimeNode(dst []byte, n *fmtNode, st *shownTime) []byte {
	if n.key == "" {
		return append(dst, n.text...)
	}
	from := len(dst)
	switch n.key {
	case "YYYY":
		dst = appendPad(dst, st.adYear(), 4, n.fill)
	case "MM":
		dst = appendPad(dst, st.month, 2, n.fill)
	case "DD":
		width := 2
		if st.day < 0 { // of an interval: its sign counts, unlike that of other fields
			width = 1
		}
		dst = appendPad(dst, st.day, width, n.fill)
	case "HH24":
		dst = appendPad(dst, st.hour, 2, n.fill)
	case "MI":
		dst = appendPad(dst, st.min, 2, n.fill)
	case "SS":
		dst = appendPad(dst, st.sec, 2, n.fill)
	case "HH", "HH12":
		h := st.hour % 12
		if h == 0 {
			h = 12
		}
		dst = appendPad(dst, h, 2, n.fill)
	default:
		if out, ok := appendClockNode(dst, n, st); ok {
			dst = out
		} else {
			dst = appendDayNode(dst, n, st)
		}
	}
	if n.suffix != 0 {
		dst = appendOrdinal(dst, dst[from:], n.suffix)
	}
	return dst
}

// appendClockNode prints the fields of the clock and the zone.
func appendClockNode(dst []byte, n *fmtNode, st *shownTime) ([]byte, bool) {
	switch n.key {
	case "MS", "FF3":
		return appendPad(dst, st.fsec/1000, 3, false), true
	case "US", "FF6":
		return appendPad(dst, st.fsec, 6, false), true
	case "FF1", "FF2", "FF4", "FF5":
		digits := int(n.key[2] - '0')
		return append(dst, string(appendPad(nil, st.fsec, 6, false))[:digits]...), true
	case "SSSS", "SSSSS":
		return strconv.AppendInt(dst, st.micros/1e6, 10), true
	case "AM", "PM":
		return appendStyled(dst, pick(st.hour%24 >= 12, "PM", "AM"), n.style), true
	case "A.M.", "P.M.":
		return appendStyled(dst, pick(st.hour%24 >= 12, "P.M.", "A.M."), n.style), true
	case "TZ":
		return appendStyled(dst, st.zone, n.style), true
	case "TZH":
		return appendPad(append(dst, pick(st.off < 0, "-", "+")...), int(abs64(st.off)/3600), 2, false), true
	case "TZM":
		return appendPad(dst, int(abs64(st.off)%3600/60), 2, false), true
	case "OF":
		dst = appendPad(append(dst, pick(st.off < 0, "-", "+")...), int(abs64(st.off)/3600), 2, n.fill)
		if m := abs64(st.off) % 3600 / 60; m != 0 {
			dst = appendPad(append(dst, ':'), int(m), 2, false)
		}
		return dst, true
	}
	return dst, false
}

// appendDayNode prints the fields of the day.
func appendDayNode(dst []byte, n *fmtNode, st *shownTime) []byte {
	isoYear, isoWeek := 0, 0
	if n.key[0] == 'I' {
		if isoYear, isoWeek = st.isoWeek(); !st.span && isoYear <= 0 {
			isoYear = 1 - isoYear // BC
		}
	}
	short := 0
	if st.span && st.year >= 0 && isoYear < 0 {
		short = 1 // the sign counts
	}
	switch n.key {
	case "Y,YYY":
		return appendPad(append(strconv.AppendInt(dst, int64(st.adYear()/1000), 10), ','), st.adYear()%1000, 3, false)
	case "YYY":
		return appendPad(dst, st.adYear()%1000, 3, n.fill)
	case "YY":
		return appendPad(dst, st.adYear()%100, 2, n.fill)
	case "Y":
		return appendPad(dst, st.adYear()%10, 1, n.fill)
	case "IYYY":
		return appendPad(dst, isoYear, 4-short, n.fill)
	case "IYY":
		return appendPad(dst, isoYear%1000, 3-short, n.fill)
	case "IY":
		return appendPad(dst, isoYear%100, 2-short, n.fill)
	case "I":
		return appendPad(dst, isoYear%10, 1-short, n.fill)
	case "MONTH", "MON", "RM":
		return appendMonth(dst, n, st)
	case "DAY":
		return appendName(dst, dayNames[st.weekday()], 9, n)
	case "DY":
		return appendStyled(dst, dayNames[st.weekday()][:3], n.style)
	case "DDD":
		return appendPad(dst, st.dayOfYear(), 3, n.fill)
	case "IDDD":
		return appendPad(dst, (isoWeek-1)*7+st.isoWeekday(), 3, n.fill)
	case "D":
		return strconv.AppendInt(dst, int64(st.weekday()+1), 10)
	case "ID":
		return strconv.AppendInt(dst, int64(st.isoWeekday()), 10)
	case "IW":
		return appendPad(dst, isoWeek, 2, n.fill)
	case "WW":
		return appendPad(dst, (st.dayOfYear()-1)/7+1, 2, n.fill)
	case "W":
		return strconv.AppendInt(dst, int64((st.day-1)/7+1), 10)
	case "Q":
		if st.month == 0 {
			return dst
		}
		return strconv.AppendInt(dst, int64((st.month-1)/3+1), 10)
	case "CC":
		if st.span {
			return appendPad(dst, st.year/100, 2, n.fill)
		}
		return appendPad(dst, era(st.year, 100), 2, n.fill)
	case "J":
		return strconv.AppendInt(dst, int64(st.days)+2440588, 10)
	case "AD", "BC":
		return appendStyled(dst, pick(st.year <= 0, "BC", "AD"), n.style)
	case "A.D.", "B.C.":
		return appendStyled(dst, pick(st.year <= 0, "B.C.", "A.D."), n.style)
	}
	return dst
}

func appendMonth(dst []byte, n *fmtNode, st *shownTime) []byte {
	if st.span {
		return appendSpanRoman(dst, n, st)
	}
	switch n.key {
	case "MONTH":
		return appendName(dst, monthNames[st.month-1], 9, n)
	case "MON":
		return appendStyled(dst, monthNames[st.month-1][:3], n.style)
	}
	return appendName(dst, romanMonths[st.month-1], 4, n)
}

// adYear is the year as it is printed: 1 BC is 1.
func (st *shownTime) adYear() int {
	if st.year <= 0 && !st.span {
		return 1 - st.year
	}
	return st.year
}

func pick(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

func abs64(x int64) int64 {
	if x < 0 {
		return -x
	}
	return x
}

// appendPad appends a number with zeros in front.
func appendPad(dst []byte, v, width int, fill bool) []byte {
	if v < 0 {
		dst, v = append(dst, '-'), -v
	}
	if !fill {
		for p := width - 1; p > 0; p-- {
			limit := 1
			for range p {
				limit *= 10
			}
			if v >= limit {
				break
			}
			dst = append(dst, '0')
		}
	}
	return strconv.AppendInt(dst, int64(v), 10)
}

func appendStyled(dst []byte, s string, style byte) []byte {
	switch style {
	case 'U':
		s = strings.ToUpper(s)
	case 'l':
		s = strings.ToLower(s)
	}
	return append(dst, s...)
}

func appendName(dst []byte, s string, width int, n *fmtNode) []byte {
	dst = appendStyled(dst, s, n.style)
	if !n.fill {
		for k := len(s); k < width; k++ {
			dst = append(dst, ' ')
		}
	}
	return dst
}

// appendOrdinal appends th, st, nd or rd as English wants it for the digits.
func appendOrdinal(dst, digits []byte, suffix byte) []byte {
	s := "th"
	if k := len(digits); k > 0 && (k < 2 || digits[k-2] != '1') {
		switch digits[k-1] {
		case '1':
			s = "st"
		case '2':
			s = "nd"
		case '3':
			s = "rd"
		}
	}
	if suffix == 'T' {
		s = strings.ToUpper(s)
	}
	return append(dst, s...)
}
