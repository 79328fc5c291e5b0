package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/types"
)

// TestAgg runs testdata/agg: each case is an aggregate with its argument types and rows, the fields parted by |. The expected results are
// PostgreSQL's. Each case is also computed from two halves merged, through a saved and loaded state, and (where the aggregate can take values
// back) with rows added and taken back.
func TestAgg(t *testing.T) {
	datadriven.Walk(t, "testdata/agg", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			var argTypes []types.Type
			for _, a := range d.CmdArgs {
				name := a.Key
				typ, ok := types.Lookup(name)
				if !ok {
					d.Fatalf(t, "no type %s", name)
				}
				argTypes = append(argTypes, typ)
			}
			r, err := ResolveAgg(d.Cmd, argTypes)
			if err != nil {
				return "error: " + err.Error()
			}
			cols, n := aggRows(t, d, r.ArgType)
			one, err := aggResult(r, cols, n, nil)
			if err != nil {
				return "error: " + err.Error()
			}
			for _, how := range []string{"merged", "reloaded", "retracted"} {
				if how == "retracted" && !r.Agg.Invertible {
					continue
				}
				got, err := aggResult(r, cols, n, &how)
				if err != nil || !sameResult(r, got, one) {
					t.Errorf("%s: %s: %s %v, want %s", d.Pos, how, got, err, one)
				}
			}
			return fmt.Sprintf("%s: %s\n", r.Ret, one)
		})
	})
}

// sameResult compares results. Those of floats that came one by one are rounded as PostgreSQL rounds them, in order of arrival; after merges and retractions
// they may differ from that in the last digits.
func sameResult(r *ResolvedAgg, got, want string) bool {
	a, errA := strconv.ParseFloat(got, 64)
	b, errB := strconv.ParseFloat(want, 64)
	if !r.Ret.Is(types.Float8) || errA != nil || errB != nil {
		return got == want
	}
	return got == want || math.Abs(a-b) <= 1e-15*math.Abs(b)
}

func aggRows(t *testing.T, d *datadriven.TestData, ts []types.Type) ([]arrow.Array, int) {
	var lines []string
	if d.Input != "" {
		lines = strings.Split(d.Input, "\n")
	}
	cols := make([]arrow.Array, len(ts))
	for k, typ := range ts {
		b := types.NewBuilder(typ)
		for _, l := range lines {
			f := strings.Split(l, "|")[k]
			if f == "NULL" {
				b.AppendNull()
			} else if err := types.ParseText(b, f, typ, types.UTCFormat(0)); err != nil {
				d.Fatalf(t, "%v", err)
			}
		}
		cols[k] = b.NewArray()
	}
	return cols, len(lines)
}

// aggResult computes the aggregate for group 1 of 3, and checks that group 0 stays empty.
func aggResult(r *ResolvedAgg, cols []arrow.Array, n int, how *string) (string, error) {
	mk := func() Accumulator {
		a := r.Agg.New(r.ArgType)
		a.Grow(3)
		return a
	}
	add := func(a Accumulator, from, to int, w int64) error {
		idx := make([]int32, 0, n)
		gs, ws := make([]uint32, 0, n), make([]int64, 0, n)
		for i := from; i < to; i++ {
			idx, gs, ws = append(idx, int32(i)), append(gs, 1), append(ws, w)
		}
		part := make([]arrow.Array, len(cols))
		for k, c := range cols {
			part[k] = types.Take(c, idx)
		}
		if w == 1 {
			ws = nil
		}
		return a.Add(gs, part, ws)
	}
	a := mk()
	var err error
	switch {
	case how == nil:
		err = add(a, 0, n, 1)
	case *how == "retracted":
		for _, step := range []struct {
			from, to int
			w        int64
		}{{0, n, 1}, {0, n / 2, 2}, {0, n, 1}, {0, n, -1}, {0, n / 2, -2}} {
			if err == nil {
				err = add(a, step.from, step.to, step.w)
			}
		}
	default:
		b := mk()
		if err = add(a, 0, n/2, 1); err == nil {
			err = add(b, n/2, n, 1)
		}
		if err == nil {
			err = transfer(a, b, *how)
		}
		if *how == "reloaded" {
			if err == nil {
				err = transfer(b, a, "merged")
			}
		}
	}
	if err != nil {
		return "", err
	}
	res, err := a.Result([]uint32{1, 0})
	if err != nil {
		return "", err
	}
	if empty := mk(); true {
		e, _ := empty.Result([]uint32{2})
		if aggText(e, 0, r.Ret) != aggText(res, 1, r.Ret) {
			return "", fmt.Errorf("group 0 is not empty")
		}
	}
	return aggText(res, 0, r.Ret), nil
}

// transfer merges b into a; reloaded: it loads a's state into b's group 0, resets a, and loads it back.
func transfer(a, b Accumulator, how string) error {
	if how == "merged" {
		st, err := b.Save([]uint32{1})
		if err != nil {
			return err
		}
		return a.Merge([]uint32{1}, st)
	}
	st, err := a.Save([]uint32{1, 0})
	if err != nil {
		return err
	}
	a.Reset([]uint32{1})
	if err := a.Load([]uint32{1, 2}, st); err != nil {
		return err
	}
	st, err = b.Save([]uint32{1})
	if err != nil {
		return err
	}
	b.Reset([]uint32{1})
	if err := b.Load([]uint32{1}, st); err != nil {
		return err
	}
	st, err = b.Save([]uint32{1})
	if err != nil {
		return err
	}
	if err := a.Merge([]uint32{1}, st); err != nil {
		return err
	}
	b.Reset([]uint32{1})
	return nil
}

func aggText(a arrow.Array, i int, t types.Type) string {
	if a.IsNull(i) {
		return "NULL"
	}
	return string(types.AppendText(nil, a, i, t, types.UTCFormat(0)))
}
