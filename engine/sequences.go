package engine

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
)

// sequences give the numbers of all sequences. The store is told some numbers ahead, so that none is given twice; a crash leaves a gap, as in
// PostgreSQL. Numbers are not given back by ROLLBACK.
type sequences struct {
	store *state.Store
	mu    sync.Mutex
	open  map[uint32]*sequence
}

// sequence is where one stands: the last number (or, where it was not called yet, the next one), and how many more may be given before the store
// is told again.
type sequence struct {
	last   int64
	called bool
	ahead  int64
	temp   bool
}

// sequenceBlock is how many numbers the store is told ahead.
const sequenceBlock = 32

func newSequences(s *state.Store) *sequences {
	return &sequences{store: s, open: map[uint32]*sequence{}}
}

func sequenceKey(oid uint32) []byte { return fmt.Appendf(nil, "i/%010d", oid) }

func (q *sequences) set(oid uint32, s *sequence, last int64, called bool) error {
	if s.temp {
		return nil
	}
	v := binary.BigEndian.AppendUint64(nil, uint64(last))
	return q.store.Set(sequenceKey(oid), append(v, byte(boolInt(called))))
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// at finds a sequence. mu is held.
func (q *sequences) at(rel *catalog.Relation) (*sequence, error) {
	if s := q.open[rel.OID]; s != nil {
		return s, nil
	}
	v, err := q.store.Get(sequenceKey(rel.OID))
	if err != nil {
		return nil, err
	}
	s := &sequence{last: rel.Seq.Start, temp: isTemp(rel.Schema)}
	if len(v) == 9 {
		s.last, s.called = int64(binary.BigEndian.Uint64(v)), v[8] == 1
	}
	q.open[rel.OID] = s
	return s, nil
}

// next gives n numbers. Error: 2200H where there are no more.
func (q *sequences) next(rel *catalog.Relation, n int) ([]int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, err := q.at(rel)
	if err != nil {
		return nil, err
	}
	d, out, was := rel.Seq, make([]int64, n), *s
	for i := range out {
		v := s.last
		if s.called {
			if v, err = numberAfter(rel, s.last); err != nil {
				*s = was
				return nil, err
			}
		}
		s.ahead--
		if s.called && (v > s.last) != (d.Increment > 0) {
			s.ahead = -1 // it began anew
		}
		s.last, s.called, out[i] = v, true, v
	}
	if s.ahead >= 0 {
		return out, nil
	}
	told := s.last
	for s.ahead = 0; s.ahead < sequenceBlock; s.ahead++ {
		v, err := numberAfter(rel, told)
		if err != nil || (v > told) != (d.Increment > 0) {
			break
		}
		told = v
	}
	if err := q.set(rel.OID, s, told, true); err != nil {
		*s = was
		return nil, err
	}
	return out, nil
}

// numberAfter is the number after v.
func numberAfter(rel *catalog.Relation, v int64) (int64, error) {
	d := rel.Seq
	switch {
	case d.Increment > 0 && v > d.Max-d.Increment:
		if d.Cycle {
			return d.Min, nil
		}
		return 0, sqlerr.New("2200H", `nextval: reached maximum value of sequence "%s" (%d)`, rel.Name, d.Max)
	case d.Increment < 0 && v < d.Min-d.Increment:
		if d.Cycle {
			return d.Max, nil
		}
		return 0, sqlerr.New("2200H", `nextval: reached minimum value of sequence "%s" (%d)`, rel.Name, d.Min)
	}
	return v + d.Increment, nil
}

// restart makes v the last number, or where called is false the next one.
func (q *sequences) restart(rel *catalog.Relation, v int64, called bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, err := q.at(rel)
	if err != nil {
		return err
	}
	if err := q.set(rel.OID, s, v, called); err != nil {
		return err
	}
	s.last, s.called, s.ahead = v, called, 0
	return nil
}

// peek is where a sequence stands.
func (q *sequences) peek(rel *catalog.Relation) (sequence, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	s, err := q.at(rel)
	if err != nil {
		return sequence{}, err
	}
	return *s, nil
}

// close tells the store exactly where the sequences stand: a server that stops in order leaves no gaps.
func (q *sequences) close() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for oid, s := range q.open {
		if s.ahead > 0 {
			if err := q.set(oid, s, s.last, s.called); err != nil {
				return err
			}
			s.ahead = 0
		}
	}
	return nil
}

// forget removes a dropped sequence with the batch.
func (q *sequences) forget(b *state.Batch, oid uint32) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.open, oid)
	return b.Delete(sequenceKey(oid))
}
