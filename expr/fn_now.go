package expr

import (
	"fmt"
	"math"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// clockFuncs are the current time in all its names, and the makers of dates and times.
func clockFuncs() []*Func {
	D, I, F, TS, TZ, T := types.Date, types.Int4, types.Float8, types.Timestamp, types.TimestampTZ, types.Time
	now := func(ctx *Ctx) (int64, error) { return ctx.Now, nil }
	local := func(ctx *Ctx) (int64, error) { return toLocal(ctx.Format.Loc, ctx.Now), nil }
	today := func(ctx *Ctx) (int32, error) { return timestampToDate(toLocal(ctx.Format.Loc, ctx.Now)), nil }
	timeNow := func(ctx *Ctx) (int64, error) { return floorMod(toLocal(ctx.Format.Loc, ctx.Now), microsPerDay), nil }
	clock := func(ctx *Ctx) (int64, error) {
		if ctx.Clock != nil {
			return ctx.Clock(), nil
		}
		return ctx.Now, nil
	}
	var fs []*Func
	for _, name := range []string{"now", "current_timestamp", "transaction_timestamp", "statement_timestamp", "proctime"} {
		fs = append(fs, f0(name, TZ, now, "time of the statement, or of the trigger in a continuous query"))
	}
	round := func(x int64, p int32) int64 { return types.RoundTimestamp(x, p) }
	return append(fs,
		vol(Volatile, f0("clock_timestamp", TZ, clock, "time of the clock")),
		vol(Stable, f1("current_timestamp", I, TZ, func(ctx *Ctx, p int32) (int64, error) { return round(ctx.Now, p), nil }, "time of the statement, rounded")),
		f0("localtimestamp", TS, local, "local time of the statement"),
		vol(Stable, f1("localtimestamp", I, TS, func(ctx *Ctx, p int32) (int64, error) { x, err := local(ctx); return round(x, p), err }, "local time, rounded")),
		f0("current_date", D, today, "today"),
		f0("localtime", T, timeNow, "local time of day"),
		vol(Stable, f1("localtime", I, T, func(ctx *Ctx, p int32) (int64, error) { x, err := timeNow(ctx); return round(x, p), err }, "local time of day, rounded")),
		f0("current_time", types.TimeTZ, func(ctx *Ctx) ([12]byte, error) { return timeTZNow(ctx, 6) }, "time of day with zone"),
		vol(Stable, f1("current_time", I, types.TimeTZ, timeTZNow, "time of day with zone, rounded")),
		f3("make_date", I, I, I, D, func(_ *Ctx, y, m, d int32) (int32, error) { return makeDate(y, m, d) }, "date of year, month and day"),
		f3("make_time", I, I, F, T, func(_ *Ctx, h, m int32, s float64) (int64, error) { return makeTime(h, m, s) }, "time of hour, minute and second"),
		&Func{Name: "make_timestamp", Args: args(I, I, I, I, I, F), Ret: TS, Vol: Immutable, Kernel: makeTimestamp, Doc: "timestamp of its parts"},
		&Func{Name: "make_timestamptz", Args: args(I, I, I, I, I, F), Ret: TZ, Vol: Stable, Kernel: makeTimestampTZ, Doc: "instant of its parts in the session's zone"},
		&Func{Name: "make_timestamptz", Args: args(I, I, I, I, I, F, types.Text), Ret: TZ, Vol: Stable, Kernel: makeTimestampTZ, Doc: "instant of its parts in a zone"},
		f1("to_timestamp", F, TZ, toTimestampSeconds, "instant so many seconds after 1970"),
		f2("age", TS, TS, types.Interval, func(_ *Ctx, a, b int64) (interval, error) { return age(a, b) }, "years, months and days between"),
		vol(Stable, f2("age", TZ, TZ, types.Interval, func(ctx *Ctx, a, b int64) (interval, error) {
			return age(toLocal(ctx.Format.Loc, a), toLocal(ctx.Format.Loc, b))
		}, "years, months and days between")),
		vol(Stable, f1("age", TS, types.Interval, func(ctx *Ctx, a int64) (interval, error) { return ageToday(ctx, a) }, "years, months and days to today")),
		vol(Stable, f1("age", TZ, types.Interval, func(ctx *Ctx, a int64) (interval, error) {
			return ageToday(ctx, toLocal(ctx.Format.Loc, a))
		}, "years, months and days to today")),
		p1("isfinite", D, types.Bool, func(d int32) bool { return !isInfDate(d) }, "not infinite"),
		p1("isfinite", TS, types.Bool, func(t int64) bool { return !isInfTime(t) }, "not infinite"),
		p1("isfinite", TZ, types.Bool, func(t int64) bool { return !isInfTime(t) }, "not infinite"),
		p1("isfinite", types.Interval, types.Bool, func(interval) bool { return true }, "not infinite"),
	)
}

func timeTZNow(ctx *Ctx, precision int32) ([12]byte, error) {
	t := floorMod(toLocal(ctx.Format.Loc, ctx.Now), microsPerDay)
	return timeTZ(types.RoundTime(t, precision), -zoneOffset(ctx.Format.Loc, ctx.Now)), nil
}

func ageToday(ctx *Ctx, a int64) (interval, error) {
	return age(dateToTimestamp(timestampToDate(toLocal(ctx.Format.Loc, ctx.Now))), a)
}

func makeDate(y, m, d int32) (int32, error) {
	year := int(y)
	if y < 0 {
		year++
	}
	if y == 0 || m < 1 || m > 12 || d < 1 || int(d) > types.DaysInMonth(year, int(m)) {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date field value out of range: %d-%02d-%02d", y, m, d)
	}
	days := types.DaysFromCivil(year, int(m), int(d))
	if days < -2440588 || days > 2145042905 {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range: %d-%02d-%02d", y, m, d)
	}
	return int32(days), nil
}

func makeTime(h, m int32, s float64) (int64, error) {
	micros := int64(math.RoundToEven(s * 1e6))
	if h < 0 || h > 24 || m < 0 || m > 59 || !(s >= 0 && s <= 60) || h == 24 && (m > 0 || micros > 0) {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "time field value out of range: %d:%02d:%02s", h, m, secondsText(s))
	}
	return (int64(h)*60+int64(m))*60e6 + micros, nil
}

