package engine

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/streamsqld/streamsqld/state"
)

// sequences number identity columns. Numbers are reserved in the store a block at a time, so that none is given twice; a crash leaves a gap, as in PostgreSQL.
type sequences struct {
	store *state.Store
	mu    sync.Mutex
	open  map[string]*sequence
}

type sequence struct{ next, reserved int64 }

const sequenceBlock = 32

func newSequences(s *state.Store) *sequences {
	return &sequences{store: s, open: map[string]*sequence{}}
}

func sequenceKey(oid uint32, col int) string { return fmt.Sprintf("i/%010d/%05d", oid, col) }

// take gives the first of n consecutive numbers.
func (q *sequences) take(oid uint32, col int, n int64) (int64, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := sequenceKey(oid, col)
	s := q.open[key]
	if s == nil {
		v, err := q.store.Get([]byte(key))
		if err != nil {
			return 0, err
		}
		s = &sequence{next: 1, reserved: 0}
		if v != nil {
			s.reserved = int64(binary.BigEndian.Uint64(v))
			s.next = s.reserved + 1
		}
		q.open[key] = s
	}
	if last := s.next + n - 1; last > s.reserved {
		reserve := last + sequenceBlock
		if err := q.store.Set([]byte(key), binary.BigEndian.AppendUint64(nil, uint64(reserve))); err != nil {
			return 0, err
		}
		s.reserved = reserve
	}
	first := s.next
	s.next += n
	return first, nil
}

// forget removes the sequences of a dropped relation with the batch.
func (q *sequences) forget(b *state.Batch, oid uint32) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	prefix := fmt.Sprintf("i/%010d/", oid)
	for k := range q.open {
		if len(k) > len(prefix) && k[:len(prefix)] == prefix {
			delete(q.open, k)
		}
	}
	return b.DeletePrefix([]byte(prefix))
}
