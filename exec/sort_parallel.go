package exec

import (
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// sortTogether is how many rows are worth to be sorted on several goroutines.
const sortTogether = 1 << 16

// sortedTogether is sortedRows on several goroutines. Where the first key has numbers, the rows are put in order by these, and each goroutine sorts what is
// equal in them in a part of the rows. Otherwise each sorts rows that follow one another, and the parts are merged, of equal rows those of the first part first.
func sortedTogether(n int, cols []arrow.Array, keys []plan.SortKey, workers int) ([]int32, error) {
	if n < sortTogether || workers < 2 || len(keys) == 0 {
		return sortedRows(n, cols, keys, nil), nil
	}
	countNulls(cols)
	p := newPrefixSorter(cols, keys)
	p.large = true
	if err := p.prepare(n, workers); err != nil {
		return nil, err
	}
	if p.by[0].ok {
		return p.byRuns(n, workers)
	}
	parts := make([][]int32, workers)
	err := together(workers, func(k int) error {
		own := p.another()
		rows := make([]int32, n*(k+1)/workers-n*k/workers)
		for i := range rows {
			rows[i] = int32(n*k/workers + i)
		}
		own.sort(rows, 0)
		parts[k] = rows
		return nil
	})
	for len(parts) > 1 && err == nil {
		next := make([][]int32, (len(parts)+1)/2)
		err = together(len(next), func(k int) error {
			if 2*k+1 == len(parts) {
				next[k] = parts[2*k]
				return nil
			}
			var err error
			next[k], err = p.merge(parts[2*k], parts[2*k+1], max(1, workers/len(next)))
			return err
		})
		parts = next
	}
	if err != nil {
		return nil, err
	}
	return parts[0], nil
}

// byRuns sorts all rows by the numbers of the first key, and then on several goroutines those that have the same.
func (p *prefixSorter) byRuns(n, workers int) ([]int32, error) {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	p.count(rows, p.by[0].of)
	nums := p.radix.keys
	ends := make([]int, workers+1)
	for w := 1; w <= workers; w++ {
		at := max(n*w/workers, ends[w-1])
		for at > 0 && at < n && nums[at] == nums[at-1] {
			at++
		}
		ends[w] = at
	}
	return rows, together(workers, func(w int) error {
		p.another().runs(rows[ends[w]:ends[w+1]], nums[ends[w]:ends[w+1]], 0)
		return nil
	})
}

// another is the sorter for another goroutine.
func (p *prefixSorter) another() *prefixSorter {
	own := *p
	own.radix, own.order, own.pairs = keySorter{}, newRowOrder(p.keys), nil
	return &own
}

// prepare makes the numbers of the keys, which the goroutines share.
func (p *prefixSorter) prepare(n, workers int) error {
	return together(min(workers, len(p.keys)), func(w int) error {
		for k := w; k < len(p.keys); k += workers {
			p.prefixed(k)
		}
		return nil
	})
}

// merge merges two sorted lists, of which the second one's rows come later among equal ones, on several goroutines.
func (p *prefixSorter) merge(a, b []int32, workers int) ([]int32, error) {
	out := make([]int32, len(a)+len(b))
	fromA, fromB := make([]int, workers+1), make([]int, workers+1)
	for w := 1; w < workers; w++ { // rows of b that come before a's go to the goroutine before
		fromA[w] = len(a) * w / workers
		fromB[w] = sort.Search(len(b), func(i int) bool { return p.rowsOrder(b[i], a[fromA[w]], 0) >= 0 })
	}
	fromA[workers], fromB[workers] = len(a), len(b)
	return out, together(workers, func(w int) error {
		p := p.another()
		a, b, out := a[fromA[w]:fromA[w+1]], b[fromB[w]:fromB[w+1]], out[fromA[w]+fromB[w]:]
		for len(a) > 0 && len(b) > 0 {
			if p.rowsOrder(b[0], a[0], 0) < 0 {
				out[0], b = b[0], b[1:]
			} else {
				out[0], a = a[0], a[1:]
			}
			out = out[1:]
		}
		copy(out, a)
		copy(out[len(a):], b)
		return nil
	})
}
