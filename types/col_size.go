package types

import (
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// BatchBytes is about what a batch holds in memory.
func BatchBytes(b *Batch) int64 {
	n := int64(len(b.W))*8 + int64(unsafe.Sizeof(*b))
	for _, c := range b.Cols {
		n += columnBytes(c)
	}
	return n
}

func columnBytes(c arrow.Array) int64 {
	n := int64(c.Len()/8) + 96
	switch c := c.(type) {
	case *array.String:
		return n + int64(len(c.ValueBytes())) + int64(c.Len())*4
	case *array.Binary:
		return n + int64(len(c.ValueBytes())) + int64(c.Len())*4
	case *array.List:
		return n + columnBytes(c.ListValues()) + int64(c.Len())*4
	}
	if fw, ok := c.DataType().(arrow.FixedWidthDataType); ok {
		return n + int64(c.Len()*fw.BitWidth()/8)
	}
	return n
}
