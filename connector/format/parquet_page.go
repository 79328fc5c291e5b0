package format

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"sync"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

var errPage = errors.New("a page of a column is damaged")

// Kinds of pages and encodings of values, as the format numbers them.
const (
	dataPage   = 0
	dictPage   = 2
	dataPageV2 = 3

	encPlain     = 0
	encPlainDict = 2
	encBits      = 4
	encDict      = 8
)

// pageHeader is what a page of a column begins with.
type pageHeader struct {
	kind, size, packed int64 // size of the body as it is used, and as it lies in the file
	values, encoding   int64
	defs, reps         int64 // bytes of levels before the values, of data pages of version 2
	plain              bool  // the values of such a page are not compressed
	oldDefs            bool  // levels in a form that nobody writes any more
}

// slack is how many bytes may be read behind a column's values, so that bits are taken out of whole words.
const slack = 8

// columnPages goes through the pages of a column chunk without nesting.
type columnPages struct {
	b        []byte // what was not read yet, and slack bytes
	zstd     bool
	snappy   bool
	optional bool
	dict     func(vals []byte, n int) error // takes the dictionary

	page pageHeader
	body []byte // of the page, packed; nil: it is open
	left int    // rows of the page that were not read yet
	buf  []byte
	// of an open page
	coded bool   // the values are numbers in the dictionary
	vals  []byte // with slack bytes behind; of coded values none
	nums  hybrid
	defs  hybrid
	there bool // no NULLs
}

// turn goes to the next data page.
func (c *columnPages) turn() error {
	for {
		h, n, err := readPageHeader(c.b[:len(c.b)-slack])
		if err != nil {
			return err
		}
		c.b = c.b[n:]
		if h.packed < 0 || h.size < 0 || h.values < 0 || h.packed > int64(len(c.b)-slack) || h.size > maxPage || h.values > maxPage {
			return errPage
		}
		c.page, c.body = h, c.b[:h.packed:h.packed+slack]
		c.b = c.b[h.packed:]
		switch h.kind {
		case dictPage:
			b, err := c.unpack(c.body, h.size)
			if err != nil {
				return err
			}
			if err := c.dict(b[:len(b):len(b)], int(h.values)); err != nil {
				return err
			}
		case dataPage, dataPageV2:
			if h.values > 0 {
				c.left = int(h.values)
				return nil
			}
		}
	}
}

// maxPage bounds the bytes and the values of a page: both are 32-bit numbers in the format.
const maxPage = math.MaxInt32

// zstdPages unpacks pages; the memory of one is bounded, whatever its frame says.
var zstdPages = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxPage))
})

// unpack gives a body as it is used, with room for slack bytes behind it. It is good until the next call.
func (c *columnPages) unpack(b []byte, size int64) ([]byte, error) {
	if !c.snappy && !c.zstd {
		return b, nil
	}
	if size < 0 || size > maxPage {
		return nil, errPage
	}
	if c.snappy {
		if n, err := s2.DecodedLen(b); err != nil || int64(n) != size {
			return nil, errPage
		}
	}
	c.buf = slices.Grow(c.buf[:0], int(size)+slack)[:size]
	if c.snappy {
		if _, err := s2.Decode(c.buf, b); err != nil {
			return nil, errPage
		}
		return c.buf, nil
	}
	d, err := zstdPages()
	if err != nil {
		return nil, err
	}
	out, err := d.DecodeAll(b, c.buf[:0])
	if err != nil || int64(len(out)) != size {
		return nil, errPage
	}
	c.buf = slices.Grow(out, slack) // where the frame had no size it was not grown in place
	return c.buf, nil
}

