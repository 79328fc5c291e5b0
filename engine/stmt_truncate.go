package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// truncate runs TRUNCATE.
func (s *session) truncate(ctx context.Context, st *ast.Truncate, w ResultWriter) error {
	if st.Cascade {
		st = s.withReferrers(st)
	}
	c := s.change(nil, nil)
	defer c.end()
	for i, names := range st.Names {
		pos := st.NamePos[i]
		if rel := s.cat().Lookup(names, s.SearchPath()); rel != nil && (rel.Kind == catalog.View || rel.Kind == catalog.MatView || rel.Kind == catalog.Sequence) {
			return sqlerr.New(sqlerr.WrongObjectType, "%q is not a table", rel.Name)
		}
		del := &ast.Delete{Pos: pos, Table: &ast.Table{Pos: pos, Names: names}}
		bound, err := sql.BindChange(del, s.env(nil))
		if err != nil {
			e := *sqlerr.From(err)
			e.Pos = 0
			if e.Code == sqlerr.FeatureNotSupported {
				e.Message = "cannot truncate stream \"" + names[len(names)-1] + "\""
			}
			return &e
		}
		x := bound.(*sql.Delete)
		s.lockTables(x.Rel)
		if err := s.truncatable(x.Rel, st); err != nil {
			return err
		}
		if _, err := c.deleteRows(ctx, x); err != nil {
			return err
		}
		if st.Restart {
			for _, q := range s.cat().OwnedSequences(x.Rel.OID) {
				if err := s.eng.sequences.restart(q, q.Seq.Start, false); err != nil {
					return err
				}
			}
		}
	}
	if err := c.finish(ctx); err != nil {
		return err
	}
	if err := s.autocommit(ctx); err != nil {
		return err
	}
	return w.Complete("TRUNCATE TABLE")
}

// truncatable refuses a table that others refer to, unless they are truncated too.
func (s *session) truncatable(rel *catalog.Relation, st *ast.Truncate) error {
	for _, r := range s.referrers(rel) {
		with := r.rel.OID == rel.OID
		for _, names := range st.Names {
			o := s.cat().Lookup(names, s.SearchPath())
			with = with || o != nil && o.OID == r.rel.OID
		}
		if !with {
			return sqlerr.New(sqlerr.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint").
				WithDetail("Table %q references %q.", r.rel.Name, rel.Name).WithHint("Truncate table %q at the same time, or use TRUNCATE ... CASCADE.", r.rel.Name)
		}
	}
	return nil
}

// withReferrers adds the tables that refer to the truncated ones in front of them.
func (s *session) withReferrers(st *ast.Truncate) *ast.Truncate {
	out := *st
	for i := 0; i < len(out.Names); i++ {
		rel := s.cat().Lookup(out.Names[i], s.SearchPath())
		if rel == nil {
			continue
		}
		for _, r := range s.referrers(rel) {
			name := []string{r.rel.Schema, r.rel.Name}
			if !slices.ContainsFunc(out.Names, func(n []string) bool { o := s.cat().Lookup(n, s.SearchPath()); return o != nil && o.OID == r.rel.OID }) {
				s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "truncate cascades to table %q", r.rel.Name)
				out.Names, out.NamePos = append(out.Names, name), append(out.NamePos, out.NamePos[i])
			}
		}
	}
	return &out
}
