package format

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// csvEncoder writes csv as COPY does: a null is the null text without quotes.
type csvEncoder struct {
	cols  []catalog.Column
	o     csvOptions
	quote [256]bool
	buf   []byte
}

func newCSVEncoder(cols []catalog.Column, opts catalog.Options) (*csvEncoder, error) {
	o, err := readCSVOptions(opts)
	if err != nil {
		return nil, err
	}
	e := &csvEncoder{cols: cols, o: o}
	for _, b := range []byte{o.delim, o.quote, '\n', '\r'} {
		e.quote[b] = true
	}
	return e, nil
}

// Header is the line of names, with option header.
func (e *csvEncoder) Header() []byte {
	if !e.o.header {
		return nil
	}
	var h []byte
	for i, c := range e.cols {
		if i > 0 {
			h = append(h, e.o.delim)
		}
		h = e.text(h, []byte(c.Name))
	}
	return append(h, '\n')
}

// Append writes the rows of b; see Encoder.
func (e *csvEncoder) Append(dst []byte, b *types.Batch) []byte {
	for i := range b.N {
		for k, a := range b.Cols {
			if k > 0 {
				dst = append(dst, e.o.delim)
			}
			if a.IsNull(i) {
				dst = append(dst, e.o.null...)
				continue
			}
			switch c := a.(type) {
			case *array.Int64:
				dst = strconv.AppendInt(dst, c.Value(i), 10)
			default:
				e.buf = types.AppendText(e.buf[:0], a, i, e.cols[k].Type, nil)
				dst = e.text(dst, e.buf)
			}
		}
		dst = append(dst, '\n')
	}
	return dst
}

// text appends a value, in quotes where it needs them.
func (e *csvEncoder) text(dst, s []byte) []byte {
	need := string(s) == e.o.null || len(e.cols) == 1 && string(s) == `\.`
	for _, b := range s {
		need = need || e.quote[b]
	}
	if !need {
		return append(dst, s...)
	}
	dst = append(dst, e.o.quote)
	for _, b := range s {
		if b == e.o.quote || b == e.o.escape {
			dst = append(dst, e.o.escape)
		}
		dst = append(dst, b)
	}
	return append(dst, e.o.quote)
}
