package nexmark

import (
	"math/bits"
	"strconv"
	"sync"
)

// Shape of the data.
const (
	firstID       = 1000
	epoch         = 50 // events: a person, three auctions, 46 bids
	activePeople  = 1000
	peopleAhead   = 10
	auctionsAhead = 10
	openAuctions  = 100
	hotRatio      = 100
	channels      = 10000
)

var (
	states    = []string{"AZ", "CA", "ID", "OR", "WA", "WY"}
	cities    = []string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	firsts    = []string{"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"}
	lasts     = []string{"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"}
	hotNames  = []string{"Google", "Facebook", "Baidu", "Apple"}
	startMSec = int64(1436918400000) // 2015-07-15
)

// generator makes events. It is safe for many goroutines.
type generator struct {
	seed  uint64
	start int64 // event time of event 0, ms since 1970
	rate  int64 // events in a second of event time

	once  sync.Once
	names [channels]string
	urls  [channels]string
	hot   [4]string
}

// millis is the event time of event n, ms since 1970.
func (g *generator) millis(n int64) int64 { return g.start + n*1000/g.rate }

// horizon is the time, in ms, in which as many auctions come as are open.
func (g *generator) horizon() int64 { return openAuctions * epoch / 3 * 1000 / g.rate }

func lastPerson(n int64) int64 { return n / epoch }

func lastAuction(n int64) int64 {
	e, o := n/epoch, n%epoch
	switch {
	case o < 1:
		return (e-1)*3 + 2
	case o >= 4:
		return e*3 + 2
	}
	return e*3 + o - 1
}

func nextPerson(n int64, r *draw) int64 {
	people := lastPerson(n) + 1
	active := min(people, activePeople)
	return people - active + int64(r.below(uint64(active+peopleAhead)))
}

func nextAuction(n int64, r *draw) int64 {
	top := lastAuction(n)
	low := max(top-openAuctions, 0)
	return low + int64(r.below(uint64(top-low+1+auctionsAhead)))
}

// channels makes the names and URLs of the channels, once.
func (g *generator) channels() {
	g.once.Do(func() {
		for i := range g.hot {
			r := newDraw(g.seed, 1<<40+int64(i))
			g.hot[i] = string(baseURL(nil, &r))
		}
		for i := range g.urls {
			r := newDraw(g.seed, 1<<41+int64(i))
			url := baseURL(nil, &r)
			if r.below(10) > 0 {
				v := int64(int32(bits.Reverse32(uint32(i))))
				url = strconv.AppendInt(append(url, "&channel_id="...), max(v, -v), 10)
			}
			g.names[i], g.urls[i] = "channel-"+strconv.Itoa(i), string(url)
		}
	})
}

func baseURL(dst []byte, r *draw) []byte {
	dst = append(dst, "https://www.nexmark.com"...)
	for range 3 {
		dst = r.word(append(dst, '/'), 5, '_')
	}
	return append(dst, "/item.htm?query=1"...)
}
