package stream

import (
	"bufio"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

var writeFormat = flag.String("write-format", "", "write stored state of the present version under testdata/state, with this as the version in the names")

// TestStateFormats reads state that servers of all versions stored: testdata/state has it as lines of a key and a value. It is that of SELECT k, count(*), sum(v) FROM t GROUP BY k after
// two steps over the keys 0 to 9, in chunks or by key.
func TestStateFormats(t *testing.T) {
	if *writeFormat != "" {
		for kind, memory := range map[string]string{"chunks": "", "keys": "1MB"} {
			g := newGrouped(t, memory)
			g.run(10, func(i int) int64 { return int64(i) })
			g.run(5, func(i int) int64 { return int64(i) })
			dump(t, g.store, filepath.Join("testdata", "state", kind+"-"+*writeFormat+".txt"))
		}
	}
	files, err := filepath.Glob("testdata/state/*.txt")
	if err != nil || len(files) < 2 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		for _, memory := range []string{"", "1B"} {
			g := newGrouped(t, "")
			restore(t, g.store, f)
			g.rel.Options = g.rel.Options.With("state_memory", memory)
			if memory == "" {
				g.rel.Options = nil
			}
			g.open()
			g.step = 2
			var got []string
			g.out = func(b *types.Batch) {
				for i := range b.N {
					got = append(got, fmt.Sprint(b.Weight(i), " ", intAt(b, 0, i), " ", intAt(b, 1, i), " ", string(types.AppendText(nil, b.Cols[2], i, types.Numeric, types.UTCFormat(0)))))
				}
			}
			g.run(1, func(int) int64 { return 3 })
			g.run(1, func(int) int64 { return 8 })
			want := []string{"-1 3 2 6", "1 3 3 6", "-1 8 1 8", "1 8 2 8"}
			if !slices.Equal(got, want) {
				t.Errorf("%s, memory %q: %q, want %q", f, memory, got, want)
			}
		}
	}
}

// TestUnknownFormat: state of a version that is not known is an error that says so.
func TestUnknownFormat(t *testing.T) {
	r := record{Format: stateFormat + 1}
	if err := r.known(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("version %d", stateFormat+1)) {
		t.Errorf("%v", err)
	}
	g := newGrouped(t, "1MB")
	check(t, g.store.Set(queryKey(2, 'p'), []byte(`{"Version": 99, "Ops": ["x"]}`)))
	graph, err := exec.Build(g.root, exec.Config{Mode: plan.Update})
	check(t, err)
	for _, rel := range []*catalog.Relation{g.rel, {OID: 2}} {
		if _, err := openCold(g.store, rel, graph); err == nil || !strings.Contains(err.Error(), "version 99") {
			t.Errorf("%v", err)
		}
	}
}

// TestJoinFormats reads the rows of joins and the entries of multisets that servers of all versions stored by key: that of SELECT k, count(*), count(DISTINCT v) FROM t AS l JOIN t AS r USING (k)
// GROUP BY k, after steps over (k, v) = (0, 0) to (4, 4), then (0, 0) to (4, 4) again.
func TestJoinFormats(t *testing.T) {
	root := func(scan plan.Node) plan.Node {
		k := &expr.Column{Idx: 0, Name: "k", Typ: types.Int8}
		j := &plan.Join{Kind: "inner", L: scan, R: scan, LKeys: []expr.Expr{k}, RKeys: []expr.Expr{k}, LTime: -1, RTime: -1, Pos: -1, Cols: slices.Concat(scan.Schema(), scan.Schema())}
		return groupBy(t, j, countBy{"count", false}, countBy{"count", true})
	}
	same := func(i int) int64 { return int64(i) }
	if *writeFormat != "" {
		g := newSteps(t, "1B", root)
		g.run(5, same)
		g.run(5, same)
		dump(t, g.store, filepath.Join("testdata", "state", "join-"+*writeFormat+".hex"))
	}
	files, err := filepath.Glob("testdata/state/join-*.hex")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		g := newSteps(t, "1B", root)
		restore(t, g.store, f)
		g.open()
		g.step = 2
		var got []string
		g.out = func(b *types.Batch) {
			for i := range b.N {
				got = append(got, fmt.Sprint(b.Weight(i), " ", intAt(b, 0, i), " ", intAt(b, 1, i), " ", intAt(b, 2, i)))
			}
		}
		g.run(1, func(int) int64 { return 3 })
		g.run(2, func(i int) int64 { return int64(7 - 4*i) }) // 7 and 3, with 0 and 1
		want := []string{"-1 3 4 1", "1 3 9 2", "-1 3 9 2", "1 3 16 3", "1 7 1 1"}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", f, got, want)
		}
	}
}

func dump(t *testing.T, s *state.Store, file string) {
	f, err := os.Create(file)
	check(t, err)
	check(t, s.Scan(nil, func(k, v []byte) error {
		_, err := fmt.Fprintf(f, "%x %x\n", k, v)
		return err
	}))
	check(t, f.Close())
}

func restore(t *testing.T, s *state.Store, file string) {
	f, err := os.Open(file)
	check(t, err)
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		k, v, _ := strings.Cut(lines.Text(), " ")
		key, err := hex.DecodeString(k)
		check(t, err)
		value, err := hex.DecodeString(v)
		check(t, err)
		check(t, s.Set(key, value))
	}
	check(t, lines.Err())
}
