package expr

import (
	"math"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// datetimeFuncs are the operators of dates, times and timestamps.
func datetimeFuncs() []*Func {
	D, I, TS, TZ, V, T := types.Date, types.Int4, types.Timestamp, types.TimestampTZ, types.Interval, types.Time
	plus := func(a, b, r types.Type, k Kernel) []*Func {
		swap := func(ctx *Ctx, n int, v []Vec) (Vec, error) { return k(ctx, n, []Vec{v[1], v[0]}) }
		return []*Func{{Name: "+", Args: args(a, b), Ret: r, Kernel: k, Vol: Immutable, Doc: "add"},
			{Name: "+", Args: args(b, a), Ret: r, Kernel: swap, Vol: Immutable, Doc: "add"}}
	}
	minus := func(a, b, r types.Type, k Kernel) *Func {
		return &Func{Name: "-", Args: args(a, b), Ret: r, Kernel: k, Vol: Immutable, Doc: "subtract"}
	}
	fs := plus(D, I, D, row2(D, func(_ *Ctx, d, n int32) (int32, error) { return addDays(d, int64(n)) }))
	fs = append(fs, plus(D, V, TS, dateInterval(1))...)
	fs = append(fs, plus(D, T, TS, row2(TS, func(_ *Ctx, d int32, t int64) (int64, error) { return dateTime(d, t) }))...)
	fs = append(fs, plus(D, types.TimeTZ, TZ, row2(TZ, func(_ *Ctx, d int32, t [12]byte) (int64, error) {
		return dateTime(d, timeTZMicros(t)+timeTZWest(t)*1e6)
	}))...)
	fs = append(fs, plus(TS, V, TS, addInterval(TS, 1))...)
	tz := append(plus(TZ, V, TZ, addInterval(TZ, 1)), minus(TZ, V, TZ, addInterval(TZ, -1)))
	for _, f := range tz {
		fs = append(fs, vol(Stable, f))
	}
	fs = append(fs, plus(T, V, T, row2(T, func(_ *Ctx, t int64, iv interval) (int64, error) { return floorMod(t+iv.Micros, microsPerDay), nil }))...)
	TT := types.TimeTZ
	turn := func(t [12]byte, by int64) [12]byte {
		return timeTZ(floorMod(timeTZMicros(t)+by%microsPerDay, microsPerDay), timeTZWest(t))
	}
	fs = append(fs, plus(TT, V, TT, row2(TT, func(_ *Ctx, t [12]byte, iv interval) ([12]byte, error) { return turn(t, iv.Micros), nil }))...)
	return append(fs,
		minus(TT, V, TT, row2(TT, func(_ *Ctx, t [12]byte, iv interval) ([12]byte, error) { return turn(t, -iv.Micros), nil })),
		minus(D, I, D, row2(D, func(_ *Ctx, d, n int32) (int32, error) { return addDays(d, -int64(n)) })),
		minus(D, D, I, row2(I, func(_ *Ctx, a, b int32) (int32, error) {
			if isInfDate(a) || isInfDate(b) {
				return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "cannot subtract infinite dates")
			}
			return a - b, nil
		})),
		minus(D, V, TS, dateInterval(-1)),
		minus(TS, V, TS, addInterval(TS, -1)),
		minus(TS, TS, V, row2(V, subTimestamps)),
		minus(TZ, TZ, V, row2(V, subTimestamps)),
		minus(T, V, T, row2(T, func(_ *Ctx, t int64, iv interval) (int64, error) { return floorMod(t-iv.Micros, microsPerDay), nil })),
		minus(T, T, V, row2(V, func(_ *Ctx, a, b int64) (interval, error) { return interval{Micros: a - b}, nil })),
	)
}

// dateTime is a date's midnight moved by t microseconds. Errors: 22008.
func dateTime(d int32, t int64) (int64, error) {
	ts, err := midnight(d)
	if err != nil || isInfTime(ts) {
		return ts, err
	}
	return ts + t, nil
}

// midnight is a date's first instant. Errors: 22008 for what no timestamp can be.
func midnight(d int32) (int64, error) {
	if ts := dateToTimestamp(d); isInfTime(ts) || int64(d) <= math.MaxInt64/microsPerDay-1 {
		return ts, nil
	}
	return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range for timestamp")
}

func addDays(d int32, n int64) (int32, error) {
	if isInfDate(d) {
		return d, nil
	}
	r := int64(d) + n
	if r < -2440588 || r > 2145042905 {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range")
	}
	return int32(r), nil
}

func dateInterval(sign int64) Kernel {
	return row2(types.Timestamp, func(_ *Ctx, d int32, iv interval) (int64, error) {
		ts, err := midnight(d)
		if err != nil {
			return 0, err
		}
		return shift(ts, iv, sign, nil)
	})
}

