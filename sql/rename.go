package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// RenameIn gives the text of a stored query in which rel is called name. Its columns keep their qualifier: a reference without an alias gets the old name as its
// alias. ok is false where that can't be done: a name of WITH is the same, or the text has the name in a form that is not understood.
func RenameIn(text string, path []string, cat *catalog.Catalog, rel *catalog.Relation, name string) (out string, ok bool) {
	q, err := parser.ParseQuery(text)
	if err != nil {
		return "", false
	}
	var refs []*ast.Table
	inWindow := map[*ast.Table]bool{}
	ok = true
	walkTree(q, func(node any) {
		switch n := node.(type) {
		case *ast.Table:
			if cat.Lookup(n.Names, path) == rel && !slices.Contains(refs, n) {
				refs = append(refs, n)
			}
		case *ast.Window:
			if t, is := n.Src.(*ast.Table); is {
				inWindow[t] = true
			}
		case *ast.Query:
			for _, c := range n.With {
				ok = ok && c.Name != rel.Name && c.Name != name
			}
		}
	})
	slices.SortFunc(refs, func(a, b *ast.Table) int { return b.Offset() - a.Offset() })
	for _, t := range refs {
		from := t.Offset()
		to, found := endOfName(text, from, t.Names)
		if !found {
			return "", false
		}
		names := append(slices.Clone(t.Names[:len(t.Names)-1]), name)
		for i := range names {
			names[i] = parser.QuoteIdent(names[i])
		}
		as := ""
		if t.Alias.Name == "" && (t.AsOf != nil || t.Sample != nil) {
			return "", false
		}
		if t.Alias.Name == "" && !inWindow[t] {
			as = " AS " + parser.QuoteIdent(rel.Name)
		}
		text = text[:from] + strings.Join(names, ".") + as + text[to:]
	}
	return text, ok
}

// endOfName is where a dotted name that begins at an offset ends.
func endOfName(text string, at int, names []string) (end int, ok bool) {
	for i, name := range names {
		if i > 0 {
			if at >= len(text) || text[at] != '.' {
				return 0, false
			}
			at++
		}
		rest := text[at:]
		quoted := `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		switch {
		case strings.HasPrefix(rest, quoted):
			at += len(quoted)
		case len(rest) >= len(name) && strings.ToLower(rest[:len(name)]) == name:
			at += len(name)
		default:
			return 0, false
		}
	}
	return at, true
}
