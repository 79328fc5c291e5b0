package batchfmt

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/streamsqld/streamsqld/types"
)

// A column of 8-byte integers whose values lie within 32 bits of each other is stored packed (frame of reference): the validity bits, the least value, the
// number of bytes of a difference (0, 1, 2 or 4), and the differences. Unpacking is a pass over them, where S2 takes apart byte by byte.

// packFrom is the number of rows from which a column is packed.
const packFrom = 64

// appendPacked appends the packed payload of c; false where it cannot be packed.
func appendPacked(dst []byte, c arrow.Array) ([]byte, bool) {
	n := c.Len()
	if !packable(c.DataType()) || n < packFrom {
		return dst, false
	}
	vals := types.Int64s(c)
	least, most := vals[0], vals[0]
	for _, v := range vals {
		least, most = min(least, v), max(most, v)
	}
	span := uint64(most) - uint64(least)
	if span >= 1<<32 {
		return dst, false
	}
	if c.NullN() > 0 {
		dst = appendBits(dst, c.Data().Buffers()[0].Bytes(), c.Data().Offset(), n)
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(least))
	switch {
	case span == 0:
		dst = pad(append(dst, 0))
	case span < 1<<8:
		dst = pad(append(dst, 1))
		for _, v := range vals {
			dst = append(dst, byte(uint64(v)-uint64(least)))
		}
	case span < 1<<16:
		dst = pad(append(dst, 2))
		for _, v := range vals {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(uint64(v)-uint64(least)))
		}
	default:
		dst = pad(append(dst, 4))
		for _, v := range vals {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(uint64(v)-uint64(least)))
		}
	}
	return pad(dst), true
}

func packable(dt arrow.DataType) bool {
	switch dt.ID() {
	case arrow.INT64, arrow.TIMESTAMP, arrow.TIME64:
		return true
	}
	return false
}

// unpack reads what appendPacked wrote behind the validity bits; only a column without NULLs is asked for some rows.
func (r *Reader) unpack(dt arrow.DataType, valid *memory.Buffer, nulls, n int, how How) (arrow.Array, error) {
	head := r.bytes(16)
	if !r.ok || !packable(dt) {
		return nil, ErrDamaged
	}
	least, width := int64(binary.LittleEndian.Uint64(head)), int(head[8])
	p := r.padded(n * width)
	if !r.ok {
		return nil, ErrDamaged
	}
	if how.Rows != nil {
		n = len(how.Rows)
	}
	out := types.Room[int64](how.Mem, n)
	switch {
	case width > 4 || width == 3:
		return nil, ErrDamaged
	case how.Rows != nil:
		unpackRows(out, p, least, width, how.Rows)
	default:
		unpackAll(out, p, least, width)
	}
	bufs := []*memory.Buffer{valid, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(out))}
	return array.MakeFromData(array.NewData(dt, n, bufs, nil, nulls, 0)), nil
}

func unpackAll(out []int64, p []byte, least int64, width int) {
	switch width {
	case 0:
		for i := range out {
			out[i] = least
		}
	case 1:
		for i, v := range p[:len(out)] {
			out[i] = least + int64(v)
		}
	case 2:
		for ; len(out) >= 4 && len(p) >= 8; out, p = out[4:], p[8:] {
			x := binary.LittleEndian.Uint64(p)
			out[0], out[1] = least+int64(x&0xffff), least+int64(x>>16&0xffff)
			out[2], out[3] = least+int64(x>>32&0xffff), least+int64(x>>48)
		}
		for i := range out {
			out[i] = least + int64(binary.LittleEndian.Uint16(p[2*i:]))
		}
	case 4:
		for ; len(out) >= 4 && len(p) >= 16; out, p = out[4:], p[16:] {
			x, y := binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(p[8:])
			out[0], out[1] = least+int64(x&0xffffffff), least+int64(x>>32)
			out[2], out[3] = least+int64(y&0xffffffff), least+int64(y>>32)
		}
		for i := range out {
			out[i] = least + int64(binary.LittleEndian.Uint32(p[4*i:]))
		}
	}
}

// unpackRows is unpackAll of some rows.
func unpackRows(out []int64, p []byte, least int64, width int, rows []int32) {
	switch width {
	case 0:
		unpackAll(out, nil, least, 0)
	case 1:
		for k, i := range rows {
			out[k] = least + int64(p[i])
		}
	case 2:
		for k, i := range rows {
			out[k] = least + int64(binary.LittleEndian.Uint16(p[2*i:]))
		}
	case 4:
		for k, i := range rows {
			out[k] = least + int64(binary.LittleEndian.Uint32(p[4*i:]))
		}
	}
}
