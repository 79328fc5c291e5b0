package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// Where the live heap is larger than this, the collector runs earlier: what is large is state, in long columns without pointers, which cost
// little to mark, and half of it again as garbage would be the greater part of the peak.
const (
	largeHeap    = 128 << 20
	largePercent = 50
	smallPercent = 100
)

// tuneGC sets the collector by the size of the heap, after each collection. The environment's GOGC goes before it.
func tuneGC() {
	if os.Getenv("GOGC") != "" {
		return
	}
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	percent := smallPercent
	var arm func()
	arm = func() {
		// The object is garbage at once, so its cleanup runs after the next collection.
		runtime.AddCleanup(new([64]byte), func(int) {
			metrics.Read(sample)
			want := smallPercent
			if sample[0].Value.Uint64() > largeHeap {
				want = largePercent
			}
			if want != percent {
				percent = want
				debug.SetGCPercent(percent)
			}
			arm()
		}, 0)
	}
	arm()
}
