package expr

import (
	"math"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// unit is a field of a date or time.
type unit byte

const (
	uMicrosecond unit = iota + 1
	uMillisecond
	uSecond
	uMinute
	uHour
	uDay
	uWeek
	uMonth
	uQuarter
	uYear
	uDecade
	uCentury
	uMillennium
	uDow
	uIsodow
	uDoy
	uIsoyear
	uEpoch
	uJulian
	uTimezone
	uTimezoneHour
	uTimezoneMinute
)

// unitNames are the spellings that PostgreSQL takes.
var unitNames = func() map[string]unit {
	m := map[string]unit{}
	for u, names := range map[unit]string{
		uMicrosecond: "microsecond microseconds microsecon us usec usecs usecond useconds", uMillisecond: "millisecond milliseconds millisecon ms msec msecs msecond mseconds",
		uSecond: "second seconds sec secs s", uMinute: "minute minutes min mins m", uHour: "hour hours hr hrs h", uDay: "day days d",
		uWeek: "week weeks w", uMonth: "month months mon mons", uQuarter: "quarter quarters qtr", uYear: "year years yr yrs y",
		uDecade: "decade decades dec decs", uCentury: "century centuries cent c", uMillennium: "millennium millennia mil mils",
		uDow: "dow", uIsodow: "isodow", uDoy: "doy", uIsoyear: "isoyear", uEpoch: "epoch", uJulian: "julian j jd",
		uTimezone: "timezone timezone_", uTimezoneHour: "timezone_hour timezone_h", uTimezoneMinute: "timezone_minute timezone_m",
	} {
		for _, n := range strings.Fields(names) {
			m[n] = u
		}
	}
	return m
}()

// unitOf finds a unit by name. Error: 22023.
func unitOf(name string, t types.Type) (unit, error) {
	u, ok := unitNames[strings.ToLower(name)]
	if !ok {
		return 0, unitUnknown(name, t)
	}
	return u, nil
}

func unitUnknown(name string, t types.Type) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, `unit "%s" not recognized for type %s`, strings.ToLower(name), t)
}

func unitNotSupported(name string, t types.Type) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, `unit "%s" not supported for type %s`, strings.ToLower(name), t)
}

// extractFuncs are extract (numeric) and date_part (double precision).
func extractFuncs() []*Func {
	var fs []*Func
	for _, t := range []types.Type{types.Timestamp, types.TimestampTZ, types.Date, types.Interval, types.Time, types.TimeTZ} {
		v := Immutable
		if t == types.TimestampTZ {
			v = Stable
		}
		fs = append(fs,
			&Func{Name: "extract", Args: args(types.Text, t), Ret: types.Numeric, Vol: v, Kernel: extractKernel(t), Doc: "field of a date, time or interval"},
			&Func{Name: "date_part", Args: args(types.Text, t), Ret: types.Float8, Vol: v, Kernel: datePart(t), Doc: "field of a date, time or interval"})
	}
	return fs
}

// field is the value of a field: coef * 10^-scale, or an infinity (sign), or NULL.
type field struct {
	coef  int64
	scale int32
	inf   int8
	null  bool
	dec   *types.Dec // a value that coef does not hold
}

