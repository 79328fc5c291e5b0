package expr

import (
	"cmp"
	"slices"
)

// learnRows keeps rows: what a model is trained on that has no sums to stand for them. Sorted they no longer depend on the order in which they came.
type learnRows struct {
	dim  int
	rows []float64 // label and features of each
}

func (l *learnRows) add(r learnRow, w int64) {
	for range w {
		l.rows = append(append(l.rows, r.y), r.x...)
	}
}

// distinct are the different rows, in order, and how often each is there.
func (l *learnRows) distinct() (rows [][]float64, n []float64) {
	all := slices.SortedFunc(slices.Chunk(l.rows, l.dim+1), func(a, b []float64) int { return slices.CompareFunc(a, b, cmp.Compare[float64]) })
	for _, r := range all {
		if k := len(rows); k > 0 && slices.Equal(rows[k-1], r) {
			n[k-1]++
			continue
		}
		rows, n = append(rows, r), append(n, 1)
	}
	return rows, n
}

func (l *learnRows) encode(dst []byte) []byte {
	for _, x := range l.rows {
		dst = appendFloat(dst, x)
	}
	return dst
}

func (l *learnRows) merge(v []byte) error {
	if len(v)%(8*(l.dim+1)) != 0 {
		return errLearnState()
	}
	for i := range len(v) / 8 {
		l.rows = append(l.rows, floatAt(v, i))
	}
	return nil
}

func (l *learnRows) bytes() int64 { return int64(cap(l.rows)) * 8 }
