package types

import (
	"encoding/binary"
	"math"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// ParseBinary reads a value in PostgreSQL's binary form, the type's modifier included, and appends it to b, a builder of
// NewBuilder(t). On an error b is unchanged. Errors: 22P03, and those of the values: 22003, 22008, 22021, 22P02.
func ParseBinary(b array.Builder, data []byte, t Type) error {
	be := binary.BigEndian
	if w := binaryWidth(b, t); w > 0 && len(data) != w {
		return badBinary()
	}
	switch c := b.(type) {
	case *array.BooleanBuilder:
		c.Append(data[0] != 0)
	case *array.Int16Builder:
		c.Append(int16(be.Uint16(data)))
	case *array.Int32Builder:
		c.Append(int32(be.Uint32(data)))
	case *array.Int64Builder:
		c.Append(int64(be.Uint64(data)))
	case *array.Uint32Builder:
		c.Append(be.Uint32(data))
	case *array.Float32Builder:
		c.Append(math.Float32frombits(be.Uint32(data)))
	case *array.Float64Builder:
		if t.OID >= FirstUserOID {
			return parseEnum(c, string(data), t)
		}
		c.Append(math.Float64frombits(be.Uint64(data)))
	case *array.StringBuilder:
		return parseStringBinary(c, data, t)
	case *array.BinaryBuilder:
		if t.IsRow() {
			if err := checkRecordBinary(data, t); err != nil {
				return err
			}
		}
		if t.isNet() {
			v, err := parseNetBinary(data, t)
			if err == nil {
				c.Append(v)
			}
			return err
		}
		if t.OID != Numeric.OID {
			c.Append(data)
			return nil
		}
		d, err := ParseDecBinary(data)
		if err == nil {
			d, err = d.ApplyMod(t.Mod)
		}
		if err == nil {
			AppendDec(c, d)
		}
		return err
	case *ListBuilder:
		return parseArrayBinary(c, data, t, ParseBinary)
	default:
		return parseTimeBinary(b, data, t)
	}
	return nil
}

func binaryWidth(b array.Builder, t Type) int {
	switch b.(type) {
	case *array.StringBuilder, *array.BinaryBuilder, *ListBuilder:
		return 0
	}
	if t.OID >= FirstUserOID {
		return 0
	}
	if fw, ok := t.Arrow().(arrow.FixedWidthDataType); ok {
		return (fw.BitWidth() + 7) / 8
	}
	return 0
}

func parseTimeBinary(b array.Builder, data []byte, t Type) error {
	be := binary.BigEndian
	switch c := b.(type) {
	case *array.Date32Builder:
		v := int64(int32(be.Uint32(data)))
		if v != DateInf && v != DateNegInf {
			if v += pgEpochDays; v < minDate || v > maxDate {
				return sqlerr.New(sqlerr.DatetimeFieldOverflow, "date out of range")
			}
		}
		c.Append(arrow.Date32(v))
	case *array.TimestampBuilder:
		v := int64(be.Uint64(data))
		if v != TimestampInf && v != TimestampNegInf {
			if v >= endTimestamp-pgEpochMicros || v < minTimestamp-pgEpochMicros {
				return timestampRange()
			}
			v = RoundTimestamp(v+pgEpochMicros, t.Mod)
		}
		c.Append(arrow.Timestamp(v))
	case *array.Time64Builder:
		v := int64(be.Uint64(data))
		if v < 0 || v > Day {
			return timeRange()
		}
		c.Append(arrow.Time64(RoundTime(v, t.Mod)))
	case *array.FixedSizeBinaryBuilder:
		switch t.OID {
		case Interval.OID:
			AppendInterval(c, IntervalValue{int64(be.Uint64(data)), int32(be.Uint32(data[8:])), int32(be.Uint32(data[12:]))})
		case TimeTZ.OID:
			v := TimeTZValue{int64(be.Uint64(data)), int32(be.Uint32(data[8:]))}
			if v.Micros < 0 || v.Micros > Day {
				return timeRange()
			}
			if v.Zone <= -16*3600 || v.Zone >= 16*3600 {
				return sqlerr.New(sqlerr.InvalidTimeZone, "time zone displacement out of range")
			}
			AppendTimeTZ(c, v)
		default:
			c.Append(data)
		}
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "binary input of type %s is not supported", t)
	}
	return nil
}

func timeRange() error { return sqlerr.New(sqlerr.DatetimeFieldOverflow, "time out of range") }

func parseStringBinary(c *array.StringBuilder, data []byte, t Type) error {
	if t.OID == Bit.OID || t.OID == VarBit.OID {
		return parseBitsBinary(c, data, t)
	}
	if t.OID == JSONB.OID || t.OID == JSONPath.OID {
		if len(data) == 0 || data[0] != 1 {
			return sqlerr.New(sqlerr.InvalidBinaryRepresentation, "unsupported %s version number", t)
		}
		data = data[1:]
	}
	if err := CheckUTF8(data); err != nil {
		return err
	}
	return parseString(c, string(data), t)
}

