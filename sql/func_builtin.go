package sql

import (
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// builtin makes the call of a function of the server. Arguments by name are put in order, with defaults between them; the array of VARIADIC is
// spread over the repeated arguments.
func (b *binder) builtin(r *expr.Resolved, args []expr.Expr, at []int, pos int) (expr.Expr, error) {
	if r.Order == nil && !r.Spread {
		return b.apply(r, args, at, pos)
	}
	byPlace := make([]expr.Expr, len(r.Fn.Args))
	last := 0
	for i, x := range args {
		if r.Spread && i == len(args)-1 && !x.Type().IsArray() && (!isUnknown(x) || r.Fn.Args[len(r.Fn.Args)-1].Is(types.Any)) {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "VARIADIC argument must be an array").At(at[i])
		}
		x, err := b.cast(x, r.ArgType[i], 'i', at[i])
		if err != nil {
			return nil, err
		}
		k := i
		if r.Order != nil {
			k = r.Order[i]
		}
		byPlace[k], last = x, max(last, k)
	}
	byPlace = byPlace[:last+1]
	required := len(r.Fn.Args) - r.Fn.Defaults
	for k, x := range byPlace {
		if x != nil {
			continue
		}
		if k-required >= len(r.Fn.ArgDefaults) {
			return nil, notYet(pos, "leaving out the argument %q of %s is not supported here", r.Fn.ArgNames[k], r.Fn.Name)
		}
		c, err := expr.ConstOf(r.Fn.Args[k], r.Fn.ArgDefaults[k-required], b.env.Format)
		if err != nil {
			return nil, err
		}
		byPlace[k] = c
	}
	fn := r.Fn
	if r.Spread {
		if fn.Set != nil || fn.Kernel == nil && fn.Bind == nil {
			return nil, notYet(pos, "VARIADIC arguments of %s are not supported", fn.Name)
		}
		if list, ok := byPlace[last].(*expr.ArrayOf); ok && !list.Items[0].Type().Is(types.Unknown) {
			return &expr.Call{Fn: fn, Args: append(byPlace[:last:last], list.Items...), Typ: r.Ret, Pos: pos}, nil
		}
		fn = expr.SpreadFunc(fn)
	}
	return &expr.Call{Fn: fn, Args: byPlace, Typ: r.Ret, Pos: pos}, nil
}
