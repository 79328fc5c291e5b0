package nexmark

import (
	"math"
	"slices"
)

const golden = 0x9E3779B97F4A7C15

// draw gives the random numbers of one event in order.
type draw uint64

func newDraw(seed uint64, n int64) draw { return draw(seed + (uint64(n)*4096+1)*golden) }

func (d *draw) next() uint64 {
	z := mixed(uint64(*d))
	*d += golden
	return z
}

// mixed is the output of splitmix64 for a counter.
func mixed(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

func (d *draw) skip() { *d += golden }

func (d *draw) below(k uint64) uint64 { return d.next() >> 11 % k }

func (d *draw) real() float64 { return float64(d.next()>>11) / (1 << 53) }

// price is 100 to 100,000,000, small ones being as likely as large ones.
func (d *draw) price() int64 {
	x := d.real() * 6
	if p, ok := fastPrice(x); ok {
		return p
	}
	return exactPrice(x)
}

func exactPrice(x float64) int64 { return int64(math.RoundToEven(math.Pow(10, x) * 100)) }

// powers are 100 * 10^(i/64).
var powers = func() (t [6*64 + 1]float64) {
	for i := range t {
		t[i] = 100 * math.Pow(10, float64(i)/64)
	}
	return t
}()

// fastPrice is exactPrice for 0 <= x <= 6 by a table and a series whose relative error is below 1e-13, that is below 1e-5 in a price; ok is false
// where that could round to another price.
func fastPrice(x float64) (p int64, ok bool) {
	i := int(x * 64)
	y := (x - float64(i)/64) * math.Ln10 // below 0.036
	v := powers[i] * (1 + y*(1+y/2*(1+y/3*(1+y/4*(1+y/5*(1+y/6))))))
	p = int64(v + 0.5)
	off := v + 0.5 - float64(p) // from where it rounds up
	return p, off > 1e-4 && off < 1-1e-4
}

// word appends 3 to most letters, now and then the special one; blanks at the ends are cut.
func (d *draw) word(dst []byte, most uint64, special byte) []byte {
	from := len(dst)
	for n := 3 + d.below(most-3); n > 0; n-- {
		if d.below(13) == 0 {
			if special != ' ' || len(dst) > from {
				dst = append(dst, special)
			}
			continue
		}
		dst = append(dst, byte('a'+d.below(26)))
	}
	for len(dst) > from && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// extra appends letters that make a row of size bytes about mean long, 20 % up or down.
func (d *draw) extra(dst []byte, size, mean int) []byte {
	if size > mean {
		return dst
	}
	mean -= size
	spread := int(math.RoundToEven(float64(mean) * 0.2))
	n := mean - spread
	if spread > 0 {
		n += int(d.below(uint64(2 * spread)))
	}
	from := len(dst)
	dst = slices.Grow(dst, n)[:from+n]
	at := uint64(*d)
	for i := range dst[from:] {
		dst[from+i] = byte('a' + mixed(at)>>11%26)
		at += golden
	}
	*d = draw(at)
	return dst
}