// CheckUTF8 refuses bytes that are no text: invalid UTF-8 and zero bytes. Errors: 22021.
func CheckUTF8(b []byte) error {
	for i := 0; i < len(b); {
		if c := b[i]; c != 0 && c < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 || b[i] == 0 {
			var w strings.Builder
			for k, c := range b[i:min(i+utf8Want(b[i]), len(b))] {
				if k > 0 {
					w.WriteByte(' ')
				}
				w.WriteString("0x" + string([]byte{hexDigits[c>>4], hexDigits[c&15]}))
			}
			return sqlerr.New(sqlerr.CharacterNotInRepertoire, `invalid byte sequence for encoding "UTF8": %s`, w.String())
		}
		i += n
	}
	return nil
}

// utf8Want is how many bytes a character has that begins with c.
func utf8Want(c byte) int {
	switch {
	case c >= 0xf0 && c < 0xf8:
		return 4
	case c >= 0xe0 && c < 0xf0:
		return 3
	case c >= 0xc0 && c < 0xe0:
		return 2
	}
	return 1
}

// ParseDecBinary reads PostgreSQL's binary numeric. Errors: 22P03.
func ParseDecBinary(data []byte) (Dec, error) {
	if len(data) < 8 {
		return Dec{}, badBinary()
	}
	be := binary.BigEndian
	n, weight, sign, scale := int(be.Uint16(data)), int(int16(be.Uint16(data[2:]))), be.Uint16(data[4:]), be.Uint16(data[6:])
	if len(data) != 8+2*n || scale > maxDecScale && sign <= pgNumericNeg {
		return Dec{}, badBinary()
	}
	switch sign {
	case pgNumericNaN:
		return DecNaN, nil
	case pgNumericInf:
		return DecInf, nil
	case pgNumericNegInf:
		return DecNegInf, nil
	case 0, pgNumericNeg:
	default:
		return Dec{}, sqlerr.New(sqlerr.InvalidBinaryRepresentation, `invalid sign in external "numeric" value`)
	}
	c, small, fits := new(big.Int), int64(0), n <= 4
	base := big.NewInt(10000)
	for k := range n {
		g := be.Uint16(data[8+2*k:])
		if g > 9999 {
			return Dec{}, sqlerr.New(sqlerr.InvalidBinaryRepresentation, `invalid digit in external "numeric" value`)
		}
		if fits {
			small = small*10000 + int64(g)
		} else {
			c.Add(c.Mul(c, base), big.NewInt(int64(g)))
		}
	}
	if fits {
		c.SetInt64(small)
	}
	if sign == pgNumericNeg {
		c.Neg(c)
	}
	have := int32(4 * (n - 1 - weight))
	if have < 0 {
		c, have = new(big.Int).Mul(c, bigPow10(-have)), 0
	}
	return Dec{big: c, scale: have}.Trunc(int32(scale)).settle(), nil
}

// settle puts a coefficient that fits into the small form.
func (d Dec) settle() Dec {
	if d.big != nil {
		return NewDecBig(d.big, d.scale)
	}
	return d
}

// parseElement appends the binary form of a value that is not NULL.
type parseElement func(b array.Builder, data []byte, t Type) error

// parseArrayBinary reads an array. The elements are tried first, so that an error leaves b as it was.
func parseArrayBinary(b *ListBuilder, data []byte, t Type, parse parseElement) error {
	be := binary.BigEndian
	if len(data) < 12 {
		return badBinary()
	}
	elem, count := t.Elem(), be.Uint32(data)
	switch {
	case count > MaxDims:
		return sqlerr.New(sqlerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", count, MaxDims)
	case be.Uint32(data[8:]) != elem.OID:
		return sqlerr.New(sqlerr.DatatypeMismatch, "wrong element type")
	case len(data) < 12+8*int(count):
		return badBinary()
	}
	data = data[12:]
	dims, n := make([]Dim, count), 0
	for k := range dims {
		dims[k] = Dim{int32(be.Uint32(data)), int32(be.Uint32(data[4:]))}
		data = data[8:]
	}
	shape, err := NewShape(dims)
	if err != nil {
		return err
	}
	if count > 0 {
		n = Shape(dims).Size()
	}
	if isVector(t) {
		shape = vectorShape(n)
	}
	if err := parseElements(NewBuilder(elem), data, n, elem, parse); err != nil {
		return err
	}
	b.Append(true)
	b.SetShape(shape)
	return parseElements(b.ValueBuilder(), data, n, elem, parse)
}

func parseElements(b array.Builder, data []byte, n int, elem Type, parse parseElement) error {
	for range n {
		if len(data) < 4 {
			return badBinary()
		}
		size := int32(binary.BigEndian.Uint32(data))
		data = data[4:]
		if size == -1 {
			b.AppendNull()
			continue
		}
		if size < 0 || int(size) > len(data) {
			return badBinary()
		}
		if err := parse(b, data[:size], elem); err != nil {
			return err
		}
		data = data[size:]
	}
	if len(data) > 0 {
		return badBinary()
	}
	return nil
}

func badBinary() error {
	return sqlerr.New(sqlerr.InvalidBinaryRepresentation, "incorrect binary data format")
}
