package types

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// TimeTZValue is a time of day with a zone: microseconds and seconds west of UTC.
type TimeTZValue struct {
	Micros int64
	Zone   int32
}

// TimeTZAt is the time of row i, which is not null.
func TimeTZAt(a *array.FixedSizeBinary, i int) TimeTZValue { return decodeTimeTZ(a.Value(i)) }

func decodeTimeTZ(b []byte) TimeTZValue {
	return TimeTZValue{int64(binary.LittleEndian.Uint64(b)), int32(binary.LittleEndian.Uint32(b[8:]))}
}

// Bytes is the encoding of v in timetz columns.
func (v TimeTZValue) Bytes() (b [12]byte) {
	binary.LittleEndian.PutUint64(b[:], uint64(v.Micros))
	binary.LittleEndian.PutUint32(b[8:], uint32(v.Zone))
	return b
}

// AppendTimeTZ appends v to a timetz column.
func AppendTimeTZ(b *array.FixedSizeBinaryBuilder, v TimeTZValue) {
	buf := v.Bytes()
	b.Append(buf[:])
}

// Cmp orders by the instant and then by the zone, as PostgreSQL.
func (v TimeTZValue) Cmp(o TimeTZValue) int {
	if c := cmpOrdered(v.Micros+int64(v.Zone)*Second, o.Micros+int64(o.Zone)*Second); c != 0 {
		return c
	}
	return cmpOrdered(v.Zone, o.Zone)
}
