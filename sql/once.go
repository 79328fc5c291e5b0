package sql

import (
	"reflect"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// onceUse is a sub-select of a scope as it was bound.
type onceUse struct {
	a ast.Expr
	x expr.Expr
}

// once binds an expression with a sub-select. One that is written again in the same SELECT is the same expression, so that it can be grouped by.
func (b *binder) once(a ast.Expr, s *scope, bind func() (expr.Expr, error)) (expr.Expr, error) {
	for _, u := range s.once {
		if sameTree(reflect.ValueOf(u.a), reflect.ValueOf(a)) {
			if b.env.Trace != nil { // its nodes are traced, too
				if _, err := bind(); err != nil {
					return nil, err
				}
			}
			return u.x, nil
		}
	}
	x, err := bind()
	if err == nil && b.steady(x) {
		s.once = append(s.once, onceUse{a, x})
	}
	return x, err
}

var posType = reflect.TypeFor[ast.Pos]()

// sameTree compares two parse trees without their positions.
func sameTree(x, y reflect.Value) bool {
	if x.Kind() != y.Kind() || !x.IsValid() || x.Type() != y.Type() {
		return !x.IsValid() && !y.IsValid()
	}
	switch x.Kind() {
	case reflect.Pointer, reflect.Interface:
		if x.IsNil() || y.IsNil() {
			return x.IsNil() && y.IsNil()
		}
		return sameTree(x.Elem(), y.Elem())
	case reflect.Slice:
		if x.Len() != y.Len() {
			return false
		}
		for i := range x.Len() {
			if !sameTree(x.Index(i), y.Index(i)) {
				return false
			}
		}
		return true
	case reflect.Struct:
		for i := range x.NumField() {
			if x.Field(i).Type() != posType && !sameTree(x.Field(i), y.Field(i)) {
				return false
			}
		}
		return true
	}
	return x.Comparable() && x.Equal(y)
}

// steady says that no sub-select of x calls a volatile function.
func (b *binder) steady(x expr.Expr) bool {
	ok := true
	inPlan := func(n plan.Node) {
		if n == nil {
			return
		}
		plan.Walk(n, func(n plan.Node) {
			for _, e := range n.Exprs() {
				ok = ok && expr.MaxVolatility(e) != expr.Volatile
			}
		})
	}
	expr.Walk(x, func(e expr.Expr) bool {
		if q, isSub := e.(*expr.Subquery); isSub {
			inPlan(q.Plan.(plan.Node))
		}
		if m := b.markOf(e); m != nil && m.kind == markSub {
			inPlan(m.sub.node)
			inPlan(m.sub.inner)
		}
		return ok
	})
	return ok
}
