package nexmark

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// table is one of the three streams.
type table struct {
	name string
	cols []catalog.Column
	time int // column of event time
	// first and per are where its events stand in an epoch.
	first, per int64
	fill       func(g *generator, c *columns, i int, n int64)
}

var tables = []*table{
	{name: "person", cols: personCols, time: 6, first: 0, per: 1, fill: fillPerson},
	{name: "auction", cols: auctionCols, time: 5, first: 1, per: 3, fill: fillAuction},
	{name: "bid", cols: bidCols, time: 5, first: 4, per: 46, fill: fillBid},
}

// rows is how many of the events before n are of the table.
func (t *table) rows(n int64) int64 {
	return n/epoch*t.per + min(max(n%epoch-t.first, 0), t.per)
}

// event is the number of the event that is row k of the table.
func (t *table) event(k int64) int64 { return k/t.per*epoch + t.first + k%t.per }

var (
	personCols  = columnsOf("id", types.Int8, "name", types.Text, "email_address", types.Text, "credit_card", types.Text, "city", types.Text, "state", types.Text, "date_time", types.TimestampTZ, "extra", types.Text)
	auctionCols = columnsOf("id", types.Int8, "item_name", types.Text, "description", types.Text, "initial_bid", types.Int8, "reserve", types.Int8, "date_time", types.TimestampTZ, "expires", types.TimestampTZ, "seller", types.Int8, "category", types.Int8, "extra", types.Text)
	bidCols     = columnsOf("auction", types.Int8, "bidder", types.Int8, "price", types.Int8, "channel", types.Text, "url", types.Text, "date_time", types.TimestampTZ, "extra", types.Text)
)

func columnsOf(pairs ...any) []catalog.Column {
	var cols []catalog.Column
	for i := 0; i < len(pairs); i += 2 {
		name := pairs[i].(string)
		cols = append(cols, catalog.Column{Name: name, Type: pairs[i+1].(types.Type), NotNull: i == 0 || name == "date_time"})
	}
	return cols
}

// fillBid makes the wanted fields of event n, a bid, in row i.
func fillBid(g *generator, c *columns, i int, n int64) {
	r := newDraw(g.seed, n)
	auction := lastAuction(n) / hotRatio * hotRatio
	if r.below(2) == 0 {
		auction = nextAuction(n, &r)
	}
	if c.want[0] {
		c.ints[0][i] = auction + firstID
	}
	if c.want[5] {
		c.ints[5][i] = g.millis(n) * 1000
	}
	bidder := lastPerson(n)/hotRatio*hotRatio + 1
	if r.below(4) == 0 {
		bidder = nextPerson(n, &r)
	}
	if c.want[1] {
		c.ints[1][i] = bidder + firstID
	}
	if c.want[2] {
		c.ints[2][i] = r.price()
	} else {
		r.skip()
	}
	if !c.want[3] && !c.want[4] && !c.want[6] {
		return
	}
	var channel, url string
	if r.below(2) > 0 {
		k := r.below(4)
		channel, url = hotNames[k], g.hot[k]
	} else {
		k := r.below(channels)
		channel, url = g.names[k], g.urls[k]
	}
	if c.want[3] {
		c.text[3].put(i, channel)
	}
	if c.want[4] {
		c.text[4].put(i, url)
	}
	if c.want[6] {
		c.text[6].data = r.extra(c.text[6].data, 32, 100)
		c.text[6].end(i)
	}
}
