package wasm

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// TestGoModule: the example of the documentation, a module made by the Go compiler.
func TestGoModule(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles Go's runtime for WebAssembly")
	}
	out := filepath.Join(t.TempDir(), "textstats.wasm")
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s", "-o", out, "main.go")
	cmd.Dir = "testdata/textstats"
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm")
	if msg, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	code, err := os.ReadFile(out)
	must(t, err)
	at := func(export string) *Module {
		m, err := Open(code, Options{Name: export, Export: export, Memory: DefaultMemory, Timeout: time.Minute})
		must(t, err)
		t.Cleanup(m.Close)
		return m
	}
	f, err := at("slug").Func(expr.Func{Name: "slug", Args: ts(types.Text), Ret: types.Text})
	must(t, err)
	v, err := f.Kernel(nil, 3, []expr.Vec{{Arr: column(t, types.Text, "Hello, World!", "NULL", "a")}})
	must(t, err)
	if got := show(v.Arr, types.Text); got != "hello-world NULL a" {
		t.Error(got)
	}
	a, err := at("geomean").Agg(expr.Agg{Name: "geomean", Args: ts(types.Float8), Ret: types.Float8})
	must(t, err)
	acc := a.New(nil)
	acc.Grow(2)
	must(t, acc.Add([]uint32{0, 0}, []arrow.Array{column(t, types.Float8, "2", "8")}, nil))
	wantResult(t, acc, "4 NULL", types.Float8)
}
