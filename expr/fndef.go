package expr

import "github.com/streamsqld/streamsqld/types"

// The makers of registry entries: name, argument types, result, function of one row, doc line. p1, p2, p3: a pure function
// that cannot fail; f0 to f4: one that can, with the context at hand. All are strict and immutable; vol() changes that.

func args(ts ...types.Type) []types.Type { return ts }

func p1[A, R any](name string, a, ret types.Type, f func(A) R, doc string) *Func {
	k := row1(ret, func(_ *Ctx, a A) (R, error) { return f(a), nil })
	return &Func{Name: name, Args: args(a), Ret: ret, Kernel: k, Vol: Immutable, Safe: true, Doc: doc}
}

func p2[A, B, R any](name string, a, b, ret types.Type, f func(A, B) R, doc string) *Func {
	k := row2(ret, func(_ *Ctx, a A, b B) (R, error) { return f(a, b), nil })
	return &Func{Name: name, Args: args(a, b), Ret: ret, Kernel: k, Vol: Immutable, Safe: true, Doc: doc}
}

func p3[A, B, C, R any](name string, a, b, c, ret types.Type, f func(A, B, C) R, doc string) *Func {
	k := row3(ret, func(_ *Ctx, a A, b B, c C) (R, error) { return f(a, b, c), nil })
	return &Func{Name: name, Args: args(a, b, c), Ret: ret, Kernel: k, Vol: Immutable, Safe: true, Doc: doc}
}

func f0[R any](name string, ret types.Type, f func(*Ctx) (R, error), doc string) *Func {
	k := func(ctx *Ctx, n int, _ []Vec) (Vec, error) {
		v, err := write(ret, 1, nil, func(int) (R, error) { return f(ctx) })
		v.Const = true
		return v, err
	}
	return &Func{Name: name, Ret: ret, Kernel: k, Vol: Stable, Doc: doc}
}

func f1[A, R any](name string, a, ret types.Type, f func(*Ctx, A) (R, error), doc string) *Func {
	return &Func{Name: name, Args: args(a), Ret: ret, Kernel: row1(ret, f), Vol: Immutable, Doc: doc}
}

func f2[A, B, R any](name string, a, b, ret types.Type, f func(*Ctx, A, B) (R, error), doc string) *Func {
	return &Func{Name: name, Args: args(a, b), Ret: ret, Kernel: row2(ret, f), Vol: Immutable, Doc: doc}
}

func f3[A, B, C, R any](name string, a, b, c, ret types.Type, f func(*Ctx, A, B, C) (R, error), doc string) *Func {
	return &Func{Name: name, Args: args(a, b, c), Ret: ret, Kernel: row3(ret, f), Vol: Immutable, Doc: doc}
}

func f4[A, B, C, D, R any](name string, a, b, c, d, ret types.Type, f func(*Ctx, A, B, C, D) (R, error), doc string) *Func {
	return &Func{Name: name, Args: args(a, b, c, d), Ret: ret, Kernel: row4(ret, f), Vol: Immutable, Doc: doc}
}

// vol is f with another volatility.
func vol(v Volatility, f *Func) *Func {
	f.Vol = v
	return f
}

// alias is f under another name.
func alias(name string, f *Func) *Func {
	c := *f
	c.Name = name
	return &c
}
