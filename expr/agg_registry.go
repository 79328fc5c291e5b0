package expr

import (
	"slices"
	"sync"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// aggFamilies is the explicit list of all aggregates.
var aggFamilies = []func() []*Agg{
	countAggs,
	sumAggs,
	avgAggs,
	minMaxAggs,
	boolAggs,
	bitAggs,
	bitStringAggs,
	stringAggs,
	arrayAggs,
	varianceAggs,
	regrAggs,
	percentileAggs,
	jsonAggs,
	approxAggs,
	approxPercentileAggs,
	approxTopAggs,
	learnAggs,
}

// aggTable holds the aggregates with a Func beside each, by which the overload is chosen as for functions.
type aggTable struct {
	all    []*Agg
	byName map[string][]*Func
	byFunc map[*Func]*Agg
}

var aggs = sync.OnceValue(func() *aggTable {
	t := &aggTable{byName: map[string][]*Func{}, byFunc: map[*Func]*Agg{}}
	for _, family := range aggFamilies {
		for _, a := range family() {
			f := &Func{Name: a.Name, Args: a.Args, Variadic: a.Variadic, Ret: a.Ret, RetFn: a.RetFn}
			t.all = append(t.all, a)
			t.byName[a.Name] = append(t.byName[a.Name], f)
			t.byFunc[f] = a
		}
	}
	return t
})

// Aggs lists all overloads of all aggregates.
func Aggs() []*Agg { return aggs().all }

// IsAgg says whether there is an aggregate of this name.
func IsAgg(name string) bool { return aggs().byName[name] != nil }

// ResolveAgg settles which built-in aggregate a call means, by the rules of ResolveFunc; of count(*) args is empty. Of an ordered-set
// aggregate args are the direct arguments and then the types of the WITHIN GROUP keys. Errors: 42883, 42725; both without a position.
func ResolveAgg(name string, args []types.Type) (*ResolvedAgg, error) {
	t := aggs()
	return resolveAgg(t.byName[name], t.byFunc, Shape{Name: name, Args: args})
}

// ResolveAggOf is ResolveAgg with aggregates of users besides the built-in ones; builtin says whether these are meant at all.
func ResolveAggOf(users []*Agg, builtin bool, s Shape) (*ResolvedAgg, error) {
	var fs []*Func
	byFunc := map[*Func]*Agg{}
	if builtin {
		fs = slices.Clone(aggs().byName[s.Name])
		for _, f := range fs {
			byFunc[f] = aggs().byFunc[f]
		}
	}
	for _, a := range users {
		f := &Func{Name: a.Name, Args: a.Args, Variadic: a.Variadic, Ret: a.Ret}
		fs, byFunc[f] = append(fs, f), a
	}
	return resolveAgg(fs, byFunc, s)
}

func resolveAgg(fs []*Func, byFunc map[*Func]*Agg, s Shape) (*ResolvedAgg, error) {
	var c candidate
	ok := false
	if f := sameArgs(fs, s.Args); f != nil {
		c, ok = candidate{fn: f, args: f.Args}, true
	} else {
		c, ok = exact(candidatesFor(fs, len(s.Args)), s.Args)
	}
	if !ok {
		fit := coercibleFor(fs, s.Args)
		if len(fit) > 1 {
			fit = selectCandidate(fit, s.Args)
		}
		switch len(fit) {
		case 0:
			return nil, sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", s).
				WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
		case 1:
			c = fit[0]
		default:
			return nil, sqlerr.New(sqlerr.AmbiguousFunction, "function %s is not unique", s).
				WithHint("Could not choose a best candidate function. You might need to add explicit type casts.")
		}
	}
	r, err := settle(c, s.Args)
	if err != nil {
		return nil, err
	}
	return &ResolvedAgg{Agg: byFunc[c.fn], ArgType: slices.Clone(r.ArgType), Ret: r.Ret}, nil
}
