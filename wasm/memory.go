package wasm

// memory is an instance's memory. It grows up to limit, and notes that it was asked for more.
type memory struct {
	buf     []byte
	limit   uint64
	refused bool
}

// Reallocate grows the memory, or gives nil. What the module begins with is given in any case: start refuses the instance then.
func (m *memory) Reallocate(size uint64) []byte {
	if size > m.limit {
		m.refused = true
		if m.buf != nil {
			return nil
		}
	}
	if size > uint64(cap(m.buf)) {
		buf := make([]byte, size, max(size, min(2*size, m.limit)))
		copy(buf, m.buf)
		m.buf = buf
	}
	m.buf = m.buf[:size]
	return m.buf
}

// Free lets the memory go.
func (m *memory) Free() { m.buf = nil }
