package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// createTable runs CREATE TABLE.
func (s *session) createTable(ctx context.Context, st *ast.CreateTable, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	params, err := storageParams(nil, st.Options, "heap")
	if err != nil {
		return err
	}
	newName := s.newName
	if st.Temp {
		newName = s.newTempName
	}
	schema, name, err := newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	if skip, err := s.taken(schema, name, st.IfNotExists); err != nil {
		return err
	} else if skip {
		if st.As != nil || st.Execute != nil {
			return w.Complete("CREATE TABLE AS")
		}
		return w.Complete("CREATE TABLE")
	}
	rel := &catalog.Relation{Schema: schema, Name: name, Kind: catalog.Table, Created: s.now()}
	if params != nil || st.Unlogged {
		rel.Store = &catalog.TableStore{Params: params, Unlogged: st.Unlogged}
	}
	if st.As != nil || st.Execute != nil {
		return s.createTableAs(ctx, st, rel, text, w)
	}
	whole := *st
	st = &whole
	likes, err := s.expandLikes(st)
	if err != nil {
		return err
	}
	sql.OwnDefs(schema, name, st.Cols, st.Checks)
	def, err := sql.BindColumnDefs(name, st.Cols, st.Keys, st.Checks, s.env(nil))
	if err != nil {
		return err
	}
	if rel.OID, err = s.newOID(); err != nil {
		return err
	}
	if err := s.tableConstraints(rel, st, def); err != nil {
		return err
	}
	if err := s.numberColumns(rel, st.Cols, 0, def.Numbered); err != nil {
		return err
	}
	likes.finish(rel)
	s.put(rel)
	return w.Complete("CREATE TABLE")
}

// createTableAs runs CREATE TABLE ... AS.
func (s *session) createTableAs(ctx context.Context, st *ast.CreateTable, rel *catalog.Relation, text string, w ResultWriter) error {
	q, with, args, err := s.tableQuery(st, text)
	if err != nil {
		return err
	}
	cols := resultColumns(q)
	if len(st.AsCols) > len(cols) {
		return sqlerr.New(sqlerr.SyntaxError, "too many column names were specified")
	}
	seen := map[string]bool{}
	for i, c := range cols {
		if i < len(st.AsCols) {
			c.Name = st.AsCols[i]
		}
		if sql.SystemColumn(c.Name) {
			return sqlerr.New(sqlerr.DuplicateColumn, "column name %q conflicts with a system column name", c.Name)
		}
		if seen[c.Name] {
			return sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", c.Name)
		}
		if c.Type.Is(types.Record) || c.Type.IsArray() && c.Type.Elem().Is(types.Record) {
			return sqlerr.New(sqlerr.InvalidTableDefinition, "column %q has pseudo-type %s", c.Name, c.Type)
		}
		seen[c.Name] = true
		rel.Columns = append(rel.Columns, catalog.Column{Name: c.Name, Type: c.Type})
	}
	rel.OID, err = s.newOID()
	if err != nil {
		return err
	}
	if st.NoData {
		s.put(rel)
		if st.Execute != nil {
			return w.Complete("SELECT 0")
		}
		return w.Complete("CREATE TABLE AS")
	}
	bs, n, err := s.collectChanging(ctx, q, with, args)
	if err != nil {
		return err
	}
	s.put(rel)
	for _, b := range bs {
		s.tx.write(rel).add(b)
	}
	return w.Complete("SELECT " + itoa(n))
}

// tableQuery is the query of CREATE TABLE AS, or that of the prepared statement which it executes, with its arguments.
func (s *session) tableQuery(st *ast.CreateTable, text string) (*plan.Query, []*sql.With, []expr.Vec, error) {
	if st.Execute == nil {
		q, with, err := s.planSelect(st.As, text, nil)
		return q, with, nil, err
	}
	p, err := s.prepared(st.Execute.Name)
	if err != nil {
		return nil, nil, nil, err
	}
	if err := s.refresh(p); err != nil {
		return nil, nil, nil, err
	}
	if p.query == nil {
		return nil, nil, nil, sqlerr.New(sqlerr.WrongObjectType, "prepared statement is not a SELECT")
	}
	args, err := s.executeArgs(st.Execute, p)
	return p.query, p.with, args, err
}

// names prints dotted names for messages.
func dotted(names []string) string { return strings.Join(names, ".") }
