package nexmark

// fillPerson makes the wanted fields of event n, a person, in row i. Persons are few, so all texts are made.
func fillPerson(g *generator, c *columns, i int, n int64) {
	if c.want[0] {
		c.ints[0][i] = lastPerson(n) + firstID
	}
	if c.want[6] {
		c.ints[6][i] = g.millis(n) * 1000
	}
	r := newDraw(g.seed, n)
	var room [128]byte
	size := 8
	text := func(f int, s []byte) {
		size += len(s)
		if c.want[f] {
			c.text[f].data = append(c.text[f].data, s...)
			c.text[f].end(i)
		}
	}
	b := append(room[:0], firsts[r.below(11)]...)
	text(1, append(append(b, ' '), lasts[r.below(9)]...))
	b = append(r.word(room[:0], 7, ' '), '@')
	text(2, append(r.word(b, 5, ' '), ".com"...))
	b = room[:0]
	for k := range 4 {
		if k > 0 {
			b = append(b, ' ')
		}
		x := r.below(10000)
		b = append(b, byte('0'+x/1000), byte('0'+x/100%10), byte('0'+x/10%10), byte('0'+x%10))
	}
	text(3, b)
	text(4, append(room[:0], cities[r.below(10)]...))
	text(5, append(room[:0], states[r.below(6)]...))
	if c.want[7] {
		c.text[7].data = r.extra(c.text[7].data, size, 200)
		c.text[7].end(i)
	}
}

// fillAuction makes the wanted fields of event n, an auction, in row i.
func fillAuction(g *generator, c *columns, i int, n int64) {
	r := newDraw(g.seed, n)
	put := func(f int, v int64) {
		if c.want[f] {
			c.ints[f][i] = v
		}
	}
	seller := lastPerson(n) / hotRatio * hotRatio
	if r.below(4) == 0 {
		seller = nextPerson(n, &r)
	}
	now := g.millis(n)
	put(0, lastAuction(n)+firstID)
	put(5, now*1000)
	put(7, seller+firstID)
	put(8, int64(10+r.below(5)))
	start := r.price()
	put(3, start)
	put(6, (now+1+int64(r.below(uint64(max(g.horizon()*2, 1)))))*1000)
	if !c.want[1] && !c.want[2] && !c.want[4] && !c.want[9] {
		return
	}
	var room [128]byte
	size := 48
	for f, most := range []uint64{0, 20, 100} {
		if f == 0 {
			continue
		}
		s := r.word(room[:0], most, ' ')
		size += len(s)
		if c.want[f] {
			c.text[f].data = append(c.text[f].data, s...)
			c.text[f].end(i)
		}
	}
	put(4, start+r.price())
	if c.want[9] {
		c.text[9].data = r.extra(c.text[9].data, size, 500)
		c.text[9].end(i)
	}
}
