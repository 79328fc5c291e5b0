package expr

import (
	"slices"

	"github.com/streamsqld/streamsqld/types"
)

// Walk calls f for e and, where f says true, for what is below it, parents first.
func Walk(e Expr, f func(Expr) bool) {
	if e == nil || !f(e) {
		return
	}
	for _, c := range e.Children() {
		Walk(c, f)
	}
}

// Transform rebuilds e from its leaves up: f gets each node over its transformed operands and gives what stands there instead.
func Transform(e Expr, f func(Expr) Expr) Expr {
	kids := e.Children()
	var changed []Expr
	for i, c := range kids {
		if n := Transform(c, f); n != c && changed == nil {
			changed = slices.Clone(kids)
			changed[i] = n
		} else if changed != nil {
			changed[i] = n
		}
	}
	if changed != nil {
		e = e.WithChildren(changed)
	}
	return f(e)
}

// Columns are the input columns that e reads, ascending, each once.
func Columns(e Expr) []int {
	var out []int
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Column); ok {
			out = append(out, c.Idx)
		}
		return true
	})
	slices.Sort(out)
	return slices.Compact(out)
}

// Remap is e with column i read as column f(i).
func Remap(e Expr, f func(int) int) Expr {
	return Transform(e, func(x Expr) Expr {
		c, ok := x.(*Column)
		if !ok || f(c.Idx) == c.Idx {
			return x
		}
		n := *c
		n.Idx = f(c.Idx)
		return &n
	})
}

// MaxVolatility is the worst volatility of what e calls. A sub-select counts as stable.
func MaxVolatility(e Expr) Volatility {
	out := Immutable
	Walk(e, func(x Expr) bool {
		v := Immutable
		switch x := x.(type) {
		case *Call:
			v = x.Fn.Vol
		case *AnyAll:
			v = x.Op.Vol
		case *Cast:
			v = castVolatility(x.X.Type(), x.Typ)
		case *Param, *Subquery:
			v = Stable
		}
		if v == Volatile || v == Stable && out == Immutable {
			out = v
		}
		return true
	})
	return out
}

// Varies says whether e may give another result for the same row at another time: it calls a volatile function, or reads the clock.
func Varies(e Expr) bool {
	varies := false
	Walk(e, func(x Expr) bool {
		if c, ok := x.(*Call); ok {
			switch c.Fn.Name {
			case "now", "proctime", "current_timestamp", "transaction_timestamp", "statement_timestamp", "localtimestamp", "current_date", "localtime", "current_time":
				varies = true
			case "age":
				varies = varies || len(c.Args) == 1
			}
			varies = varies || c.Fn.Vol == Volatile
		}
		return !varies
	})
	return varies
}

// IsConst says whether e is the same for all rows and always: no columns, parameters or sub-selects, only immutable functions.
func IsConst(e Expr) bool {
	ok := true
	Walk(e, func(x Expr) bool {
		if _, col := x.(*Column); col {
			ok = false
		}
		return ok
	})
	return ok && MaxVolatility(e) == Immutable
}

// CanFail says whether evaluating e over some rows can give an error; when in doubt it is true.
func CanFail(e Expr) bool {
	fail := false
	Walk(e, func(x Expr) bool {
		switch x := x.(type) {
		case *Call:
			fail = fail || !x.Fn.Safe
		case *AnyAll:
			fail = fail || !x.Op.Safe
		case *Cast:
			fail = fail || castCanFail(x.X.Type(), x.Typ)
		case *Subquery:
			fail = true
		}
		return !fail
	})
	return fail
}

// Fold computes what is constant in e. What gives an error is left as it is, to give it when it is evaluated.
func Fold(ctx *Ctx, e Expr) (Expr, error) {
	return Transform(e, func(x Expr) Expr { return foldNode(ctx, x) }), nil
}

func foldNode(ctx *Ctx, x Expr) Expr {
	switch n := x.(type) {
	case *Const, *Column, *Param, *Subquery:
		return x
	case *And:
		return foldAndOr(n.Args, true)
	case *Or:
		return foldAndOr(n.Args, false)
	case *Case:
		return foldCase(n)
	case *Call:
		if n.Fn.Vol != Immutable {
			return x
		}
		if !n.Fn.CalledOnNull && slices.ContainsFunc(n.Args, isNullConst) {
			return ConstNull(n.Typ)
		}
	case *Cast:
		if castVolatility(n.X.Type(), n.Typ) != Immutable {
			return x
		}
	}
	for _, c := range x.Children() {
		if _, ok := c.(*Const); !ok {
			return x
		}
	}
	if len(x.Children()) == 0 && MaxVolatility(x) != Immutable {
		return x
	}
	if a, ok := x.(*AnyAll); ok && a.Op.Vol != Immutable {
		return x
	}
	c, err := EvalConst(ctx, x)
	if err != nil || c.Arr.Len() != 1 {
		return x
	}
	return c
}

func isNullConst(e Expr) bool {
	c, ok := e.(*Const)
	return ok && c.IsNull()
}

// constTruth is the value of a boolean constant; known is false for other expressions and NULL.
func constTruth(e Expr) (v, known bool) {
	c, ok := e.(*Const)
	if !ok || c.IsNull() || !c.Typ.Is(types.Bool) {
		return false, false
	}
	return constBool(Vec{Arr: c.Arr, Const: true}), true
}

// foldAndOr flattens, drops operands that change nothing, and stops at one that settles the result.
func foldAndOr(args []Expr, and bool) Expr {
	var keep []Expr
	for _, a := range args {
		if v, known := constTruth(a); known {
			if v != and {
				return ConstBool(v)
			}
			continue
		}
		if sub, ok := a.(*And); ok && and {
			keep = append(keep, sub.Args...)
		} else if sub, ok := a.(*Or); ok && !and {
			keep = append(keep, sub.Args...)
		} else {
			keep = append(keep, a)
		}
	}
	switch {
	case len(keep) == 0:
		return ConstBool(and)
	case len(keep) == 1:
		return keep[0]
	case and:
		return &And{Args: keep}
	}
	return &Or{Args: keep}
}

// foldCase drops arms whose condition is false, and ends at one whose condition is true.
func foldCase(n *Case) Expr {
	c := &Case{Typ: n.Typ, Else: n.Else}
	for _, w := range n.Whens {
		v, known := constTruth(w.Cond)
		if known && v {
			c.Else = w.Then
			break
		}
		if !known && !isNullConst(w.Cond) {
			c.Whens = append(c.Whens, w)
		}
	}
	if len(c.Whens) == len(n.Whens) && c.Else == n.Else {
		return n
	}
	if len(c.Whens) > 0 {
		return c
	}
	if c.Else == nil {
		return ConstNull(n.Typ)
	}
	return c.Else
}
