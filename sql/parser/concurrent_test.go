package parser

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestConcurrent parses different texts on several goroutines: none may see another's tree. That is rare; make race sees it at once.
func TestConcurrent(t *testing.T) {
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				want := fmt.Sprintf("%d%03d", g+1, i)
				list, err := Parse("SELECT " + want + " + x, 'a' || y FROM t WHERE z < " + want)
				if err != nil {
					t.Error(err)
					return
				}
				if got := dump(list[0].Stmt); strings.Count(got, want) != 2 {
					t.Errorf("%s: %s", want, got)
					return
				}
			}
		})
	}
	wg.Wait()
}
