package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func jsonAggs() []*Agg {
	var out []*Agg
	for _, j := range []types.Type{types.JSON, types.JSONB} {
		pre := j.Info().Name
		out = append(out,
			&Agg{Name: pre + "_agg", Args: args(types.AnyElement), Ret: j, Ordered: true, Doc: "values as a JSON array, NULLs included",
				New: func(ts []types.Type) Accumulator { return newJSONAcc(j, ts) }},
			&Agg{Name: pre + "_object_agg", Args: args(types.Any, types.Any), Ret: j, Ordered: true, Doc: "keys and values as a JSON object",
				New: func(ts []types.Type) Accumulator { return newJSONAcc(j, ts) }})
	}
	return out
}

// jsonAcc joins the JSON texts of values (one argument) or of keys and values (two). Times are printed in UTC.
type jsonAcc struct {
	stringAcc
	json types.Type
	ts   []types.Type
	ctx  *Ctx
}

func newJSONAcc(j types.Type, ts []types.Type) Accumulator {
	return &jsonAcc{stringAcc{typ: j}, j, ts, &Ctx{Format: types.UTCFormat(0)}}
}

// Add appends the rows.
func (a *jsonAcc) Add(groups []uint32, args []arrow.Array, w []int64) error {
	comma, line := []byte(", "), []byte(", \n ")
	lines := len(args) == 1 && (a.ts[0].IsArray() || a.ts[0].IsRow())
	var text []byte
	for i, g := range groups {
		delim := comma
		if lines && !args[0].IsNull(i) {
			delim = line
		}
		var err error
		if text, err = a.appendRow(text[:0], args, i); err != nil {
			return err
		}
		n := int64(1)
		if w != nil {
			n = w[i]
		}
		for range n {
			a.put(g, delim, text)
		}
	}
	return nil
}

func (a *jsonAcc) appendRow(dst []byte, args []arrow.Array, i int) ([]byte, error) {
	if len(args) == 1 {
		return appendJSON(a.ctx, dst, Vec{Arr: args[0]}, i, a.ts[0]), nil
	}
	if args[0].IsNull(i) {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "field name must not be null")
	}
	dst = appendJSONString(dst, string(appendText(a.ctx, nil, Vec{Arr: args[0]}, i, a.ts[0])))
	dst = append(dst, " : "...)
	return appendJSON(a.ctx, dst, Vec{Arr: args[1]}, i, a.ts[1]), nil
}

// Result is the arrays or objects; NULL for no rows.
func (a *jsonAcc) Result(groups []uint32) (arrow.Array, error) {
	begin, end := "[", "]"
	if len(a.ts) == 2 {
		begin, end = "{ ", " }"
	}
	valid, _ := validWhere(len(groups), func(i int) bool { return a.v[groups[i]] != nil })
	return appendRows(a.json, len(groups), padBits(valid, len(groups)), func(dst []byte, i int) ([]byte, error) {
		from, g := len(dst), groups[i]
		dst = append(append(append(dst, begin...), a.v[g][a.first[g]:]...), end...)
		return finishJSON(a.json, dst, from)
	})
}

// padBits is a bitmap of n bits in whole words; nil stays nil.
func padBits(b []byte, n int) []byte {
	if b == nil {
		return nil
	}
	return copyBits(b, 0, n)
}
