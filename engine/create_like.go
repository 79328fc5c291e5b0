package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// liked is what LIKE brings that is no part of column definitions: comments, and unique and plain indexes.
type liked struct {
	comments map[string]string // by column
	indexes  []likedIndex
}

type likedIndex struct {
	unique bool
	cols   []string
	sql    string
	def    *catalog.IndexDef // over the columns of src
	src    *catalog.Relation
}

// expandLikes puts the columns of LIKE into st, as if they were written there. Errors: 42P01, 42809.
func (s *session) expandLikes(st *ast.CreateTable) (*liked, error) {
	out := &liked{comments: map[string]string{}}
	var cols []ast.ColumnDef
	from := 0
	for _, l := range st.Likes {
		src, err := s.cat().Resolve(l.Names, s.SearchPath())
		if err != nil {
			return nil, sqlerr.AtDefault(err, int(l.Pos))
		}
		if src.Kind == catalog.Sequence || src.Kind == catalog.Sink {
			return nil, sqlerr.New(sqlerr.WrongObjectType, "relation %q is invalid in LIKE clause", src.Name).At(int(l.Pos))
		}
		cols = append(cols, st.Cols[from:l.At]...)
		from = l.At
		for i := range src.Columns {
			if c := &src.Columns[i]; !c.Dropped && !c.Hidden {
				d, err := s.likeColumn(src, i, &l)
				if err != nil {
					return nil, err
				}
				cols = append(cols, d)
				if l.Including["comments"] && c.Comment != "" {
					out.comments[c.Name] = c.Comment
				}
			}
		}
		if err := out.constraints(src, st, &l); err != nil {
			return nil, err
		}
	}
	st.Cols = append(cols, st.Cols[from:]...)
	return out, nil
}

// likeColumn is the definition of a column of another table.
func (s *session) likeColumn(src *catalog.Relation, i int, l *ast.LikeTable) (ast.ColumnDef, error) {
	c := &src.Columns[i]
	d := ast.ColumnDef{Pos: l.Pos, Name: c.Name, NotNull: c.NotNull}
	var err error
	if d.Type, err = parser.ParseTypeName(c.Type.String()); err != nil {
		return d, err
	}
	switch {
	case c.Generated != "" && l.Including["generated"]:
		d.GeneratedSQL = c.Generated
		d.Generated, err = parser.ParseExpr(c.Generated)
	case c.Identity != "" && l.Including["identity"]:
		d.Identity = c.Identity
	case c.Identity == "" && c.Generated == "" && c.Default != "" && l.Including["defaults"]:
		d.DefaultSQL = c.Default
		d.Default, err = parser.ParseExpr(c.Default)
	}
	return d, err
}

// constraints takes over the CHECKs, and keys and indexes.
func (k *liked) constraints(src *catalog.Relation, st *ast.CreateTable, l *ast.LikeTable) error {
	if l.Including["constraints"] {
		for _, c := range src.Checks {
			x, err := parser.ParseExpr(c.SQL)
			if err != nil {
				return err
			}
			st.Checks = append(st.Checks, ast.Check{Pos: l.Pos, Name: c.Name, X: x, SQL: c.SQL})
		}
	}
	if !l.Including["indexes"] {
		return nil
	}
	names := func(cols []int) []string {
		var out []string
		for _, c := range cols {
			out = append(out, src.Columns[c].Name)
		}
		return out
	}
	if len(src.Primary) > 0 {
		st.Keys = append(st.Keys, ast.Key{Pos: l.Pos, Cols: names(src.Primary), Primary: true})
	}
	for _, u := range src.Uniques {
		if u.Index {
			k.indexes = append(k.indexes, likedIndex{unique: true, cols: names(u.Cols), def: u.Def, src: src})
		} else {
			st.Keys = append(st.Keys, ast.Key{Pos: l.Pos, Cols: names(u.Cols), Primary: u.PrimaryKey, NotDistinct: u.NotDistinct, Deferrable: u.Deferrable, Deferred: u.Deferred})
		}
	}
	for _, x := range src.Indexes {
		k.indexes = append(k.indexes, likedIndex{cols: names(x.Cols), sql: x.SQL, def: x.Def, src: src})
	}
	return nil
}

// finish gives the new table the comments and the indexes, which are named as CREATE INDEX names them.
func (k *liked) finish(rel *catalog.Relation) {
	for i := range rel.Columns {
		rel.Columns[i].Comment = k.comments[rel.Columns[i].Name]
	}
	for _, x := range k.indexes {
		var cols []int
		base := rel.Name
		for _, c := range x.cols {
			cols = append(cols, rel.Column(c))
			base += "_" + c
		}
		base += "_idx"
		def := x.likedDef(rel)
		if def != nil {
			base = indexBase(rel, def)
		}
		if name := freeName(rel, base); x.unique {
			rel.Uniques = append(rel.Uniques, catalog.Unique{Name: name, Cols: cols, Index: true, Def: def})
		} else {
			rel.Indexes = append(rel.Indexes, catalog.Index{Name: name, Cols: cols, SQL: x.sql, Def: def})
		}
	}
}

// likedDef is the definition of the index over the columns of rel.
func (x *likedIndex) likedDef(rel *catalog.Relation) *catalog.IndexDef {
	if x.def == nil {
		return nil
	}
	at := func(c int) int { return rel.Column(x.src.Columns[c].Name) }
	d := *x.def
	d.Keys, d.Include = slices.Clone(d.Keys), slices.Clone(d.Include)
	for i, k := range d.Keys {
		if k.Col >= 0 {
			d.Keys[i].Col = at(k.Col)
		}
	}
	for i, c := range d.Include {
		d.Include[i] = at(c)
	}
	return &d
}
