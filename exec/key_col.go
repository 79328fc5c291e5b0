package exec

import (
	"bytes"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/zeebo/xxh3"

	"github.com/streamsqld/streamsqld/types"
)

// A keyCol stores one key column of a keyTable, a value for each entry. Values of a fixed width up to 8 bytes lie as int64 (floats as
// bits, -0 as 0 and every NaN as one), all others as bytes in an arena. Where equal values have several representations (numeric, char(n), interval, jsonb) canon gives the
// one that is hashed and compared; the first representation is what is kept and given out. An exact column compares representations: floats by
// their own bits, and no canon.
type keyCol struct {
	typ     types.Type
	ints    []int64
	start   []uint64
	size    []uint32
	arena   arena
	nulls   []bool
	isInt   bool
	isFloat bool
	exact   bool
	width   int // of fixed-width bytes, else 0
	canon   func(dst, b []byte) []byte
	elem    *listCodec // of arrays
	cmp     func(a arrow.Array, i int, b arrow.Array, j int) int
	c1      []byte // scratch for canon
	c2      []byte
}

// keyVec is a column to be looked up, in the form of keyCol.
type keyVec struct {
	ints  []int64
	offs  []int32
	data  []byte
	width int
	valid []byte // nil: no NULLs
	tmp   []int64
}

func newKeyCol(t types.Type) *keyCol {
	c := &keyCol{typ: t}
	switch t.Arrow().ID() {
	case arrow.BOOL, arrow.INT16, arrow.INT32, arrow.INT64, arrow.UINT32, arrow.FLOAT32, arrow.FLOAT64, arrow.DATE32, arrow.TIME64, arrow.TIMESTAMP:
		c.isInt = true
		c.isFloat = t.Arrow().ID() == arrow.FLOAT32 || t.Arrow().ID() == arrow.FLOAT64
	case arrow.FIXED_SIZE_BINARY:
		c.width = t.Arrow().(*arrow.FixedSizeBinaryType).ByteWidth
	case arrow.LIST:
		c.elem = newListCodec(t)
	}
	if t.IsRow() {
		c.canon = types.CanonicalRecord
	}
	switch t.Base() {
	case types.Numeric:
		c.canon = types.AppendCanonicalDec
	case types.BPChar:
		c.canon = func(dst, b []byte) []byte { return append(dst, bytes.TrimRight(b, " ")...) }
	case types.Interval:
		c.canon = canonInterval
	case types.JSONB:
		c.canon = types.AppendCanonicalJSONB
	}
	return c
}

// read puts column a into v.
func (c *keyCol) read(v *keyVec, a arrow.Array) {
	v.valid = validity(a)
	switch {
	case c.isInt:
		v.readInts(a, c.exact)
	case c.width > 0:
		d := a.Data()
		v.data, v.width = nil, c.width
		if d.Len() > 0 && d.Buffers()[1] != nil {
			v.data = d.Buffers()[1].Bytes()[d.Offset()*c.width:]
		}
	case c.elem != nil:
		v.offs, v.data = c.elem.encode(a)
	default:
		v.offs, v.data = varlen(a)
	}
}

func (v *keyVec) readInts(a arrow.Array, exact bool) {
	switch a.DataType().ID() {
	case arrow.INT64, arrow.TIMESTAMP, arrow.TIME64:
		v.ints = types.Values[int64](a)
		return
	}
	n := a.Len()
	v.tmp = scratch(v.tmp, n)
	v.ints = v.tmp
	switch a.DataType().ID() {
	case arrow.INT32, arrow.DATE32:
		widen(v.tmp, types.Values[int32](a))
	case arrow.INT16:
		widen(v.tmp, types.Values[int16](a))
	case arrow.UINT32:
		widen(v.tmp, types.Values[uint32](a))
	case arrow.BOOL:
		b := a.(*array.Boolean)
		for i := range n {
			v.tmp[i] = 0
			if b.Value(i) {
				v.tmp[i] = 1
			}
		}
	case arrow.FLOAT32:
		for i, f := range types.Values[float32](a) {
			v.tmp[i] = floatBits(float64(f), exact)
		}
	case arrow.FLOAT64:
		for i, f := range types.Values[float64](a) {
			v.tmp[i] = floatBits(f, exact)
		}
	}
}

