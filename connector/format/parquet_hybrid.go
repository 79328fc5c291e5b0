package format

import "encoding/binary"

// hybrid reads numbers of up to 32 bits that lie as runs of one number and runs of packed bits. Behind b there is room for slack bytes, or its capacity ends
// with it.
type hybrid struct {
	b     []byte
	width int
	left  int    // of the run
	val   uint32 // of a run of one number
	bits  []byte // of a run of packed bits; nil: it is one number
	at    int    // the next bit
}

// run goes to the next run.
func (h *hybrid) run() error {
	for h.left == 0 {
		n, k := binary.Uvarint(h.b)
		if k <= 0 || n>>1 > 1<<32 {
			return errPage
		}
		h.b = h.b[k:]
		if n&1 == 0 {
			size := (h.width + 7) / 8
			if size > len(h.b) {
				return errPage
			}
			h.val, h.bits, h.left = 0, nil, int(n>>1)
			for i, x := range h.b[:size] {
				h.val |= uint32(x) << (8 * i)
			}
			h.b = h.b[size:]
			continue
		}
		// The last run may be cut where no more values follow.
		size := min(int(n>>1)*h.width, len(h.b))
		h.left, h.at = int(n>>1)*8, 0
		if h.width > 0 {
			h.left = min(h.left, size*8/h.width)
		}
		if h.left == 0 {
			return errPage
		}
		h.bits = padded(h.b, size)
		h.b = h.b[size:]
	}
	return nil
}

// padded gives n bytes of b with slack bytes behind them.
func padded(b []byte, n int) []byte {
	if n+slack <= cap(b) {
		return b[:n+slack]
	}
	return append(append(make([]byte, 0, n+slack), b[:n]...), make([]byte, slack)...)
}

// number is the number at a bit of a packed run.
func (h *hybrid) number(at int) uint32 {
	return uint32(binary.LittleEndian.Uint64(h.bits[at>>3:]) >> (at & 7) & (1<<h.width - 1))
}

// skip passes over n numbers.
func (h *hybrid) skip(n int) error {
	for n > 0 {
		if err := h.run(); err != nil {
			return err
		}
		k := min(n, h.left)
		h.left, h.at, n = h.left-k, h.at+k*h.width, n-k
	}
	return nil
}

// allOnes says whether the next n numbers are one run of ones; they are read then.
func (h *hybrid) allOnes(n int) bool {
	ahead := *h
	for n > 0 {
		if ahead.run() != nil {
			return false
		}
		k := min(n, ahead.left)
		if ahead.bits == nil && ahead.val != 1 {
			return false
		}
		if ahead.bits != nil {
			for i := range k {
				if ahead.number(ahead.at+i) == 0 {
					return false
				}
			}
		}
		ahead.left, ahead.at, n = ahead.left-k, ahead.at+k, n-k
	}
	return true
}

// valid reads n levels of 0 and 1 into a bitmap from bit at on, and gives how many are 1.
func (h *hybrid) valid(dst []byte, at, n int) (ones int, err error) {
	for n > 0 {
		if err := h.run(); err != nil {
			return 0, err
		}
		k := min(n, h.left)
		for i := range k {
			x := h.val
			if h.bits != nil {
				x = h.number(h.at + i)
			}
			ones += int(x & 1)
			dst[(at+i)>>3] |= byte(x&1) << ((at + i) & 7)
		}
		h.left, h.at, n, at = h.left-k, h.at+k*h.width, n-k, at+k
	}
	return ones, nil
}

// lookUp reads numbers and puts what they stand for in dict into dst.
func lookUp[T any](h *hybrid, dict, dst []T) error {
	for len(dst) > 0 {
		if err := h.run(); err != nil {
			return err
		}
		k := min(len(dst), h.left)
		part := dst[:k]
		if h.bits == nil {
			if int(h.val) >= len(dict) {
				return errPage
			}
			for i, x := 0, dict[h.val]; i < k; i++ {
				part[i] = x
			}
		} else if !unpackTo(h, dict, part) {
			return errPage
		}
		h.left, h.at, dst = h.left-k, h.at+k*h.width, dst[k:]
	}
	return nil
}

// unpackTo is lookUp in a packed run; false: a number is not in dict.
func unpackTo[T any](h *hybrid, dict, dst []T) bool {
	at, w, mask, i, n := h.at, h.width, uint64(1)<<h.width-1, 0, uint64(len(dict))
	if w <= 14 { // four to a word
		for ; i+4 <= len(dst); i += 4 {
			x := binary.LittleEndian.Uint64(h.bits[at>>3:]) >> (at & 7)
			a, b, c, d := x&mask, x>>w&mask, x>>(2*w)&mask, x>>(3*w)&mask
			if a >= n || b >= n || c >= n || d >= n {
				return false
			}
			o := dst[i : i+4 : i+4]
			o[0], o[1], o[2], o[3] = dict[a], dict[b], dict[c], dict[d]
			at += 4 * w
		}
	}
	for ; i < len(dst); i++ {
		a := uint64(h.number(at))
		if a >= n {
			return false
		}
		dst[i] = dict[a]
		at += w
	}
	return true
}

// lookUpRows is lookUp of some of the next n numbers, rows (ascending) less base.
func lookUpRows[T any](h *hybrid, dict, dst []T, rows []int32, base, n int) error {
	for k := 0; n > 0; {
		if err := h.run(); err != nil {
			return err
		}
		here := min(n, h.left)
		for ; k < len(rows) && int(rows[k]) < base+here; k++ {
			x := h.val
			if h.bits != nil {
				x = h.number(h.at + (int(rows[k])-base)*h.width)
			}
			if int(x) >= len(dict) {
				return errPage
			}
			dst[k] = dict[x]
		}
		h.left, h.at, n, base = h.left-here, h.at+here*h.width, n-here, base+here
	}
	return nil
}
