package expr

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// learnAggs train models over rows: docs/learning.md has the mathematics.
func learnAggs() []*Agg {
	F, B := types.Float8, types.Bool
	V, _ := F.Array()
	ridge := func(x float64) error {
		if x < 0 {
			return sqlerr.New(sqlerr.InvalidParameterValue, "ridge must not be negative")
		}
		return nil
	}
	clusters := func(k float64) error {
		if k < 1 || k > math.MaxInt16 {
			return sqlerr.New(sqlerr.InvalidParameterValue, "kmeans_train needs 1 to %d clusters, not %v", math.MaxInt16, k)
		}
		return nil
	}
	train := func(name string, as []types.Type, at learnArgs, whole bool, check func(float64) error, mk func(int, float64) learner, doc string) *Agg {
		return &Agg{Name: name, Args: as, Ret: types.JSONB, Invertible: !whole, Whole: whole, Doc: doc, New: func([]types.Type) Accumulator {
			return &learnAcc{name: name, order: at, make: mk, check: check}
		}}
	}
	linear, logistic := "linear regression: label, features [, ridge]", "logistic regression: label, features [, ridge]"
	two, three := learnArgs{y: 0, x: 1, param: -1}, learnArgs{y: 0, x: 1, param: 2}
	yes2, yes3 := learnArgs{y: 0, x: 1, param: -1, none: 1, binary: true}, learnArgs{y: 0, x: 1, param: 2, binary: true}
	return []*Agg{
		train("linreg_train", args(F, V), two, false, ridge, newLinreg, linear),
		train("linreg_train", args(F, V, F), three, false, ridge, newLinreg, linear),
		train("logreg_train", args(B, V), yes2, true, ridge, newLogreg, logistic),
		train("logreg_train", args(B, V, F), yes3, true, ridge, newLogreg, logistic),
		train("logreg_train", args(F, V), yes2, true, ridge, newLogreg, logistic),
		train("logreg_train", args(F, V, F), yes3, true, ridge, newLogreg, logistic),
		train("kmeans_train", args(types.Int4, V), learnArgs{y: -1, x: 1, param: 0}, true, clusters, newKmeans, "clusters: how many, features"),
	}
}
