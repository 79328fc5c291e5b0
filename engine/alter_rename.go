package engine

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// move gives rel another name or schema. The texts of what reads it follow.
func (s *session) move(rel, n *catalog.Relation, schema, name string) error {
	if s.cat().Lookup([]string{schema, name}, nil) != nil || s.indexNamed(schema, name) != nil {
		if schema != rel.Schema {
			return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists in schema %q", name, schema)
		}
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", name)
	}
	if rel.Kind != catalog.Sequence && s.cat().FindUserType([]string{schema, name}, nil) != nil {
		return sqlerr.New(sqlerr.DuplicateObject, "type %q already exists", name)
	}
	n.Schema, n.Name = schema, name
	if rel.Kind == catalog.Sequence {
		s.renameSequence(rel, n)
	}
	return s.follow(rel, n, func(text string, u *sql.Uses, path []string) (string, error) {
		return sql.NameRelation(text, u, rel, name, func(names []string) []string {
			if len(names) == 1 && s.reaches(path, schema, name) {
				return []string{name}
			}
			return []string{schema, name}
		})
	})
}

// reaches says whether a name without a schema will mean the one in schema, along path.
func (s *session) reaches(path []string, schema, name string) bool {
	if !slices.Contains(path, catalog.PgCatalog) {
		path = append([]string{catalog.PgCatalog}, path...)
	}
	for _, p := range path {
		if p == schema || s.cat().Lookup([]string{p, name}, nil) != nil {
			return p == schema
		}
	}
	return false
}

// setSchema runs SET SCHEMA; the sequences of a table's columns go with it.
func (s *session) setSchema(rel, n *catalog.Relation, schema string) error {
	if err := s.schemaTaker(schema, rel.Schema); err != nil || schema == rel.Schema {
		return err
	}
	if rel.Kind == catalog.Sequence && rel.Seq.Table != 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot move an owned sequence into another schema").
			WithDetail("Sequence %q is linked to table %q.", rel.Name, s.cat().ByOID(rel.Seq.Table).Name)
	}
	for _, q := range s.cat().OwnedSequences(rel.OID) {
		nq := *q
		if err := s.move(q, &nq, schema, q.Name); err != nil {
			return err
		}
	}
	now := s.cat().ByOID(rel.OID) // its defaults may have followed the sequences
	*n = *now
	return s.move(now, n, schema, rel.Name)
}

// schemaTaker refuses a schema into which an object of schema from can't be moved.
func (s *session) schemaTaker(schema, from string) error {
	switch {
	case s.cat().Schema(schema) == nil && !isTemp(schema):
		return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", schema)
	case isTemp(schema) || isTemp(from):
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot move objects into or out of temporary schemas")
	case isSystemSchema(schema):
		return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for schema %s", schema)
	}
	return nil
}

// nameColumn gives column i of n, which is in the place of rel, another name. The texts of what reads it keep the old one, by an alias.
func (s *session) nameColumn(rel, n *catalog.Relation, i int, name string) error {
	switch {
	case sql.SystemColumn(name):
		return sqlerr.New(sqlerr.DuplicateColumn, "column name %q conflicts with a system column name", name)
	case rel.Column(name) >= 0:
		return sqlerr.New(sqlerr.DuplicateColumn, "column %q of relation %q already exists", name, rel.Name)
	}
	old := n.Columns[i].Name
	n.Columns[i].Name = name
	if err := renameInTexts(n, old, name); err != nil {
		return err
	}
	return s.follow(rel, n, nil)
}

// change is how a text follows; nil: it keeps the names of the columns.
type change func(text string, u *sql.Uses, path []string) (string, error)

// follow puts n in the place of rel, and lets the texts that read it follow. Continuous queries keep their state: their operators must be called what
// they were.
func (s *session) follow(rel, n *catalog.Relation, by change) error {
	deps := s.cat().Dependents(rel.OID)
	now, was := make([]catalog.Relation, len(deps)), map[uint32][]string{}
	for i, d := range deps {
		u, err := s.usesOf(d)
		if now[i] = *d; err == nil {
			err = s.followIn(&now[i], rel, u, by)
		}
		if err != nil || d.IsQuery() && by == nil && u.Rows[rel.OID] {
			return errNamed(rel, string(d.Kind), d.Name)
		}
		if d.IsQuery() {
			was[d.OID] = s.stateNames(d)
		}
	}
	var funcs []*catalog.Function
	for _, f := range s.cat().FunctionsOver(rel.OID) {
		nf, err := s.followFunction(f, rel, n, by)
		if err != nil {
			return errNamed(rel, f.Kind(), f.Signature())
		}
		funcs = append(funcs, nf)
	}
	s.replace(rel, n)
	for _, f := range funcs {
		s.putFunction(f)
	}
	for i, d := range deps {
		s.replace(d, &now[i])
	}
	for i, d := range deps {
		if d.IsQuery() && (was[d.OID] == nil || !slices.Equal(was[d.OID], s.stateNames(&now[i]))) || d.Kind == catalog.View && s.viewHolds(&now[i]) != nil {
			return errNamed(rel, string(d.Kind), d.Name)
		}
	}
	return nil
}