// shift is ts + sign * iv.
func shift(ts int64, iv interval, sign int64, loc *time.Location) (int64, error) {
	if sign < 0 {
		var err error
		if iv, err = iv.Neg(); err != nil {
			return 0, err
		}
	}
	return types.TimestampAddInterval(ts, iv, loc)
}

// addInterval makes the kernel of timestamp plus or minus interval; an interval of hours and less, or of days in UTC, is a number.
func addInterval(t types.Type, sign int64) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		var loc *time.Location
		if t == types.TimestampTZ {
			loc = ctx.Format.Loc
		}
		if args[1].Const && !args[1].Arr.IsNull(0) {
			iv := readInterval(args[1])(0)
			plain := loc == nil || loc == time.UTC || iv.Days == 0
			if span := int64(iv.Days)*microsPerDay + iv.Micros; plain && iv.Months == 0 && iv.Days > -1e6 && iv.Days < 1e6 &&
				iv.Micros > -1e17 && iv.Micros < 1e17 {
				return shiftAll(t, n, args[0], sign*span)
			}
		}
		return row2(t, func(_ *Ctx, ts int64, iv interval) (int64, error) { return shift(ts, iv, sign, loc) })(ctx, n, args)
	}
}

func shiftAll(t types.Type, n int, v Vec, span int64) (Vec, error) {
	in := values[int64](v.Arr)[:n]
	out := make([]int64, n)
	valid := andValid(n, v)
	for i, ts := range in {
		r := ts + span
		if ts > 1e18 || ts < minTimestamp+1e18 {
			switch {
			case isInfTime(ts):
				r = ts
			case valid != nil && !bitSet(valid, i):
			case span > 0 && r < ts, span < 0 && r > ts, r < minTimestamp, r >= endTimestamp:
				return Vec{}, timestampRange()
			}
		}
		out[i] = r
	}
	return Vec{Arr: newFixed(t.Arrow(), out, valid)}, nil
}

func subTimestamps(_ *Ctx, a, b int64) (interval, error) {
	if isInfTime(a) || isInfTime(b) {
		return interval{}, sqlerr.New(sqlerr.DatetimeFieldOverflow, "cannot subtract infinite timestamps")
	}
	d := a - b
	if (a^b)&(a^d) < 0 {
		return interval{}, intervalRange()
	}
	return interval{Days: int32(d / microsPerDay), Micros: d % microsPerDay}, nil
}

// civil is a timestamp in fields.
type civil struct {
	year, month, day int
	micros           int64 // of the day
	days             int   // since 1970-01-01
}

func civilOf(ts int64) civil {
	days := floorDiv(ts, microsPerDay)
	y, m, d := types.CivilFromDays(int(days))
	return civil{y, m, d, ts - days*microsPerDay, int(days)}
}

func (c civil) weekday() int { return int(floorMod(int64(c.days)+4, 7)) } // 0 is Sunday

func (c civil) isoWeekday() int {
	if w := c.weekday(); w > 0 {
		return w
	}
	return 7
}

func (c civil) yearDay() int { return c.days - types.DaysFromCivil(c.year, 1, 1) + 1 }

// isoWeek gives the year and number of the ISO week.
func (c civil) isoWeek() (year, week int) {
	thursday := c.days - c.isoWeekday() + 4
	y, _, _ := types.CivilFromDays(thursday)
	return y, (thursday-types.DaysFromCivil(y, 1, 1))/7 + 1
}

// age is a - b in years, months and days.
func age(a, b int64) (interval, error) {
	if isInfTime(a) || isInfTime(b) {
		return interval{}, timestampRange()
	}
	neg := a < b
	if neg {
		a, b = b, a
	}
	x, y := civilOf(a), civilOf(b)
	micros := x.micros - y.micros
	days, months := x.day-y.day, (x.year-y.year)*12+x.month-y.month
	if micros < 0 {
		micros += microsPerDay
		days--
	}
	for days < 0 {
		days += types.DaysInMonth(y.year, y.month)
		months--
	}
	iv := interval{Micros: micros, Days: int32(days), Months: int32(months)}
	if neg {
		return iv.Neg()
	}
	return iv, nil
}

// toTimestampSeconds is to_timestamp(double precision).
func toTimestampSeconds(_ *Ctx, s float64) (int64, error) {
	switch {
	case math.IsNaN(s):
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp cannot be NaN")
	case math.IsInf(s, 0):
		return infOf(s < 0), nil
	case s*1e6 < minTimestamp || s*1e6 >= float64(endTimestamp):
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, `timestamp out of range: "%g"`, s)
	}
	const epoch = 946_684_800 // seconds from 1970 to 2000, from which PostgreSQL counts: the rounding is then the same
	return int64(math.RoundToEven((s-epoch)*1e6)) + epoch*1e6, nil
}
