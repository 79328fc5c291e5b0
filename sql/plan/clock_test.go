package plan

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/types"
)

// apply is the function whose inverse first is.
func apply(s clockStep, t int64) int64 {
	switch s := s.(type) {
	case shift:
		return t + int64(s)
	case grid:
		return t - ((t%int64(s))+int64(s))%int64(s)
	case months:
		v, _ := types.TimestampAddInterval(t, types.IntervalValue{Months: int32(s)}, time.UTC)
		return v
	}
	panic("unknown step")
}

func TestClockStepFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, s := range []clockStep{shift(3_600_000_000), shift(-7), grid(60_000_000), grid(microsPerDay), months(1), months(-1), months(-13), months(3)} {
		for range 2000 {
			y := rng.Int64N(200*365*microsPerDay) - 100*365*microsPerDay
			if rng.IntN(2) == 0 {
				y -= y % microsPerDay
			}
			at := s.first(y)
			if apply(s, at) < y || apply(s, at-1) >= y {
				t.Fatalf("%T(%v).first(%d) = %d: there %d, before it %d", s, s, y, at, apply(s, at), apply(s, at-1))
			}
		}
	}
}