// fieldReader gives the function that takes a field from row i.
func fieldReader(ctx *Ctx, t types.Type, v Vec) func(u unit, name string, i int) (field, error) {
	switch t {
	case types.Interval:
		iv := readInterval(v)
		return func(u unit, name string, i int) (field, error) { return intervalField(u, name, iv(i)) }
	case types.Date:
		d := values[int32](v.Arr)
		return func(u unit, name string, i int) (field, error) {
			if u <= uHour || u >= uTimezone {
				return field{}, unitNotSupported(name, t)
			}
			f, err := timestampField(u, name, t, dateToTimestamp(d[v.Idx(i)]), 0)
			if u == uEpoch && f.inf == 0 {
				f = field{coef: f.coef / microsPerSecond}
			}
			if u == uJulian && f.inf == 0 {
				f = field{coef: int64(d[v.Idx(i)]) + 2440588}
			}
			return f, err
		}
	case types.TimeTZ:
		ts := values[[12]byte](v.Arr)
		return func(u unit, name string, i int) (field, error) { return timeTZField(u, name, ts[v.Idx(i)]) }
	case types.Time:
		ts := values[int64](v.Arr)
		return func(u unit, name string, i int) (field, error) {
			if u > uHour && u != uEpoch {
				return field{}, unitNotSupported(name, t)
			}
			return timestampField(u, name, t, ts[v.Idx(i)], 0)
		}
	}
	ts := values[int64](v.Arr)
	return func(u unit, name string, i int) (field, error) {
		x := ts[v.Idx(i)]
		if t != types.TimestampTZ || utc(ctx.Format.Loc) {
			return timestampField(u, name, t, x, 0)
		}
		return timestampField(u, name, t, toLocal(ctx.Format.Loc, x), zoneOffset(ctx.Format.Loc, x))
	}
}

// timeTZField takes a field from a time of day with its zone.
func timeTZField(u unit, name string, x [12]byte) (field, error) {
	micros, west := timeTZMicros(x), timeTZWest(x)
	switch {
	case u == uEpoch:
		return field{coef: micros + west*1e6, scale: 6}, nil
	case u == uTimezone:
		return field{coef: -west}, nil
	case u == uTimezoneHour:
		return field{coef: -west / 3600}, nil
	case u == uTimezoneMinute:
		return field{coef: -west / 60 % 60}, nil
	case u > uHour:
		return field{}, unitNotSupported(name, types.TimeTZ)
	}
	return timestampField(u, name, types.TimeTZ, micros, 0)
}

// timestampField takes a field from a local time, off seconds east of UTC.
func timestampField(u unit, name string, t types.Type, ts, off int64) (field, error) {
	if u >= uTimezone && t != types.TimestampTZ {
		return field{}, unitNotSupported(name, t)
	}
	if isInfTime(ts) {
		if u >= uYear && u <= uMillennium || u == uEpoch || u == uJulian || u == uIsoyear {
			return field{inf: int8(1 - 2*b2u(ts < 0))}, nil
		}
		return field{null: true}, nil
	}
	micros := floorMod(ts, microsPerDay)
	switch u {
	case uMicrosecond:
		return field{coef: micros % 60e6}, nil
	case uMillisecond:
		return field{coef: micros % 60e6, scale: 3}, nil
	case uSecond:
		return field{coef: micros % 60e6, scale: 6}, nil
	case uMinute:
		return field{coef: micros / 60e6 % 60}, nil
	case uHour:
		return field{coef: micros / 3600e6}, nil
	case uEpoch:
		return field{coef: ts - off*microsPerSecond, scale: 6}, nil
	case uTimezone:
		return field{coef: off}, nil
	case uTimezoneHour:
		return field{coef: off / 3600}, nil
	case uTimezoneMinute:
		return field{coef: off % 3600 / 60}, nil
	}
	return dayField(u, civilOf(ts))
}

func dayField(u unit, c civil) (field, error) {
	n := 0
	switch u {
	case uDay:
		n = c.day
	case uWeek:
		_, n = c.isoWeek()
	case uMonth:
		n = c.month
	case uQuarter:
		n = (c.month-1)/3 + 1
	case uYear:
		n = yearShown(c.year)
	case uDecade:
		n = int(floorDiv(int64(c.year), 10))
	case uCentury:
		n = era(c.year, 100)
	case uMillennium:
		n = era(c.year, 1000)
	case uDow:
		n = c.weekday()
	case uIsodow:
		n = c.isoWeekday()
	case uDoy:
		n = c.yearDay()
	case uIsoyear:
		y, _ := c.isoWeek()
		n = yearShown(y)
	case uJulian:
		day := types.FromInt64(int64(c.days) + 2440588)
		if c.micros == 0 {
			r := day.Round(28)
			return field{dec: &r}, nil
		}
		frac, err := types.FromInt64(c.micros).Div(types.FromInt64(microsPerDay))
		d := day.Add(frac)
		return field{dec: &d}, err
	}
	return field{coef: int64(n)}, nil
}

