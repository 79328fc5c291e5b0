package exec

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestArena compares an arena with a map over random puts and drops.
func TestArena(t *testing.T) {
	const seed = 7
	r := rand.New(rand.NewPCG(seed, 0))
	var a arena
	type entry struct {
		at uint64
		b  []byte
	}
	var live []entry
	sum := 0
	for i := range 20000 {
		if len(live) > 0 && r.IntN(100) < 48 || i > 15000 && len(live) > 0 {
			k := r.IntN(len(live))
			a.drop(live[k].at, uint32(len(live[k].b)))
			sum -= len(live[k].b)
			live[k] = live[len(live)-1]
			live = live[:len(live)-1]
		} else {
			n := 1 + r.IntN(3000)
			if r.IntN(500) == 0 {
				n = chunkBytes + r.IntN(1000)
			}
			b := bytes.Repeat([]byte{byte(i)}, n)
			live = append(live, entry{a.put(b), b})
			sum += n
		}
		if a.used != sum {
			t.Fatalf("seed %d, step %d: %d bytes in use, want %d", seed, i, a.used, sum)
		}
		if i%500 == 0 {
			for _, e := range live {
				if !bytes.Equal(a.at(e.at, uint32(len(e.b))), e.b) {
					t.Fatalf("seed %d, step %d: a string changed", seed, i)
				}
			}
		}
	}
	for _, e := range live {
		a.drop(e.at, uint32(len(e.b)))
	}
	if a.used != 0 || a.dead != 0 || a.memory() > 2*chunkBytes {
		t.Errorf("after dropping all: %d used, %d dead, %d bytes", a.used, a.dead, a.memory())
	}
}
