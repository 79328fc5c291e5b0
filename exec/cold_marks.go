package exec

import (
	"encoding/binary"
	"slices"
)

// coldMarks says when what lies in a Cold has to be looked at: under (area, time, hash) lies nothing but the key. A mark says that what has this hash has something to do when the
// watermark reaches the time, or later: one that comes too early does no harm, and is made anew when it was met. A nil one stands for what never closes.
type coldMarks struct {
	cold  Cold
	area  []byte
	known []int64  // by number in memory: the earliest mark that is known to be stored; never: none
	bare  []uint32 // numbers whose mark was met
	cut   int64    // marks up to here go with the next save
	cut0  bool     // there is a cut

	soonest      int64 // time of the first mark, where soonestKnown; never: there is none
	soonestKnown bool
	buf          []byte
}

func newColdMarks(c Cold, area []byte) *coldMarks { return &coldMarks{cold: c, area: area} }

// enter notes numbers of which no mark is known.
func (m *coldMarks) enter(gs []uint32, n int) {
	if m == nil {
		return
	}
	m.known = resize(m.known, n)
	for _, g := range gs {
		m.known[g] = never
	}
}

// due calls fn for the hashes with marks up to wm, until it says that it wants no more; from is where the last call ended. The marks go with the next save.
func (m *coldMarks) due(from []byte, wm int64, fn func(hash uint64) (more bool)) (next []byte, err error) {
	if from == nil {
		from = m.area
	}
	at := len(m.area)
	err = m.cold.Scan(from, m.time(slices.Clone(m.area), wm+1), func(key, _ []byte) (bool, error) {
		if len(key) != at+16 {
			return false, errColdRow
		}
		if fn(binary.BigEndian.Uint64(key[at+8:])) {
			return true, nil
		}
		next = append(slices.Clone(key), 0)
		return false, nil
	})
	m.cut, m.cut0 = wm, true
	return next, err
}

// met notes that the marks of a number up to wm go.
func (m *coldMarks) met(g uint32, wm int64) {
	if m.known[g] <= wm {
		m.known[g] = never
	}
	m.bare = append(m.bare, g)
}

func (m *coldMarks) time(dst []byte, ts int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(ts)^1<<63)
}

// begin takes the marks away that were met. Those that are set follow.
func (m *coldMarks) begin() {
	if m.cut0 {
		m.cold.DeleteRange(m.area, m.time(slices.Clone(m.area), m.cut+1))
	}
	m.cut0, m.soonestKnown = false, false
}

// set marks number g, of a hash, where no mark as early is known.
func (m *coldMarks) set(g uint32, hash uint64, ts int64) {
	if ts >= m.known[g] {
		return
	}
	m.known[g] = ts
	m.buf = binary.BigEndian.AppendUint64(m.time(append(m.buf[:0], m.area...), ts), hash)
	m.cold.Set(m.buf, nil)
}

// first is the time of the first mark; never: there is none.
func (m *coldMarks) first() (int64, error) {
	if m.soonestKnown {
		return m.soonest, nil
	}
	m.soonest = never
	err := m.cold.Scan(m.area, m.time(slices.Clone(m.area), never-1), func(key, _ []byte) (bool, error) {
		m.soonest = int64(binary.BigEndian.Uint64(key[len(m.area):]) ^ 1<<63)
		return false, nil
	})
	m.soonestKnown = err == nil
	return m.soonest, err
}
