package format

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// kind is the way a column is filled.
type kind uint8

const (
	kindSkip kind = iota
	kindInt64
	kindInt32
	kindInt16
	kindFloat64
	kindText
	kindStamp
	kindStampTZ
	kindBool
	kindOther // through a builder and types.ParseText
)

// column is a column being filled, row by row. Every row puts exactly one value or null; a row that turns out to be bad stays in as a hole,
// which the decoder takes out at the end of the batch.
type column struct {
	def  catalog.Column
	typ  types.Type
	kind kind
	last int // row that was put last, -1: none

	i64   []int64
	i32   []int32
	i16   []int16
	f64   []float64
	bits  []byte
	offs  []int32
	data  []byte
	build array.Builder
	valid []byte
	nulls int
	guess int // bytes of text to expect
	day   dayCache
}

func newColumn(def catalog.Column) *column {
	c := &column{def: def, typ: def.Type, kind: kindOther, last: -1}
	switch def.Type.OID {
	case types.Int8.OID:
		c.kind = kindInt64
	case types.Int4.OID:
		c.kind = kindInt32
	case types.Int2.OID:
		c.kind = kindInt16
	case types.Float8.OID:
		c.kind = kindFloat64
	case types.Text.OID:
		c.kind = kindText
	case types.Varchar.OID:
		if def.Type.Mod < 0 {
			c.kind = kindText
		}
	case types.Timestamp.OID:
		c.kind = kindStamp
	case types.TimestampTZ.OID:
		c.kind = kindStampTZ
	case types.Bool.OID:
		c.kind = kindBool
	}
	return c
}

// reset makes room for n rows.
func (c *column) reset(n int) {
	c.last, c.nulls, c.valid = -1, 0, nil
	switch c.kind {
	case kindInt64, kindStamp, kindStampTZ:
		c.i64 = make([]int64, n)
	case kindInt32:
		c.i32 = make([]int32, n)
	case kindInt16:
		c.i16 = make([]int16, n)
	case kindFloat64:
		c.f64 = make([]float64, n)
	case kindBool:
		c.bits = make([]byte, (n+7)/8)
	case kindText:
		c.offs = make([]int32, n+1)
		c.data = make([]byte, 0, max(c.guess+c.guess/16, 64))
	default:
		c.build = types.NewBuilder(c.typ)
		c.build.Reserve(n)
	}
}

// setNull puts a null into row.
func (c *column) setNull(row, capacity int) {
	c.last = row
	switch c.kind {
	case kindText:
		c.offs[row+1] = int32(len(c.data))
	case kindOther:
		c.build.AppendNull()
		return
	}
	if c.valid == nil {
		c.valid = make([]byte, (capacity+7)/8)
		for i := range c.valid {
			c.valid[i] = 0xff
		}
	}
	c.valid[row>>3] &^= 1 << (row & 7)
	c.nulls++
}

func (c *column) setText(row int, s []byte) {
	c.data = append(c.data, s...)
	c.offs[row+1] = int32(len(c.data))
}

func (c *column) setBool(row int, v bool) {
	if v {
		c.bits[row>>3] |= 1 << (row & 7)
	}
}

// setString reads the text of a value as the type's input function does.
func (c *column) setString(row int, s []byte) error {
	str := unsafe.String(unsafe.SliceData(s), len(s))
	var err error
	var i int64
	switch c.kind {
	case kindText:
		c.setText(row, s)
	case kindInt64:
		c.i64[row], err = types.ParseInt(str, 64)
	case kindInt32:
		i, err = types.ParseInt(str, 32)
		c.i32[row] = int32(i)
	case kindInt16:
		i, err = types.ParseInt(str, 16)
		c.i16[row] = int16(i)
	case kindFloat64:
		c.f64[row], err = types.ParseFloat(str, 64)
	case kindBool:
		var v bool
		v, err = types.ParseBool(str)
		c.setBool(row, v)
	case kindStamp, kindStampTZ:
		err = c.setTime(row, s)
	default:
		err = types.ParseText(c.build, str, c.typ, nil)
	}
	return err
}

// setTime reads a timestamp; without a zone it is UTC.
func (c *column) setTime(row int, s []byte) error {
	if v, ok := c.day.parse(s); ok && c.typ.Mod < 0 {
		c.i64[row] = v
		return nil
	}
	v, zone, ok := types.ParseTimestampISO(s)
	if ok {
		c.day.keep(s)
	}
	if ok && zone && c.kind == kindStamp {
		ok = s[len(s)-1]|0x20 == 'z' // timestamp leaves the zone out of account
	}
	var err error
	if !ok {
		str := unsafe.String(unsafe.SliceData(s), len(s))
		if c.kind == kindStamp {
			v, err = types.ParseTimestamp(str, utc)
		} else {
			v, err = types.ParseTimestampTZ(str, utc)
		}
	}
	if c.typ.Mod >= 0 {
		v = types.RoundTimestamp(v, c.typ.Mod)
	}
	c.i64[row] = v
	return err
}

var utc = types.UTCFormat(0)

// finish gives the first n rows as an array; the column's memory is the array's from then on.
func (c *column) finish(n int) arrow.Array {
	switch c.kind {
	case kindInt64, kindStamp, kindStampTZ:
		return types.NewFixed(c.typ.Arrow(), c.i64[:n], c.valid, c.nulls)
	case kindInt32:
		return types.NewFixed(c.typ.Arrow(), c.i32[:n], c.valid, c.nulls)
	case kindInt16:
		return types.NewFixed(c.typ.Arrow(), c.i16[:n], c.valid, c.nulls)
	case kindFloat64:
		return types.NewFixed(c.typ.Arrow(), c.f64[:n], c.valid, c.nulls)
	case kindBool:
		return types.BoolArray(c.bits, n, c.valid, c.nulls)
	case kindText:
		c.guess = len(c.data)
		return types.BytesArray(c.typ.Arrow(), c.offs[:n+1], c.data, c.valid, c.nulls)
	}
	return c.build.NewArray()
}
