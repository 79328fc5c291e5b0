package expr

import "github.com/streamsqld/streamsqld/internal/sqlerr"

func shownInterval(iv interval) shownTime {
	st := shownTime{span: true}
	st.year, st.month, st.day = int(iv.Months/12), int(iv.Months%12), int(iv.Days)
	st.days = julian(st.year, st.month, st.day) - 2440588
	st.setClock(iv.Micros)
	return st
}

func notOfSpan() error {
	return sqlerr.New(sqlerr.InvalidDatetimeFormat, "invalid format specification for an interval value").WithHint("Intervals are not tied to specific calendar dates.")
}

// appendSpanRoman prints the months of an interval: no month of some years is December, or January before nothing.
func appendSpanRoman(dst []byte, n *fmtNode, st *shownTime) []byte {
	m := st.month
	switch {
	case m == 0 && st.year == 0:
		return dst
	case m == 0 && st.year > 0:
		m = 12
	case m == 0:
		m = 1
	case m < 0:
		m += 13
	}
	return appendName(dst, romanMonths[m-1], 4, n)
}

// notOfSpans are the fields that intervals do not have.
var notOfSpans = []string{"A.D.", "B.C.", "AD", "BC", "MONTH", "MON", "DAY", "DY", "D", "ID", "TZ", "TZH", "TZM", "OF"}

// dayOfYear is the day of the year, of an interval its days with months of 30.
func (st *shownTime) dayOfYear() int {
	if st.span {
		return (st.year*12+st.month)*30 + st.day
	}
	return st.yearDay()
}

// julian is the Julian day of a date whose month and day may be anything, as PostgreSQL counts it.
func julian(y, m, d int) int {
	if m > 2 {
		m, y = m+1, y+4800
	} else {
		m, y = m+13, y+4799
	}
	century := y / 100
	return y*365 - 32167 + y/4 - century + century/4 + 7834*m/256 + d
}
