package engine

import (
	"maps"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/state"
)

// comment runs COMMENT ON.
func (s *session) comment(st *ast.Comment, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	var err error
	switch st.Kind {
	case "column":
		err = s.commentColumn(st)
	case "function", "aggregate", "procedure", "routine":
		err = s.commentFunction(st)
	case "type", "domain":
		err = s.commentType(st)
	case "index":
		err = s.commentIndex(st)
	case "constraint":
		err = s.commentConstraint(st)
	case "domain constraint":
		err = s.commentDomainConstraint(st)
	case "schema":
		err = s.commentSchema(st)
	case "database", "role":
		err = s.commentShared(st)
	case "stream", "table", "view", "materialized view", "sink", "sequence":
		err = s.commentRelation(st)
	default:
		err = sqlerr.New(sqlerr.FeatureNotSupported, "COMMENT ON %s is not supported", strings.ToUpper(st.Kind)).At(int(st.Pos))
	}
	if err != nil {
		return err
	}
	return w.Complete("COMMENT")
}

func (s *session) commentRelation(st *ast.Comment) error {
	rel, err := s.cat().Resolve(st.Names, s.SearchPath())
	if err != nil {
		return err
	}
	streamAsTable := st.Kind == "table" && rel.Kind == catalog.Stream // to clients a stream is a table
	if err := s.checkKind(rel, st.Kind, int(st.Pos)); err != nil && !streamAsTable {
		e := *sqlerr.From(err)
		e.Hint = ""
		return &e
	}
	n := *rel
	n.Comment = st.Text
	s.replace(rel, &n)
	return nil
}

func (s *session) commentColumn(st *ast.Comment) error {
	last := len(st.Names) - 1
	if last == 0 {
		return sqlerr.New(sqlerr.SyntaxError, "column name must be qualified")
	}
	names, col := st.Names[:last], st.Names[last]
	if t := s.cat().FindUserType(names, s.SearchPath()); t != nil && t.Rel != 0 {
		n := *t
		n.Attrs = slices.Clone(t.Attrs)
		i := slices.IndexFunc(n.Attrs, func(a catalog.Column) bool { return a.Name == col && !a.Dropped })
		if i < 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", col, t.Name)
		}
		n.Attrs[i].Comment = st.Text
		s.putType(&n)
		return nil
	}
	rel, err := s.cat().Resolve(names, s.SearchPath())
	if err != nil {
		return err
	}
	i := rel.Column(col)
	if i < 0 {
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", col, rel.Name)
	}
	n := *rel
	n.Columns = slices.Clone(rel.Columns)
	n.Columns[i].Comment = st.Text
	s.replace(rel, &n)
	return nil
}

// commentIn notes the comment on a part of a relation.
func (s *session) commentIn(rel *catalog.Relation, what, text string) {
	n := *rel
	if n.Comments = maps.Clone(rel.Comments); n.Comments == nil {
		n.Comments = map[string]string{}
	}
	if n.Comments[what] = text; text == "" {
		delete(n.Comments, what)
	}
	s.replace(rel, &n)
}

func (s *session) commentIndex(st *ast.Comment) error {
	rel, name := s.ofIndex(st.Names)
	if rel != nil {
		s.commentIn(rel, "index "+name, st.Text)
		return nil
	}
	if _, err := s.cat().Resolve(st.Names, s.SearchPath()); err != nil {
		return err
	}
	return sqlerr.New(sqlerr.WrongObjectType, "%q is not an index", name)
}

// commentConstraint runs COMMENT ON CONSTRAINT name ON table; the name is the last one.
func (s *session) commentConstraint(st *ast.Comment) error {
	last := len(st.Names) - 1
	name := st.Names[last]
	rel, err := s.cat().Resolve(st.Names[:last], s.SearchPath())
	if err != nil {
		return err
	}
	index := func(u catalog.Unique) bool { return u.Index && u.Name == name }
	if !hasConstraint(rel, name) || slices.ContainsFunc(rel.Uniques, index) || slices.ContainsFunc(rel.Indexes, func(x catalog.Index) bool { return x.Name == name }) {
		return sqlerr.New(sqlerr.UndefinedObject, "constraint %q for table %q does not exist", name, rel.Name)
	}
	s.commentIn(rel, "constraint "+name, st.Text)
	return nil
}

func (s *session) commentDomainConstraint(st *ast.Comment) error {
	last := len(st.Names) - 1
	t, err := s.findType(st.Names[:last], "domain")
	if err != nil {
		return err
	}
	n := *t
	n.Checks = slices.Clone(t.Checks)
	i := slices.IndexFunc(n.Checks, func(c catalog.Check) bool { return c.Name == st.Names[last] })
	if i < 0 {
		return sqlerr.New(sqlerr.UndefinedObject, "constraint %q for domain %s does not exist", st.Names[last], t.Name)
	}
	n.Checks[i].Comment = st.Text
	s.putType(&n)
	return nil
}

func (s *session) commentSchema(st *ast.Comment) error {
	old := s.cat().Schema(st.Names[0])
	if old == nil {
		return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", st.Names[0])
	}
	cat, tx := s.changing()
	n := *old
	n.Comment = st.Text
	cat.PutSchema(&n)
	tx.undo = append(tx.undo, func() { cat.PutSchema(old) })
	tx.catalog = append(tx.catalog, func(b *state.Batch) error {
		if cat.Schema(n.Name) != &n {
			return nil
		}
		return cat.WriteSchema(b, &n)
	})
	return nil
}

// commentShared runs COMMENT ON DATABASE and ON ROLE, of which there is one each.
func (s *session) commentShared(st *ast.Comment) error {
	n := &catalog.Note{Class: 1262, OID: 5, Text: st.Text}
	switch {
	case st.Kind == "role":
		if n.Class, n.OID = 1260, 10; st.Names[0] != s.User() && st.Names[0] != "current_user" {
			return sqlerr.New(sqlerr.UndefinedObject, "role %q does not exist", st.Names[0])
		}
	case st.Names[0] != s.Database():
		s.notice("WARNING", sqlerr.InvalidCatalogName, "", "database %q does not exist", st.Names[0])
		return nil
	}
	cat, tx := s.changing()
	old := cat.PutNote(n)
	if old == nil {
		old = &catalog.Note{Class: n.Class, OID: n.OID}
	}
	tx.undo = append(tx.undo, func() { cat.PutNote(old) })
	tx.catalog = append(tx.catalog, func(b *state.Batch) error { return cat.WriteNote(b, n) })
	return nil
}
