package expr

import (
	"encoding/json"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// learnFuncs apply the models that learnAggs train.
func learnFuncs() []*Func {
	F := types.Float8
	V, _ := F.Array()
	predict := func(name string, ret types.Type, k Kernel, doc string) *Func {
		return &Func{Name: name, Args: args(types.JSONB, V), Ret: ret, Vol: Immutable, Kernel: k, Doc: doc}
	}
	linear := func(m *model, x []float64) float64 {
		s := m.Intercept
		for k, v := range x {
			s += m.Coef[k] * v
		}
		return s
	}
	return []*Func{
		predict("linreg_predict", F, predictor(F, "linreg", linear), "what linear regression expects for some features"),
		predict("logreg_predict", F, predictor(F, "logreg", func(m *model, x []float64) float64 { return sigmoid(linear(m, x)) }), "the probability of the label 1"),
		predict("kmeans_predict", types.Int4, predictor(types.Int4, "kmeans", func(m *model, x []float64) int32 { return int32(nearest(m.Centers, x)) }),
			"the nearest cluster, from 0: its place in centers"),
	}
}

// model is a trained model as its JSON has it.
type model struct {
	Type      string
	Coef      []float64
	Intercept float64
	Centers   [][]float64
}

func readModel(text, kind string) (*model, error) {
	m := &model{}
	if err := json.Unmarshal([]byte(text), m); err != nil || m.Type != kind || kind == "kmeans" && len(m.Centers) == 0 || kind != "kmeans" && len(m.Coef) == 0 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "the model is none of %s_train", kind)
	}
	for _, c := range m.Centers {
		if len(c) != len(m.Centers[0]) {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "the model is none of %s_train", kind)
		}
	}
	return m, nil
}

func (m *model) dim() int {
	if m.Centers != nil {
		return len(m.Centers[0])
	}
	return len(m.Coef)
}

// predictor applies a model to features; NULL where one of them is. A model is read once as long as it stays the same from row to row.
func predictor[R any](ret types.Type, kind string, f func(*model, []float64) R) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		texts, lists := read[string](vs[0]), readList(vs[1])
		var m *model
		last := ""
		var x []float64
		return write(ret, n, andValid(n, vs...), func(i int) (r R, err error) {
			if t := texts(i); m == nil || t != last {
				if m, err = readModel(t, kind); err != nil {
					return r, err
				}
				last = t
			}
			l := lists(i)
			vals := types.Float64s(l.elems)
			x = x[:0]
			for k := l.from; k < l.to; k++ {
				if l.elems.IsNull(k) {
					return r, errNull
				}
				x = append(x, vals[k])
			}
			if len(x) != m.dim() {
				return r, sqlerr.New(sqlerr.InvalidParameterValue, "the model has %d features, not %d", m.dim(), len(x))
			}
			return f(m, x), nil
		})
	}
}
