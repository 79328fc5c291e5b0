package expr

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

type interval = types.IntervalValue

// intervalFuncs are the operators and functions of intervals.
func intervalFuncs() []*Func {
	V, F, I := types.Interval, types.Float8, types.Int4
	return []*Func{
		f2("+", V, V, V, func(_ *Ctx, a, b interval) (interval, error) { return a.Add(b) }, "add"),
		f2("-", V, V, V, func(_ *Ctx, a, b interval) (interval, error) { return a.Sub(b) }, "subtract"),
		f1("-", V, V, func(_ *Ctx, a interval) (interval, error) { return a.Neg() }, "negate"),
		f2("*", V, F, V, func(_ *Ctx, a interval, f float64) (interval, error) { return a.Mul(f) }, "multiply"),
		f2("*", F, V, V, func(_ *Ctx, f float64, a interval) (interval, error) { return a.Mul(f) }, "multiply"),
		f2("/", V, F, V, func(_ *Ctx, a interval, f float64) (interval, error) { return a.Div(f) }, "divide"),
		f1("justify_hours", V, V, func(_ *Ctx, a interval) (interval, error) { return a.JustifyHours() }, "every 24 hours as a day"),
		f1("justify_days", V, V, func(_ *Ctx, a interval) (interval, error) { return justifyDays(a) }, "every 30 days as a month"),
		f1("justify_interval", V, V, func(_ *Ctx, a interval) (interval, error) { return justifyInterval(a) }, "days and months with one sign"),
		{Name: "make_interval", Args: args(I, I, I, I, I, I, F), Defaults: 7, Ret: V, Kernel: makeInterval, Vol: Immutable, Doc: "interval of its parts"},
	}
}

func intervalRange() error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range")
}

func justifyDays(a interval) (interval, error) {
	months := int64(a.Months) + int64(a.Days/30)
	a.Days %= 30
	if months > 0 && a.Days < 0 {
		a.Days += 30
		months--
	} else if months < 0 && a.Days > 0 {
		a.Days -= 30
		months++
	}
	if months != int64(int32(months)) {
		return a, intervalRange()
	}
	a.Months = int32(months)
	return a, nil
}

func justifyInterval(a interval) (interval, error) {
	var err error
	if a.Days > 0 && a.Micros > 0 || a.Days < 0 && a.Micros < 0 { // so that the hours don't overflow the days
		months := int64(a.Months) + int64(a.Days/30)
		if months != int64(int32(months)) {
			return a, intervalRange()
		}
		a.Days, a.Months = a.Days%30, int32(months)
	}
	if a, err = a.JustifyHours(); err != nil {
		return a, err
	}
	if a, err = justifyDays(a); err != nil {
		return a, err
	}
	neg := a.Months < 0 || a.Months == 0 && a.Days < 0
	if a.Months != 0 {
		if !neg && (a.Days < 0 || a.Days == 0 && a.Micros < 0) {
			a.Days += 30
			a.Months--
		} else if neg && (a.Days > 0 || a.Days == 0 && a.Micros > 0) {
			a.Days -= 30
			a.Months++
		}
	}
	if a.Days > 0 && a.Micros < 0 {
		a.Micros += microsPerDay
		a.Days--
	} else if a.Days < 0 && a.Micros > 0 {
		a.Micros -= microsPerDay
		a.Days++
	}
	return a, nil
}

// makeInterval takes years, months, weeks, days, hours, minutes, seconds; those left out are 0.
func makeInterval(_ *Ctx, n int, vs []Vec) (Vec, error) {
	ints := make([]func(int) int32, 6)
	for k := range ints {
		ints[k] = func(int) int32 { return 0 }
		if k < len(vs) {
			ints[k] = read[int32](vs[k])
		}
	}
	secs := func(int) float64 { return 0 }
	if len(vs) > 6 {
		secs = read[float64](vs[6])
	}
	return write(types.Interval, n, andValid(n, vs...), func(i int) (interval, error) {
		months := int64(ints[0](i))*12 + int64(ints[1](i))
		days := int64(ints[2](i))*7 + int64(ints[3](i))
		s := secs(i)
		micros := (int64(ints[4](i))*3600 + int64(ints[5](i))*60) * 1e6
		if months != int64(int32(months)) || days != int64(int32(days)) || !(math.Abs(float64(micros)+s*1e6) < 9e18) {
			return interval{}, intervalRange()
		}
		return interval{Micros: micros + int64(math.RoundToEven(s*1e6)), Days: int32(days), Months: int32(months)}, nil
	})
}
