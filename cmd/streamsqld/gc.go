package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// Where the live heap is larger than this, the collector runs earlier: what is large is state, in long columns without pointers, which cost
// little to mark, and half of it again as garbage would be the greater part of the peak.
const (
	largeHeap    = 128 << 20
	largePercent = 50
	smallPercent = 100
	// serverGarbage is how much a server with a small heap lets lie at least: a statement leaves 100 kB, and a collection costs as much as parsing and planning a hundred of them.
	serverGarbage = 32 << 20
)

// serving is set when a server is ready; what its start left behind is collected by then.
var serving atomic.Bool

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
			want := percentFor(sample[0].Value.Uint64(), serving.Load())
			if want != percent {
				percent = want
				debug.SetGCPercent(percent)
			}
			arm()
		}, 0)
	}
	arm()
}

// percentFor is how much garbage may lie, in percent of the live heap.
func percentFor(live uint64, serving bool) int {
	switch {
	case live > largeHeap:
		return largePercent
	case serving:
		return max(smallPercent, int(serverGarbage*100/max(live, 1<<20)))
	}
	return smallPercent
}
