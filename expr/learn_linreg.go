package expr

import (
	"math"
	"math/big"
	"strconv"
)

// linreg keeps the sums of the products of 1, the features and the label: all that linear regression has to know. A sum is a pair of floats with the rounding errors
// of the terms, so that it does not depend on the order, and a row that is taken back leaves nothing.
type linreg struct {
	n     int64
	ridge float64
	m     int       // 1, features, label
	z     []float64 // of a row
	s     []pairSum // of z[i]*z[j], i <= j
}

// pairSum is a sum in twice the precision.
type pairSum struct{ hi, lo float64 }

func (s *pairSum) plus(x float64) {
	t := s.hi + x
	b := t - s.hi
	s.lo += (s.hi - (t - b)) + (x - b)
	s.hi = t
}

func newLinreg(dim int, ridge float64) learner {
	m := dim + 2
	return &linreg{ridge: ridge, m: m, z: make([]float64, m), s: make([]pairSum, m*(m+1)/2)}
}

func (l *linreg) add(r learnRow, w int64) {
	l.n += w
	l.z[0], l.z[l.m-1] = float64(w), r.y
	copy(l.z[1:], r.x)
	k := 0
	for i := range l.m {
		for j := i; j < l.m; j++ {
			a := l.z[i]
			if i > 0 && w != 1 {
				a *= float64(w)
				if w != -1 { // the product with the weight may be rounded
					l.s[k].plus(math.FMA(l.z[i], float64(w), -a) * l.z[j])
				}
			}
			b := l.z[j]
			if j == 0 {
				b = 1
			}
			p, rest := product(a, b)
			l.s[k].plus(p)
			l.s[k].plus(rest)
			k++
		}
	}
}

// sum is the sum of z[i]*z[j], exactly as it is kept.
func (l *linreg) sum(i, j int) *big.Float {
	if i > j {
		i, j = j, i
	}
	s := l.s[i*l.m-i*(i-1)/2+j-i]
	x := new(big.Float).SetPrec(400).SetFloat64(s.hi)
	return x.Add(x, big.NewFloat(s.lo))
}

// centered is the sum of (z[i] - mean)(z[j] - mean).
func (l *linreg) centered(i, j int) float64 {
	n := new(big.Float).SetPrec(400).SetInt64(l.n)
	x := l.sum(0, i)
	x.Mul(x, l.sum(0, j)).Quo(x, n)
	out, _ := new(big.Float).SetPrec(400).Sub(l.sum(i, j), x).Float64()
	return out
}

// model minimises the squares of the errors plus ridge times those of the coefficients (not of the intercept). Where that has many solutions it is the one with the least
// norm.
func (l *linreg) model() []byte {
	if l.n <= 0 {
		return nil
	}
	d := l.m - 2
	a, b := newMatrix(d), make([]float64, d)
	for i := range d {
		for j := range i + 1 {
			a[i][j] = l.centered(i+1, j+1)
			a[j][i] = a[i][j]
		}
		a[i][i] = max(a[i][i], 0)
		b[i] = l.centered(i+1, l.m-1)
	}
	plain := newMatrix(d)
	for i := range d {
		copy(plain[i], a[i])
		a[i][i] += l.ridge
	}
	w := a.solve(b)
	mean := func(i int) float64 {
		x, _ := l.sum(0, i).Float64()
		return x / float64(l.n)
	}
	icept := mean(l.m - 1)
	total := l.centered(l.m-1, l.m-1)
	sse := total
	for i := range d {
		icept -= w[i] * mean(i+1)
		sse -= 2 * w[i] * b[i]
		for j := range d {
			sse += w[i] * plain[i][j] * w[j]
		}
	}
	out := append([]byte(`{"type":"linreg","n":`), strconv.FormatInt(l.n, 10)...)
	out = appendNumbers(append(out, `,"coef":`...), w)
	out = appendNumber(append(out, `,"intercept":`...), icept)
	if out = append(out, `,"r2":`...); total > 0 {
		out = appendNumber(out, 1-max(sse, 0)/total)
	} else {
		out = append(out, "null"...)
	}
	return append(out, '}')
}

// appendNumber appends x with 15 digits: a model does not show the last bit, in which sums may differ by their order.
func appendNumber(dst []byte, x float64) []byte {
	if x-x != 0 {
		return append(dst, "null"...)
	}
	if x == 0 {
		return append(dst, '0')
	}
	return strconv.AppendFloat(dst, x, 'g', 15, 64)
}

func appendNumbers(dst []byte, v []float64) []byte {
	dst = append(dst, '[')
	for i, x := range v {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendNumber(dst, x)
	}
	return append(dst, ']')
}

func (l *linreg) encode(dst []byte) []byte {
	dst = appendFloat(dst, float64(l.n))
	for _, s := range l.s {
		dst = appendFloat(appendFloat(dst, s.hi), s.lo)
	}
	return dst
}

func (l *linreg) merge(v []byte) error {
	if len(v) != 8*(1+2*len(l.s)) {
		return errLearnState()
	}
	l.n += int64(floatAt(v, 0))
	for k := range l.s {
		l.s[k].plus(floatAt(v, 1+2*k))
		l.s[k].plus(floatAt(v, 2+2*k))
	}
	return nil
}

func (l *linreg) bytes() int64 { return int64(len(l.s))*16 + int64(l.m)*8 + 64 }
