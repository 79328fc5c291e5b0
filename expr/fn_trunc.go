package expr

import (
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// truncFuncs are date_trunc and date_bin.
func truncFuncs() []*Func {
	X, TS, TZ, V := types.Text, types.Timestamp, types.TimestampTZ, types.Interval
	fs := []*Func{
		{Name: "date_trunc", Args: args(X, TS), Ret: TS, Vol: Immutable, Kernel: dateTrunc(TS), Doc: "cut to a unit of time"},
		{Name: "date_trunc", Args: args(X, TZ), Ret: TZ, Vol: Stable, Kernel: dateTrunc(TZ), Doc: "cut to a unit of time in the session's zone"},
		vol(Stable, f3("date_trunc", X, TZ, X, TZ, func(_ *Ctx, name string, ts int64, zone string) (int64, error) {
			loc, err := types.LoadLocation(zone)
			if err != nil {
				return 0, err
			}
			u, err := truncUnit(name, TZ)
			if err != nil {
				return 0, err
			}
			return truncIn(loc, u, ts), nil
		}, "cut to a unit of time in a zone")),
		f2("date_trunc", X, V, V, func(_ *Ctx, name string, iv interval) (interval, error) { return truncInterval(name, iv) }, "cut to a unit of time"),
	}
	for _, t := range []types.Type{TS, TZ} {
		fs = append(fs, &Func{Name: "date_bin", Args: args(V, t, t), Ret: t, Vol: Immutable, Kernel: dateBin(t), Doc: "begin of the bin that a time lies in"})
	}
	return fs
}

// truncUnit finds a unit that date_trunc knows.
func truncUnit(name string, t types.Type) (unit, error) {
	u, err := unitOf(name, t)
	if err == nil && u > uMillennium {
		if u < uTimezone {
			return 0, unitUnknown(name, t)
		}
		return 0, unitNotSupported(name, t)
	}
	return u, err
}

// unitMicros is the length of the units that are multiples of a microsecond counted from 1970-01-01 00:00; 0: others.
func unitMicros(u unit) int64 {
	switch u {
	case uMicrosecond:
		return 1
	case uMillisecond:
		return 1e3
	case uSecond:
		return 1e6
	case uMinute:
		return 60e6
	case uHour:
		return 3600e6
	case uDay:
		return microsPerDay
	}
	return 0
}

func dateTrunc(t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		var loc *time.Location
		if t == types.TimestampTZ {
			loc = ctx.Format.Loc
		}
		if vs[0].Const && !vs[0].Arr.IsNull(0) {
			names := stringsOf(vs[0])
			u, err := truncUnit(names.at(0), t)
			if err != nil {
				return Vec{}, err
			}
			if size := unitMicros(u); size > 0 && (utc(loc) || size <= 60e6) {
				return truncAll(t, n, vs[1], size, 0), nil
			}
			return row2(t, func(_ *Ctx, _ string, ts int64) (int64, error) { return truncIn(loc, u, ts), nil })(ctx, n, vs)
		}
		return row2(t, func(_ *Ctx, name string, ts int64) (int64, error) {
			u, err := truncUnit(name, t)
			if err != nil {
				return 0, err
			}
			return truncIn(loc, u, ts), nil
		})(ctx, n, vs)
	}
}

// truncAll cuts every row to a multiple of size from origin. Rows nearby mostly fall into one bin, so the last bin is tried first.
func truncAll(t types.Type, n int, v Vec, size, origin int64) Vec {
	in := values[int64](v.Arr)[:n]
	out := make([]int64, n)
	from, to := int64(1), int64(0)
	for i, ts := range in {
		if ts < from || ts >= to {
			if isInfTime(ts) {
				out[i] = ts
				continue
			}
			from = origin + floorDiv(ts-origin, size)*size
			to = from + size
		}
		out[i] = from
	}
	return Vec{Arr: newFixed(t.Arrow(), out, andValid(n, v))}
}

// truncIn cuts an instant in the clock of a zone; loc nil: a local time.
func truncIn(loc *time.Location, u unit, ts int64) int64 {
	if isInfTime(ts) {
		return ts
	}
	if utc(loc) {
		return truncLocal(u, ts)
	}
	if u <= uMinute {
		return floorDiv(ts, unitMicros(u)) * unitMicros(u)
	}
	local := toLocal(loc, ts)
	cut := truncLocal(u, local)
	if u == uHour {
		return ts - (local - cut)
	}
	return toUTC(loc, cut)
}

func truncLocal(u unit, ts int64) int64 {
	if size := unitMicros(u); size > 0 {
		return floorDiv(ts, size) * size
	}
	c := civilOf(ts)
	if u == uWeek {
		return int64(c.days-c.isoWeekday()+1) * microsPerDay
	}
	m := 1
	y := c.year
	switch u {
	case uMonth:
		m = c.month
	case uQuarter:
		m = (c.month-1)/3*3 + 1
	case uDecade:
		y = int(floorDiv(int64(y), 10)) * 10
	case uCentury:
		y = int(floorDiv(int64(y-1), 100))*100 + 1
	case uMillennium:
		y = int(floorDiv(int64(y-1), 1000))*1000 + 1
	}
	return int64(types.DaysFromCivil(y, m, 1)) * microsPerDay
}

func truncInterval(name string, iv interval) (interval, error) {
	u, err := truncUnit(name, types.Interval)
	if err != nil {
		return iv, err
	}
	if u == uWeek {
		return iv, unitNotSupported(name, types.Interval).(*sqlerr.Error).
			WithDetail("Months usually have fractional weeks.")
	}
	if size := unitMicros(u); size > 0 && u < uDay {
		iv.Micros -= iv.Micros % size
		return iv, nil
	}
	iv.Micros = 0
	if u == uDay {
		return iv, nil
	}
	iv.Days = 0
	months := map[unit]int32{uMonth: 1, uQuarter: 3, uYear: 12, uDecade: 120, uCentury: 1200, uMillennium: 12000}[u]
	iv.Months -= iv.Months % months
	return iv, nil
}

func dateBin(t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		if vs[0].Const && vs[2].Const && !vs[1].Const {
			size, err := binSize(readInterval(vs[0])(0))
			if err != nil {
				return Vec{}, err
			}
			if origin := values[int64](vs[2].Arr)[0]; !isInfTime(origin) && size < 400*microsPerDay {
				return truncAll(t, n, vs[1], size, origin), nil
			}
		}
		return row3(t, func(_ *Ctx, iv interval, ts, origin int64) (int64, error) {
			if isInfTime(ts) {
				return ts, nil
			}
			if isInfTime(origin) {
				return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "origin out of range")
			}
			size, err := binSize(iv)
			if err != nil {
				return 0, err
			}
			r := origin + floorDiv(ts-origin, size)*size
			if r < minTimestamp {
				return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
			}
			return r, nil
		})(ctx, n, vs)
	}
}

func binSize(iv interval) (int64, error) {
	if iv.Months != 0 {
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "timestamps cannot be binned into intervals containing months or years")
	}
	size := int64(iv.Days)*microsPerDay + iv.Micros
	if size <= 0 {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "stride must be greater than zero")
	}
	return size, nil
}
