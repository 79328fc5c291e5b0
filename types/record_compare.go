package types

import (
	"bytes"
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/zeebo/xxh3"
)

// compareRecords orders by the fields, a null one after all others, and then by their number.
func compareRecords(v, w []byte) int {
	a, b := RecordFields(v), RecordFields(w)
	for i := range min(len(a), len(b)) {
		x, y := a[i], b[i]
		switch {
		case x.Data == nil || y.Data == nil:
			if c := boolInt(x.Data == nil) - boolInt(y.Data == nil); c != 0 {
				return c
			}
		case x.OID != y.OID:
			return cmpOrdered(x.OID, y.OID)
		default:
			if c := compareFields(x, y); c != 0 {
				return c
			}
		}
	}
	return cmpOrdered(len(a), len(b))
}

// compareFields orders two fields of one type.
func compareFields(x, y RecordField) int {
	be := binary.BigEndian
	switch x.OID {
	case Text.OID, Varchar.OID, Bytea.OID, Bool.OID, UUID.OID, OID.OID, Name.OID, Unknown.OID:
		return bytes.Compare(x.Data, y.Data)
	case Int4.OID, Date.OID:
		return cmpOrdered(int32(be.Uint32(x.Data)), int32(be.Uint32(y.Data)))
	case Int8.OID, Timestamp.OID, TimestampTZ.OID, Time.OID:
		return cmpOrdered(int64(be.Uint64(x.Data)), int64(be.Uint64(y.Data)))
	}
	t := x.typ()
	a, err := fieldColumn(t, x, y)
	if err != nil {
		return bytes.Compare(x.Data, y.Data)
	}
	return compareValues(a, 0, a, 1, t)
}

// hashRecord hashes the fields by their values.
func hashRecord(v []byte) uint64 {
	h := uint64(hashSeed)
	for _, f := range RecordFields(v) {
		h = mix(h, hashField(f))
	}
	return h
}

func hashField(f RecordField) uint64 {
	if f.Data == nil {
		return hashNull
	}
	switch f.OID {
	case Text.OID, Varchar.OID, Bytea.OID, Bool.OID, UUID.OID, OID.OID, Name.OID, Unknown.OID, Int2.OID, Int4.OID, Int8.OID, Date.OID, Timestamp.OID, TimestampTZ.OID, Time.OID:
		return xxh3.Hash(f.Data)
	}
	t := f.typ()
	a, err := fieldColumn(t, f)
	if err != nil {
		return xxh3.Hash(f.Data)
	}
	var out [1]uint64
	HashCols([]arrow.Array{a}, []Type{t}, 1, out[:])
	return out[0]
}

// CanonicalRecord appends to dst bytes that are the same for equal values.
func CanonicalRecord(dst, v []byte) []byte {
	for _, f := range RecordFields(v) {
		data := f.Data
		switch {
		case data == nil:
		case f.OID == Numeric.OID:
			if d, err := ParseDecBinary(data); err == nil {
				data = d.Canonical().AppendBinary(nil)
			}
		case f.typ().IsRow():
			data = CanonicalRecord(nil, data)
		case f.OID == BPChar.OID:
			data = trimBlanks(data)
		}
		size := uint32(len(data))
		if f.Data == nil {
			size = 1<<32 - 1
		}
		dst = append(binary.BigEndian.AppendUint32(dst, size), data...)
	}
	return dst
}
