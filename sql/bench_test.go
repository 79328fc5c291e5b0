package sql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// BenchmarkInsertLiterals binds an INSERT of 10,000 rows of four literals, which is to take less than 50 ms.
func BenchmarkInsertLiterals(b *testing.B) {
	env := &Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	if _, err := setup("create table t (a bigint, b text, c numeric(10,2), d timestamptz)", env); err != nil {
		b.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("insert into t values ")
	for i := range 10000 {
		if i > 0 {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "(%d, 'name %d', %d.25, '2026-01-01 00:00:%02d')", i, i, i, i%60)
	}
	stmts, err := parser.Parse(text.String())
	if err != nil {
		b.Fatal(err)
	}
	in := stmts[0].Stmt.(*ast.Insert)
	for b.Loop() {
		out, err := BindChange(in, env)
		if err != nil || out.(*Insert).Rows == nil || out.(*Insert).Rows.N != 10000 {
			b.Fatal(err, out)
		}
	}
}