func widen[T int16 | int32 | uint32](dst []int64, src []T) {
	for i, x := range src {
		dst[i] = int64(x)
	}
}

// floatBits is f as it is compared: where not exact, -0 as 0 and every NaN as one.
func floatBits(f float64, exact bool) int64 {
	if exact {
		return int64(math.Float64bits(f))
	}
	if f == 0 {
		return 0
	}
	if f != f {
		return int64(math.Float64bits(math.NaN()))
	}
	return int64(math.Float64bits(f))
}

// bytes is row i of a column of bytes.
func (v *keyVec) bytes(i int) []byte {
	if v.width > 0 {
		return v.data[i*v.width : (i+1)*v.width]
	}
	return v.data[v.offs[i]:v.offs[i+1]]
}

func (v *keyVec) isNull(i int) bool { return v.valid != nil && !bitSet(v.valid, i) }

const nullHash = 0x7E57C0DE7E57C0DE

// hash folds the column's rows into hs.
func (c *keyCol) hash(v *keyVec, hs []uint64) {
	if c.isInt {
		for i, x := range v.ints[:len(hs)] {
			if v.isNull(i) {
				x = nullHash
			}
			hs[i] = mix(hs[i], uint64(x))
		}
		return
	}
	for i := range hs {
		if v.isNull(i) {
			hs[i] = mix(hs[i], nullHash)
			continue
		}
		b := v.bytes(i)
		if c.canon != nil {
			c.c1 = c.canon(c.c1[:0], b)
			b = c.c1
		}
		hs[i] = mix(hs[i], xxh3.Hash(b))
	}
}

// equal says whether row i of v equals entry g.
func (c *keyCol) equal(v *keyVec, i int, g uint32) bool {
	null := v.isNull(i)
	if null || c.nulls != nil && c.nulls[g] {
		return null && c.nulls != nil && c.nulls[g]
	}
	if c.isInt {
		return v.ints[i] == c.ints[g]
	}
	a, b := v.bytes(i), c.at(g)
	if c.canon == nil || bytes.Equal(a, b) {
		return bytes.Equal(a, b)
	}
	c.c1, c.c2 = c.canon(c.c1[:0], a), c.canon(c.c2[:0], b)
	return bytes.Equal(c.c1, c.c2)
}

func (c *keyCol) at(g uint32) []byte {
	return c.arena.at(c.start[g], c.size[g])
}

// set stores row i of v as entry g, which is at most one beyond the last.
func (c *keyCol) set(v *keyVec, i int, g uint32) {
	null := v.isNull(i)
	if null && c.nulls == nil {
		c.nulls = make([]bool, max(int(g), c.len()), max(int(g)+1, cap(c.ints), cap(c.start)))
	}
	if c.nulls != nil {
		c.nulls = resize(c.nulls, max(len(c.nulls), int(g)+1))
		c.nulls[g] = null
	}
	if c.isInt {
		if int(g) == len(c.ints) {
			c.ints = append(c.ints, 0)
		}
		c.ints[g] = 0
		if !null {
			c.ints[g] = v.ints[i]
		}
		return
	}
	if int(g) == len(c.start) {
		c.start, c.size = append(c.start, 0), append(c.size, 0)
	}
	c.start[g], c.size[g] = 0, 0
	if !null {
		b := v.bytes(i)
		c.start[g], c.size[g] = c.arena.put(b), uint32(len(b))
	}
}

func (c *keyCol) len() int {
	if c.isInt {
		return len(c.ints)
	}
	return len(c.start)
}

