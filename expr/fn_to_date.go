package expr

import "github.com/streamsqld/streamsqld/types"

// toDateFuncs are to_date and to_timestamp of text by a template.
func toDateFuncs() []*Func {
	X := types.Text
	return []*Func{
		vol(Stable, f2("to_date", X, X, types.Date, func(_ *Ctx, s, f string) (int32, error) {
			t, err := inFields(s, f, false)
			if err != nil {
				return 0, err
			}
			d, _, err := t.resolve(s)
			return int32(d), err
		}, "date of a text by a template")),
		vol(Stable, f2("to_timestamp", X, X, types.TimestampTZ, func(ctx *Ctx, s, f string) (int64, error) {
			t, err := inFields(s, f, false)
			if err != nil {
				return 0, err
			}
			return t.instant(ctx, s)
		}, "instant of a text by a template")),
	}
}

// instant is the time that the fields tell, in the session's zone where they tell none.
func (t *inTime) instant(ctx *Ctx, src string) (int64, error) {
	d, micros, err := t.resolve(src)
	if err != nil {
		return 0, err
	}
	ts := int64(d)*microsPerDay + micros
	if t.digits > 0 {
		ts = types.RoundTimestamp(ts, int32(t.digits))
	}
	east, zoned, err := t.zone(src)
	if err != nil {
		return 0, err
	}
	if zoned {
		return ts - east*microsPerSecond, nil
	}
	return toUTC(ctx.Format.Loc, ts), nil
}
