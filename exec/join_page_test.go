package exec

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// TestJoinPages: with hardly any memory only the rows of the keys that changes need are read, and, where rows are only added, those of the other side.
func TestJoinPages(t *testing.T) {
	rnd := rand.New(rand.NewSource(3))
	var ins [2][]row
	for k := range 400 {
		ins[0] = append(ins[0], row{[]string{fmt.Sprint(k % 100), "l", fmt.Sprint(k), "0"}, 1})
	}
	for range 400 {
		ins[1] = append(ins[1], row{[]string{fmt.Sprint(rnd.Intn(100)), "r", "1", "0"}, 1})
	}
	for _, c := range []struct {
		kind  string
		reads int64 // at most
	}{{"inner", 1600}, {"full", 2800}} {
		l, r := sides([2]catalog.Kind{catalog.Stream, catalog.Stream}, -1, joinTypes)
		j := joinOf(t, c.kind, l, r, [][2]int{{0, 0}}, nil)
		want := naive(t, j, ins[0], ins[1]).String()
		got, stats := joinPaged(t, j, plan.Update, ins, variant{40, 1, 10, 1, false, -1}, 0)
		if got.String() != want {
			t.Fatalf("%s: wrong result", c.kind)
		}
		for _, s := range stats {
			if s.StateRows == 0 {
				continue
			}
			if s.StateRows != 800 || s.Writes != 800 || s.Reads == 0 || s.Reads > c.reads || s.MemoryRows > 200 {
				t.Errorf("%s: %d rows, %d in memory, %d read, %d written", c.kind, s.StateRows, s.MemoryRows, s.Reads, s.Writes)
			}
		}
	}
}
