package exec

// chunkBytes is the size of an arena's chunks.
const chunkBytes = 1 << 18

// arena keeps byte strings in chunks, so that it grows without moving what is there. A chunk whose strings are all dropped goes at once;
// where dropped strings lie between others, the owner moves those that are left into a new arena.
type arena struct {
	chunks [][]byte
	live   []int // by chunk: bytes in use
	spare  []int // chunks that went
	now    int   // the chunk that is being filled
	used   int   // bytes in use
	dead   int   // bytes of dropped strings in chunks that are there
}

// put stores b and tells where.
func (a *arena) put(b []byte) uint64 {
	if len(a.chunks) == 0 {
		a.chunks, a.live = append(a.chunks, nil), append(a.live, 0)
	}
	if n := len(a.chunks[a.now]); n > 0 && n+len(b) > chunkBytes {
		a.open(len(b))
	}
	c := a.chunks[a.now]
	a.chunks[a.now] = append(c, b...)
	a.live[a.now] += len(b)
	a.used += len(b)
	return uint64(a.now)<<32 | uint64(len(c))
}

// open begins a chunk with room for at least n bytes.
func (a *arena) open(n int) {
	c := make([]byte, 0, max(n, chunkBytes))
	last := a.now
	if k := len(a.spare); k > 0 {
		a.now = a.spare[k-1]
		a.spare = a.spare[:k-1]
		a.chunks[a.now] = c
	} else {
		a.now = len(a.chunks)
		a.chunks, a.live = append(a.chunks, c), append(a.live, 0)
	}
	a.release(last)
}

// at is the string of n bytes that was put at s.
func (a *arena) at(s uint64, n uint32) []byte {
	if n == 0 {
		return nil
	}
	from := uint64(uint32(s))
	return a.chunks[s>>32][from : from+uint64(n)]
}

// drop gives up the string of n bytes at s.
func (a *arena) drop(s uint64, n uint32) {
	k := int(s >> 32)
	a.live[k] -= int(n)
	a.used -= int(n)
	a.dead += int(n)
	a.release(k)
}

// release gives chunk k back when nothing of it is in use; the one that is being filled begins again.
func (a *arena) release(k int) {
	if a.live[k] > 0 {
		return
	}
	a.dead -= len(a.chunks[k])
	if k == a.now {
		a.chunks[k] = a.chunks[k][:0]
		return
	}
	a.chunks[k] = nil
	a.spare = append(a.spare, k)
}

// sparse says that moving what is left into a new arena pays.
func (a *arena) sparse() bool { return a.dead > 1<<16 && a.dead > a.used }

func (a *arena) memory() int {
	n := 0
	for _, c := range a.chunks {
		n += cap(c)
	}
	return n
}
