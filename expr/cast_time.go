package expr

import (
	"math"
	"time"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

const (
	microsPerSecond = int64(1e6)
	microsPerDay    = 86400 * microsPerSecond
)

// isInfTime says whether a timestamp is infinite.
func isInfTime(ts int64) bool { return ts == math.MaxInt64 || ts == math.MinInt64 }

func isInfDate(d int32) bool { return d == math.MaxInt32 || d == math.MinInt32 }

// infOf carries an infinity between dates and timestamps.
func infOf(neg bool) int64 {
	if neg {
		return math.MinInt64
	}
	return math.MaxInt64
}

func timestampRange() error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
}

// The timestamps that there are, from 4714-11-24 BC to where the microseconds since 1970 end.
const (
	minTimestamp = -210866803200000000
	endTimestamp = math.MaxInt64 / microsPerDay * microsPerDay
)

// floorDiv and floorMod divide towards minus infinity; b > 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// dateToTimestamp is midnight of a day.
func dateToTimestamp(d int32) int64 {
	if isInfDate(d) {
		return infOf(d < 0)
	}
	return int64(d) * microsPerDay
}

func timestampToDate(ts int64) int32 {
	if isInfTime(ts) {
		if ts < 0 {
			return math.MinInt32
		}
		return math.MaxInt32
	}
	return int32(floorDiv(ts, microsPerDay))
}

// zoneOffset is how many seconds east of UTC the zone is at an instant.
func zoneOffset(loc *time.Location, utc int64) int64 {
	if isInfTime(utc) {
		return 0
	}
	return (types.ToLocal(utc, loc) - utc) / microsPerSecond
}

// toLocal is the wall clock time of an instant, toUTC the instant of a wall clock time.
func toLocal(loc *time.Location, utc int64) int64 {
	if isInfTime(utc) {
		return utc
	}
	return types.ToLocal(utc, loc)
}

func toUTC(loc *time.Location, local int64) int64 {
	if isInfTime(local) {
		return local
	}
	return types.FromLocal(local, loc)
}

// castTime is the conversion among dates, times and intervals.
func castTime(from, to types.Type) Kernel {
	switch from {
	case types.Date:
		return castDate(to)
	case types.Timestamp:
		return castTimestamp(to)
	case types.TimestampTZ:
		return castTimestampTZ(to)
	case types.Time:
		switch to {
		case types.Interval:
			return row1(to, func(_ *Ctx, t int64) (types.IntervalValue, error) { return types.IntervalValue{Micros: t}, nil })
		case types.TimeTZ:
			return row1(to, func(ctx *Ctx, t int64) ([12]byte, error) {
				return timeTZ(t, -zoneOffset(ctx.Format.Loc, ctx.Now)), nil
			})
		}
	case types.Interval:
		return row1(to, func(_ *Ctx, iv types.IntervalValue) (int64, error) { return floorMod(iv.Micros, microsPerDay), nil })
	case types.TimeTZ:
		return row1(to, func(_ *Ctx, t [12]byte) (int64, error) { return timeTZMicros(t), nil })
	}
	return nil
}

func castDate(to types.Type) Kernel {
	return row1(to, func(ctx *Ctx, d int32) (int64, error) {
		if !isInfDate(d) && int64(d) >= endTimestamp/microsPerDay {
			return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range for timestamp")
		}
		if to == types.Timestamp {
			return dateToTimestamp(d), nil
		}
		return toUTC(ctx.Format.Loc, dateToTimestamp(d)), nil
	})
}

func castTimestamp(to types.Type) Kernel {
	switch to {
	case types.Date:
		return mapFixed(to, timestampToDate)
	case types.Time:
		return row1(to, timeOfTimestamp)
	}
	return row1(to, func(ctx *Ctx, ts int64) (int64, error) { return toUTC(ctx.Format.Loc, ts), nil })
}

func timeOfTimestamp(_ *Ctx, ts int64) (int64, error) {
	if isInfTime(ts) {
		return 0, errNull
	}
	return floorMod(ts, microsPerDay), nil
}

func castTimestampTZ(to types.Type) Kernel {
	switch to {
	case types.Date:
		return row1(to, func(ctx *Ctx, ts int64) (int32, error) { return timestampToDate(toLocal(ctx.Format.Loc, ts)), nil })
	case types.Time:
		return row1(to, func(ctx *Ctx, ts int64) (int64, error) { return timeOfTimestamp(ctx, toLocal(ctx.Format.Loc, ts)) })
	case types.Timestamp:
		return row1(to, func(ctx *Ctx, ts int64) (int64, error) { return toLocal(ctx.Format.Loc, ts), nil })
	}
	return row1(to, func(ctx *Ctx, ts int64) ([12]byte, error) {
		t, err := timeOfTimestamp(ctx, toLocal(ctx.Format.Loc, ts))
		return timeTZ(t, -zoneOffset(ctx.Format.Loc, ts)), err
	})
}
