package colenc

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// kind is the way a column's values are written.
type kind uint8

const (
	viaTypesText kind = iota
	viaTypesBinary
	raw // text and bytea bytes as they lie there
	boolText
	boolBinary
	int16Text
	int32Text
	int64Text
	int16Binary
	int32Binary
	int64Binary
	uint32Binary
	float64Binary
	stampText
	stampBinary
)

// epoch2000 is 2000-01-01, PostgreSQL's binary epoch, in µs since 1970.
const epoch2000 = 946684800 * 1000000

// Column appends the values of one column. The zero value is not ready: New makes it, Bind gives it rows.
type Column struct {
	typ    types.Type
	binary bool
	format *types.Format
	kind   kind
	arr    arrow.Array
	nulls  bool

	i16   []int16
	i32   []int32
	i64   []int64
	u32   []uint32
	f64   []float64
	str   *array.String
	bin   *array.Binary
	bool_ *array.Boolean
	clock clock
}

// New makes a column of type t in format 0 (text) or 1 (binary); f is the session's format for text.
func New(t types.Type, format int16, f *types.Format) Column {
	c := Column{typ: t, binary: format == 1, format: f}
	if t.Is(types.TimestampTZ) {
		c.clock.loc = f.Loc
	}
	return c
}

// Bind gives the column its rows. A column of arrow.String holds the text form whatever the type; it cannot be sent in
// binary where the type's binary form is something else (0A000).
func (c *Column) Bind(a arrow.Array) error {
	c.arr, c.nulls = a, a.NullN() > 0
	c.str, c.bin = nil, nil
	if s, ok := a.(*array.String); ok {
		return c.bindString(s)
	}
	if c.binary {
		c.bindBinary(a)
	} else {
		c.bindText(a)
	}
	return nil
}

func (c *Column) bindString(s *array.String) error {
	c.str, c.kind = s, raw
	if !c.binary {
		if c.typ.Is(types.Char) {
			c.kind = viaTypesText
		}
		return nil
	}
	if c.typ.Is(types.JSONB) || c.typ.Is(types.Bit) || c.typ.Is(types.VarBit) {
		c.kind = viaTypesBinary
		return nil
	}
	if c.typ.Arrow().ID() != arrow.STRING || c.typ.Is(types.Record) {
		return sqlerr.New(sqlerr.FeatureNotSupported, "no binary output function available for type %s here", c.typ).
			WithHint("Ask for the column in text format, or cast it to text.")
	}
	return nil
}

func (c *Column) bindText(a arrow.Array) {
	c.kind = viaTypesText
	switch a := a.(type) {
	case *array.Boolean:
		c.kind, c.bool_ = boolText, a
	case *array.Int16:
		c.kind, c.i16 = int16Text, a.Int16Values()
	case *array.Int32:
		c.kind, c.i32 = int32Text, a.Int32Values()
	case *array.Int64:
		c.kind, c.i64 = int64Text, a.Int64Values()
	case *array.Timestamp:
		c.kind, c.i64 = stampText, stamps(a)
	}
}

func (c *Column) bindBinary(a arrow.Array) {
	c.kind = viaTypesBinary
	switch a := a.(type) {
	case *array.Boolean:
		c.kind, c.bool_ = boolBinary, a
	case *array.Int16:
		c.kind, c.i16 = int16Binary, a.Int16Values()
	case *array.Int32:
		c.kind, c.i32 = int32Binary, a.Int32Values()
	case *array.Int64:
		c.kind, c.i64 = int64Binary, a.Int64Values()
	case *array.Uint32:
		c.kind, c.u32 = uint32Binary, a.Uint32Values()
	case *array.Float64:
		if c.typ.IsEnum() {
			break
		}
		c.kind, c.f64 = float64Binary, a.Float64Values()
	case *array.Timestamp:
		c.kind, c.i64 = stampBinary, stamps(a)
	case *array.Binary:
		if c.typ.Is(types.Bytea) {
			c.kind, c.bin = raw, a
		}
	}
}

// stamps gives a timestamp column's µs without a copy.
func stamps(a *array.Timestamp) []int64 {
	return arrow.Int64Traits.CastFromBytes(a.Data().Buffers()[1].Bytes())[a.Data().Offset():][:a.Len()]
}

// Plain says that the text of every value in the bound column is of digits and a minus only, so that COPY need not look
// for what to escape.
func (c *Column) Plain() bool {
	switch c.kind {
	case int16Text, int32Text, int64Text:
		return true
	}
	return false
}

// IsNull says whether the value of row i is NULL.
func (c *Column) IsNull(i int) bool { return c.nulls && c.arr.IsNull(i) }

// Append appends the value of row i, which is not NULL. The error is one of binary forms that do not exist.
func (c *Column) Append(dst []byte, i int) ([]byte, error) {
	switch c.kind {
	case raw:
		if c.str != nil {
			return append(dst, c.str.Value(i)...), nil
		}
		return append(dst, c.bin.Value(i)...), nil
	case int64Text:
		return strconv.AppendInt(dst, c.i64[i], 10), nil
	case int32Text:
		return strconv.AppendInt(dst, int64(c.i32[i]), 10), nil
	case stampText:
		if out, ok := c.clock.append(dst, c.i64[i]); ok {
			return out, nil
		}
		return types.AppendText(dst, c.arr, i, c.typ, c.format), nil
	case viaTypesText:
		return types.AppendText(dst, c.arr, i, c.typ, c.format), nil
	case int16Text:
		return strconv.AppendInt(dst, int64(c.i16[i]), 10), nil
	case boolText:
		return append(dst, "ft"[b2i(c.bool_.Value(i))]), nil
	case viaTypesBinary:
		return types.AppendBinary(dst, c.arr, i, c.typ)
	}
	return c.appendBinary(dst, i), nil
}

// appendBinary appends the binary forms that are a number in network order.
func (c *Column) appendBinary(dst []byte, i int) []byte {
	switch c.kind {
	case boolBinary:
		return append(dst, byte(b2i(c.bool_.Value(i))))
	case int16Binary:
		return binary.BigEndian.AppendUint16(dst, uint16(c.i16[i]))
	case int32Binary:
		return binary.BigEndian.AppendUint32(dst, uint32(c.i32[i]))
	case uint32Binary:
		return binary.BigEndian.AppendUint32(dst, c.u32[i])
	case float64Binary:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(c.f64[i]))
	case stampBinary:
		v := c.i64[i]
		if v != math.MaxInt64 && v != math.MinInt64 {
			v -= epoch2000
		}
		return binary.BigEndian.AppendUint64(dst, uint64(v))
	}
	return binary.BigEndian.AppendUint64(dst, uint64(c.i64[i]))
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
