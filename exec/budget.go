package exec

import "github.com/streamsqld/streamsqld/internal/sqlerr"

// budget bounds the memory that a batch query holds.
type budget struct {
	limit, used int64
}

// check holds the size of a stateful operator of a batch query against the limit.
func (b *budget) check(s Stateful) error {
	if b.limit <= 0 {
		return nil
	}
	_, bytes := s.Size()
	if b.used+bytes <= b.limit {
		return nil
	}
	return b.take(bytes)
}

// take asks for n bytes more (negative: gives back); beyond the limit it is error 53200.
func (b *budget) take(n int64) error {
	b.used += n
	if b.limit > 0 && b.used > b.limit {
		return sqlerr.New(sqlerr.OutOfMemory, "out of memory").
			WithDetail("The query holds more than %d bytes.", b.limit).
			WithHint("Sort or group fewer rows, or raise work_mem.")
	}
	return nil
}
