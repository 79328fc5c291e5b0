package deparse

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// namer writes the names of objects: with their schema where the search path does not find them.
type namer struct {
	cat  *catalog.Catalog
	path []string // of the session that reads the text
	own  []string // of the text
}

func qualified(schema, name string) string {
	return expr.QuoteIdent(schema) + "." + expr.QuoteIdent(name)
}

// relation is the name of a relation where the WITH items of ctes can be seen.
func (n *namer) relation(r *catalog.Relation, ctes *cteScope) string {
	if n.cat.Lookup([]string{r.Name}, n.path) == r && ctes.find(r.Name) == nil {
		return expr.QuoteIdent(r.Name)
	}
	return qualified(r.Schema, r.Name)
}

func (n *namer) function(f *catalog.Function) string {
	for _, schema := range n.path {
		for _, g := range n.cat.FunctionsNamed(schema, f.Name) {
			if g.SameArgs(f.ArgTypes()) {
				if g.OID == f.OID {
					return expr.QuoteIdent(f.Name)
				}
				return qualified(f.Schema, f.Name)
			}
		}
	}
	return qualified(f.Schema, f.Name)
}

// builtin is the name of a function of the server.
func (n *namer) builtin(name string) string { return expr.QuoteIdent(name) }

// typ is the name of a type, as format_type writes it.
func (n *namer) typ(t types.Type) string {
	switch {
	case t.Is(types.Bit) && t.Mod < 0:
		return `"bit"`
	case t.Is(types.BPChar) && t.Mod < 0:
		return "bpchar"
	}
	if t.IsArray() {
		if n.user(t.Elem().OID) != nil || catalog.RowTypeOf(t.Elem()) != 0 {
			return n.typ(t.Elem()) + "[]"
		}
	}
	if rel := catalog.RowTypeOf(t); rel != 0 {
		if r := n.cat.ByOID(rel); r != nil {
			return n.relation(r, nil)
		}
	}
	if u := n.user(t.OID); u != nil {
		if n.cat.FindUserType([]string{u.Name}, n.path) == u {
			return expr.QuoteIdent(u.Name)
		}
		return qualified(u.Schema, u.Name)
	}
	return t.String()
}

func (n *namer) user(oid uint32) *catalog.UserType { return n.cat.UserType(oid) }

// registered is the text of a constant of a type such as regclass; ok is false for other types and unknown names.
func (n *namer) registered(t types.Type, text string) (name string, ok bool) {
	if t.Is(types.RegType) {
		return n.registeredType(text)
	}
	if !t.Is(types.RegClass) {
		return "", false
	}
	names, err := expr.SplitName(text)
	if err != nil {
		return "", false
	}
	r := n.cat.Lookup(names, n.own)
	if r == nil {
		return text, true
	}
	return n.relation(r, nil), true
}

// registeredType is the text of a constant of regtype.
func (n *namer) registeredType(text string) (string, bool) {
	tn, err := parser.ParseTypeName(text)
	if err != nil {
		return "", false
	}
	t, err := sql.ResolveTypeName(tn, &sql.Env{Catalog: n.cat, SearchPath: n.own})
	if err != nil {
		return "", false
	}
	return n.typ(t.Base()), true
}

// unique finds names for the items of a query that no other item in sight has.
func unique(q *query, used map[string]bool) map[string]bool {
	seen := map[string]bool{}
	for k := range used {
		seen[k] = true
	}
	count := map[string]int{}
	for _, it := range q.items {
		name := it.alias
		if name == "" {
			name = it.bare
		}
		it.refname = name
		for name != "" && seen[it.refname] {
			count[name]++
			it.refname = name + "_" + itoa(count[name])
		}
		seen[it.refname] = true
		it.nameColumns()
	}
	return seen
}

// nameColumns makes the names of an item's columns differ.
func (it *item) nameColumns() {
	it.shown = slices.Clone(it.cols)
	changed := false
	for i, c := range it.cols {
		for k := 1; slices.Contains(it.shown[:i], it.shown[i]); k++ {
			it.shown[i], changed = c+"_"+itoa(k), true
		}
	}
	switch it.kind {
	case "relation":
		it.declared = changed || !slices.Equal(it.cols, it.own)
	case "function":
		it.declared = true
	default:
		it.declared = it.alias != "" && it.aliased || changed
	}
}

// upper is a name of several words in upper case.
func upper(s string) string { return strings.ToUpper(s) }
