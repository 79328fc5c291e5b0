package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// createTable runs CREATE TABLE.
func (s *session) createTable(ctx context.Context, st *ast.CreateTable, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	if st.Temp {
		return sqlerr.New(sqlerr.FeatureNotSupported, "temporary tables are not supported yet").At(int(st.Pos))
	}
	if len(st.Options) > 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized parameter %q", st.Options[0].Key).At(int(st.Options[0].Pos)).
			WithHint("A table takes no options; an input with a connector is a stream: CREATE STREAM.")
	}
	schema, name, err := s.newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	if skip, err := s.taken(schema, name, st.IfNotExists); err != nil {
		return err
	} else if skip {
		return w.Complete("CREATE TABLE")
	}
	rel := &catalog.Relation{Schema: schema, Name: name, Kind: catalog.Table, Created: s.now()}
	if st.As != nil {
		return s.createTableAs(ctx, st, rel, text, w)
	}
	def, err := sql.BindColumnDefs(st.Cols, st.Keys, st.Checks, s.env(nil))
	if err != nil {
		return err
	}
	if err := tableConstraints(rel, st, def); err != nil {
		return err
	}
	rel.OID, err = s.newOID()
	if err != nil {
		return err
	}
	s.put(rel)
	return w.Complete("CREATE TABLE")
}

// tableConstraints takes columns, key and checks over; other constraints come later.
func tableConstraints(rel *catalog.Relation, st *ast.CreateTable, def *sql.TableDef) error {
	later := func(pos ast.Pos, what string) error {
		return sqlerr.New(sqlerr.FeatureNotSupported, "%s constraints are not supported yet", what).At(int(pos))
	}
	for _, d := range st.Cols {
		switch {
		case d.Refs != nil:
			return later(d.Pos, "FOREIGN KEY")
		case d.Unique:
			return later(d.Pos, "UNIQUE")
		}
	}
	if len(st.Foreign) > 0 {
		return later(st.Foreign[0].Pos, "FOREIGN KEY")
	}
	for _, k := range st.Keys {
		if !k.Primary {
			return later(k.Pos, "UNIQUE")
		}
	}
	rel.Columns, rel.Primary, rel.PrimaryName, rel.Checks = def.Columns, def.Primary, def.PrimaryName, def.Checks
	if rel.PrimaryName == "" && rel.Primary != nil {
		rel.PrimaryName = rel.Name + "_pkey"
	}
	nameChecks(rel, st)
	return nil
}

// nameChecks gives unnamed CHECKs the names that PostgreSQL gives them: table_column_check of a column's, else table_check, and a number where taken.
func nameChecks(rel *catalog.Relation, st *ast.CreateTable) {
	var bases []string // columns' checks come first
	for _, c := range st.Cols {
		for range c.Checks {
			bases = append(bases, rel.Name+"_"+c.Name+"_check")
		}
	}
	taken := map[string]bool{}
	for _, c := range rel.Checks {
		taken[c.Name] = true
	}
	for i := range rel.Checks {
		if rel.Checks[i].Name != "" {
			continue
		}
		base := rel.Name + "_check"
		if i < len(bases) {
			base = bases[i]
		}
		name := base
		for n := int64(1); taken[name]; n++ {
			name = base + itoa(n)
		}
		rel.Checks[i].Name, taken[name] = name, true
	}
}

// createTableAs runs CREATE TABLE ... AS.
func (s *session) createTableAs(ctx context.Context, st *ast.CreateTable, rel *catalog.Relation, text string, w ResultWriter) error {
	q, err := s.planQuery(st.As, text, nil)
	if err != nil {
		return err
	}
	cols := resultColumns(q)
	if len(st.AsCols) > len(cols) {
		return sqlerr.New(sqlerr.SyntaxError, "too many column names were specified").At(int(st.Pos))
	}
	seen := map[string]bool{}
	for i, c := range cols {
		if i < len(st.AsCols) {
			c.Name = st.AsCols[i]
		}
		if seen[c.Name] {
			return sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", c.Name)
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
		return w.Complete("CREATE TABLE AS")
	}
	bs, n, err := s.collect(ctx, q, nil)
	if err != nil {
		return err
	}
	s.put(rel)
	for _, b := range bs {
		s.tx.write(rel).add(b)
	}
	return w.Complete("SELECT " + itoa(n))
}

// names prints dotted names for messages.
func dotted(names []string) string { return strings.Join(names, ".") }
