package deparse

import "strings"

// simple says whether x needs no brackets as a part of parent in the pretty form.
func simple(x, parent node) bool {
	switch x := x.(type) {
	case *variable, *constant, *words, *subscript, *arrayOf, *rowOf, *listOf, *nullif, *aggregate, *call, *caseOf:
		return true
	case *cast:
		return !x.relabel || simple(x.x, x)
	case *field:
		_, in := parent.(*field)
		return !in
	case *operator:
		if in, ok := parent.(*operator); ok {
			return tighter(x, in)
		}
		return enclosed(parent)
	case *sublink, *test, *distinct:
		return enclosed(parent)
	case *boolean:
		return inBoolean(x, parent)
	}
	return false
}

// tighter says whether x binds as tightly as its place in parent needs: only of + - * / %.
func tighter(x, parent *operator) bool {
	low := func(o *operator) bool { return len(o.args) == 2 && len(o.op) == 1 && strings.Contains("+-", o.op) }
	high := func(o *operator) bool { return len(o.args) == 2 && len(o.op) == 1 && strings.Contains("*/%", o.op) }
	switch {
	case !low(x) && !high(x), !low(parent) && !high(parent):
		return false
	case high(x) && low(parent):
		return true
	case low(x) && high(parent):
		return false
	}
	return parent.args[0] == node(x)
}

// enclosed says whether the parent's own form keeps a part apart.
func enclosed(parent node) bool {
	switch x := parent.(type) {
	case *call:
		return !x.special
	case *boolean, *subscript, *arrayOf, *rowOf, *listOf, *nullif, *aggregate, *caseOf:
		return true
	}
	return false
}

func inBoolean(x *boolean, parent node) bool {
	in, ok := parent.(*boolean)
	switch {
	case !ok:
		return enclosed(parent)
	case x.op == "or":
		return in.op == "or"
	}
	return in.op == "and" || in.op == "or"
}
