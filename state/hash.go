package state

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/zeebo/xxh3"

	"github.com/streamsqld/streamsqld/types"
)

const (
	hashSeed = 0x9e3779b97f4a7c15
	hashMul  = 0xd6e8feb86659fd93
	hashNull = 0x2545f4914f6cdd1d
)

func mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(h^v^hashSeed, hashMul)
	return hi ^ lo
}

// HashRows gives a hash of each of n rows over all the columns; NULLs are the same as each other. The hashes are not for storing.
func HashRows(cols []arrow.Array, n int, dst []uint64) []uint64 {
	if cap(dst) < n {
		dst = make([]uint64, n)
	}
	dst = dst[:n]
	for i := range dst {
		dst[i] = hashSeed
	}
	for _, c := range cols {
		hashColumn(c, dst)
	}
	return dst
}

func hashColumn(c arrow.Array, h []uint64) {
	if c.NullN() > 0 {
		hashNulls(c, h)
		return
	}
	switch c := c.(type) {
	case *array.Boolean:
		for i := range h {
			h[i] = mix(h[i], boolBit(c.Value(i)))
		}
	case *array.Int16:
		hashInts(c.Int16Values(), h)
	case *array.Int32:
		hashInts(c.Int32Values(), h)
	case *array.Int64:
		hashInts(c.Int64Values(), h)
	case *array.Uint32:
		hashInts(c.Uint32Values(), h)
	case *array.Date32:
		hashInts(c.Date32Values(), h)
	case *array.Time64:
		hashInts(c.Time64Values(), h)
	case *array.Timestamp:
		hashInts(c.TimestampValues(), h)
	default:
		f := hashAt(c)
		for i := range h {
			h[i] = mix(h[i], f(i))
		}
	}
}

func hashInts[T ~int16 | ~int32 | ~int64 | ~uint32](vals []T, h []uint64) {
	for i := range h {
		h[i] = mix(h[i], uint64(int64(vals[i])))
	}
}

func hashNulls(c arrow.Array, h []uint64) {
	f := hashAt(c)
	for i := range h {
		v := uint64(hashNull)
		if !c.IsNull(i) {
			v = f(i)
		}
		h[i] = mix(h[i], v)
	}
}

func boolBit(b bool) uint64 {
	if b {
		return 1
	}
	return 2
}

// hashAt gives the value to mix in for a row of c that is not NULL; it agrees with the fast paths of hashColumn.
func hashAt(c arrow.Array) func(i int) uint64 {
	switch c := c.(type) {
	case *array.Boolean:
		return func(i int) uint64 { return boolBit(c.Value(i)) }
	case *array.Int16:
		return func(i int) uint64 { return uint64(int64(c.Value(i))) }
	case *array.Int32:
		return func(i int) uint64 { return uint64(int64(c.Value(i))) }
	case *array.Int64:
		return func(i int) uint64 { return uint64(c.Value(i)) }
	case *array.Uint32:
		return func(i int) uint64 { return uint64(int64(c.Value(i))) }
	case *array.Uint64:
		return func(i int) uint64 { return c.Value(i) }
	case *array.Date32:
		return func(i int) uint64 { return uint64(int64(c.Value(i))) }
	case *array.Time64:
		return func(i int) uint64 { return uint64(c.Value(i)) }
	case *array.Timestamp:
		return func(i int) uint64 { return uint64(c.Value(i)) }
	case *array.Float32:
		return func(i int) uint64 { return uint64(math.Float32bits(c.Value(i))) }
	case *array.Float64:
		return func(i int) uint64 { return math.Float64bits(c.Value(i)) }
	case *array.String:
		return func(i int) uint64 { return xxh3.HashString(c.Value(i)) }
	case *array.Binary:
		return func(i int) uint64 { return xxh3.Hash(c.Value(i)) }
	case *array.FixedSizeBinary:
		return func(i int) uint64 { return xxh3.Hash(c.Value(i)) }
	case *array.List:
		return hashList(c)
	}
	return func(i int) uint64 { return xxh3.HashString(c.ValueStr(i)) }
}

func hashList(c *array.List) func(i int) uint64 {
	child := c.ListValues()
	f := hashAt(child)
	return func(i int) uint64 {
		from, to := c.ValueOffsets(i)
		h := uint64(hashSeed)
		for j := int(from); j < int(to); j++ {
			v := uint64(hashNull)
			if !child.IsNull(j) {
				v = f(j)
			}
			h = mix(h, v)
		}
		if s := types.ShapeBytes(c, i); len(s) > 0 {
			h = mix(h, xxh3.Hash(s))
		}
		return h
	}
}
