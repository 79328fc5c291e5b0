package sql

import (
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// TestRandom binds queries of testdata with words exchanged, left out, or replaced by whole other queries: no panic, and no internal error.
func TestRandom(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	env := &Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	queries, words := corpus(t, env)
	for range 8000 {
		q := split(queries[r.Intn(len(queries))])
		for range 1 + r.Intn(2) {
			switch i := r.Intn(len(q)); r.Intn(3) {
			case 0:
				q[i] = words[r.Intn(len(words))]
			case 1:
				q[i] = ""
			default:
				q[i] = "(" + queries[r.Intn(len(queries))] + ")"
			}
		}
		text := strings.Join(q, " ")
		env.Continuous = r.Intn(4) == 0
		bindOne(t, text, env)
	}
}

func bindOne(t *testing.T, text string, env *Env) {
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("panic: %v\n%s", p, text)
		}
	}()
	bind := planText
	if first, _, _ := strings.Cut(text, " "); first == "insert" || first == "update" || first == "delete" {
		bind = dmlText
	}
	if _, err := bind(text, env); err != nil {
		if e := sqlerr.From(err); e.Code == sqlerr.InternalError || e.Pos > len(text)+1 {
			t.Fatalf("%s: %s at %d\n%s", e.Code, e.Message, e.Pos, text)
		}
	}
}

func split(q string) []string {
	return strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ", ",", " , ").Replace(q))
}

// corpus reads the queries of testdata, and sets up the tables of two files.
func corpus(t *testing.T, env *Env) (queries, words []string) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(b), "\n\n") {
			head, rest, _ := strings.Cut(block, "\n")
			text, _, _ := strings.Cut(rest, "\n----")
			switch {
			case head == "setup" && (strings.HasSuffix(f, "errors.txt") || strings.HasSuffix(f, "nexmark.txt")):
				if _, err := setup(text, env); err != nil {
					t.Fatal(err)
				}
			case strings.HasPrefix(head, "plan"), head == "dml":
				queries = append(queries, text)
				words = append(words, split(text)...)
			}
		}
	}
	return queries, words
}
