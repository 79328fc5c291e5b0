package batchfmt

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// appendRange appends the least and the greatest value of a column of 8-byte integers; nothing for other columns and those with NULLs.
func appendRange(dst []byte, c arrow.Array) []byte {
	if !packable(c.DataType()) || c.NullN() > 0 || c.Len() == 0 {
		return dst
	}
	vals := types.Int64s(c)
	least, most := vals[0], vals[0]
	for _, v := range vals {
		least, most = min(least, v), max(most, v)
	}
	dst = binary.LittleEndian.AppendUint64(dst, uint64(least))
	return binary.LittleEndian.AppendUint64(dst, uint64(most))
}

// Range gives the least and the greatest value of a column, where they are known: of columns of 8-byte integers without NULLs that lie apart.
func (s *Stored) Range(col int) types.Range {
	if col >= len(s.cols) {
		return types.Range{}
	}
	c := &s.cols[col]
	if c.flags&flagApart == 0 || len(c.payload) != 16 {
		return types.Range{}
	}
	return types.Range{Known: true, Min: int64(binary.LittleEndian.Uint64(c.payload)), Max: int64(binary.LittleEndian.Uint64(c.payload[8:]))}
}