// followIn changes the text of d, and the functions that it keeps.
func (s *session) followIn(d, rel *catalog.Relation, u *sql.Uses, by change) error {
	var err error
	if by == nil {
		by = keepColumns(rel, d.Saw)
	}
	if d.SQL, err = by(d.SQL, u, d.SearchPath); err != nil {
		return err
	}
	d.Functions = slices.Clone(d.Functions)
	for i, f := range d.Functions {
		if d.Functions[i], err = s.followBody(f, rel, by); err != nil {
			return err
		}
	}
	return nil
}

// followFunction changes what a function of the catalog knows of rel. A body that is a string is left as it is, as PostgreSQL does.
func (s *session) followFunction(f *catalog.Function, rel, n *catalog.Relation, by change) (*catalog.Function, error) {
	nf := *f
	if cols := visibleColumns(n); f.RowOf == rel.OID && len(f.Cols) == len(cols) {
		nf.Cols = slices.Clone(f.Cols)
		for i, c := range cols {
			nf.Cols[i].Name = c.Name
		}
	}
	if !f.Return {
		return &nf, nil
	}
	if by == nil {
		by = keepColumns(rel, nil)
	}
	return s.followBody(&nf, rel, by)
}

// followBody gives f with its body changed.
func (s *session) followBody(f *catalog.Function, rel *catalog.Relation, by change) (*catalog.Function, error) {
	if f.Language != "sql" {
		return f, nil
	}
	nf := *f
	var ok bool
	var err error
	nf.Body, ok, err = sql.InBody(f, s.cat(), rel, func(text string, u *sql.Uses) (string, error) { return by(text, u, f.SearchPath) })
	if err == nil && !ok {
		err = errNamed(rel, f.Kind(), f.Signature())
	}
	return &nf, err
}

// keepColumns lets the columns of rel keep their names in a text. saw tells how many columns the text means.
func keepColumns(rel *catalog.Relation, saw map[uint32]int) change {
	var names []string
	for i, c := range rel.Columns {
		if wide, ok := saw[rel.OID]; !c.Hidden && !c.Dropped && (!ok || i < wide) {
			names = append(names, c.Name)
		}
	}
	return func(text string, u *sql.Uses, _ []string) (string, error) {
		return sql.NameColumns(text, u, rel, names)
	}
}

// usesOf binds the text of a view or of a continuous query, and gives what its names stand for.
func (s *session) usesOf(d *catalog.Relation) (*sql.Uses, error) {
	q, err := parser.ParseQuery(d.SQL)
	if err != nil {
		return nil, err
	}
	env := s.storedEnv(d)
	env.Uses = sql.NewUses()
	_, err = sql.BindQuery(q, d.SQL, env)
	return env.Uses, err
}

// storedEnv is what the text of a view or of a continuous query is bound with.
func (s *session) storedEnv(d *catalog.Relation) *sql.Env {
	if d.IsQuery() {
		return s.eng.storedEnv(s.cat(), d)
	}
	env := s.env(nil)
	env.SearchPath, env.Saw, env.Functions = d.SearchPath, d.Saw, d.Functions
	return env
}

// stateNames are what the names of a query's operators are made of, without those that keep nothing; nil where its text can't be bound.
func (s *session) stateNames(rel *catalog.Relation) []string {
	q, err := s.eng.streamQuery(s.cat(), rel)
	if err != nil {
		return nil
	}
	names := []string{}
	plan.Walk(q.Plan.Root, func(n plan.Node) {
		if _, scan := n.(*plan.Scan); !scan {
			names = append(names, exec.NameHash(n))
		}
	})
	return names
}

func errNamed(rel *catalog.Relation, kind, name string) error {
	return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot rename %s %s because other objects read it by name", rel.Kind, rel.Name).
		WithDetail("%s %s reads it.", kind, name)
}
