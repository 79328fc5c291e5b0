package connector

import (
	"encoding/binary"
	"time"
)

// StartTime is when a source that goes by the clock began: the clock's time at the first call, which kv keeps.
func StartTime(kv KV, clock func() time.Time) (time.Time, error) {
	b, err := kv.Get("start")
	if err != nil {
		return time.Time{}, err
	}
	if len(b) != 8 {
		b = binary.BigEndian.AppendUint64(nil, uint64(clock().UnixMicro()))
		if err := kv.Set("start", b); err != nil {
			return time.Time{}, err
		}
	}
	return time.UnixMicro(int64(binary.BigEndian.Uint64(b))), nil
}
