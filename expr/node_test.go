package expr

import (
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func col(i int, name string, t types.Type) Expr { return &Column{Idx: i, Name: name, Typ: t} }

func int8s(valid []byte, v ...int64) arrow.Array { return newFixed(types.Int8.Arrow(), v, valid) }

func TestFilterRows(t *testing.T) {
	a, b := col(0, "a", types.Int8), col(1, "b", types.Int8)
	batch := &types.Batch{N: 6, Cols: []arrow.Array{int8s(nil, 1, 2, 3, 4, 5, 6), int8s([]byte{0b110111}, 0, 2, 0, 9, 1, 0)}}
	div := op("/", a, b)
	for _, c := range []struct {
		name string
		e    Expr
		sel  []int32
		want []int32
	}{
		{"comparison", op(">", a, ConstInt4(2)), nil, []int32{2, 3, 4, 5}},
		{"comparison of a selection", op("<=", a, ConstInt4(4)), []int32{1, 3, 5}, []int32{1, 3}},
		{"and guards a division", &And{Args: []Expr{op("<>", b, ConstInt4(0)), op(">=", div, ConstInt4(1))}}, nil, []int32{1, 4}},
		{"or", &Or{Args: []Expr{op("=", b, ConstInt4(0)), op(">", div, ConstInt4(4))}}, nil, []int32{0, 2, 4, 5}},
		{"null is not true", op("=", b, ConstInt4(9)), nil, []int32{}},
		{"is null", &IsTest{X: b, Test: "null"}, nil, []int32{3}},
		{"is distinct", &IsDistinct{L: b, R: ConstInt8(0)}, nil, []int32{1, 3, 4}},
		{"in", &InList{X: a, List: []Expr{ConstInt8(2), ConstInt8(6), ConstNull(types.Int8)}}, nil, []int32{1, 5}},
		{"not in with null", &InList{X: a, List: []Expr{ConstInt8(2), ConstNull(types.Int8)}, Not: true}, nil, []int32{}},
		{"constant", ConstBool(true), []int32{2}, []int32{2}},
	} {
		got, err := FilterRows(testCtx(), c.e, batch, c.sel)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", c.name, got, err, c.want)
		}
	}
	if _, err := FilterRows(testCtx(), op(">", div, ConstInt4(0)), batch, nil); codeOf(err) != "error 22012" {
		t.Errorf("division: %v", err)
	}
}

func TestAnyAll(t *testing.T) {
	arr, _ := types.Int8.Array()
	eq, err := ResolveOp("=", types.Int8, types.Int8)
	if err != nil {
		t.Fatal(err)
	}
	b := &types.Batch{N: 4, Cols: []arrow.Array{int8s(nil, 1, 2, 3, 4),
		newList(arr.Arrow(), []int32{0, 2, 2, 3, 4}, int8s([]byte{0b0111}, 1, 5, 4, 0), nil)}}
	for _, c := range []struct {
		all  bool
		want string
	}{{false, "[true false false (null)]"}, {true, "[false true false (null)]"}} {
		v, err := (&AnyAll{X: col(0, "a", types.Int8), Array: col(1, "l", arr), Op: eq.Fn, All: c.all}).Eval(testCtx(), b)
		if err != nil || fmt.Sprint(v.Arr) != c.want {
			t.Errorf("all %v: %v, %v; want %s", c.all, v.Arr, err, c.want)
		}
	}
}

func TestString(t *testing.T) {
	price, ts, ch := col(0, "price", types.Int8), col(1, "ts", types.TimestampTZ), col(2, "Channel", types.Text)
	iv := must(NewCast(ConstUnknown("4 seconds"), types.Interval, 'e', -1))
	for want, e := range map[string]Expr{
		"(price > 100)":                                       op(">", price, ConstInt4(100)),
		"(ts - '00:00:04'::interval)":                         op("-", ts, iv),
		`lower("Channel")`:                                    call("lower", ch),
		"((price > 1) AND (NOT (price = 2)))":                 &And{Args: []Expr{op(">", price, ConstInt4(1)), &Not{X: op("=", price, ConstInt4(2))}}},
		`("Channel" = ANY ('{a,"b c"}'::text[]))`:             &InList{X: ch, List: []Expr{ConstText("a"), ConstText("b c")}},
		"(price)::numeric":                                    must(NewCast(price, types.Numeric, 'e', -1)),
		"COALESCE(price, 0)":                                  &Coalesce{Args: []Expr{price, ConstInt8(0)}, Typ: types.Int8},
		"(price IS NOT NULL)":                                 &IsTest{X: price, Test: "null", Not: true},
		`("Channel" ~~ 'a%'::text)`:                           op("~~", ch, ConstUnknown("a%")),
		"EXTRACT(hour FROM ts)":                               call("extract", ConstUnknown("hour"), ts),
		"CASE WHEN (price > 1) THEN 1 ELSE NULL::integer END": &Case{Whens: []When{{op(">", price, ConstInt4(1)), ConstInt4(1)}}, Typ: types.Int4},
	} {
		if e.String() != want {
			t.Errorf("%s, want %s", e, want)
		}
	}
}

