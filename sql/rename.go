package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
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

// RenameColumnIn gives the text of an expression over the columns of a table in which the column old is called now. Error: 0A000 where the text has the
// name in a form that is not understood.
func RenameColumnIn(text, old, now string) (string, error) {
	x, err := parser.ParseExpr(text)
	if err != nil {
		return "", unplaced(err)
	}
	var refs []*ast.ColumnRef
	walkTree(&x, func(node any) {
		if r, ok := node.(*ast.ColumnRef); ok && r.Names[len(r.Names)-1] == old && !slices.Contains(refs, r) {
			refs = append(refs, r)
		}
	})
	slices.SortFunc(refs, func(a, b *ast.ColumnRef) int { return b.Offset() - a.Offset() })
	for _, r := range refs {
		end, ok := endOfName(text, r.Offset(), r.Names)
		if !ok {
			return "", sqlerr.New(sqlerr.FeatureNotSupported, "cannot rename column %q because %q reads it", old, text)
		}
		names := append(slices.Clone(r.Names[:len(r.Names)-1]), now)
		for i := range names {
			names[i] = parser.QuoteIdent(names[i])
		}
		text = text[:r.Offset()] + strings.Join(names, ".") + text[end:]
	}
	return text, nil
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
