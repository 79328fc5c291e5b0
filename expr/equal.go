package expr

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// Equal says whether a and b are the same expression: the same nodes over the same columns, constants and functions.
func Equal(a, b Expr) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if a.Type() != b.Type() || !sameNode(a, b) {
		return false
	}
	x, y := a.Children(), b.Children()
	return slices.EqualFunc(x, y, Equal)
}

func sameNode(a, b Expr) bool {
	switch a := a.(type) {
	case *Column:
		b, ok := b.(*Column)
		return ok && a.Idx == b.Idx
	case *Const:
		b, ok := b.(*Const)
		return ok && array.ApproxEqual(a.Arr, b.Arr, array.WithNaNsEqual(true), array.WithAbsTolerance(0))
	case *Param:
		b, ok := b.(*Param)
		return ok && a.N == b.N
	case *Call:
		b, ok := b.(*Call)
		return ok && a.Fn == b.Fn
	case *Cast:
		b, ok := b.(*Cast)
		return ok && a.Explicit == b.Explicit
	case *And:
		_, ok := b.(*And)
		return ok
	case *Or:
		_, ok := b.(*Or)
		return ok
	case *Not:
		_, ok := b.(*Not)
		return ok
	case *Case:
		b, ok := b.(*Case)
		return ok && len(a.Whens) == len(b.Whens) && (a.Else == nil) == (b.Else == nil)
	case *Coalesce:
		_, ok := b.(*Coalesce)
		return ok
	case *IsTest:
		b, ok := b.(*IsTest)
		return ok && a.Test == b.Test && a.Not == b.Not
	case *IsDistinct:
		b, ok := b.(*IsDistinct)
		return ok && a.Not == b.Not
	case *InList:
		b, ok := b.(*InList)
		return ok && a.Not == b.Not
	case *AnyAll:
		b, ok := b.(*AnyAll)
		return ok && a.Op == b.Op && a.All == b.All
	case *ArrayOf:
		_, ok := b.(*ArrayOf)
		return ok
	case *Subquery:
		b, ok := b.(*Subquery)
		return ok && a == b
	}
	return false
}
