package wasm

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

var rewrite = flag.Bool("rewrite", false, "assemble testdata anew")

// TestAssembled: the module that other tests load is that of its source.
func TestAssembled(t *testing.T) {
	src, err := os.ReadFile("testdata/funcs.wat")
	if err != nil {
		t.Fatal(err)
	}
	code := assemble(string(src))
	if *rewrite {
		if err := os.WriteFile("testdata/funcs.wasm", code, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, _ := os.ReadFile("testdata/funcs.wasm"); !bytes.Equal(have, code) {
		t.Error("testdata/funcs.wasm is not what funcs.wat says: run with -rewrite")
	}
}

func open(t testing.TB, export string, args ...types.Type) *Module {
	t.Helper()
	code, err := os.ReadFile("testdata/funcs.wasm")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(code, Options{Name: export + "(...)", Export: export, Memory: 8 << 20, Timeout: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func column(t testing.TB, typ types.Type, vals ...string) arrow.Array {
	t.Helper()
	b := types.NewBuilder(typ)
	for _, v := range vals {
		if v == "NULL" {
			b.AppendNull()
		} else if err := types.ParseText(b, v, typ, types.UTCFormat(0)); err != nil {
			t.Fatal(err)
		}
	}
	return b.NewArray()
}

func show(a arrow.Array, typ types.Type) string {
	var out []string
	for i := range a.Len() {
		if a.IsNull(i) {
			out = append(out, "NULL")
		} else {
			out = append(out, string(types.AppendText(nil, a, i, typ, types.UTCFormat(0))))
		}
	}
	return strings.Join(out, " ")
}

type call struct {
	export string
	args   []types.Type
	ret    types.Type
	rows   [][]string // by argument
	want   string     // the values, or the beginning of the error
}

func ts(t ...types.Type) []types.Type { return t }

var calls = []call{
	{"gcd", ts(types.Int8, types.Int8), types.Int8, [][]string{{"12", "NULL", "7"}, {"18", "3", "0"}}, "6 NULL 7"},
	{"half", ts(types.Float8), types.Float8, [][]string{{"3", "-1e300"}}, "1.5 -5e+299"},
	{"half4", ts(types.Float4), types.Float4, [][]string{{"3"}}, "1.5"},
	{"is_even", ts(types.Int4), types.Bool, [][]string{{"3", "-4", "0"}}, "f t t"},
	{"is_even", ts(types.Int2), types.Bool, [][]string{{"3", "-4"}}, "f t"},
	{"positive", ts(types.Int4), types.Int4, [][]string{{"3", "0", "5"}}, "3 NULL 5"},
	{"positive", ts(types.Int4), types.Int4, [][]string{{"3", "-1"}}, "38000: negative input"},
	{"square", ts(types.Int8), types.Int8, [][]string{{"3", "NULL", "-5"}}, "9 NULL 25"},
	{"gcd", ts(types.Timestamp, types.Timestamp), types.Timestamp, [][]string{{"2024-01-02"}, {"1970-01-01"}}, "2024-01-02 00:00:00"},
	{"positive", ts(types.Date), types.Date, [][]string{{"2024-01-02"}}, "2024-01-02"},
	{"shout", ts(types.Text), types.Text, [][]string{{"héllo", "", "NULL", "abcXYZ"}}, "HéLLO  NULL ABCXYZ"},
	{"shout", ts(types.Bytea), types.Bytea, [][]string{{`\x61ff`}}, `\x41ff`},
	{"byte_count", ts(types.Text, types.Int4), types.Int4, [][]string{{"héllo"}, {"2"}}, "12"},
	{"big", ts(types.Int4), types.Int2, [][]string{{"1"}}, "22003: smallint out of range"},
	{"div", ts(types.Int4, types.Int4), types.Int4, [][]string{{"7"}, {"2"}}, "3"},
	{"div", ts(types.Int4, types.Int4), types.Int4, [][]string{{"7"}, {"0"}}, "38000: the function div(...) failed: wasm error: integer divide by zero"},
	{"trap", ts(types.Int4), types.Int4, [][]string{{"7"}}, "38000: the function trap(...) failed: wasm error: unreachable"},
	{"recurse", ts(types.Int4), types.Int4, [][]string{{"7"}}, "38000: the function recurse(...) failed: stack overflow"},
	{"forever", ts(types.Int4), types.Int4, [][]string{{"7"}}, "57014: the function forever(...) took longer than 300ms"},
	{"eat", ts(types.Int4), types.Int4, [][]string{{"7"}}, "53200: the function eat(...) needs more than its 8192 kB of memory"},
	{"not_text", ts(types.Int4), types.Text, [][]string{{"7"}}, "22021: the function not_text(...) returned bytes that are not text"},
	{"outside", ts(types.Int4), types.Text, [][]string{{"7"}}, "38000: the function outside(...) returned bytes outside of its memory"},
	{"nosuch", ts(types.Int4), types.Text, nil, `42P13: the WebAssembly module does not export "nosuch"`},
	{"gcd", ts(types.Int4), types.Int8, nil, "42P13: the WebAssembly module's gcd has other arguments: It is (i64, i64) -> (i64), and (i32) -> (i64) is needed."},
	{"gcd", ts(types.Numeric), types.Int8, nil, "0A000: a WebAssembly function cannot take or return type numeric"},
}

func TestCalls(t *testing.T) {
	for _, c := range calls {
		t.Run(c.export, func(t *testing.T) {
			got := run(t, c)
			if strings.Contains(c.want, ": ") != strings.Contains(got, ": ") || !strings.HasPrefix(got, c.want) && !sameError(got, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// sameError compares message and detail apart, each by its beginning.
func sameError(got, want string) bool {
	g, w := strings.SplitN(got, ": ", 3), strings.SplitN(want, ": ", 3)
	for i := range w {
		if i >= len(g) || !strings.HasPrefix(g[i], w[i]) {
			return false
		}
	}
	return true
}

func run(t *testing.T, c call) string {
	m := open(t, c.export)
	f, err := m.Func(expr.Func{Name: c.export, Args: c.args, Ret: c.ret})
	if err == nil {
		var vs []expr.Vec
		for i, col := range c.rows {
			vs = append(vs, expr.Vec{Arr: column(t, c.args[i], col...)})
		}
		for range 2 { // again after an error, too
			var v expr.Vec
			if v, err = f.Kernel(&expr.Ctx{}, len(c.rows[0]), vs); err == nil {
				return show(v.Arr, c.ret)
			}
		}
	}
	e := sqlerr.From(err)
	return strings.TrimSuffix(e.Code+": "+e.Message+": "+e.Detail, ": ")
}

func TestBadModules(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"hello", "42P13: this is not a WebAssembly module"},
		{"\x00asm\x01\x00\x00\x00\xff", "42P13: the WebAssembly module is not valid"},
		{string(assemble(`(module (memory (export "memory") 300 300))`)), "53200: the function f() needs more than its 8192 kB of memory"},
	} {
		_, err := Open([]byte(c.code), Options{Name: "f()", Export: "f", Memory: 8 << 20, Timeout: time.Second})
		e := sqlerr.From(err)
		if got := e.Code + ": " + e.Message; got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	m, err := Open(assemble(`(module (import "env" "x" (func $x)) (func (export "f") (param $a i32) (result i32) local.get $a))`), Options{Name: "f", Export: "f", Memory: 1 << 20, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = m.Func(expr.Func{Name: "f", Args: ts(types.Int4), Ret: types.Int4}); sqlerr.From(err).Message != "the WebAssembly module imports what the server does not have" {
		t.Error(err)
	}
}

// TestAggregate: rows added, taken back, saved and loaded, merged.
func TestAggregate(t *testing.T) {
	a, err := open(t, "dot").Agg(expr.Agg{Name: "dot", Args: ts(types.Int8, types.Int8), Ret: types.Int8})
	if err != nil {
		t.Fatal(err)
	}
	if !a.Invertible {
		t.Error("it exports retract")
	}
	acc := a.New(nil)
	acc.Grow(3)
	must(t, acc.Add([]uint32{0, 1, 0, 1}, []arrow.Array{column(t, types.Int8, "1", "2", "3", "NULL"), column(t, types.Int8, "10", "10", "10", "1")}, nil))
	wantResult(t, acc, "40 20 0", types.Int8)
	must(t, acc.Add([]uint32{0, 1}, []arrow.Array{column(t, types.Int8, "3", "5"), column(t, types.Int8, "10", "1")}, []int64{-1, 2}))
	wantResult(t, acc, "10 30 0", types.Int8)
	cols, err := acc.Save([]uint32{0, 1, 2})
	must(t, err)
	other := a.New(nil)
	other.Grow(3)
	must(t, other.Load([]uint32{2, 1, 0}, cols))
	wantResult(t, other, "0 30 10", types.Int8)
	must(t, other.Merge([]uint32{0, 0, 1}, cols))
	wantResult(t, other, "40 30 10", types.Int8)
	other.Reset([]uint32{0})
	wantResult(t, other, "0 30 10", types.Int8)
}

func TestTextAggregate(t *testing.T) {
	a, err := open(t, "longest").Agg(expr.Agg{Name: "longest", Args: ts(types.Text), Ret: types.Text})
	if err != nil {
		t.Fatal(err)
	}
	if a.Invertible {
		t.Error("it exports no retract")
	}
	acc := a.New(nil)
	acc.Grow(2)
	must(t, acc.Add([]uint32{0, 0, 0}, []arrow.Array{column(t, types.Text, "ab", "abcd", "x")}, nil))
	wantResult(t, acc, "abcd NULL", types.Text)
	if acc.Bytes() == 0 {
		t.Error("the state takes memory")
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantResult(t *testing.T, acc expr.Accumulator, want string, typ types.Type) {
	t.Helper()
	groups := []uint32{0, 1, 2}[:len(strings.Fields(want))]
	col, err := acc.Result(groups)
	must(t, err)
	if got := show(col, typ); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkScalar(b *testing.B) { benchmark(b, "gcd", 2) }

func BenchmarkBatch(b *testing.B) { benchmark(b, "square", 1) }

func benchmark(b *testing.B, export string, args int) {
	m := open(b, export)
	m.opts.Timeout = time.Minute
	ints := []types.Type{types.Int8, types.Int8}[:args]
	f, err := m.Func(expr.Func{Name: export, Args: ints, Ret: types.Int8})
	if err != nil {
		b.Fatal(err)
	}
	const n = 4096
	vals := make([]int64, n)
	for i := range vals {
		vals[i] = int64(i * 12)
	}
	vs := []expr.Vec{{Arr: types.Int64Array(vals, nil, 0)}, {Arr: types.Int64Array(vals, nil, 0)}}[:args]
	for b.Loop() {
		if _, err := f.Kernel(nil, n, vs); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
}
