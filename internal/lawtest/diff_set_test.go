package lawtest

import (
	"slices"
	"strings"
)

// narrower are the types that become another one where both meet in a column.
var narrower = map[string][]string{"int4": {"int2"}, "int8": {"int2", "int4"}, "num": {"int2", "int4", "int8"}, "f8": {"int4", "num", "int8"}, "ts": {"date"}, "tz": {"date", "ts"}, "text": {"vc"}}

// mixed makes a set operation of two or three SELECTs whose columns are of different types, some untyped.
func (g *diffGen) mixed(types []string, depth int) *tree {
	t := &tree{cat: "query " + strings.Join(types, ",")}
	for i := range 2 + g.rng.IntN(2) {
		cols := slices.Clone(types)
		for k, typ := range cols {
			if n := narrower[typ]; i > 0 && len(n) > 0 && g.one(2) {
				cols[k] = g.pick(n)
			}
		}
		if i > 0 {
			t.parts = append(t.parts, g.pick([]string{" UNION ", " UNION ALL ", " INTERSECT ", " EXCEPT ", " UNION DISTINCT ", " INTERSECT ALL "}))
		}
		switch {
		case i > 0 && g.one(4):
			t.parts = append(t.parts, g.untyped(types))
		case g.one(4):
			t.parts = append(t.parts, g.values(cols))
		default:
			t.parts = append(t.parts, "(", g.core(cols, depth-1, shape{}), ")")
		}
	}
	return t
}

// untyped is a SELECT of literals without types.
func (g *diffGen) untyped(types []string) *tree {
	texts := map[string]string{"int4": "'2'", "int8": "'5'", "num": "'1.5'", "text": "'a'", "vc": "'a'", "bool": "'t'", "date": "'2024-02-29'", "ts": "'2024-01-01'"}
	var list []string
	for _, typ := range types {
		x := texts[typ]
		if x == "" || g.one(3) {
			x = "NULL"
		}
		list = append(list, x)
	}
	return leaf("untyped", "SELECT "+strings.Join(list, ", "))
}

// values is a VALUES list.
func (g *diffGen) values(types []string) *tree {
	hold := g.levels
	g.levels = append(slices.Clone(hold), &level{})
	defer func() { g.levels = hold }()
	t := &tree{cat: "values", parts: []any{"VALUES "}}
	for i := range 1 + g.rng.IntN(3) {
		t.parts = append(t.parts, pickText(i == 0, "(", ", ("))
		for k, typ := range types {
			t.parts = append(t.parts, pickText(k == 0, "", ", "), g.expr(typ, 1))
		}
		t.parts = append(t.parts, ")")
	}
	return t
}
