package exec

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

func sqlState(err error) string {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// TestLimitStops: when a batch LIMIT has its rows, no more is read.
func TestLimitStops(t *testing.T) {
	s := table(catalog.Stream, -1, types.Int4)
	root := &plan.Limit{In: s, Count: expr.ConstInt8(10), Skip: expr.ConstInt8(3)}
	for _, par := range []int{1, 2, 7} {
		g, err := Build(root, Config{Mode: plan.Batch, Parallelism: par, NewCtx: testCtx})
		if err != nil {
			t.Fatal(err)
		}
		endless := types.Split{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
			for n := int32(0); ; n++ {
				v := make([]int32, 2000)
				for i := range v {
					v[i] = n*2000 + int32(i)
				}
				if err := emit(&types.Batch{N: len(v), Cols: []arrow.Array{types.Int32Array(v, nil, 0)}}); err != nil {
					return err
				}
			}
		}}
		r := newResult(root)
		if _, err := g.Run(context.Background(), &Step{N: 1, Last: true}, []Input{{Splits: []types.Split{endless, endless}}}, r.add); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(r.order, " "); got != "3 4 5 6 7 8 9 10 11 12" {
			t.Fatalf("par %d: %s", par, got)
		}
	}
}

// TestErrors: errors of rows, of a reader, of bounds and of memory end the step.
func TestErrors(t *testing.T) {
	s := table(catalog.Stream, -1, types.Int4)
	rows := rowsOf("1", "0", "2")
	div := &plan.Project{In: s, Items: []expr.Expr{op(t, expr.ConstInt4(1), "/", col(s, 0))}, Cols: plan.Schema{{Type: types.Int4}}}
	broken := []types.Split{{Read: func(context.Context, func(*types.Batch) error) error { return sqlerr.New(sqlerr.IOError, "broken") }}}
	for _, c := range []struct {
		root  plan.Node
		in    []types.Split
		state string
	}{
		{div, cut(t, []types.Type{types.Int4}, rows, 1, 1), sqlerr.DivisionByZero},
		{s, broken, sqlerr.IOError},
		{&plan.Limit{In: s, Count: expr.ConstInt8(-1)}, nil, sqlerr.InvalidRowCountInLimit},
		{&plan.Limit{In: s, Skip: expr.ConstInt8(-1)}, nil, sqlerr.InvalidRowCountInOffset},
		{&plan.Sort{In: s, Keys: []plan.SortKey{{X: col(s, 0)}}}, cut(t, []types.Type{types.Int4}, rows, 1, 1), sqlerr.OutOfMemory},
	} {
		for _, par := range []int{1, 3} {
			g, err := Build(c.root, Config{Mode: plan.Batch, Parallelism: par, NewCtx: testCtx, WorkMem: 2})
			if err != nil {
				t.Fatal(err)
			}
			_, err = g.Run(context.Background(), &Step{N: 1, Last: true}, []Input{{Splits: c.in}}, func(*types.Batch) error { return nil })
			if sqlState(err) != c.state {
				t.Errorf("%s: %v, want %s", plan.Explain(c.root), err, c.state)
			}
		}
	}
}

// TestOrder: batch results come in order, with NULLs and ties where they belong, whatever the cut.
func TestOrder(t *testing.T) {
	s := table(catalog.Stream, -1, types.Int4, types.Text)
	rows := rowsOf("2|b", "NULL|n", "1|a", "2|c", "3|d", "1|z")
	sorted := func(desc, nullsFirst bool) *plan.Sort {
		return &plan.Sort{In: s, Keys: []plan.SortKey{{X: col(s, 0), Desc: desc, NullsFirst: nullsFirst}}}
	}
	for _, c := range []struct {
		root plan.Node
		want string
	}{
		{sorted(false, false), "1|a 1|z 2|b 2|c 3|d NULL|n"},
		{sorted(true, true), "NULL|n 3|d 2|b 2|c 1|a 1|z"},
		{&plan.Limit{In: sorted(false, false), Count: expr.ConstInt8(2), Skip: expr.ConstInt8(1)}, "1|z 2|b"},
		{&plan.Limit{In: sorted(false, false), Count: expr.ConstInt8(1), WithTies: true}, "1|a 1|z"},
		{&plan.Limit{In: sorted(true, false), Count: expr.ConstInt8(0)}, ""},
		{&plan.Limit{In: sorted(true, false), Count: expr.ConstNull(types.Int8), Skip: expr.ConstInt8(5)}, "NULL|n"},
	} {
		if got := strings.Join(runBatch(t, c.root, rows).order, " "); got != c.want {
			t.Errorf("%s got %s, want %s", plan.Explain(c.root), got, c.want)
		}
	}
}

