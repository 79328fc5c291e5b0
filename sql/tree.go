package sql

import (
	"reflect"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// movePositions gives every position in a tree another one.
func movePositions(tree any, to func(ast.Pos) ast.Pos) {
	pos := reflect.TypeFor[ast.Pos]()
	eachValue(reflect.ValueOf(tree), func(v reflect.Value) {
		if v.Type() == pos && v.CanSet() && v.Int() >= 0 {
			v.SetInt(int64(to(ast.Pos(v.Int()))))
		}
	})
}

// WalkTree shows every node of a tree that is a pointer to f.
func WalkTree(tree any, f func(node any)) {
	eachValue(reflect.ValueOf(tree), func(v reflect.Value) {
		if v.Kind() == reflect.Pointer && !v.IsNil() && v.CanInterface() {
			f(v.Interface())
		}
	})
}

func eachValue(v reflect.Value, f func(reflect.Value)) {
	if !v.IsValid() {
		return
	}
	f(v)
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if !v.IsNil() {
			eachValue(v.Elem(), f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachValue(v.Index(i), f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachValue(v.Field(i), f)
		}
	}
}
