package expr

import (
	"encoding/binary"

	"github.com/streamsqld/streamsqld/types"
)

// readInterval reads an interval column.
func readInterval(v Vec) func(int) types.IntervalValue {
	vals := values[[16]byte](v.Arr)
	if v.Const {
		iv := intervalOf(vals[0])
		return func(int) types.IntervalValue { return iv }
	}
	return func(i int) types.IntervalValue { return intervalOf(vals[i]) }
}

func intervalOf(b [16]byte) types.IntervalValue {
	return types.IntervalValue{Micros: int64(binary.LittleEndian.Uint64(b[:])), Days: int32(binary.LittleEndian.Uint32(b[8:])),
		Months: int32(binary.LittleEndian.Uint32(b[12:]))}
}

// timeTZ is a time of day with its zone in seconds west of UTC.
func timeTZ(micros, west int64) (b [12]byte) {
	binary.LittleEndian.PutUint64(b[:], uint64(micros))
	binary.LittleEndian.PutUint32(b[8:], uint32(int32(west)))
	return b
}

func timeTZMicros(b [12]byte) int64 { return int64(binary.LittleEndian.Uint64(b[:])) }

// timeTZWest is the zone in seconds west of UTC.
func timeTZWest(b [12]byte) int64 { return int64(int32(binary.LittleEndian.Uint32(b[8:]))) }
