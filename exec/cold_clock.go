package exec

// clock picks what memory forgets (second chance).
type clock struct{ hand int }

// victims takes keys of about n rows out of t's order of use, rows being how many a key has: the hand goes round, and those that were used since it passed (hot says so, and clears
// that) stay, as do those that keep names and those whose hash another has, too. They are not removed.
func (c *clock) victims(t *keyTable, n int, hot, keep func(e uint32) bool, rows func(e uint32) int) []uint32 {
	var out, same []uint32
	taken := make([]uint64, (t.cap()+63)/64)
	for range 3 * t.cap() {
		if n <= 0 {
			break
		}
		if c.hand >= t.cap() {
			c.hand = 0
		}
		e := uint32(c.hand)
		c.hand++
		if !t.live[e] || taken[e/64]&(1<<(e%64)) != 0 || keep(e) || hot(e) {
			continue
		}
		if same = t.withHash(same[:0], t.hashes[e]); len(same) == 1 {
			taken[e/64] |= 1 << (e % 64)
			out = append(out, e)
			n -= rows(e)
		}
	}
	return out
}
