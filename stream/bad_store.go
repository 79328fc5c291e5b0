package stream

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/streamsqld/streamsqld/state"

	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// keptDropped bounds how many batches of dropped rows, and how many dead letters, are kept of a query.
const keptDropped = 1000

// kept are the newest entries of a list that also stands in the store, each under its number.
type kept[T any] struct {
	list  []T
	first int64 // number of list[0]
	fresh []T   // not yet settled
}

func (k *kept[T]) add(x T) {
	k.fresh = append(k.fresh, x)
	if len(k.fresh) >= 2*keptDropped {
		k.fresh = append([]T(nil), k.fresh[len(k.fresh)-keptDropped:]...)
	}
}

// over is how many of list go when the fresh ones come; no more than keptDropped fresh ones come.
func (k *kept[T]) over() int {
	k.fresh = k.fresh[max(0, len(k.fresh)-keptDropped):]
	return max(0, len(k.list)+len(k.fresh)-keptDropped)
}

// save puts the fresh entries into the batch, and the removal of those that go.
func (k *kept[T]) save(b *state.Batch, prefix []byte, encode func(T) ([]byte, error)) error {
	over := k.over()
	for i, x := range k.fresh {
		v, err := encode(x)
		if err != nil {
			return err
		}
		if err := b.Set(numbered(prefix, k.first+int64(len(k.list)+i)), v); err != nil {
			return err
		}
	}
	if over == 0 {
		return nil
	}
	return b.DeleteRange(numbered(prefix, k.first), numbered(prefix, k.first+int64(over)))
}

func (k *kept[T]) settle() {
	if len(k.fresh) == 0 {
		return
	}
	over := k.over()
	k.list, k.fresh, k.first = append(append([]T(nil), k.list[over:]...), k.fresh...), nil, k.first+int64(over)
}

func (k *kept[T]) load(s *state.Store, prefix []byte, decode func([]byte) (T, error)) error {
	k.list, k.first, k.fresh = nil, 0, nil
	return s.Scan(prefix, func(key, v []byte) error {
		x, err := decode(v)
		if len(k.list) == 0 {
			k.first = int64(binary.BigEndian.Uint64(key[len(key)-8:]))
		}
		k.list = append(k.list, x)
		return err
	})
}

func numbered(prefix []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, len(prefix)+8), prefix...), uint64(n))
}

func badKey(oid uint32, part byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{'r'}, oid), part)
}

func encodeLetter(d DeadLetter) ([]byte, error) { return json.Marshal(d) }

func decodeLetter(v []byte) (d DeadLetter, err error) {
	err = json.Unmarshal(v, &d)
	return d, err
}

// encodeDropped is the length of the head, the head as JSON, the rows.
func encodeDropped(d Dropped) ([]byte, error) {
	rows := d.Rows
	d.Rows = nil
	head, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	return batchfmt.Append(append(binary.AppendUvarint(nil, uint64(len(head))), head...), rows)
}

func decodeDropped(v []byte) (d Dropped, err error) {
	head, rows, ok := cutString(v)
	if !ok {
		return d, errors.New("stream: stored late rows are damaged")
	}
	if err := json.Unmarshal([]byte(head), &d); err != nil {
		return d, err
	}
	d.Rows, _, err = batchfmt.Decode(rows, nil)
	return d, err
}
