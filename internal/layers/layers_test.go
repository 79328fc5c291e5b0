package layers

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/streamsqld/streamsqld/"

// table is the architecture: a package imports only packages of lower rows, or those that its own line names after the arrow.
const table = `
9 internal/bench internal/lawtest internal/nexbench internal/slt internal/layers internal/pgtest
8 cmd/streamsqld
7 wire http connector/builtin
6 engine
5 optimizer stream sql/deparse -> sql
4 wasm sql exec catalog/pgcatalog connector/blackhole connector/console connector/file connector/memory connector/nexmark connector/rate connector/socket connector/conformance
4 connector/webhook connector/kafka connector/http
3 connector/format connector
3 sql/parser
2 sql/plan sql/ast
2 catalog -> state
1 state -> internal/colenc
1 expr
0 types types/batchfmt internal/libm internal/jsonpath internal/copyfmt internal/colenc internal/sqlerr
`

// within are imports between packages of one row, or upwards, that are meant.
var within = map[string][]string{
	"sql":                 {"sql/plan", "sql/parser"},
	"optimizer":           {"sql/plan"},
	"connector/format":    {"connector", "connector/conformance"},
	"connector/file":      {"connector/conformance"},
	"connector/nexmark":   {"connector/conformance"},
	"connector/rate":      {"connector/conformance"},
	"connector/socket":    {"connector/conformance"},
	"types":               {"internal/sqlerr", "internal/jsonpath"},
	"types/batchfmt":      {"types"},
	"internal/jsonpath":   {"internal/sqlerr"},
	"internal/copyfmt":    {"types", "internal/sqlerr", "internal/colenc"},
	"internal/colenc":     {"types", "internal/sqlerr"},
	"connector/blackhole": {"connector/conformance"},
	"connector/memory":    {"connector/conformance"},
	"connector/console":   {"connector/conformance"},
	"sql/plan":            {"sql/ast", "catalog"},
	"internal/slt":        {"internal/pgtest"},
}

// owners are packages of others that only one of ours may import.
var owners = map[string]string{
	"github.com/pingcap/tidb":              "sql/parser",
	"github.com/jackc/pgx/v5/pgproto3":     "wire",
	"github.com/cockroachdb/pebble":        "state",
	"github.com/wasilibs/go-pgquery":       "sql/parser/oracle",
	"github.com/alecthomas/kong":           "cmd/streamsqld",
	"github.com/tetratelabs/wazero":        "wasm",
	"github.com/prometheus/client_golang/": "cmd/streamsqld http wire",
}

// longFiles and longFunctions are the exceptions, with what they may have.
var (
	longFiles     = map[string]int{}
	longFunctions = map[string]int{}
)

const (
	maxFile     = 500
	maxFunction = 100
)

func rows(t *testing.T) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		names, _, _ := strings.Cut(line, "->")
		f := strings.Fields(names)
		for _, name := range f[1:] {
			out[name] = int(f[0][0] - '0')
		}
	}
	return out
}

// sources calls fn with every Go file of the module.
func sources(t *testing.T, fn func(rel string, f *ast.File, fset *token.FileSet, lines int)) {
	t.Helper()
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != root || d.Name() == "testdata" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		fn(filepath.ToSlash(rel), f, fset, fset.File(f.Pos()).LineCount())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestImports(t *testing.T) {
	row := rows(t)
	sources(t, func(rel string, f *ast.File, _ *token.FileSet, _ int) {
		pkg := filepath.ToSlash(filepath.Dir(rel))
		test := strings.HasSuffix(rel, "_test.go")
		if pkg == "sql/parser/oracle" {
			return
		}
		from, known := row[pkg]
		if !known {
			t.Errorf("%s: package %s has no row in the table of layers_test.go", rel, pkg)
		}
		for _, spec := range f.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			for prefix, owner := range owners {
				if strings.HasPrefix(path, prefix) && !test && !slices.Contains(strings.Fields(owner), pkg) {
					t.Errorf("%s imports %s, which only %s may", rel, path, owner)
				}
			}
			to, ours := strings.CutPrefix(path, module)
			if !ours || test {
				continue
			}
			if at, known := row[to]; known && at >= from && !slices.Contains(within[pkg], to) {
				t.Errorf("%s imports %s, which is not below it (rows %d and %d)", rel, to, from, at)
			}
		}
	})
}

func TestLength(t *testing.T) {
	sources(t, func(rel string, f *ast.File, fset *token.FileSet, lines int) {
		if strings.HasSuffix(rel, "_test.go") {
			return
		}
		if limit := max(maxFile, longFiles[rel]); lines > limit {
			t.Errorf("%s has %d lines, more than %d", rel, lines, limit)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line + 1
			name := rel + ":" + fn.Name.Name
			if limit := max(maxFunction, longFunctions[name]); n > limit {
				t.Errorf("%s has %d lines, more than %d", name, n, limit)
			}
		}
	})
}

// TestStyle holds the small rules: a package comment, in doc.go where a package has several files; no init functions; no forgotten marks.
func TestStyle(t *testing.T) {
	doc, files := map[string]bool{}, map[string]int{}
	sources(t, func(rel string, f *ast.File, _ *token.FileSet, _ int) {
		pkg := filepath.ToSlash(filepath.Dir(rel))
		if !strings.HasSuffix(rel, "_test.go") {
			files[pkg]++
			doc[pkg] = doc[pkg] || f.Doc != nil
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "init" && fn.Recv == nil && rel != "types/type.go" {
				t.Errorf("%s has an init function: use an explicit list", rel)
			}
		}
		for _, c := range f.Comments {
			for _, mark := range []string{"TO" + "DO", "FIX" + "ME", "XX" + "X "} {
				if strings.Contains(c.Text(), mark) {
					t.Errorf("%s has a comment with %s", rel, mark)
				}
			}
		}
	})
	for pkg, n := range files {
		if n > 0 && !doc[pkg] {
			t.Errorf("package %s has no package comment", pkg)
		}
	}
}

// TestGoMod holds go.mod without replace lines.
func TestGoMod(t *testing.T) {
	f, err := os.Open("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		if strings.HasPrefix(sc.Text(), "replace ") {
			t.Errorf("go.mod: %s", sc.Text())
		}
	}
}
