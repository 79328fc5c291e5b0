package exec

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/streamsqld/streamsqld/types"
)

// listCodec turns arrays into bytes that are equal where the arrays are, and back: for each element 0 for NULL, else 1, the
// value's size (4 bytes) and the value. Where an array has a shape, 2, its length (1 byte) and the shape come first.
type listCodec struct {
	typ  types.Type
	elem *keyCol
}

func newListCodec(t types.Type) *listCodec { return &listCodec{t, newKeyCol(t.Elem())} }

func (l *listCodec) encode(a arrow.Array) (offs []int32, data []byte) {
	la := a.(*array.List)
	var v keyVec
	l.elem.read(&v, la.ListValues())
	offs = make([]int32, la.Len()+1)
	for i := range la.Len() {
		if la.IsValid(i) {
			if s := types.ShapeBytes(a, i); len(s) > 0 {
				data = append(append(data, 2, byte(len(s))), s...)
			}
			from, to := la.ValueOffsets(i)
			for k := int(from); k < int(to); k++ {
				data = l.appendElem(data, &v, k)
			}
		}
		offs[i+1] = int32(len(data))
	}
	return offs, data
}

func (l *listCodec) appendElem(data []byte, v *keyVec, k int) []byte {
	if v.isNull(k) {
		return append(data, 0)
	}
	data = append(data, 1)
	if l.elem.isInt {
		return binary.LittleEndian.AppendUint64(data, uint64(v.ints[k]))
	}
	b := v.bytes(k)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(b)))
	return append(data, b...)
}

func (l *listCodec) decode(offs []int32, data, valid []byte, nulls int) arrow.Array {
	store := newKeyCol(l.typ.Elem())
	var gids []uint32
	starts := make([]int32, len(offs))
	var shapes [][]byte
	for i := range len(offs) - 1 {
		b := data[offs[i]:offs[i+1]]
		if len(b) > 0 && b[0] == 2 {
			if shapes == nil {
				shapes = make([][]byte, len(offs)-1)
			}
			shapes[i], b = b[2:2+b[1]], b[2+b[1]:]
		}
		for len(b) > 0 {
			b = l.takeElem(store, b, uint32(len(gids)))
			gids = append(gids, uint32(len(gids)))
		}
		starts[i+1] = int32(len(gids))
	}
	elems := store.gather(gids)
	var vb *memory.Buffer
	if nulls > 0 {
		vb = memory.NewBufferBytes(valid)
	}
	bufs := []*memory.Buffer{vb, memory.NewBufferBytes(offsetBytes(starts))}
	a := array.MakeFromData(array.NewData(l.typ.Arrow(), len(starts)-1, bufs, []arrow.ArrayData{elems.Data()}, nulls, 0))
	return types.WithShapeBytes(a, shapes)
}

// takeElem stores the first element of b as entry g and gives what follows.
func (l *listCodec) takeElem(store *keyCol, b []byte, g uint32) []byte {
	if b[0] == 0 {
		store.set(&keyVec{valid: []byte{0}, ints: []int64{0}}, 0, g)
		return b[1:]
	}
	if l.elem.isInt {
		store.set(&keyVec{ints: []int64{int64(binary.LittleEndian.Uint64(b[1:]))}}, 0, g)
		return b[9:]
	}
	n := int32(binary.LittleEndian.Uint32(b[1:]))
	store.set(&keyVec{offs: []int32{0, n}, data: b[5:]}, 0, g)
	return b[5+n:]
}

// canonInterval appends the interval's length with days of 24 hours and months of 30 days, by which intervals compare.
func canonInterval(dst, b []byte) []byte {
	us := int64(binary.LittleEndian.Uint64(b))
	days := int64(int32(binary.LittleEndian.Uint32(b[8:]))) + 30*int64(int32(binary.LittleEndian.Uint32(b[12:])))
	const day = 24 * 3600 * 1e6
	days += us / day
	us %= day
	if us < 0 {
		us += day
		days--
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(days))
	return binary.LittleEndian.AppendUint64(dst, uint64(us))
}
