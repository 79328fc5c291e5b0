package expr

import (
	"time"

	"github.com/streamsqld/streamsqld/types"
)

// overlapsFuncs are (a, b) OVERLAPS (c, d) over times, timestamps and timestamps with lengths.
func overlapsFuncs() []*Func {
	var fs []*Func
	for _, t := range []types.Type{types.Time, types.Timestamp, types.TimestampTZ} {
		for _, ends := range [][2]bool{{false, false}, {false, true}, {true, false}, {true, true}} {
			as := args(t, t, t, t)
			for k, length := range ends {
				if length {
					as[2*k+1] = types.Interval
				}
			}
			vol := Immutable
			if t == types.TimestampTZ && (ends[0] || ends[1]) {
				vol = Stable
			}
			fs = append(fs, &Func{Name: "overlaps", Args: as, Ret: types.Bool, CalledOnNull: true, Vol: vol, Kernel: overlaps(t, ends),
				Doc: "whether two spans of time overlap"})
		}
	}
	return fs
}

// span is from one time to another, either of which may be missing.
type span struct{ from, to *int64 }

func overlaps(t types.Type, lengths [2]bool) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		var loc *time.Location
		if t == types.TimestampTZ {
			loc = ctx.Format.Loc
		}
		at := func(k, i int) *int64 {
			if vs[k].IsNull(i) {
				return nil
			}
			x := read[int64](vs[k])(i)
			return &x
		}
		get := func(k, i int) (span, error) {
			s := span{from: at(2*k, i)}
			switch {
			case !lengths[k]:
				s.to = at(2*k+1, i)
			case s.from != nil && !vs[2*k+1].IsNull(i):
				iv := readInterval(vs[2*k+1])(i)
				end := floorMod(*s.from+iv.Micros, microsPerDay)
				if t != types.Time {
					var err error
					if end, err = shift(*s.from, iv, 1, loc); err != nil {
						return s, err
					}
				}
				s.to = &end
			}
			if s.from == nil || s.to != nil && *s.from > *s.to {
				s.from, s.to = s.to, s.from
			}
			return s, nil
		}
		return write(types.Bool, n, nil, func(i int) (bool, error) {
			a, err := get(0, i)
			if err != nil {
				return false, err
			}
			b, err := get(1, i)
			if err != nil {
				return false, err
			}
			return a.overlaps(b)
		})
	}
}

// overlaps says whether two spans share a moment, as PostgreSQL does: a span of no length has one, others do not have their end.
func (a span) overlaps(b span) (bool, error) {
	if a.from == nil || b.from == nil {
		return false, errNull
	}
	if *a.from > *b.from {
		a, b = b, a
	}
	switch {
	case a.to == nil || *a.from == *b.from && b.to == nil:
		return false, errNull
	case *a.from == *b.from || *b.from < *a.to:
		return true, nil
	case b.to == nil:
		return false, errNull
	}
	return false, nil
}
