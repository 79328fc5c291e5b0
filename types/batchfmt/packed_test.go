package batchfmt

import (
	"fmt"
	"math"
	"math/rand"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// TestPacked: integers of all spans come back as they were, from slices and with NULLs too.
func TestPacked(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	for _, span := range []uint64{0, 1, 255, 256, 1<<16 - 1, 1 << 16, 1<<32 - 1, 1 << 32, math.MaxUint64} {
		for _, least := range []int64{math.MinInt64, -5, 0, 1_700_000_000_000_000} {
			for _, nulls := range []bool{false, true} {
				for _, typ := range []types.Type{types.Int8, types.Timestamp} {
					b := types.NewBuilder(typ)
					for i := range 200 {
						v := least
						if i%7 == 1 {
							v = int64(uint64(least) + span)
						} else if span > 0 && span < math.MaxUint64 {
							v = int64(uint64(least) + rng.Uint64()%(span+1))
						}
						switch b := b.(type) {
						case *array.Int64Builder:
							b.Append(v)
						case *array.TimestampBuilder:
							b.Append(arrow.Timestamp(v))
						}
						if nulls && i%5 == 0 {
							b.AppendNull()
						}
					}
					name := fmt.Sprintf("span %d from %d, NULLs %v, %s", span, least, nulls, typ)
					col := b.NewArray()
					for _, from := range []int64{0, 3} {
						want := &types.Batch{N: 180, Cols: []arrow.Array{array.NewSlice(col, from, from+180)}}
						enc, err := Append(nil, want)
						if err != nil {
							t.Fatal(err)
						}
						got, rest, err := Decode(enc, nil)
						if err != nil || len(rest) > 0 || !array.Equal(got.Cols[0], want.Cols[0]) {
							t.Fatalf("%s: %v, %d bytes left", name, err, len(rest))
						}
						if span < 256 && !nulls && len(enc) > 180+64 {
							t.Errorf("%s: %d bytes", name, len(enc))
						}
					}
				}
			}
		}
	}
}

// A flag of a later version is not read as something else.
func TestUnknownFlag(t *testing.T) {
	enc, err := Append(nil, &types.Batch{N: 1, Cols: []arrow.Array{types.Int64Array([]int64{7}, nil, 0)}})
	if err != nil {
		t.Fatal(err)
	}
	enc[5] |= 64
	if _, _, err := Decode(enc, nil); err == nil {
		t.Fatal("read")
	}
}
