package slt

import (
	"flag"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/internal/pgtest"
)

var rewritePG = flag.Bool("rewrite-pg", false, "write the results that PostgreSQL gives into the files named pg_")

const root = "../../testdata/slt"

// files lists the .slt files below root whose names pass keep.
func files(t *testing.T, keep func(base string) bool) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".slt") && keep(filepath.Base(path)) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func runFile(t *testing.T, name, dsn, db string, rewrite bool) {
	t.Helper()
	recs, err := ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := &Runner{DSN: dsn, DB: db, Dir: t.TempDir()}
	for _, err := range r.Run(recs) {
		t.Error(err)
	}
	if rewrite {
		if err := r.Rewrite(name, recs); err != nil {
			t.Error(err)
		}
	}
}

// TestPostgres runs the files whose names begin with pg_ against a real PostgreSQL too: what they expect is what PostgreSQL does.
func TestPostgres(t *testing.T) {
	dsn := pgtest.Start(t)
	for _, name := range files(t, func(base string) bool { return strings.HasPrefix(base, "pg_") }) {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".slt"), func(t *testing.T) {
			clear := &Runner{DSN: dsn}
			if errs := clear.Run([]*Record{{Kind: "statement", Expect: "ok", SQL: "DROP SCHEMA public CASCADE; CREATE SCHEMA public"}}); errs != nil {
				t.Fatal(errs)
			}
			runFile(t, name, dsn, "postgres", *rewritePG)
		})
	}
}
