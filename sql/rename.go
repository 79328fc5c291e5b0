package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// Stored texts follow the new names of what they read: the text is changed where the names stand that were bound to it. Columns keep, inside the
// text, the names they had, by an alias: what is computed, and how it is called, stays the same in every form of reference (*, USING, NATURAL, output names).

// edit puts text in the place of the bytes from and to.
type edit struct {
	from, to int
	text     string
}

func apply(text string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return b.from - a.from })
	for _, e := range edits {
		text = text[:e.from] + e.text + text[e.to:]
	}
	return text
}

// follower changes a text whose names u tells.
type follower struct {
	spans *parser.Spans
	tree  any
	u     *Uses
	edits []edit
}

func newFollower(text string, u *Uses) (*follower, error) {
	q, err := parser.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	spans, err := parser.NewSpans(text)
	return &follower{spans: spans, tree: q, u: u}, err
}

// refs are the places in FROM that stand for rel.
func (f *follower) refs(rel *catalog.Relation) []*ast.Table {
	var out []*ast.Table
	WalkTree(f.tree, func(node any) {
		if t, ok := node.(*ast.Table); ok && f.u.Tables[t.Offset()] == rel && !slices.Contains(out, t) {
			out = append(out, t)
		}
	})
	return out
}

// unqualify takes the schema off columns and rows of rel that are named with it: an alias has none.
func (f *follower) unqualify(rel *catalog.Relation) {
	seen := map[int]bool{}
	WalkTree(f.tree, func(node any) {
		r, ok := node.(*ast.ColumnRef)
		if !ok || seen[r.Offset()] {
			return
		}
		n := len(r.Names)
		if !r.Star && f.u.rows[r.Offset()] == nil {
			n--
		}
		if n < 2 || r.Names[n-1] != rel.Name || r.Names[n-2] != rel.Schema {
			return
		}
		seen[r.Offset()] = true
		if at := f.spans.Name(r.Offset()); len(at) >= n {
			f.edits = append(f.edits, edit{at[0][0], at[n-1][0], ""})
		}
	})
}

// NameColumns gives the text, whose names u tells, in which each reference to rel has names as the names of its columns.
func NameColumns(text string, u *Uses, rel *catalog.Relation, names []string) (string, error) {
	f, err := newFollower(text, u)
	if err != nil {
		return "", err
	}
	for _, t := range f.refs(rel) {
		if len(t.Alias.Cols) >= len(names) {
			continue
		}
		list := "(" + quoted(append(slices.Clone(t.Alias.Cols), names[len(t.Alias.Cols):]...), ", ") + ")"
		switch {
		case t.Alias.Cols != nil:
			f.edits = append(f.edits, edit{int(t.Alias.List), int(t.Alias.End), list})
		case t.Alias.Name != "":
			f.edits = append(f.edits, edit{int(t.Alias.End), int(t.Alias.End), list})
		default:
			f.edits = append(f.edits, edit{int(t.Alias.At), int(t.Alias.At), " AS " + parser.QuoteIdent(rel.Name) + list})
		}
	}
	if len(f.edits) > 0 {
		f.unqualify(rel)
	}
	return apply(text, f.edits), nil
}

// NameRelation gives the text, whose names u tells, in which each reference to rel is written as spell says. Columns that are named by it keep their
// qualifier: it becomes an alias. Errors: 0A000 where a name can't be found in the text.
func NameRelation(text string, u *Uses, rel *catalog.Relation, now string, spell func(names []string) []string) (string, error) {
	f, err := newFollower(text, u)
	if err != nil {
		return "", err
	}
	for _, t := range f.refs(rel) {
		at := f.spans.Name(t.Offset())
		if len(at) == 0 {
			return "", sqlerr.New(sqlerr.FeatureNotSupported, "cannot rename %s %s because its name is not found in %q", rel.Kind, rel.Name, text)
		}
		f.edits = append(f.edits, edit{at[0][0], at[len(at)-1][1], quoted(spell(t.Names), ".")})
		if t.Alias.Name == "" && now != rel.Name {
			f.edits = append(f.edits, edit{int(t.Alias.At), int(t.Alias.At), " AS " + parser.QuoteIdent(rel.Name)})
		}
	}
	if len(f.edits) > 0 {
		f.unqualify(rel)
	}
	return apply(text, f.edits), nil
}

