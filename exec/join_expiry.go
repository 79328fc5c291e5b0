package exec

import (
	"container/heap"
	"math"
)

// expiry knows when rows can go: rows whose times are near each other (1<<expiryShift µs) lie in one bucket, and a heap holds the buckets.
type expiry struct {
	buckets map[int64][]uint32
	times   timeHeap
}

const expiryShift = 16

func newExpiry() *expiry { return &expiry{buckets: map[int64][]uint32{}} }

func (x *expiry) add(e uint32, ts int64) {
	if ts == never {
		return
	}
	k := ts >> expiryShift
	b, ok := x.buckets[k]
	if !ok {
		heap.Push(&x.times, k)
	}
	x.buckets[k] = append(b, e)
}

// fewRows is how many rows of a bucket may be looked at in every step.
const fewRows = 1024

// pop takes the rows that expire at or before wm and are in the bucket that at (when a row expires; never: it is gone) puts them in; a row may come
// twice. Those of a bucket that wm is in the midst of can wait where they are many, unless exact.
func (x *expiry) pop(wm int64, exact bool, at func(uint32) int64) []uint32 {
	var out []uint32
	for len(x.times) > 0 {
		k := x.times[0]
		whole := k < wm>>expiryShift
		if !whole && (k > wm>>expiryShift || !exact && len(x.buckets[k]) > fewRows) {
			break
		}
		var left []uint32
		for _, e := range x.buckets[k] {
			switch ts := at(e); {
			case ts == never || ts>>expiryShift != k:
			case ts <= wm:
				out = append(out, e)
			default:
				left = append(left, e)
			}
		}
		if !whole && len(left) > 0 {
			x.buckets[k] = left
			break
		}
		heap.Pop(&x.times)
		delete(x.buckets, k)
	}
	return out
}

// earliest is the earliest time at which a row expires.
func (x *expiry) earliest(at func(uint32) int64) (int64, bool) {
	for len(x.times) > 0 {
		k, first := x.times[0], int64(never)
		for _, e := range x.buckets[k] {
			if ts := at(e); ts>>expiryShift == k {
				first = min(first, ts)
			}
		}
		if first != never {
			return first, true
		}
		heap.Pop(&x.times)
		delete(x.buckets, k)
	}
	return 0, false
}

// plusTime is t + d, within the range of times.
func plusTime(t, d int64) int64 {
	switch s := t + d; {
	case t == math.MaxInt64 || d > 0 && s < t:
		return math.MaxInt64
	case t == math.MinInt64 || d < 0 && s > t:
		return math.MinInt64
	default:
		return s
	}
}
