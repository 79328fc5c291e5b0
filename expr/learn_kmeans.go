package expr

import (
	"cmp"
	"math"
	"slices"
	"strconv"
)

// kmeans parts the rows into k clusters. Lloyd's iteration begins with the row nearest to the mean of all, and then each time the row farthest from the centers so
// far; of equals the first in order. So the same rows always give the same clusters.
type kmeans struct {
	learnRows
	k int
}

func newKmeans(dim int, k float64) learner { return &kmeans{learnRows{dim: dim}, int(k)} }

const lloydSteps = 300

func (m *kmeans) model() []byte {
	rows, count := m.distinct()
	for i := range rows {
		rows[i] = rows[i][1:]
	}
	if len(rows) == 0 {
		return nil
	}
	centers := m.begin(rows, count)
	of := make([]int, len(rows))
	for i := range of {
		of[i] = -1
	}
	for range lloydSteps {
		moved := false
		for i, r := range rows {
			if c := nearest(centers, r); c != of[i] {
				of[i], moved = c, true
			}
		}
		if !moved {
			break
		}
		means(centers, rows, count, of)
	}
	slices.SortFunc(centers, func(a, b []float64) int { return slices.CompareFunc(a, b, cmp.Compare[float64]) })
	sizes, inertia, n := make([]int64, len(centers)), 0.0, int64(0)
	for i, r := range rows {
		c := nearest(centers, r)
		sizes[c] += int64(count[i])
		n += int64(count[i])
		inertia += count[i] * distance(centers[c], r)
	}
	out := append([]byte(`{"type":"kmeans","n":`), strconv.FormatInt(n, 10)...)
	out = append(out, `,"centers":[`...)
	for i, c := range centers {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendNumbers(out, c)
	}
	out = append(out, `],"sizes":[`...)
	for i, s := range sizes {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendInt(out, s, 10)
	}
	out = appendNumber(append(out, `],"inertia":`...), inertia)
	return append(out, '}')
}

// begin chooses the first centers: k, or fewer where there are not so many different rows.
func (m *kmeans) begin(rows [][]float64, count []float64) [][]float64 {
	mean, n := make([]float64, m.dim), 0.0
	for i, r := range rows {
		n += count[i]
		for k, x := range r {
			mean[k] += count[i] * x
		}
	}
	for k := range mean {
		mean[k] /= n
	}
	first, far := 0, make([]float64, len(rows))
	for i, r := range rows {
		far[i] = math.Inf(1)
		if distance(mean, r) < distance(mean, rows[first]) {
			first = i
		}
	}
	var centers [][]float64
	for at := first; ; {
		centers = append(centers, slices.Clone(rows[at]))
		next := 0
		for i, r := range rows {
			far[i] = min(far[i], distance(rows[at], r))
			if far[i] > far[next] {
				next = i
			}
		}
		if at = next; len(centers) == m.k || far[next] == 0 {
			return centers
		}
	}
}

// means moves each center to the mean of its rows; one without rows stays.
func means(centers, rows [][]float64, count []float64, of []int) {
	n := make([]float64, len(centers))
	sums := make([][]float64, len(centers))
	for i, r := range rows {
		c := of[i]
		if sums[c] == nil {
			sums[c] = make([]float64, len(r))
		}
		n[c] += count[i]
		for k, x := range r {
			sums[c][k] += count[i] * x
		}
	}
	for c, s := range sums {
		for k := range s {
			centers[c][k] = s[k] / n[c]
		}
	}
}

func nearest(centers [][]float64, r []float64) int {
	best := 0
	least := math.Inf(1)
	for c, x := range centers {
		if d := distance(x, r); d < least {
			best, least = c, d
		}
	}
	return best
}

// distance is the square of the distance.
func distance(a, b []float64) float64 {
	s := 0.0
	for k := range a {
		s += (a[k] - b[k]) * (a[k] - b[k])
	}
	return s
}
