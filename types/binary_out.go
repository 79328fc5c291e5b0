package types

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// PostgreSQL counts dates and timestamps from 2000-01-01.
const (
	pgEpochDays   = 10957
	pgEpochMicros = int64(pgEpochDays) * Day
)

// AppendBinary appends PostgreSQL's binary form of row i of a, which is not null, without a length. Errors: 0A000 for types that
// have none.
func AppendBinary(dst []byte, a arrow.Array, i int, t Type) ([]byte, error) {
	be := binary.BigEndian
	switch c := a.(type) {
	case *array.String:
		if t.OID == Bit.OID || t.OID == VarBit.OID {
			return appendBitsBinary(dst, c.Value(i)), nil
		}
		if t.OID == JSONB.OID || t.OID == JSONPath.OID {
			dst = append(dst, 1)
		}
		return append(dst, c.Value(i)...), nil
	case *array.Int64:
		return be.AppendUint64(dst, uint64(c.Value(i))), nil
	case *array.Int32:
		return be.AppendUint32(dst, uint32(c.Value(i))), nil
	case *array.Int16:
		return be.AppendUint16(dst, uint16(c.Value(i))), nil
	case *array.Uint32:
		return be.AppendUint32(dst, c.Value(i)), nil
	case *array.Boolean:
		return append(dst, byte(boolInt(c.Value(i)))), nil
	case *array.Timestamp:
		return be.AppendUint64(dst, uint64(toPGMicros(int64(c.Value(i))))), nil
	case *array.Date32:
		v := int32(c.Value(i))
		if v != DateInf && v != DateNegInf {
			v -= pgEpochDays
		}
		return be.AppendUint32(dst, uint32(v)), nil
	case *array.Time64:
		return be.AppendUint64(dst, uint64(c.Value(i))), nil
	case *array.Float64:
		if t.OID >= FirstUserOID {
			return append(dst, t.EnumLabel(c.Value(i))...), nil
		}
		return be.AppendUint64(dst, math.Float64bits(c.Value(i))), nil
	case *array.Float32:
		return be.AppendUint32(dst, math.Float32bits(c.Value(i))), nil
	case *array.Binary:
		if t.OID == Numeric.OID {
			return DecodeDec(c.Value(i)).AppendBinary(dst), nil
		}
		if t.isNet() {
			return appendNetBinary(dst, c.Value(i), t), nil
		}
		return append(dst, c.Value(i)...), nil
	case *array.FixedSizeBinary:
		return appendFixedBinary(dst, c.Value(i), t), nil
	case *array.List:
		return appendArrayBinary(dst, c, i, t)
	}
	return dst, sqlerr.New(sqlerr.FeatureNotSupported, "binary output of type %s is not supported", t)
}

func toPGMicros(ts int64) int64 {
	if ts == TimestampInf || ts == TimestampNegInf {
		return ts
	}
	return ts - pgEpochMicros
}

func appendFixedBinary(dst, v []byte, t Type) []byte {
	be := binary.BigEndian
	switch t.OID {
	case Interval.OID:
		iv := decodeInterval(v)
		dst = be.AppendUint64(dst, uint64(iv.Micros))
		return be.AppendUint32(be.AppendUint32(dst, uint32(iv.Days)), uint32(iv.Months))
	case TimeTZ.OID:
		tz := decodeTimeTZ(v)
		return be.AppendUint32(be.AppendUint64(dst, uint64(tz.Micros)), uint32(tz.Zone))
	}
	return append(dst, v...)
}

func appendArrayBinary(dst []byte, a *array.List, i int, t Type) ([]byte, error) {
	from, to := a.ValueOffsets(i)
	vals, elem, be := a.ListValues(), t.Elem(), binary.BigEndian
	hasNull := uint32(0)
	for e := from; e < to; e++ {
		if vals.IsNull(int(e)) {
			hasNull = 1
		}
	}
	dims := ShapeOf(a, i).Dims(int(to - from))
	if isVector(t) {
		dims = []Dim{{int32(to - from), 0}} // also where there are none
	}
	dst = be.AppendUint32(be.AppendUint32(be.AppendUint32(dst, uint32(len(dims))), hasNull), elem.OID)
	for _, d := range dims {
		dst = be.AppendUint32(be.AppendUint32(dst, uint32(d.Len)), uint32(d.Lower))
	}
	for e := from; e < to; e++ {
		if vals.IsNull(int(e)) {
			dst = be.AppendUint32(dst, math.MaxUint32)
			continue
		}
		at := len(dst)
		var err error
		if dst, err = AppendBinary(append(dst, 0, 0, 0, 0), vals, int(e), elem); err != nil {
			return dst, err
		}
		be.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	return dst, nil
}

// Signs of PostgreSQL's binary numeric.
const (
	pgNumericNeg    = 0x4000
	pgNumericNaN    = 0xC000
	pgNumericInf    = 0xD000
	pgNumericNegInf = 0xF000
)

// AppendBinary appends PostgreSQL's binary form of d.
func (d Dec) AppendBinary(dst []byte) []byte {
	be := binary.BigEndian
	if d.kind != decFinite {
		sign := [...]uint16{decNaN: pgNumericNaN, decInf: pgNumericInf, decNegInf: pgNumericNegInf}[d.kind]
		scale := uint16(0)
		if d.kind != decNaN {
			scale = 0x20
		}
		dst = be.AppendUint32(dst, 0)
		return be.AppendUint16(be.AppendUint16(dst, sign), scale)
	}
	var buf [48]byte
	digits := d.appendDigits(buf[:0])
	sign := uint16(0)
	if d.Sign() < 0 {
		sign = pgNumericNeg
	}
	point := len(digits) - int(d.scale)
	weight := floorDiv(point-1, 4)
	head := len(dst)
	dst = be.AppendUint16(be.AppendUint16(dst, 0), uint16(weight))
	dst = be.AppendUint16(be.AppendUint16(dst, sign), uint16(d.scale))
	last := len(dst)
	for at := point - 4*(weight+1); at < len(digits); at += 4 {
		group := uint16(0)
		for k := at; k < at+4; k++ {
			group *= 10
			if k >= 0 && k < len(digits) {
				group += uint16(digits[k] - '0')
			}
		}
		if dst = be.AppendUint16(dst, group); group != 0 {
			last = len(dst)
		}
	}
	dst = dst[:last]
	be.PutUint16(dst[head:], uint16((last-head-8)/2))
	if last-head == 8 {
		be.PutUint16(dst[head+2:], 0)
	}
	return dst
}
