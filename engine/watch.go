package engine

import "sync"

// watches tell live statements that a relation they follow was dropped.
type watches struct {
	mu   sync.Mutex
	next int
	all  map[uint32]map[int]func()
}

func newWatches() *watches { return &watches{all: map[uint32]map[int]func(){}} }

// on has f called when the relation is dropped, until stop.
func (w *watches) on(oid uint32, f func()) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next++
	n := w.next
	if w.all[oid] == nil {
		w.all[oid] = map[int]func(){}
	}
	w.all[oid][n] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all[oid], n)
	}
}

// dropped calls what waits for the end of the relation. The functions must not block.
func (w *watches) dropped(oid uint32) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.all[oid] {
		f()
	}
	delete(w.all, oid)
}