// open makes the page's values ready.
func (c *columnPages) open() error {
	if c.body == nil {
		return nil
	}
	b, h := c.body, &c.page
	c.body = nil
	var defs []byte
	var err error
	if h.kind == dataPageV2 {
		if h.reps < 0 || h.defs < 0 || h.reps+h.defs > int64(len(b)) {
			return errPage
		}
		defs = b[h.reps : h.reps+h.defs]
		if b = b[h.reps+h.defs:]; !h.plain {
			b, err = c.unpack(b, h.size-h.reps-h.defs)
		}
	} else if b, err = c.unpack(b, h.size); err == nil && c.optional {
		if h.oldDefs || len(b) < 4 || int64(binary.LittleEndian.Uint32(b)) > int64(len(b)-4) {
			return errPage
		}
		n := int(binary.LittleEndian.Uint32(b))
		defs, b = b[4:4+n], b[4+n:]
	}
	if err != nil {
		return err
	}
	c.vals = b
	if c.there = !c.optional; c.optional {
		c.defs = hybrid{b: defs[:len(defs):len(defs)], width: 1}
		c.there = c.defs.allOnes(c.left)
	}
	switch h.encoding {
	case encPlain:
		c.coded = false
	case encDict, encPlainDict:
		if c.coded = true; len(b) == 0 {
			c.nums = hybrid{} // all NULL
			return nil
		}
		if b[0] > 32 {
			return errPage
		}
		c.nums = hybrid{b: b[1:], width: int(b[0])}
	default:
		return errPage
	}
	return nil
}

// readPageHeader reads a header in Thrift's compact form and gives its length.
func readPageHeader(b []byte) (h pageHeader, n int, err error) {
	r := &thriftReader{b: b}
	r.fields(func(id, typ int) {
		switch id {
		case 1:
			h.kind = r.int()
		case 2:
			h.size = r.int()
		case 3:
			h.packed = r.int()
		case 5, 7, 8: // headers of a data page, a dictionary, a data page of version 2
			r.fields(func(field, typ int) {
				switch {
				case field == 1:
					h.values = r.int()
				case field == 2 && id != 8 || field == 4 && id == 8:
					h.encoding = r.int()
				case field == 3 && id == 5:
					h.oldDefs = r.int() == encBits
				case field == 5 && id == 8:
					h.defs = r.int()
				case field == 6 && id == 8:
					h.reps = r.int()
				case field == 7 && id == 8:
					h.plain = typ == thriftFalse
				default:
					r.skip(typ)
				}
			})
		default:
			r.skip(typ)
		}
	})
	if r.bad {
		return h, 0, errPage
	}
	return h, len(b) - len(r.b), nil
}

// Types of Thrift's compact form.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftStruct = 12
)

type thriftReader struct {
	b     []byte
	bad   bool
	depth int // of skip
}

// maxThrift is how deep a page header may be nested.
const maxThrift = 32

func (r *thriftReader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	x := r.b[0]
	r.b = r.b[1:]
	return x
}

func (r *thriftReader) int() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *thriftReader) drop(n uint64) {
	if n > uint64(len(r.b)) {
		r.bad = true
		return
	}
	r.b = r.b[n:]
}

// fields calls take for each field of a struct, which must read it.
func (r *thriftReader) fields(take func(id, typ int)) {
	for id := 0; !r.bad; {
		x := int(r.byte())
		if x == 0 {
			return
		}
		if x>>4 != 0 {
			id += x >> 4
		} else {
			id = int(r.int())
		}
		take(id, x&15)
	}
}

func (r *thriftReader) skip(typ int) {
	if r.depth++; r.depth > maxThrift {
		r.bad = true
	}
	defer func() { r.depth-- }()
	if r.bad {
		return
	}
	switch typ {
	case thriftTrue, thriftFalse:
	case thriftByte:
		r.byte()
	case thriftI16, thriftI32, thriftI64:
		r.int()
	case thriftDouble:
		r.drop(8)
	case thriftBinary:
		n, k := binary.Uvarint(r.b)
		if k <= 0 {
			r.bad = true
			return
		}
		r.b = r.b[k:]
		r.drop(n)
	case thriftStruct:
		r.fields(func(_, typ int) { r.skip(typ) })
	case thriftList, thriftSet:
		x := r.byte()
		n := uint64(x >> 4)
		if n == 15 {
			k := 0
			if n, k = binary.Uvarint(r.b); k <= 0 {
				r.bad = true
				return
			}
			r.b = r.b[k:]
		}
		for ; n > 0 && !r.bad; n-- {
			if t := int(x & 15); t == thriftTrue || t == thriftFalse {
				r.byte() // in a list each has a byte
			} else {
				r.skip(t)
			}
		}
	default:
		r.bad = true
	}
}
