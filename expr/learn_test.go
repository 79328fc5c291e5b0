package expr

import (
	"encoding/json"
	"math"
	"math/rand"
	"os"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

type learnCase struct {
	Kind, Name string
	X, Probe   [][]float64
	Y          []float64
	Param      float64
	Want       struct {
		Coef, Predict []float64
		Intercept     float64
		R2            *float64
		Centers       [][]float64
		Sizes         []int64
		Inertia       float64
	}
}

func learnCases(t *testing.T) []learnCase {
	t.Helper()
	b, err := os.ReadFile("testdata/learning/figures.json")
	if err != nil {
		t.Fatal(err)
	}
	var cs []learnCase
	if err := json.Unmarshal(b, &cs); err != nil {
		t.Fatal(err)
	}
	return cs
}

// learnerOf makes the aggregate of a case.
func learnerOf(t *testing.T, kind string) *learnAcc {
	t.Helper()
	for _, a := range learnAggs() {
		if a.Name == kind+"_train" && (kind == "kmeans" || len(a.Args) == 3 && a.Args[0] == types.Float8) {
			return a.New(nil).(*learnAcc)
		}
	}
	t.Fatal("no aggregate for", kind)
	return nil
}

// args are the columns of rows i of a case.
func (c *learnCase) args(rows []int) []arrow.Array {
	y, p, k, ls := make([]float64, len(rows)), make([]float64, len(rows)), make([]int32, len(rows)), make([][]float64, len(rows))
	for i, r := range rows {
		p[i], k[i], ls[i] = c.Param, int32(c.Param), c.X[r]
		if c.Y != nil {
			y[i] = c.Y[r]
		}
	}
	if c.Kind == "kmeans" {
		return []arrow.Array{types.Int32Array(k, nil, 0), floatLists(ls)}
	}
	return []arrow.Array{types.Float64Array(y, nil, 0), floatLists(ls), types.Float64Array(p, nil, 0)}
}

func floatLists(ls [][]float64) arrow.Array {
	var vals []float64
	offs := make([]int32, 1, len(ls)+1)
	for _, l := range ls {
		vals = append(vals, l...)
		offs = append(offs, int32(len(vals)))
	}
	return newList(arrow.ListOf(arrow.PrimitiveTypes.Float64), offs, types.Float64Array(vals, nil, 0), nil)
}

func (c *learnCase) train(t *testing.T, parts [][]int, w []int64) string {
	t.Helper()
	a := learnerOf(t, c.Kind)
	a.Grow(1)
	for i, rows := range parts {
		ws := make([]int64, len(rows))
		for k := range ws {
			ws[k] = w[i]
		}
		if err := a.Add(make([]uint32, len(rows)), c.args(rows), ws); err != nil {
			t.Fatal(err)
		}
		cols, err := a.Save([]uint32{0}) // a restart
		if err != nil {
			t.Fatal(err)
		}
		a = learnerOf(t, c.Kind)
		a.Grow(1)
		if err := a.Load([]uint32{0}, cols); err != nil {
			t.Fatal(err)
		}
	}
	out, err := a.Result([]uint32{0})
	if err != nil {
		t.Fatal(err)
	}
	return out.ValueStr(0)
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestLearnFigures: models and what they predict are those of scikit-learn.
func TestLearnFigures(t *testing.T) {
	near := func(t *testing.T, what string, got, want []float64) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%s: got %v, want %v", what, got, want)
		}
		for i := range got {
			if math.Abs(got[i]-want[i]) > 1e-7*(1+math.Abs(want[i])) {
				t.Errorf("%s %d: got %v, want %v", what, i, got[i], want[i])
			}
		}
	}
	for _, c := range learnCases(t) {
		t.Run(c.Kind+" "+c.Name, func(t *testing.T) {
			text := c.train(t, [][]int{upTo(len(c.X))}, []int64{1})
			m, err := readModel(text, c.Kind)
			if err != nil {
				t.Fatal(text, err)
			}
			var more struct {
				R2, Inertia float64
				Sizes       []int64
			}
			if err := json.Unmarshal([]byte(text), &more); err != nil {
				t.Fatal(err)
			}
			if c.Kind != "kmeans" {
				near(t, "coef", m.Coef, c.Want.Coef)
				near(t, "intercept", []float64{m.Intercept}, []float64{c.Want.Intercept})
			}
			if c.Want.R2 != nil {
				near(t, "r2", []float64{more.R2}, []float64{*c.Want.R2})
			}
			if c.Kind == "kmeans" {
				near(t, "inertia", []float64{more.Inertia}, []float64{c.Want.Inertia})
				for i, x := range c.Want.Centers {
					near(t, "center", m.Centers[i], x)
					if more.Sizes[i] != c.Want.Sizes[i] {
						t.Errorf("sizes: got %v, want %v", more.Sizes, c.Want.Sizes)
					}
				}
			}
			for i, x := range c.Probe {
				got := 0.0
				switch c.Kind {
				case "kmeans":
					got = float64(nearest(m.Centers, x))
				default:
					for k, v := range x {
						got += m.Coef[k] * v
					}
					if got += m.Intercept; c.Kind == "logreg" {
						got = sigmoid(got)
					}
				}
				near(t, "predict", []float64{got}, c.Want.Predict[i:i+1])
			}
		})
	}
}

// TestLearnOrder: the model is the same to the last digit in whatever order and pieces the rows come, over restarts, and, of linear regression, after others came and went.
func TestLearnOrder(t *testing.T) {
	const seed = 20261121
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewSource(seed))
	for _, c := range learnCases(t) {
		n := len(c.X)
		want := c.train(t, [][]int{upTo(n)}, []int64{1})
		for range 5 {
			rows := rnd.Perm(n)
			var parts [][]int
			var w []int64
			if c.Kind == "linreg" {
				parts, w = append(parts, rows[:n/2]), append(w, 3)
			}
			for len(rows) > 0 {
				k := 1 + rnd.Intn(len(rows))
				parts, w, rows = append(parts, rows[:k]), append(w, 1), rows[k:]
			}
			if c.Kind == "linreg" {
				parts, w = append(parts, parts[0]), append(w, -3)
			}
			if got := c.train(t, parts, w); got != want {
				t.Errorf("%s %s:\n%s\n--- want\n%s", c.Kind, c.Name, got, want)
			}
		}
	}
}
