package parser

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// dump writes a tree as (Kind@position field=value ...), leaving out what is empty.
func dump(v any) string {
	var b strings.Builder
	dumpValue(&b, reflect.ValueOf(v))
	return b.String()
}

func dumpValue(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("nil")
			return
		}
		dumpValue(b, v.Elem())
	case reflect.Struct:
		dumpStruct(b, v)
	case reflect.Slice:
		b.WriteByte('[')
		for k := range v.Len() {
			if k > 0 {
				b.WriteByte(' ')
			}
			dumpValue(b, v.Index(k))
		}
		b.WriteByte(']')
	case reflect.String:
		fmt.Fprintf(b, "%q", v.String())
	default:
		fmt.Fprint(b, v.Interface())
	}
}

func dumpStruct(b *strings.Builder, v reflect.Value) {
	t := v.Type()
	switch x := v.Interface().(type) {
	case ast.ColumnRef:
		s := strings.Join(x.Names, ".")
		if x.Star {
			s = strings.TrimPrefix(s+".*", ".")
		}
		fmt.Fprintf(b, "%s@%d", s, x.Pos)
		return
	case ast.Literal:
		fmt.Fprintf(b, "%s%q@%d", [...]string{"null", "bool", "int", "num", "str", "bits"}[x.Kind], x.Text, x.Pos)
		return
	case ast.Binary:
		fmt.Fprintf(b, "(%s@%d %s %s)", x.Op, x.Pos, dump(x.L), dump(x.R))
		return
	case ast.TypeName:
		fmt.Fprintf(b, "%s", strings.Join(x.Name, "."))
		if x.Mods != nil {
			fmt.Fprintf(b, "%v", x.Mods)
		}
		if x.Fields != "" {
			fmt.Fprintf(b, "{%s}", x.Fields)
		}
		b.WriteString(strings.Repeat("[]", x.Dims))
		return
	}
	if a, ok := v.Interface().(ast.Alias); ok { // without its places
		v = reflect.ValueOf(ast.Alias{Name: a.Name, Cols: a.Cols, Types: a.Types})
	}
	b.WriteString("(" + t.Name())
	if f := v.FieldByName("Pos"); f.IsValid() {
		fmt.Fprintf(b, "@%d", f.Int())
	}
	for k := range t.NumField() {
		f := t.Field(k)
		if a, ok := v.Field(k).Interface().(ast.Alias); f.Name == "Pos" || v.Field(k).IsZero() || ok && a.Name == "" && a.Cols == nil {
			continue
		}
		fmt.Fprintf(b, " %s=", f.Name)
		dumpValue(b, v.Field(k))
	}
	b.WriteByte(')')
}
