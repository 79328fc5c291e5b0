package exec

import "encoding/binary"

// coldCounts is what an operator knows of its rows in a Cold.
type coldCounts struct {
	away          int64 // rows that are only in the Cold
	reads, writes int64 // rows
	saved, bytes  int64 // rows ever written, and their bytes
}

// bytesOf is about the bytes of n rows in the Cold.
func (c *coldCounts) bytesOf(n int64) int64 {
	if c.saved == 0 {
		return 0
	}
	return int64(float64(n) * float64(c.bytes) / float64(c.saved))
}

// readCounts reads numbers that stand under a key, as appendCounts wrote them; they stay what they are where there is no such key.
func readCounts(c Cold, key []byte, into ...*int64) error {
	v, err := c.Get([][]byte{key})
	if err != nil || v[0] == nil {
		return err
	}
	b := v[0]
	for _, n := range into {
		x, k := binary.Varint(b)
		if k <= 0 {
			return errColdRow
		}
		*n, b = x, b[k:]
	}
	return nil
}

func appendCounts(dst []byte, counts ...int64) []byte {
	for _, x := range counts {
		dst = binary.AppendVarint(dst, x)
	}
	return dst
}
