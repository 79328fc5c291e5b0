package types

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/zeebo/xxh3"
)

const (
	hashSeed = 0x9e3779b97f4a7c15
	hashMul  = 0xa0761d6478bd642f
	hashNull = 0xe7037ed1a0b428db
)

// HashCols hashes the first n rows of the columns, of the given types, into out (n values). Equal SQL values of one type hash
// equal, also where their bytes differ (1.0 and 1.00, 0 and -0, NaNs, trailing blanks of character, '1 day' and '24 hours');
// integers hash equal across their widths, and so do the two floats. NULL hashes equal to NULL.
// Of the type Type{} the bytes of text, numerics and the like are hashed.
func HashCols(cols []arrow.Array, types []Type, n int, out []uint64) {
	out = out[:n]
	for i := range out {
		out[i] = hashSeed
	}
	if n == 0 {
		return
	}
	for c, a := range cols {
		hashCol(a, types[c], out)
	}
}

func mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(h^v, hashMul)
	return hi ^ lo
}

// hashCol mixes the rows of one column into out.
func hashCol(a arrow.Array, t Type, out []uint64) {
	valid, off := validBits(a)
	switch c := a.(type) {
	case *array.Boolean:
		hashEach(out, valid, off, func(i int) uint64 {
			if c.Value(i) {
				return 1
			}
			return 2
		})
	case *array.Int16:
		hashInts(Values[int16](a), valid, off, out)
	case *array.Int32, *array.Date32:
		hashInts(Values[int32](a), valid, off, out)
	case *array.Int64, *array.Timestamp, *array.Time64:
		hashInts(Values[int64](a), valid, off, out)
	case *array.Uint32:
		hashInts(Values[uint32](a), valid, off, out)
	case *array.Float32:
		hashFloats(Values[float32](a), valid, off, out)
	case *array.Float64:
		hashFloats(Values[float64](a), valid, off, out)
	case *array.FixedSizeBinary:
		hashEach(out, valid, off, func(i int) uint64 { return hashFixed(c.Value(i), t) })
	case *array.List:
		hashList(c, t, valid, off, out)
	default:
		hashBytes(a, t, valid, off, out)
	}
}

func hashEach(out []uint64, valid []byte, off int, value func(i int) uint64) {
	for i := range out {
		v := uint64(hashNull)
		if valid == nil || bitutil.BitIsSet(valid, off+i) {
			v = value(i)
		}
		out[i] = mix(out[i], v)
	}
}

func hashInts[T int16 | int32 | int64 | uint32](vals []T, valid []byte, off int, out []uint64) {
	if valid == nil {
		for i, v := range vals[:len(out)] {
			out[i] = mix(out[i], uint64(int64(v)))
		}
		return
	}
	hashEach(out, valid, off, func(i int) uint64 { return uint64(int64(vals[i])) })
}

func hashFloats[T float32 | float64](vals []T, valid []byte, off int, out []uint64) {
	for i, v := range vals[:len(out)] {
		h := uint64(hashNull)
		if valid == nil || bitutil.BitIsSet(valid, off+i) {
			h = floatBits(float64(v))
		}
		out[i] = mix(out[i], h)
	}
}

func floatBits(f float64) uint64 {
	switch {
	case f != f:
		return 0x7ff8000000000001
	case f == 0:
		return 0
	}
	return math.Float64bits(f)
}

// hashBytes hashes text, numeric and bytea columns.
func hashBytes(a arrow.Array, t Type, valid []byte, off int, out []uint64) {
	offs, data := byteValues(a)
	of := func(b []byte) uint64 { return xxh3.Hash(b) }
	switch t.OID {
	case Numeric.OID:
		of = hashDec
	case BPChar.OID:
		of = func(b []byte) uint64 { return xxh3.Hash(trimBlanks(b)) }
	case JSONB.OID:
		of = hashJSONB
	}
	if t.IsRow() {
		of = hashRecord
	}
	for i := range out {
		h := uint64(hashNull)
		if valid == nil || bitutil.BitIsSet(valid, off+i) {
			h = of(data[offs[i]:offs[i+1]])
		}
		out[i] = mix(out[i], h)
	}
}

func hashDec(b []byte) uint64 {
	d := DecodeDec(b).Canonical()
	if d.kind == decFinite && d.big == nil {
		return uint64(d.coef) + uint64(d.scale)*hashSeed
	}
	var buf [64]byte
	return xxh3.Hash(d.Append(buf[:0]))
}

func hashFixed(b []byte, t Type) uint64 {
	if t.OID == Interval.OID {
		hi, lo := decodeInterval(b).span()
		return lo ^ uint64(hi)*hashSeed
	}
	if len(b) == 16 {
		return mix(mix(hashSeed, binary.LittleEndian.Uint64(b)), binary.LittleEndian.Uint64(b[8:]))
	}
	return xxh3.Hash(b)
}

func hashList(a *array.List, t Type, valid []byte, off int, out []uint64) {
	child := a.ListValues()
	hs := make([]uint64, child.Len())
	elem := Type{}
	if t.OID != 0 {
		elem = t.Elem()
	}
	HashCols([]arrow.Array{child}, []Type{elem}, len(hs), hs)
	hashEach(out, valid, off, func(i int) uint64 {
		from, to := a.ValueOffsets(i)
		h := uint64(to - from)
		for _, e := range hs[from:to] {
			h = mix(h+hashSeed, e)
		}
		if s := ShapeBytes(a, i); len(s) > 0 {
			h = mix(h, xxh3.Hash(s))
		}
		return h
	})
}

func trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}
