package types

import (
	"encoding/hex"
	"math"
	"strconv"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// AppendText appends PostgreSQL's text of row i of a, which is not null. A nil f stands for UTCFormat.
func AppendText(dst []byte, a arrow.Array, i int, t Type, f *Format) []byte {
	switch c := a.(type) {
	case *array.String:
		if t.OID == Char.OID {
			return AppendChar(dst, c.Value(i))
		}
		return append(dst, c.Value(i)...)
	case *array.Int64:
		return strconv.AppendInt(dst, c.Value(i), 10)
	case *array.Int32:
		return strconv.AppendInt(dst, int64(c.Value(i)), 10)
	case *array.Int16:
		return strconv.AppendInt(dst, int64(c.Value(i)), 10)
	case *array.Uint32:
		if f != nil && f.RegName != nil && t.isReg() {
			return append(dst, f.RegName(t, c.Value(i))...)
		}
		return strconv.AppendUint(dst, uint64(c.Value(i)), 10)
	case *array.Boolean:
		if c.Value(i) {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case *array.Timestamp:
		if t.OID == TimestampTZ.OID {
			return AppendTimestampTZ(dst, int64(c.Value(i)), f.loc())
		}
		return AppendTimestamp(dst, int64(c.Value(i)))
	case *array.Date32:
		return AppendDate(dst, int32(c.Value(i)))
	case *array.Time64:
		return AppendTime(dst, int64(c.Value(i)))
	case *array.Float64:
		if t.OID >= FirstUserOID {
			return append(dst, t.EnumLabel(c.Value(i))...)
		}
		return AppendFloat8(dst, c.Value(i), f.extraFloat())
	case *array.Float32:
		return AppendFloat4(dst, c.Value(i), f.extraFloat())
	case *array.Binary:
		if t.OID == Numeric.OID {
			return DecodeDec(c.Value(i)).AppendText(dst)
		}
		if t.IsRow() {
			return AppendRecordText(dst, c.Value(i), f)
		}
		if t.isNet() {
			return appendNetText(dst, c.Value(i), t)
		}
		return AppendBytea(dst, c.Value(i), f != nil && f.ByteaEscape)
	case *array.FixedSizeBinary:
		return appendFixedText(dst, c.Value(i), t, f)
	case *array.List:
		return AppendArrayText(dst, c, i, t, f)
	}
	return dst
}

// isReg says whether the text of t is the name of a catalog object.
func (t Type) isReg() bool {
	switch t.Base() {
	case RegClass, RegType, RegNS, RegRole, RegProc, RegProcedure:
		return true
	}
	return false
}

func appendFixedText(dst, v []byte, t Type, f *Format) []byte {
	switch t.OID {
	case Interval.OID:
		style := ""
		if f != nil {
			style = f.IntervalStyle
		}
		return decodeInterval(v).AppendText(dst, style)
	case TimeTZ.OID:
		tz := decodeTimeTZ(v)
		return appendOffset(AppendTime(dst, tz.Micros), -int64(tz.Zone))
	}
	return AppendUUID(dst, v)
}

func (f *Format) loc() *time.Location {
	if f == nil || f.Loc == nil {
		return time.UTC
	}
	return f.Loc
}

func (f *Format) extraFloat() int {
	if f == nil {
		return 1
	}
	return f.ExtraFloat
}

// AppendUUID appends the sixteen bytes of a uuid in groups of 8-4-4-4-12 digits.
func AppendUUID(dst, v []byte) []byte {
	for k, b := range v {
		if k == 4 || k == 6 || k == 8 || k == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexDigits[b>>4], hexDigits[b&15])
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// AppendBytea appends bytes in hex form, or in escape form.
func AppendBytea(dst, v []byte, escape bool) []byte {
	if !escape {
		return hex.AppendEncode(append(dst, '\\', 'x'), v)
	}
	for _, b := range v {
		switch {
		case b == '\\':
			dst = append(dst, '\\', '\\')
		case b < 0x20 || b > 0x7e:
			dst = append(dst, '\\', '0'+b>>6, '0'+b>>3&7, '0'+b&7)
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// AppendFloat8 appends a double precision. extra is extra_float_digits: above 0 the shortest text that reads back the same.
func AppendFloat8(dst []byte, v float64, extra int) []byte {
	if m := math.Abs(v); extra > 0 && (m >= 1e-4 && m < 1e15 || m == 0) {
		return strconv.AppendFloat(dst, v, 'f', -1, 64)
	}
	return appendFloat(dst, v, 15+extra, extra, 64)
}

// AppendFloat4 appends a real; see AppendFloat8.
func AppendFloat4(dst []byte, v float32, extra int) []byte {
	if m := max(v, -v); extra > 0 && (m >= 1e-4 && m < 1e6 || m == 0) {
		return strconv.AppendFloat(dst, float64(v), 'f', -1, 32)
	}
	return appendFloat(dst, float64(v), 6+extra, extra, 32)
}

func appendFloat(dst []byte, v float64, digits, extra, size int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	case extra > 0:
		return strconv.AppendFloat(dst, v, 'e', -1, size)
	}
	return strconv.AppendFloat(dst, v, 'g', max(digits, 1), 64)
}
