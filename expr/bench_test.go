package expr

import (
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

const benchRows = 8192

func benchBatch() *types.Batch {
	price, ts := make([]int64, benchRows), make([]int64, benchRows)
	b := types.NewBuilder(types.Text)
	for i := range price {
		price[i], ts[i] = int64(i*7919%1000003), 1436918400000000+int64(i)*10000
		if err := types.ParseText(b, fmt.Sprintf("https://www.nexmark.com/dir%d/item%d/x.htm?query=1&channel_id=%d", i%7, i%100, i), types.Text, nil); err != nil {
			panic(err)
		}
	}
	return &types.Batch{N: benchRows, Cols: []arrow.Array{types.Int64Array(price, nil, 0),
		newFixed(types.TimestampTZ.Arrow(), ts, nil), b.NewArray()}}
}

func must(e Expr, err error) Expr {
	if err != nil {
		panic(err)
	}
	return e
}

func op(name string, l, r Expr) Expr {
	return must(bindCall(name, []Expr{l, r}, []types.Type{l.Type(), r.Type()}))
}

func call(name string, as ...Expr) Expr {
	ts := make([]types.Type, len(as))
	for i, a := range as {
		ts[i] = a.Type()
	}
	return must(bindCall(name, as, ts))
}

func BenchmarkExpr(b *testing.B) {
	price := &Column{Idx: 0, Name: "price", Typ: types.Int8}
	ts := &Column{Idx: 1, Name: "ts", Typ: types.TimestampTZ}
	url := &Column{Idx: 2, Name: "url", Typ: types.Text}
	num, _ := ConstOf(types.Numeric, "0.908", nil)
	lit := ConstUnknown
	cases := []struct {
		name string
		e    Expr
	}{
		{"filter_int8_const", op(">", price, ConstInt4(500000))},
		{"filter_and", &And{Args: []Expr{op(">", price, ConstInt4(500000)), op("<", price, ConstInt4(600000))}}},
		{"add_int8", op("+", price, price)},
		{"mul_int8_const", op("*", price, ConstInt4(3))},
		{"numeric_mul", op("*", num, price)},
		{"numeric_cmp", op(">", op("*", num, price), ConstInt4(1000000))},
		{"mod_filter", op("=", op("%", price, ConstInt4(123)), ConstInt4(0))},
		{"date_trunc", call("date_trunc", lit("minute"), ts)},
		{"extract_hour", call("extract", lit("hour"), ts)},
		{"ts_minus_interval", op("-", ts, must(NewCast(lit("4 seconds"), types.Interval, 'e', -1)))},
		{"to_char", call("to_char", ts, lit("YYYY-MM-DD"))},
		{"split_part", call("split_part", url, lit("/"), ConstInt4(4))},
		{"lower", call("lower", url)},
		{"like", op("~~", url, lit("%channel_id=1%"))},
		{"regexp_match", call("regexp_match", url, lit("(&|^)channel_id=([^&]*)"))},
	}
	batch := benchBatch()
	ctx := testCtx()
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				var err error
				if c.e.Type().Is(types.Bool) {
					_, err = FilterRows(ctx, c.e, batch, nil)
				} else {
					_, err = c.e.Eval(ctx, batch)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*benchRows/b.Elapsed().Seconds()/1e6, "Mrows/s")
		})
	}
}