func TestFold(t *testing.T) {
	a := col(0, "a", types.Int8)
	for want, e := range map[string]Expr{
		"(a > 7)":      op(">", a, op("+", ConstInt4(3), ConstInt4(4))),
		"true":         &Or{Args: []Expr{op(">", a, ConstInt4(1)), ConstBool(true)}},
		"(a > 1)":      &And{Args: []Expr{ConstBool(true), op(">", a, ConstInt4(1))}},
		"(1 / 0)":      op("/", ConstInt4(1), ConstInt4(0)),
		"NULL::bigint": op("+", a, ConstNull(types.Int8)),
		"now()":        call("now"),
		"'x'::text":    &Case{Whens: []When{{ConstBool(false), ConstText("y")}}, Else: ConstText("x"), Typ: types.Text},
	} {
		got, err := Fold(testCtx(), e)
		if err != nil || got.String() != want {
			t.Errorf("%s becomes %s, %v; want %s", e, got, err, want)
		}
	}
}

func TestTreeFunctions(t *testing.T) {
	e := op("+", col(3, "a", types.Int8), op("*", col(1, "b", types.Int8), col(3, "a", types.Int8)))
	if got := Columns(e); !slices.Equal(got, []int{1, 3}) {
		t.Errorf("columns %v", got)
	}
	r := Remap(e, func(i int) int { return i - 1 })
	if got := Columns(r); !slices.Equal(got, []int{0, 2}) {
		t.Errorf("remapped columns %v", got)
	}
	if Equal(e, r) || !Equal(e, Remap(r, func(i int) int { return i + 1 })) {
		t.Error("Equal does not tell columns apart")
	}
	if !CanFail(e) || CanFail(op("=", col(0, "a", types.Int8), ConstInt4(1))) {
		t.Error("CanFail")
	}
	if MaxVolatility(call("random")) != Volatile || MaxVolatility(call("now")) != Stable || !IsConst(ConstInt4(1)) || IsConst(call("now")) || IsConst(e) {
		t.Error("volatility")
	}
}

func TestErrorsHavePositions(t *testing.T) {
	_, err := NewCast(ConstUnknown("12x"), types.Int4, 'i', 7)
	if e := sqlerr.From(err); e.Code != "22P02" || e.Pos != 8 {
		t.Errorf("literal: %v at %d", err, e.Pos)
	}
	_, err = NewCast(col(0, "a", types.Int8), types.Date, 'e', 3)
	if e := sqlerr.From(err); e.Code != "42846" || e.Pos != 4 || e.Message != "cannot cast type bigint to date" {
		t.Errorf("cast: %v at %d", err, e.Pos)
	}
	_, err = ResolveOp("+", types.Text, types.Int4)
	if e := sqlerr.From(err); e.Message != "operator does not exist: text + integer" || e.Hint == "" {
		t.Errorf("operator: %v", err)
	}
	_, err = ResolveFunc("foo", []types.Type{types.Int4, types.Unknown})
	if e := sqlerr.From(err); e.Message != "function foo(integer, unknown) does not exist" || e.Code != "42883" {
		t.Errorf("function: %v", err)
	}
	_, err = CommonType([]types.Type{types.Text, types.Int4}, "CASE")
	if e := sqlerr.From(err); e.Message != "CASE types text and integer cannot be matched" || e.Code != "42804" {
		t.Errorf("case: %v", err)
	}
}

func TestSetFunctions(t *testing.T) {
	i4 := func(v int32) Expr { return ConstInt4(v) }
	for _, c := range []struct {
		name string
		args []Expr
		out  string
		rows []int32
	}{
		{"generate_series", []Expr{i4(1), i4(3)}, "[1 2 3 1 2 3]", []int32{0, 0, 0, 1, 1, 1}},
		{"generate_series", []Expr{i4(3), i4(1), i4(-2)}, "[3 1 3 1]", []int32{0, 0, 1, 1}},
		{"unnest", []Expr{must(NewCast(ConstUnknown("{7,null}"), types.Type{OID: 1007, Mod: -1}, 'e', -1))}, "[7 (null) 7 (null)]", []int32{0, 0, 1, 1}},
		{"string_to_table", []Expr{ConstText("a,b"), ConstText(",")}, `["a" "b" "a" "b"]`, []int32{0, 0, 1, 1}},
		{"regexp_split_to_table", []Expr{ConstText("a1b"), ConstText(`\d`)}, `["a" "b" "a" "b"]`, []int32{0, 0, 1, 1}},
		{"jsonb_array_elements", []Expr{must(NewCast(ConstUnknown(`[1, "x"]`), types.JSONB, 'e', -1))}, `["1" "\"x\"" "1" "\"x\""]`, []int32{0, 0, 1, 1}},
	} {
		ts := make([]types.Type, len(c.args))
		vs := make([]Vec, len(c.args))
		for i, a := range c.args {
			ts[i] = a.Type()
			vs[i] = Vec{Arr: a.(*Const).Arr, Const: true}
		}
		r, err := ResolveFunc(c.name, ts)
		if err != nil || !IsSetReturning(c.name) {
			t.Fatal(c.name, err)
		}
		out, rows, err := r.Fn.Set(testCtx(), 2, vs)
		if err != nil || fmt.Sprint(out[0]) != c.out || !slices.Equal(rows, c.rows) {
			t.Errorf("%s: %v %v %v; want %s %v", c.name, out, rows, err, c.out, c.rows)
		}
	}
}

func TestRegistry(t *testing.T) {
	type sig struct{ name, args string }
	seen := map[sig]bool{}
	for _, f := range Funcs() {
		k := sig{f.Name, typeList(f.Args)}
		if seen[k] {
			t.Errorf("%s(%s) stands twice", k.name, k.args)
		}
		seen[k] = true
		if f.Kernel == nil && f.Bind == nil && f.Set == nil || f.Doc == "" || f.Vol == 0 {
			t.Errorf("%s(%s) lacks a kernel, a doc line or its volatility", k.name, k.args)
		}
	}
}
