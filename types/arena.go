package types

import "unsafe"

// Arena is memory of columns that is given out again after Reset. It belongs to one goroutine. A nil Arena gives memory of the heap.
type Arena struct {
	slab []int64
	used int
}

// Room gives n values of a's memory, whose contents are undefined.
func Room[T Fixed](a *Arena, n int) []T {
	if a == nil || n == 0 {
		return make([]T, n)
	}
	words := (n*int(unsafe.Sizeof(*new(T))) + 7) / 8
	if a.used+words > len(a.slab) { // who has memory of the old slab keeps it alive
		a.slab, a.used = make([]int64, max(words, 2*len(a.slab))), 0
	}
	p := unsafe.Pointer(&a.slab[a.used])
	a.used += words
	return unsafe.Slice((*T)(p), n)
}

// Reset takes back all that was given out.
func (a *Arena) Reset() { a.used = 0 }
