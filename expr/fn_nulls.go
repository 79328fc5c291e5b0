package expr

import "github.com/streamsqld/streamsqld/types"

// nullFuncs count the arguments that are NULL, or are not.
func nullFuncs() []*Func {
	count := func(name string, null bool, doc string) *Func {
		return &Func{Name: name, Args: args(types.Any), Variadic: true, Ret: types.Int4, CalledOnNull: true, Vol: Immutable, Safe: true, Doc: doc,
			Kernel: func(_ *Ctx, n int, vs []Vec) (Vec, error) {
				return write(types.Int4, n, nil, func(i int) (int32, error) {
					var c int32
					for _, v := range vs {
						if v.IsNull(i) == null {
							c++
						}
					}
					return c, nil
				})
			}}
	}
	return []*Func{count("num_nulls", true, "number of arguments that are NULL"), count("num_nonnulls", false, "number of arguments that are not NULL")}
}