// secondsText writes seconds as printf's %g does.
func secondsText(s float64) string {
	if math.IsInf(s, 0) || math.IsNaN(s) {
		return string(types.AppendFloat8(nil, s, 1))
	}
	return fmt.Sprintf("%.6g", s)
}

func makeTimestamp(_ *Ctx, n int, vs []Vec) (Vec, error) {
	return writeTimestamp(types.Timestamp, n, vs, func(_ int, ts int64) (int64, error) { return ts, nil })
}

func makeTimestampTZ(ctx *Ctx, n int, vs []Vec) (Vec, error) {
	if len(vs) < 7 {
		return writeTimestamp(types.TimestampTZ, n, vs, func(_ int, ts int64) (int64, error) { return toUTC(ctx.Format.Loc, ts), nil })
	}
	zone := stringsOf(vs[6])
	return writeTimestamp(types.TimestampTZ, n, vs, func(i int, ts int64) (int64, error) {
		loc, err := types.ZoneOf(zone.at(i))
		return toUTC(loc, ts), err
	})
}

func writeTimestamp(t types.Type, n int, vs []Vec, zone func(i int, ts int64) (int64, error)) (Vec, error) {
	var p [5]func(int) int32
	for k := range p {
		p[k] = read[int32](vs[k])
	}
	secs := read[float64](vs[5])
	return write(t, n, andValid(n, vs...), func(i int) (int64, error) {
		d, err := makeDate(p[0](i), p[1](i), p[2](i))
		if err != nil {
			return 0, err
		}
		tm, err := makeTime(p[3](i), p[4](i), secs(i))
		if err != nil {
			return 0, err
		}
		if int64(d) >= math.MaxInt64/microsPerDay-1 {
			return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
		}
		return zone(i, int64(d)*microsPerDay+tm)
	})
}

// utc says whether a zone is UTC, in which local times are instants.
func utc(loc *time.Location) bool { return loc == nil || loc == time.UTC }
