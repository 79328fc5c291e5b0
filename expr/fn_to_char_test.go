package expr

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// TestToCharMemo compares columns of near times with each of their rows alone.
func TestToCharMemo(t *testing.T) {
	const seed = 5
	r := rand.New(rand.NewPCG(seed, 0))
	ctx := &Ctx{Format: types.UTCFormat(0)}
	kernel := toCharTime(types.Timestamp)
	for _, pattern := range []string{"YYYY-MM-DD", "HH24:MI", "Day, DD Month YYYY", "HH12 h", "HH24:MI:SS", "YYYY AD", "J", "MI:MS", "DDD D Y,YYY", ""} {
		p := Vec{Arr: types.BytesArray(types.Text.Arrow(), []int32{0, int32(len(pattern))}, []byte(pattern), nil, 0), Const: true}
		ts := make([]int64, 3000)
		ts[0] = -types.Day
		for i := 1; i < len(ts); i++ {
			ts[i] = ts[i-1] + r.Int64N(types.Minute)*[]int64{1, 1, 1, 900, -1}[r.IntN(5)]
		}
		col := types.NewFixed(types.Timestamp.Arrow(), ts, nil, 0)
		whole, err := kernel(ctx, len(ts), []Vec{{Arr: col}, p})
		if err != nil {
			t.Fatal(err)
		}
		for i := range ts {
			one, err := kernel(ctx, 1, []Vec{{Arr: types.NewFixed(types.Timestamp.Arrow(), ts[i:i+1], nil, 0)}, p})
			if err != nil {
				t.Fatal(err)
			}
			got, want := whole.Arr.(*array.String), one.Arr.(*array.String)
			if got.IsNull(i) != want.IsNull(0) || got.Value(i) != want.Value(0) {
				t.Fatalf("seed %d: %q of row %d, time %d: %q, want %q", seed, pattern, i, ts[i], got.Value(i), want.Value(0))
			}
		}
	}
}
