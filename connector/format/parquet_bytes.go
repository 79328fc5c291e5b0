package format

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// bytesColumn is a column of texts.
type bytesColumn struct {
	columnPages
	typ   arrow.DataType
	list  []span // the dictionary
	texts []byte // what its spans point into
	spans []span
}

// span is where a text lies.
type span struct{ from, to uint32 }

// takeSpans finds n texts, each behind its length, and gives the bytes that they take.
func takeSpans(dst []span, b []byte) (int, error) {
	at := 0
	for i := range dst {
		if len(b)-at < 4 {
			return 0, errPage
		}
		n := int(binary.LittleEndian.Uint32(b[at:]))
		if at += 4; n < 0 || n > len(b)-at {
			return 0, errPage
		}
		dst[i] = span{uint32(at), uint32(at + n)}
		at += n
	}
	return at, nil
}

func (c *bytesColumn) takeDict(vals []byte, n int) error {
	if n > len(vals) {
		return errPage
	}
	c.texts, c.list = append([]byte(nil), vals...), make([]span, n)
	_, err := takeSpans(c.list, c.texts)
	return err
}

func (c *bytesColumn) skip(n int) error {
	return c.pass(n, func(n int) error {
		_, err := c.plain(n)
		return err
	})
}

// plain finds the next n values that lie in the page itself.
func (c *bytesColumn) plain(n int) (from []byte, err error) {
	if cap(c.spans) < n {
		c.spans = make([]span, n)
	}
	c.spans = c.spans[:n]
	from = c.vals
	size, err := takeSpans(c.spans, from)
	c.vals = from[size:]
	return from, err
}

func (c *bytesColumn) read(mem *types.Arena, n int, rows []int32) (arrow.Array, error) {
	offs := make([]int32, 1, n+1)
	var data, valid []byte
	nulls := 0
	for at := 0; at < n; {
		k, err := c.next(n - at)
		if err != nil {
			return nil, err
		}
		some := 0
		if valid, some, err = c.levels(valid, n, at, k); err != nil {
			return nil, err
		}
		from := c.texts
		if c.coded {
			if cap(c.spans) < k {
				c.spans = make([]span, k)
			}
			c.spans = c.spans[:k]
			err = lookUp(&c.nums, c.list, c.spans[:some])
		} else {
			from, err = c.plain(some)
		}
		if err != nil {
			return nil, err
		}
		i := 0
		for r := at; r < at+k; r++ {
			if valid == nil || valid[r>>3]>>(r&7)&1 != 0 {
				data = append(data, from[c.spans[i].from:c.spans[i].to]...)
				i++
			}
			offs = append(offs, int32(len(data)))
		}
		if len(data) > 1<<30 {
			return nil, errPage
		}
		nulls += k - some
		at, c.left = at+k, c.left-k
	}
	a := types.BytesArray(c.typ, offs, data, valid, nulls)
	if rows != nil {
		a = types.TakeTo(mem, a, rows)
	}
	return a, nil
}