// TestValues: constant rows are given once, also over a restart, and mix with a stream.
func TestValues(t *testing.T) {
	s := table(catalog.Stream, -1, types.Int4)
	v := &plan.Values{Rows: [][]expr.Expr{{expr.ConstInt4(7)}, {expr.ConstInt4(8)}}, Cols: s.Schema()}
	checkLaw(t, &plan.SetOp{Op: "union", All: true, L: v, R: s, Cols: s.Schema()}, rowsOf("1", "2", "2", "7"))
	one := &plan.Values{Rows: [][]expr.Expr{{}}}
	p := &plan.Project{In: one, Items: []expr.Expr{expr.ConstInt4(5)}, Cols: s.Schema()}
	if got := runBatch(t, p, nil).String(); got != "5" {
		t.Fatal(got)
	}
}

// TestTableFunc: a set-returning function for each row, with ordinality, and outer.
func TestTableFunc(t *testing.T) {
	s := table(catalog.Stream, -1, types.Int4)
	r, err := expr.ResolveFunc("generate_series", []types.Type{types.Int4, types.Int4})
	if err != nil {
		t.Skip("generate_series is not there")
	}
	cols := append(s.Schema(), plan.Col{Type: types.Int4}, plan.Col{Type: types.Int8})
	f := &plan.TableFunc{In: s, Fn: r.Fn, Args: []expr.Expr{expr.ConstInt4(1), col(s, 0)}, Ordinality: true, Cols: cols}
	rows := rowsOf("2", "0", "1")
	if got := runBatch(t, f, rows).String(); got != "1|1|1\n2|1|1\n2|2|2" {
		t.Fatal(got)
	}
	outer := *f
	outer.Outer = true
	if got := runBatch(t, &outer, rows).String(); got != "0|NULL|NULL\n1|1|1\n2|1|1\n2|2|2" {
		t.Fatal(got)
	}
}

// TestDistinctByTime: the state of a DISTINCT over event time is bounded by the watermark, behind which rows are late.
func TestDistinctByTime(t *testing.T) {
	s := table(catalog.Stream, 0, types.TimestampTZ, types.Int4)
	at := func(sec int) string { return fmt.Sprintf("2026-01-01 00:00:%02d+00|1", sec) }
	rows := rowsOf(at(1), at(1), at(5), at(5), at(2), at(9))
	r, err := expr.ResolveOp("+", types.TimestampTZ, types.Interval)
	if err != nil {
		t.Fatal(err)
	}
	micro := types.NewBuilder(types.Interval)
	types.AppendInterval(micro.(*array.FixedSizeBinaryBuilder), types.IntervalValue{Micros: 1})
	end, err := expr.NewCall(r, []expr.Expr{col(s, 0), &expr.Const{Arr: micro.NewArray(), Typ: types.Interval}}, -1)
	if err != nil {
		t.Fatal(err)
	}
	for _, restart := range []bool{false, true} {
		got, stats := runSteps(t, &plan.Distinct{In: s, Close: end}, plan.Append, rows, variant{6, 1, 1, 1, restart, second})
		if want := at(1) + "\n" + at(5) + "\n" + at(9); got.String() != want || got.minus > 0 {
			t.Fatalf("%s\nwant\n%s", got, want)
		}
		if restart {
			continue
		}
		for _, st := range stats {
			if strings.HasPrefix(st.Op, "distinct") && (st.Dropped["late"] != 1 || st.StateRows != 1) {
				t.Fatalf("%+v", st)
			}
		}
	}
}

