package expr

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// zoneFuncs are AT TIME ZONE, and the instants that are made of a date and a time.
func zoneFuncs() []*Func {
	X, TS, TZ, TT, D, IV := types.Text, types.Timestamp, types.TimestampTZ, types.TimeTZ, types.Date, types.Interval
	return []*Func{
		f2("timezone", X, TS, TZ, func(_ *Ctx, z string, t int64) (int64, error) {
			loc, err := types.LoadLocation(z)
			return toUTC(loc, t), err
		}, "instant of a local time in a zone"),
		f2("timezone", X, TZ, TS, func(_ *Ctx, z string, t int64) (int64, error) {
			loc, err := types.LoadLocation(z)
			return toLocal(loc, t), err
		}, "local time of an instant in a zone"),
		f2("timezone", IV, TS, TZ, func(_ *Ctx, z interval, t int64) (int64, error) { return moveZone(z, t, -1) }, "instant of a local time"),
		f2("timezone", IV, TZ, TS, func(_ *Ctx, z interval, t int64) (int64, error) { return moveZone(z, t, 1) }, "local time of an instant"),
		vol(Stable, f2("timezone", X, TT, TT, func(ctx *Ctx, z string, t [12]byte) ([12]byte, error) {
			loc, err := types.LoadLocation(z)
			if err != nil {
				return t, err
			}
			return moveTimeTZ(t, -zoneOffset(loc, ctx.Now)), nil
		}, "time of day in another zone")),
		f2("timezone", IV, TT, TT, func(_ *Ctx, z interval, t [12]byte) ([12]byte, error) {
			return moveTimeTZ(t, -z.Micros/1e6), checkZone(z)
		}, "time of day in another zone"),
		vol(Stable, f2("timestamptz", D, types.Time, TZ, func(ctx *Ctx, d int32, t int64) (int64, error) {
			ts, err := dateTime(d, t)
			return toUTC(ctx.Format.Loc, ts), err
		}, "instant of a date and a time")),
		f2("timestamptz", D, TT, TZ, func(_ *Ctx, d int32, t [12]byte) (int64, error) {
			return dateTime(d, timeTZMicros(t)+timeTZWest(t)*1e6)
		}, "instant of a date and a time with zone"),
	}
}

// checkZone refuses intervals that are no offset.
func checkZone(z interval) error {
	if z.Months != 0 || z.Days != 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "interval time zone \"%s\" must not include months or days", z.AppendText(nil, "postgres"))
	}
	return nil
}

// moveZone is t in or out of the zone that is z from UTC.
func moveZone(z interval, t, sign int64) (int64, error) {
	if isInfTime(t) {
		return t, nil
	}
	return t + sign*z.Micros, checkZone(z)
}

// moveTimeTZ is the same time of day, told in the zone that is so many seconds west of UTC.
func moveTimeTZ(t [12]byte, west int64) [12]byte {
	return timeTZ(floorMod(timeTZMicros(t)+(timeTZWest(t)-west)*1e6, types.Day), west)
}