// DropColumnName gives the text, whose names u tells, in which the alias of each reference to rel names one column less, the k-th.
func DropColumnName(text string, u *Uses, rel *catalog.Relation, k int) (string, error) {
	f, err := newFollower(text, u)
	if err != nil {
		return "", err
	}
	for _, t := range f.refs(rel) {
		if k >= len(t.Alias.Cols) {
			continue
		}
		list := ""
		if cols := slices.Delete(slices.Clone(t.Alias.Cols), k, k+1); len(cols) > 0 {
			list = "(" + quoted(cols, ", ") + ")"
		}
		f.edits = append(f.edits, edit{int(t.Alias.List), int(t.Alias.End), list})
	}
	return apply(text, f.edits), nil
}

// ListsColumns says whether the text gives a list of column names to more than the relation itself, to which a place in that list means something: a join, windows
// or a pattern over rel.
func ListsColumns(text string, u *Uses, rel *catalog.Relation) bool {
	f, err := newFollower(text, u)
	if err != nil {
		return true
	}
	found := false
	WalkTree(f.tree, func(node any) {
		var inside any
		switch n := node.(type) {
		case *ast.Join:
			if n.Alias.Cols != nil {
				inside = n
			}
		case *ast.Window:
			if n.Alias.Cols != nil {
				inside = n
			}
		case *ast.Match:
			if n.Alias.Cols != nil {
				inside = n
			}
		}
		WalkTree(inside, func(node any) {
			t, ok := node.(*ast.Table)
			found = found || ok && u.Tables[t.Offset()] == rel
		})
	})
	return found
}

// InBody changes the body of a function in SQL by change, which gets a query and what the names of tables in it mean. ok is false where a name of WITH
// is that of rel.
func InBody(f *catalog.Function, cat *catalog.Catalog, rel *catalog.Relation, change func(text string, u *Uses) (string, error)) (body string, ok bool, err error) {
	before, text, after := "", f.Body, ""
	if f.Return {
		text = "SELECT " + text
	} else {
		list, err := parser.Parse(text)
		if err != nil || len(list) != 1 {
			return f.Body, err == nil, err
		}
		before, text, after = text[:list[0].Start], list[0].Text, text[list[0].Start+len(list[0].Text):]
	}
	q, err := parser.ParseQuery(text)
	if err != nil {
		return "", false, err
	}
	u := NewUses()
	ok = true
	WalkTree(q, func(node any) {
		switch n := node.(type) {
		case *ast.Table:
			if cat.Lookup(n.Names, f.SearchPath) == rel {
				u.Tables[n.Offset()] = rel
			}
		case *ast.Query:
			for _, c := range n.With {
				ok = ok && c.Name != rel.Name
			}
		}
	})
	if text, err = change(text, u); err != nil {
		return "", false, err
	}
	if f.Return {
		text = strings.TrimPrefix(text, "SELECT ")
	}
	return before + text + after, ok, nil
}

func quoted(names []string, sep string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = parser.QuoteIdent(n)
	}
	return strings.Join(out, sep)
}

// RenameColumnIn gives the text of an expression over the columns of a table in which the column old is called now. Error: 0A000 where the text has the
// name in a form that is not understood.
func RenameColumnIn(text, old, now string) (string, error) {
	x, err := parser.ParseExpr(text)
	if err != nil {
		return "", unplaced(err)
	}
	spans, err := parser.NewSpans(text)
	if err != nil {
		return "", unplaced(err)
	}
	var edits []edit
	seen := map[int]bool{}
	WalkTree(&x, func(node any) {
		r, ok := node.(*ast.ColumnRef)
		if !ok || r.Star || r.Names[len(r.Names)-1] != old || seen[r.Offset()] {
			return
		}
		seen[r.Offset()] = true
		at := spans.Name(r.Offset())
		if len(at) < len(r.Names) {
			err = sqlerr.New(sqlerr.FeatureNotSupported, "cannot rename column %q because %q reads it", old, text)
			return
		}
		last := at[len(r.Names)-1]
		edits = append(edits, edit{last[0], last[1], parser.QuoteIdent(now)})
	})
	return apply(text, edits), err
}
