package engine

import "sync"

// watches tell live statements that a relation they follow was dropped, or that its query was changed.
type watches struct {
	mu   sync.Mutex
	next int
	all  map[uint32]map[int]func(changed bool)
}

func newWatches() *watches { return &watches{all: map[uint32]map[int]func(bool){}} }

// on has f called when the relation is dropped or changed, until stop.
func (w *watches) on(oid uint32, f func(changed bool)) (stop func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next++
	n := w.next
	if w.all[oid] == nil {
		w.all[oid] = map[int]func(bool){}
	}
	w.all[oid][n] = f
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.all[oid], n)
	}
}

// dropped calls what waits for the end of the relation. The functions must not block.
func (w *watches) dropped(oid uint32) { w.end(oid, false) }

// changed is dropped for a relation whose query is another now.
func (w *watches) changed(oid uint32) { w.end(oid, true) }

func (w *watches) end(oid uint32, changed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.all[oid] {
		f(changed)
	}
	delete(w.all, oid)
}