// TestSubquery: an uncorrelated sub-select runs once; its inputs stand behind the query's.
func TestSubquery(t *testing.T) {
	s, u := table(catalog.Stream, -1, types.Int4), table(catalog.Stream, -1, types.Int4)
	sub := &expr.Subquery{Plan: aggregateOf(u, nil, agg(t, "max", col(u, 0))), Kind: "scalar", Typ: types.Int4}
	root := &plan.Filter{In: s, Cond: op(t, col(s, 0), "=", sub)}
	if got := runBatch(t, root, rowsOf("1", "3", "2", "3")).String(); got != "3 (2)" {
		t.Fatal(got)
	}
	if _, err := Build(root, Config{Mode: plan.Update}); sqlState(err) != sqlerr.FeatureNotSupported {
		t.Fatal(err)
	}
}

// TestUnchanged: a step hands on only what differs from what was handed on before.
func TestUnchanged(t *testing.T) {
	s := table(catalog.Stream, -1, types.Int4, types.Int8)
	a := aggregateOf(s, []expr.Expr{col(s, 0)}, agg(t, "max", col(s, 1)))
	got, _ := runSteps(t, a, plan.Update, rowsOf("1|5", "1|3", "1|6", "2|1"), variant{4, 1, 1, 1, false, -1})
	if order := strings.Join(got.order, " "); order != "1|5 1|5 1|6 2|1" || got.minus != 1 {
		t.Fatal(order)
	}
}

// TestNextClose is the earliest watermark that closes something.
func TestNextClose(t *testing.T) {
	s := table(catalog.Stream, 0, eventTypes...)
	for name, end := range map[string]string{"tumble": "2026-01-01 00:00:10+00", "hop": "2026-01-01 00:00:06+00"} {
		root := windowed(t, windowCases[name](s), true)
		g, err := Build(root, Config{Mode: plan.Append, Parallelism: 1, NewCtx: testCtx})
		if err != nil {
			t.Fatal(err)
		}
		in := []Input{{Splits: cut(t, eventTypes, rowsOf("2026-01-01 00:00:05+00|1|1"), 1, 1)}}
		if _, err := g.Run(context.Background(), &Step{N: 1, WMStart: NoWatermark}, in, func(*types.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
		ts, ok := g.NextClose()
		b := batchOf(t, eventTypes[:1], rowsOf(end))
		if want := types.Int64s(b.Cols[0])[0]; !ok || ts != want {
			t.Errorf("%s: %d %v, want %d", name, ts, ok, want)
		}
	}
}

// TestDropped hands late rows to the step's callback.
func TestDropped(t *testing.T) {
	s := table(catalog.Stream, 0, eventTypes...)
	g, err := Build(windowed(t, windowCases["tumble"](s), false), Config{Mode: plan.Update, Parallelism: 2, NewCtx: testCtx})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for n, lines := range [][]string{{"2026-01-01 00:00:25+00|1|1", "NULL|2|2"}, {"2026-01-01 00:00:06+00|1|7"}} {
		st := &Step{N: int64(n + 1), WMStart: NoWatermark, Dropped: func(_, reason string, rows *types.Batch) {
			for i := range rows.N {
				got = append(got, reason+" "+textOf(eventTypes, &types.Batch{Cols: rows.Cols[:3], N: rows.N}, i))
			}
		}}
		if n > 0 {
			st.WMStart = types.Int64s(batchOf(t, eventTypes[:1], rowsOf("2026-01-01 00:00:20+00")).Cols[0])[0]
		}
		in := []Input{{Splits: cut(t, eventTypes, rowsOf(lines...), 1, 10)}}
		if _, err := g.Run(context.Background(), st, in, func(*types.Batch) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if want := "late NULL|2|2, late 2026-01-01 00:00:06+00|1|7"; strings.Join(got, ", ") != want {
		t.Fatal(got)
	}
}
