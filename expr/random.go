package expr

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"sync"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Random is a session's source of random numbers: PostgreSQL's generator, so that setseed gives the same numbers as there. The zero value seeds itself.
type Random struct {
	mu     sync.Mutex
	s0, s1 uint64
	seeded bool
}

// Seed starts the sequence of a seed between -1 and 1.
func (r *Random) Seed(seed float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seed(uint64(int64(float64(uint64(1)<<52-1) * seed)))
}

func (r *Random) seed(x uint64) {
	next := func() uint64 { // splitmix64
		x += 0x9E3779B97F4A7C15
		v := (x ^ x>>30) * 0xBF58476D1CE4E5B9
		v = (v ^ v>>27) * 0x94D049BB133111EB
		return v ^ v>>31
	}
	r.s0, r.s1, r.seeded = next(), next(), true
}

// Float64 is the next number, from 0 to below 1.
func (r *Random) Float64() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.seeded {
		r.s0, r.s1, r.seeded = rand.Uint64(), rand.Uint64()|1, true
	}
	s0, sx := r.s0, r.s0^r.s1
	v := bits.RotateLeft64(s0*5, 7) * 9 // xoroshiro128**
	r.s0 = bits.RotateLeft64(s0, 24) ^ sx ^ sx<<16
	r.s1 = bits.RotateLeft64(sx, 37)
	return math.Ldexp(float64(v>>12), -52)
}

// randomOf is the session's source; nil: there is none.
func randomOf(ctx *Ctx) *Random {
	if s, ok := ctx.Session.(interface{ Random() *Random }); ok {
		return s.Random()
	}
	return nil
}

// randomFuncs are random and setseed.
func randomFuncs() []*Func {
	F := types.Float8
	return []*Func{
		{Name: "random", Ret: F, Vol: Volatile, Safe: true, Doc: "random number from 0 to below 1", Kernel: func(ctx *Ctx, n int, _ []Vec) (Vec, error) {
			next := rand.Float64
			if r := randomOf(ctx); r != nil {
				next = r.Float64
			}
			out := make([]float64, n)
			for i := range out {
				out[i] = next()
			}
			return Vec{Arr: newFixed(F.Arrow(), out, nil)}, nil
		}},
		vol(Volatile, f1("setseed", F, types.Void, func(ctx *Ctx, seed float64) (string, error) {
			if !(seed >= -1 && seed <= 1) {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, "setseed parameter %v is out of allowed range [-1,1]", seed)
			}
			if r := randomOf(ctx); r != nil {
				r.Seed(seed)
			}
			return "", nil
		}, "start the sequence of random numbers anew")),
		f2("streamsql_sample", types.Int8, F, F, func(_ *Ctx, row int64, seed float64) (float64, error) {
			var r Random
			r.seed(math.Float64bits(seed) + uint64(row))
			return r.Float64(), nil
		}, "number from 0 to below 1 of a row of TABLESAMPLE ... REPEATABLE"),
	}
}
