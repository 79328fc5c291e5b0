package lawtest

import (
	"flag"
	"time"
)

var randomSeeds = flag.Bool("random", false, "begin the random tests at a seed of the clock; without it they try the same cases each time")

// firstSeed is the seed of the first case of a random test.
func firstSeed() uint64 {
	if *randomSeeds {
		return uint64(time.Now().UnixNano()) % 1_000_000_000
	}
	return 1
}