// yearShown is a year without a year 0: -1 is 1 BC.
func yearShown(y int) int {
	if y <= 0 {
		return y - 1
	}
	return y
}

// era is the number of the century or millennium that a year lies in; there is none numbered 0.
func era(y, size int) int {
	if y > 0 {
		return (y + size - 1) / size
	}
	return -((size - 1 - (y - 1)) / size)
}

func intervalField(u unit, name string, iv interval) (field, error) {
	years, months := int64(iv.Months/12), int64(iv.Months%12)
	switch u {
	case uMicrosecond:
		return field{coef: iv.Micros % 60e6}, nil
	case uMillisecond:
		return field{coef: iv.Micros % 60e6, scale: 3}, nil
	case uSecond:
		return field{coef: iv.Micros % 60e6, scale: 6}, nil
	case uMinute:
		return field{coef: iv.Micros / 60e6 % 60}, nil
	case uHour:
		return field{coef: iv.Micros / 3600e6}, nil
	case uDay:
		return field{coef: int64(iv.Days)}, nil
	case uMonth:
		return field{coef: months}, nil
	case uQuarter:
		return field{coef: months/3 + 1}, nil
	case uYear:
		return field{coef: years}, nil
	case uDecade:
		return field{coef: years / 10}, nil
	case uCentury:
		return field{coef: years / 100}, nil
	case uMillennium:
		return field{coef: years / 1000}, nil
	case uEpoch:
		secs := types.FromInt64((years*1461 + months*120 + int64(iv.Days)*4) * 21600)
		d := secs.Add(types.NewDec(iv.Micros, 6))
		return field{dec: &d}, nil
	}
	return field{}, unitNotSupported(name, types.Interval)
}

// eachField calls put for each row of (unit, value) that is not NULL.
func eachField(ctx *Ctx, t types.Type, n int, vs []Vec) func(i int) (field, error) {
	names := stringsOf(vs[0])
	get := fieldReader(ctx, t, vs[1])
	var u unit
	var err error
	last, have := "", false
	return func(i int) (field, error) {
		if name := names.at(i); !have || !vs[0].Const && name != last {
			last, have = name, true
			if u, err = unitOf(name, t); err != nil {
				return field{}, err
			}
		}
		f, err := get(u, last, i)
		if f.null && err == nil {
			err = errNull
		}
		return f, err
	}
}

func extractKernel(t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		get := eachField(ctx, t, n, vs)
		a, err := appendRows(types.Numeric, n, andValid(n, vs...), func(dst []byte, i int) ([]byte, error) {
			f, err := get(i)
			switch {
			case err != nil:
				return dst, err
			case f.inf > 0:
				return types.DecInf.Append(dst), nil
			case f.inf < 0:
				return types.DecNegInf.Append(dst), nil
			case f.dec != nil:
				return f.dec.Append(dst), nil
			}
			return putSmall(dst, f.coef, uint16(f.scale)), nil
		})
		return Vec{Arr: a}, err
	}
}

func datePart(t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		if t == types.Date { // PostgreSQL defines it by that of the timestamp
			return datePart(types.Timestamp)(ctx, n, []Vec{vs[0], midnights(n, vs[1])})
		}
		get := eachField(ctx, t, n, vs)
		return write(types.Float8, n, andValid(n, vs...), func(i int) (float64, error) {
			f, err := get(i)
			switch {
			case err != nil:
				return 0, err
			case f.inf != 0:
				return math.Inf(int(f.inf)), nil
			case f.dec != nil:
				return f.dec.ToFloat64(), nil
			}
			return float64(f.coef) / [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6}[f.scale], nil
		})
	}
}

// midnights are the timestamps of dates.
func midnights(n int, v Vec) Vec {
	days := values[int32](v.Arr)
	a, _ := write(types.Timestamp, n, andValid(n, v), func(i int) (int64, error) { return dateToTimestamp(days[v.Idx(i)]), nil })
	return a
}
