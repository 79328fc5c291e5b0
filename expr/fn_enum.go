package expr

import (
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/types"
)

// enumFuncs give the values of an enum.
func enumFuncs() []*Func {
	E, A := types.AnyEnum, types.AnyArray
	edge := func(name string, last bool, doc string) *Func {
		return &Func{Name: name, Args: args(E), Ret: E, CalledOnNull: true, Vol: Stable, Doc: doc,
			Bind: func(ts []types.Type, ret types.Type) Kernel {
				return func(_ *Ctx, _ int, _ []Vec) (Vec, error) {
					ls := ret.Labels()
					if len(ls) == 0 {
						return nullVec(ret), nil
					}
					l := ls[0]
					if last {
						l = ls[len(ls)-1]
					}
					return Vec{Arr: newFixed(ret.Arrow(), []float64{l.Order}, nil), Const: true}, nil
				}
			}}
	}
	bind := func(ts []types.Type, ret types.Type) Kernel { return enumRange(ts[0]) }
	return []*Func{
		edge("enum_first", false, "first value of an enum"),
		edge("enum_last", true, "last value of an enum"),
		{Name: "enum_range", Args: args(E), Ret: A, CalledOnNull: true, Vol: Stable, Bind: bind, Doc: "all values of an enum"},
		{Name: "enum_range", Args: args(E, E), Ret: A, CalledOnNull: true, Vol: Stable, Bind: bind, Doc: "the values of an enum from one to another; NULL: no limit"},
	}
}

// enumRange lists the values of an enum between the arguments, if there are two.
func enumRange(t types.Type) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		a, _ := t.Array()
		b := types.NewBuilder(a).(*types.ListBuilder)
		out := b.ValueBuilder().(*array.Float64Builder)
		for i := range n {
			b.Append(true)
			for _, l := range t.Labels() {
				if len(vs) == 2 && (!vs[0].IsNull(i) && l.Order < values[float64](vs[0].Arr)[vs[0].Idx(i)] ||
					!vs[1].IsNull(i) && l.Order > values[float64](vs[1].Arr)[vs[1].Idx(i)]) {
					continue
				}
				out.Append(l.Order)
			}
		}
		return Vec{Arr: b.NewArray()}, nil
	}
}
