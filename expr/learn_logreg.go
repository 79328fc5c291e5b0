package expr

import (
	"math"
	"strconv"
)

// logreg is logistic regression: it minimises the sum of the log losses plus half of ridge times the squares of the coefficients (not of the intercept), by Newton's
// steps over all rows.
type logreg struct {
	learnRows
	ridge float64
}

func newLogreg(dim int, ridge float64) learner { return &logreg{learnRows{dim: dim}, ridge} }

const newtonSteps = 100

func (l *logreg) model() []byte {
	rows, count := l.distinct()
	n, ones := 0.0, 0.0
	for i, r := range rows {
		n += count[i]
		ones += r[0] * count[i]
	}
	if ones == 0 || ones == n {
		return nil // of one class there is nothing to tell apart
	}
	w := make([]float64, l.dim+1) // intercept first
	w[0] = math.Log(ones / (n - ones))
	loss, done := l.loss(rows, count, w), false
	for k := 0; k < newtonSteps && !done; k++ {
		var step []float64
		if step, done = l.newton(rows, count, w); done {
			break
		}
		next, size := make([]float64, len(w)), 1.0
		now := math.Inf(1)
		for ; size > 1e-8; size /= 2 {
			for i := range w {
				next[i] = w[i] - size*step[i]
			}
			if now = l.loss(rows, count, next); now <= loss+1e-14*math.Abs(loss) {
				break
			}
		}
		if size <= 1e-8 {
			done = true // rounding is all that is left
			break
		}
		w, loss = next, now
	}
	out := append([]byte(`{"type":"logreg","n":`), strconv.FormatInt(int64(n), 10)...)
	for i, x := range w { // the digits that are sure
		w[i], _ = strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	}
	out = appendNumbers(append(out, `,"coef":`...), w[1:])
	out = appendNumber(append(out, `,"intercept":`...), w[0])
	out = strconv.AppendBool(append(out, `,"converged":`...), done)
	return append(out, '}')
}

// score is the linear part for a row (label first).
func score(w, row []float64) float64 {
	s := w[0]
	for k, x := range row[1:] {
		s += w[k+1] * x
	}
	return s
}

func (l *logreg) loss(rows [][]float64, count, w []float64) float64 {
	total := 0.0
	for _, x := range w[1:] {
		total += l.ridge / 2 * x * x
	}
	for i, r := range rows {
		s := score(w, r)
		if r[0] == 1 {
			s = -s
		}
		total += count[i] * (max(s, 0) + math.Log1p(math.Exp(-math.Abs(s))))
	}
	return total
}

// newton is the step to the minimum of the loss's parabola at w; done where the slope is 0 but for rounding.
func (l *logreg) newton(rows [][]float64, count, w []float64) (step []float64, done bool) {
	d := len(w)
	h, g, size := newMatrix(d), make([]float64, d), make([]float64, d)
	z := make([]float64, d)
	z[0] = 1
	for i, r := range rows {
		copy(z[1:], r[1:])
		p := sigmoid(score(w, r))
		e, c := count[i]*(p-r[0]), count[i]*p*(1-p)
		for a := range d {
			g[a] += e * z[a]
			size[a] += math.Abs(e * z[a])
			for b := range a + 1 {
				h[a][b] += c * z[a] * z[b]
			}
		}
	}
	done = true
	for a := range d {
		if a > 0 {
			g[a] += l.ridge * w[a]
			size[a] += math.Abs(l.ridge * w[a])
			h[a][a] += l.ridge
		}
		for b := range a {
			h[b][a] = h[a][b]
		}
		done = done && math.Abs(g[a]) <= 1e-13*size[a]
	}
	return h.solve(g), done
}

func sigmoid(s float64) float64 {
	if s >= 0 {
		return 1 / (1 + math.Exp(-s))
	}
	e := math.Exp(s)
	return e / (1 + e)
}