// drop gives up entry g's memory.
func (c *keyCol) drop(g uint32) {
	if c.isInt {
		return
	}
	if c.size[g] == 0 {
		return
	}
	c.arena.drop(c.start[g], c.size[g])
	if c.size[g] = 0; c.arena.sparse() {
		c.compact()
	}
}

func (c *keyCol) compact() {
	var fresh arena
	for g, n := range c.size {
		if n > 0 {
			c.start[g] = fresh.put(c.at(uint32(g)))
		}
	}
	c.arena = fresh
}

// gather gives the entries as a column of the column's type.
func (c *keyCol) gather(gids []uint32) arrow.Array {
	n := len(gids)
	var valid []byte
	nulls := 0
	if c.nulls != nil {
		valid = make([]byte, (n+7)/8)
		for i, g := range gids {
			if c.nulls[g] {
				nulls++
			} else {
				setBit(valid, i)
			}
		}
	}
	dt := c.typ.Arrow()
	if c.isInt {
		return c.gatherInts(dt, gids, valid, nulls)
	}
	offs := make([]int32, n+1)
	total := 0
	for i, g := range gids {
		total += int(c.size[g])
		offs[i+1] = int32(total)
	}
	data := make([]byte, 0, total)
	for _, g := range gids {
		if c.width > 0 && c.size[g] == 0 {
			data = append(data, make([]byte, c.width)...)
			continue
		}
		data = append(data, c.at(g)...)
	}
	switch {
	case c.width > 0:
		var vb *memory.Buffer
		if nulls > 0 {
			vb = memory.NewBufferBytes(valid)
		}
		return array.MakeFromData(array.NewData(dt, n, []*memory.Buffer{vb, memory.NewBufferBytes(data)}, nil, nulls, 0))
	case c.elem != nil:
		return c.elem.decode(offs, data, valid, nulls)
	}
	return types.BytesArray(dt, offs, data, valid, nulls)
}

func (c *keyCol) gatherInts(dt arrow.DataType, gids []uint32, valid []byte, nulls int) arrow.Array {
	switch dt.ID() {
	case arrow.INT64, arrow.TIMESTAMP, arrow.TIME64:
		return types.NewFixed(dt, gatherAs(c.ints, gids, func(x int64) int64 { return x }), valid, nulls)
	case arrow.INT32, arrow.DATE32:
		return types.NewFixed(dt, gatherAs(c.ints, gids, func(x int64) int32 { return int32(x) }), valid, nulls)
	case arrow.INT16:
		return types.NewFixed(dt, gatherAs(c.ints, gids, func(x int64) int16 { return int16(x) }), valid, nulls)
	case arrow.UINT32:
		return types.NewFixed(dt, gatherAs(c.ints, gids, func(x int64) uint32 { return uint32(x) }), valid, nulls)
	case arrow.FLOAT32:
		f := func(x int64) float32 { return float32(math.Float64frombits(uint64(x))) }
		return types.NewFixed(dt, gatherAs(c.ints, gids, f), valid, nulls)
	case arrow.FLOAT64:
		f := func(x int64) float64 { return math.Float64frombits(uint64(x)) }
		return types.NewFixed(dt, gatherAs(c.ints, gids, f), valid, nulls)
	}
	bits := make([]byte, (len(gids)+7)/8)
	for i, g := range gids {
		if c.ints[g] != 0 {
			setBit(bits, i)
		}
	}
	var vb *memory.Buffer
	if nulls > 0 {
		vb = memory.NewBufferBytes(valid)
	}
	return array.MakeFromData(array.NewData(dt, len(gids), []*memory.Buffer{vb, memory.NewBufferBytes(bits)}, nil, nulls, 0))
}

func gatherAs[T any](ints []int64, gids []uint32, f func(int64) T) []T {
	out := make([]T, len(gids))
	for i, g := range gids {
		out[i] = f(ints[g])
	}
	return out
}

func (c *keyCol) memory() int64 {
	return int64(cap(c.ints)*8 + cap(c.start)*8 + cap(c.size)*4 + c.arena.memory() + cap(c.nulls))
}
