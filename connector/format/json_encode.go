package format

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// jsonEncoder writes a line of JSON for each row. A timestamptz is written in UTC as 2026-01-02T03:04:05.678Z, a timestamp without the Z;
// NaN and infinities as strings; json and jsonb as they are; a null as null.
type jsonEncoder struct {
	cols  []catalog.Column
	lits  []string // what stands before each value
	clock isoClock
}

func newJSONEncoder(cols []catalog.Column) *jsonEncoder {
	e := &jsonEncoder{cols: cols}
	for i, c := range cols {
		lit := ","
		if i == 0 {
			lit = "{"
		}
		e.lits = append(e.lits, string(append(appendJSONString([]byte(lit), c.Name), ':')))
	}
	return e
}

func (e *jsonEncoder) Header() []byte { return nil }

// Append writes the rows of b; see Encoder.
func (e *jsonEncoder) Append(dst []byte, b *types.Batch) []byte {
	vals := make([]func(dst []byte, i int) []byte, len(b.Cols))
	for k, a := range b.Cols {
		vals[k] = e.value(a, e.cols[k].Type)
	}
	if len(vals) == 0 {
		for range b.N {
			dst = append(dst, "{}\n"...)
		}
		return dst
	}
	for i := range b.N {
		for k, v := range vals {
			dst = v(append(dst, e.lits[k]...), i)
		}
		dst = append(dst, '}', '\n')
	}
	return dst
}

// value gives the function that appends a value of a column.
func (e *jsonEncoder) value(a arrow.Array, t types.Type) func(dst []byte, i int) []byte {
	f := e.plain(a, t)
	if a.NullN() == 0 {
		return f
	}
	return func(dst []byte, i int) []byte {
		if a.IsNull(i) {
			return append(dst, "null"...)
		}
		return f(dst, i)
	}
}

func (e *jsonEncoder) plain(a arrow.Array, t types.Type) func(dst []byte, i int) []byte {
	switch c := a.(type) {
	case *array.Int64:
		v := types.Int64s(a)
		return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, v[i], 10) }
	case *array.Int32:
		v := types.Int32s(a)
		return func(dst []byte, i int) []byte { return strconv.AppendInt(dst, int64(v[i]), 10) }
	case *array.Timestamp:
		v, zone := types.Int64s(a), t.Is(types.TimestampTZ)
		return func(dst []byte, i int) []byte {
			return append(e.clock.append(append(dst, '"'), v[i], zone), '"')
		}
	case *array.String:
		if t.Is(types.JSON) || t.Is(types.JSONB) {
			return func(dst []byte, i int) []byte { return append(dst, c.Value(i)...) }
		}
		return func(dst []byte, i int) []byte { return appendJSONString(dst, c.Value(i)) }
	case *array.Boolean:
		return func(dst []byte, i int) []byte { return strconv.AppendBool(dst, c.Value(i)) }
	case *array.Int16, *array.Uint32:
		return func(dst []byte, i int) []byte { return types.AppendText(dst, a, i, t, nil) }
	case *array.Float64, *array.Float32, *array.Binary:
		if !numberType(t) {
			break
		}
		return func(dst []byte, i int) []byte { return appendNumber(dst, a, i, t) }
	case *array.List:
		return e.list(c, t)
	}
	return func(dst []byte, i int) []byte {
		return appendJSONString(dst, string(types.AppendText(nil, a, i, t, nil)))
	}
}

func numberType(t types.Type) bool {
	return t.Is(types.Float8) || t.Is(types.Float4) || t.Is(types.Numeric)
}

// appendNumber appends a float or numeric; what JSON has no number for becomes a string.
func appendNumber(dst []byte, a arrow.Array, i int, t types.Type) []byte {
	n := len(dst)
	dst = types.AppendText(dst, a, i, t, nil)
	if last := dst[len(dst)-1]; last >= '0' && last <= '9' {
		return dst
	}
	text := string(dst[n:])
	return append(append(append(dst[:n], '"'), text...), '"')
}

func (e *jsonEncoder) list(c *array.List, t types.Type) func(dst []byte, i int) []byte {
	v := e.value(c.ListValues(), t.Elem())
	return func(dst []byte, i int) []byte {
		from, to := c.ValueOffsets(i)
		return types.AppendNested(dst, types.ShapeOf(c, i), int(from), int(to), '[', ']', v)
	}
}

const hexDigits = "0123456789abcdef"

// appendJSONString appends s in quotes; runs without anything to escape are copied at once.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		b := s[i]
		if b >= 0x20 && b != '"' && b != '\\' {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch b {
		case '"', '\\':
			dst = append(dst, '\\', b)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&15])
		}
	}
	return append(append(dst, s[from:]...), '"')
}
