package expr

import "math"

// matrix is square, by rows.
type matrix [][]float64

func newMatrix(n int) matrix {
	m := make(matrix, n)
	for i := range m {
		m[i] = make([]float64, n)
	}
	return m
}

// solve gives x with m x = b for a symmetric matrix that is not negative: exactly where it is well conditioned, else the x of least squares with the least norm. m stays
// as it is.
func (m matrix) solve(b []float64) []float64 {
	if x, ok := m.cholesky(b); ok {
		return x
	}
	return m.leastNorm(b)
}

// singular is the share of a column's variance, below which it is taken for a combination of the columns before it.
const singular = 1e-11

// cholesky solves by factors of the matrix with its columns scaled to 1, and refines once; false where it is singular.
func (m matrix) cholesky(b []float64) ([]float64, bool) {
	n := len(m)
	scale, l := make([]float64, n), newMatrix(n)
	for i := range n {
		if m[i][i] <= 0 {
			return nil, false
		}
		scale[i] = 1 / math.Sqrt(m[i][i])
	}
	for i := range n {
		for j := range i + 1 {
			s := m[i][j] * scale[i] * scale[j]
			for k := range j {
				s -= l[i][k] * l[j][k]
			}
			if i != j {
				l[i][j] = s / l[j][j]
				continue
			}
			if s < singular {
				return nil, false
			}
			l[i][i] = math.Sqrt(s)
		}
	}
	back := func(b []float64) []float64 {
		x := make([]float64, n)
		for i := range n {
			s := b[i] * scale[i]
			for k := range i {
				s -= l[i][k] * x[k]
			}
			x[i] = s / l[i][i]
		}
		for i := n - 1; i >= 0; i-- {
			for k := i + 1; k < n; k++ {
				x[i] -= l[k][i] * x[k]
			}
			x[i] /= l[i][i]
		}
		for i := range x {
			x[i] *= scale[i]
		}
		return x
	}
	x := back(b)
	rest := make([]float64, n)
	for i := range n {
		rest[i] = b[i]
		for j := range n {
			rest[i] = math.FMA(-m[i][j], x[j], rest[i])
		}
	}
	for i, d := range back(rest) {
		x[i] += d
	}
	return x, true
}

// leastNorm solves by eigenvalues; those that are nothing beside the greatest count as 0.
func (m matrix) leastNorm(b []float64) []float64 {
	n := len(m)
	vals, vecs := m.eigen()
	top := 0.0
	for _, v := range vals {
		top = max(top, v)
	}
	x := make([]float64, n)
	for k, v := range vals {
		if v <= top*singular {
			continue
		}
		s := 0.0
		for i := range n {
			s += vecs[i][k] * b[i]
		}
		for i := range n {
			x[i] += vecs[i][k] * s / v
		}
	}
	return x
}

// eigen gives the eigenvalues and, as columns, the eigenvectors of a symmetric matrix, by Jacobi's rotations.
func (m matrix) eigen() ([]float64, matrix) {
	n := len(m)
	a, v := newMatrix(n), newMatrix(n)
	total := 0.0
	for i := range n {
		copy(a[i], m[i])
		v[i][i] = 1
		for _, x := range m[i] {
			total += x * x
		}
	}
	for range 60 {
		off := 0.0
		for i := range n {
			for j := range i {
				off += a[i][j] * a[i][j]
			}
		}
		if off <= total*1e-32 {
			break
		}
		for p := range n {
			for q := p + 1; q < n; q++ {
				a.rotate(v, p, q)
			}
		}
	}
	vals := make([]float64, n)
	for i := range n {
		vals[i] = a[i][i]
	}
	return vals, v
}

// rotate makes a[p][q] 0.
func (m matrix) rotate(v matrix, p, q int) {
	if m[p][q] == 0 {
		return
	}
	theta := (m[q][q] - m[p][p]) / (2 * m[p][q])
	t := 1 / (math.Abs(theta) + math.Sqrt(theta*theta+1))
	if theta < 0 {
		t = -t
	}
	c := 1 / math.Sqrt(t*t+1)
	s := t * c
	for k := range m {
		m[k][p], m[k][q] = c*m[k][p]-s*m[k][q], s*m[k][p]+c*m[k][q]
	}
	for k := range m {
		m[p][k], m[q][k] = c*m[p][k]-s*m[q][k], s*m[p][k]+c*m[q][k]
		v[k][p], v[k][q] = c*v[k][p]-s*v[k][q], s*v[k][p]+c*v[k][q]
	}
}
