package format

import (
	"encoding/binary"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// flatColumn reads a column without nesting from its front.
type flatColumn interface {
	// read gives the next n rows, or those of them (ascending) that rows lists. Columns of fixed width go to mem; nil: the heap.
	read(mem *types.Arena, n int, rows []int32) (arrow.Array, error)
	// skip passes over n rows.
	skip(n int) error
	pages() *columnPages
}

// next makes some of the next n rows ready; k is how many.
func (c *columnPages) next(n int) (k int, err error) {
	if c.left == 0 {
		if err := c.turn(); err != nil {
			return 0, err
		}
	}
	return min(n, c.left), c.open()
}

// pass skips n rows by whole pages as far as it can; values passes over values of an open page.
func (c *columnPages) pass(n int, values func(n int) error) error {
	for n > 0 {
		if c.left == 0 {
			if err := c.turn(); err != nil {
				return err
			}
		}
		if c.body != nil && n >= c.left {
			n, c.left, c.body = n-c.left, 0, nil
			continue
		}
		k, err := c.next(n)
		if err != nil {
			return err
		}
		some := k
		if !c.there {
			if some, err = c.defs.valid(make([]byte, (k+7)/8), 0, k); err != nil {
				return err
			}
		}
		if c.coded {
			err = c.nums.skip(some)
		} else {
			err = values(some)
		}
		if err != nil {
			return err
		}
		n, c.left = n-k, c.left-k
	}
	return nil
}

// levels reads the levels of k rows into valid (nil: there are none with NULLs yet), of n rows, from row at on; some is how many are not NULL.
func (c *columnPages) levels(valid []byte, n, at, k int) (_ []byte, some int, err error) {
	if c.there && valid == nil {
		return nil, k, nil
	}
	if valid == nil {
		valid = make([]byte, (n+7)/8)
		for i := range at {
			valid[i>>3] |= 1 << (i & 7)
		}
	}
	if c.there {
		for i := at; i < at+k; i++ {
			valid[i>>3] |= 1 << (i & 7)
		}
		return valid, k, nil
	}
	some, err = c.defs.valid(valid, at, k)
	return valid, some, err
}

// fixedColumn is a column of values of 4 or 8 bytes.
type fixedColumn[T int32 | int64] struct {
	columnPages
	typ  arrow.DataType
	list []T // the dictionary
}

func (c *fixedColumn[T]) takeDict(vals []byte, n int) error {
	if n > len(vals)/c.size() {
		return errPage
	}
	c.list = make([]T, n)
	copy(bytesOf(c.list), vals)
	return nil
}

func (c *fixedColumn[T]) size() int { return int(unsafe.Sizeof(T(0))) }

func bytesOf[T int32 | int64](v []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*int(unsafe.Sizeof(T(0))))
}

func (c *fixedColumn[T]) skip(n int) error { return c.pass(n, c.drop) }

func (c *fixedColumn[T]) drop(n int) error {
	if n *= c.size(); n > len(c.vals) {
		return errPage
	}
	c.vals = c.vals[n:]
	return nil
}

func (c *fixedColumn[T]) read(mem *types.Arena, n int, rows []int32) (arrow.Array, error) {
	if k, err := c.next(n); err != nil {
		return nil, err
	} else if rows != nil && (!c.optional || c.there && k == n) {
		return c.some(mem, n, rows)
	}
	out := types.Room[T](mem, n)
	var valid []byte
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
		part := out[at : at+k]
		if c.coded {
			err = lookUp(&c.nums, c.list, part[:some])
		} else {
			vals := c.vals
			if err = c.drop(some); err == nil {
				copy(bytesOf(part), vals[:some*c.size()])
			}
		}
		if err != nil {
			return nil, err
		}
		spread(part, some, valid, at)
		nulls += k - some
		at, c.left = at+k, c.left-k
	}
	a := types.NewFixed(c.typ, out, valid, nulls)
	if rows != nil {
		a = types.TakeTo(mem, a, rows)
	}
	return a, nil
}

// spread moves the first n values of a part to the rows from at on that are valid.
func spread[T any](part []T, n int, valid []byte, at int) {
	if n == len(part) {
		return
	}
	var zero T
	for i := len(part) - 1; i >= 0; i-- {
		if valid[(at+i)>>3]>>((at+i)&7)&1 == 0 {
			part[i] = zero
			continue
		}
		n--
		part[i] = part[n]
	}
}

// some reads rows of the next n, which are not NULL.
func (c *fixedColumn[T]) some(mem *types.Arena, n int, rows []int32) (arrow.Array, error) {
	out := types.Room[T](mem, len(rows))
	raw, size := bytesOf(out), c.size()
	for base, k := 0, 0; base < n; {
		here, err := c.next(n - base)
		if err != nil {
			return nil, err
		}
		end := k
		for end < len(rows) && int(rows[end]) < base+here {
			end++
		}
		if c.coded {
			err = lookUpRows(&c.nums, c.list, out[k:end], rows[k:end], base, here)
		} else if vals := c.vals; len(vals) < here*size {
			err = errPage
		} else {
			if size == 8 {
				for i := k; i < end; i++ {
					binary.NativeEndian.PutUint64(raw[8*i:], binary.NativeEndian.Uint64(vals[8*(int(rows[i])-base):]))
				}
			} else {
				for i := k; i < end; i++ {
					binary.NativeEndian.PutUint32(raw[4*i:], binary.NativeEndian.Uint32(vals[4*(int(rows[i])-base):]))
				}
			}
			c.vals = vals[here*size:]
		}
		if err != nil {
			return nil, err
		}
		base, k, c.left = base+here, end, c.left-here
	}
	return types.NewFixed(c.typ, out, nil, 0), nil
}
