package sql

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// routine is a function in another language, ready to be called.
func (b *binder) routine(f *catalog.Function) (*expr.Func, error) {
	if b.env.Routines == nil {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a function in language %q cannot be called here", f.Language)
	}
	return b.env.Routines.Func(f)
}

// resolveAgg settles which aggregate a call means: one of the server, or a user's.
func (b *binder) resolveAgg(who callee, args []expr.Expr) (*expr.ResolvedAgg, *catalog.Function, error) {
	var users []*expr.Agg
	funcs := map[*expr.Agg]*catalog.Function{}
	for _, f := range who.users {
		if !f.Aggregate || b.env.Routines == nil {
			continue
		}
		a, err := b.env.Routines.Agg(f)
		if err != nil {
			return nil, nil, err
		}
		users, funcs[a] = append(users, a), f
	}
	r, err := expr.ResolveAggOf(users, !who.only, expr.Shape{Name: who.name, Args: exprTypes(args)})
	if err != nil {
		return nil, nil, err
	}
	if f := funcs[r.Agg]; f != nil {
		b.use(f)
	}
	return r, funcs[r.Agg], nil
}
