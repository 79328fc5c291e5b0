package copyfmt

import (
	"encoding/binary"
	"strings"

	"github.com/streamsqld/streamsqld/internal/colenc"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// signature begins binary data; two int32 follow it: flags and the length of an extension.
const signature = "PGCOPY\n\xff\r\n\x00"

// Encoder writes rows in a COPY format. Bind gives it a batch, AppendRow writes its rows.
type Encoder struct {
	o       *Options
	cols    []colenc.Column
	plain   []bool // the bound column never needs an escape or quotes
	special [256]bool
	scratch []byte
	started bool // binary: the signature is out
}

// NewEncoder makes an encoder for columns of these types; f is the session's format for values as text.
func NewEncoder(ts []types.Type, o *Options, f *types.Format) *Encoder {
	e := &Encoder{o: o, plain: make([]bool, len(ts))}
	for _, t := range ts {
		e.cols = append(e.cols, colenc.New(t, o.Format.Code(), f))
	}
	chars := "\b\f\n\r\t\v\\"
	if o.Format == CSV {
		chars = "\n\r" + string([]byte{o.Quote})
	}
	for _, ch := range []byte(chars) {
		e.special[ch] = true
	}
	e.special[o.Delim] = true
	return e
}

// Bind makes b the batch whose rows AppendRow writes.
func (e *Encoder) Bind(b *types.Batch) error {
	if len(b.Cols) != len(e.cols) {
		return sqlerr.New(sqlerr.InternalError, "a batch of %d columns for a COPY of %d", len(b.Cols), len(e.cols))
	}
	number := strings.IndexByte("-0123456789", e.o.Delim) >= 0 || strings.IndexByte("-0123456789", e.o.Quote) >= 0 || e.isNumber(e.o.Null)
	for k := range e.cols {
		if err := e.cols[k].Bind(b.Cols[k]); err != nil {
			return err
		}
		e.plain[k] = e.cols[k].Plain() && !number && !e.forced(k)
	}
	return nil
}

// isNumber says whether a number could read as s.
func (e *Encoder) isNumber(s string) bool {
	return s != "" && strings.Trim(s, "-0123456789") == ""
}

func (e *Encoder) forced(k int) bool {
	return e.o.Format == CSV && (e.o.ForceQuoteAll || e.o.ForceQuote != nil && e.o.ForceQuote[k])
}

// AppendHeader appends the header line with these column names.
func (e *Encoder) AppendHeader(dst []byte, names []string) []byte {
	for k, name := range names {
		if k > 0 {
			dst = append(dst, e.o.Delim)
		}
		at := len(dst)
		dst = e.finish(append(dst, name...), at, false)
	}
	return append(dst, '\n')
}

// AppendRow appends row i of the bound batch. The first row of the binary format brings the signature with it. On an
// error the row is not whole.
func (e *Encoder) AppendRow(dst []byte, i int) ([]byte, error) {
	if e.o.Format == Binary {
		return e.appendBinary(dst, i)
	}
	var err error
	for k := range e.cols {
		if k > 0 {
			dst = append(dst, e.o.Delim)
		}
		col := &e.cols[k]
		if col.IsNull(i) {
			dst = append(dst, e.o.Null...)
			continue
		}
		at := len(dst)
		if dst, err = col.Append(dst, i); err != nil {
			return dst, err
		}
		if !e.plain[k] {
			dst = e.finish(dst, at, e.forced(k))
		}
	}
	return append(dst, '\n'), nil
}

// AppendBatch binds b and appends all its rows.
func (e *Encoder) AppendBatch(dst []byte, b *types.Batch) ([]byte, error) {
	err := e.Bind(b)
	for i := 0; i < b.N && err == nil; i++ {
		dst, err = e.AppendRow(dst, i)
	}
	return dst, err
}

// AppendEnd appends what ends the data: nothing in text and csv.
func (e *Encoder) AppendEnd(dst []byte) []byte {
	if e.o.Format != Binary {
		return dst
	}
	return append(e.appendSignature(dst), 0xff, 0xff)
}

func (e *Encoder) appendSignature(dst []byte) []byte {
	if e.started {
		return dst
	}
	e.started = true
	return append(append(dst, signature...), 0, 0, 0, 0, 0, 0, 0, 0)
}

func (e *Encoder) appendBinary(dst []byte, i int) ([]byte, error) {
	dst = e.appendSignature(dst)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.cols)))
	var err error
	for k := range e.cols {
		col := &e.cols[k]
		if col.IsNull(i) {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		if dst, err = col.Append(dst, i); err != nil {
			return dst, err
		}
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, nil
}

// finish escapes or quotes the value that stands at dst[at:], where it needs that.
func (e *Encoder) finish(dst []byte, at int, force bool) []byte {
	needs := force
	for _, ch := range dst[at:] {
		if e.special[ch] {
			needs = true
			break
		}
	}
	if e.o.Format == CSV {
		v := dst[at:]
		if !needs && string(v) != e.o.Null && !(len(e.cols) == 1 && string(v) == `\.`) {
			return dst
		}
		e.scratch = append(e.scratch[:0], v...)
		return e.quote(dst[:at], e.scratch)
	}
	if !needs {
		return dst
	}
	e.scratch = append(e.scratch[:0], dst[at:]...)
	return e.escape(dst[:at], e.scratch)
}

// escape appends v with the backslash escapes of the text format.
func (e *Encoder) escape(dst, v []byte) []byte {
	for _, ch := range v {
		if e.special[ch] {
			dst = append(dst, '\\')
			if k := strings.IndexByte("\b\f\n\r\t\v", ch); k >= 0 {
				ch = "bfnrtv"[k]
			}
		}
		dst = append(dst, ch)
	}
	return dst
}

// quote appends v in quotes.
func (e *Encoder) quote(dst, v []byte) []byte {
	dst = append(dst, e.o.Quote)
	for _, ch := range v {
		if ch == e.o.Quote || ch == e.o.Escape {
			dst = append(dst, e.o.Escape)
		}
		dst = append(dst, ch)
	}
	return append(dst, e.o.Quote)
}
