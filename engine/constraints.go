package engine

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// tableConstraints takes the columns and constraints of a new table over, and names those without a name as PostgreSQL does.
func (s *session) tableConstraints(rel *catalog.Relation, st *ast.CreateTable, def *sql.TableDef) error {
	rel.Columns, rel.Primary, rel.PrimaryName, rel.Checks, rel.Uniques = def.Columns, def.Primary, def.PrimaryName, def.Checks, def.Uniques
	if rel.PrimaryName == "" && rel.Primary != nil {
		rel.PrimaryName = freeName(rel, rel.Name+"_pkey")
	}
	s.nameChecks(rel, st)
	if err := s.nameUniques(rel); err != nil {
		return err
	}
	for _, d := range st.Cols {
		if d.Refs == nil {
			continue
		}
		f := *d.Refs
		f.Cols = []string{d.Name}
		if err := s.addForeign(rel, &f); err != nil {
			return err
		}
	}
	for i := range st.Foreign {
		if err := s.addForeign(rel, &st.Foreign[i]); err != nil {
			return err
		}
	}
	return nil
}

// sameKey says whether two constraints hold the same.
func sameKey(a, b catalog.Unique) bool {
	return slices.Equal(a.Cols, b.Cols) && a.NotDistinct == b.NotDistinct && a.Deferrable == b.Deferrable && a.Deferred == b.Deferred
}

// nameUniques names the UNIQUE constraints without a name, and drops those that say the same as another.
func (s *session) nameUniques(rel *catalog.Relation) error {
	all := rel.Uniques
	rel.Uniques = nil
	for _, u := range all {
		if u.Name == "" && !u.PrimaryKey && (slices.Equal(u.Cols, rel.PrimaryKey()) || slices.ContainsFunc(rel.Uniques, func(o catalog.Unique) bool { return sameKey(o, u) })) {
			continue
		}
		if u.Name == "" && u.PrimaryKey {
			u.Name = freeName(rel, rel.Name+"_pkey")
		} else if u.Name == "" {
			u.Name = freeName(rel, rel.Name+"_"+joinNames(rel, u.Cols)+"_key")
		} else if hasConstraint(rel, u.Name) || s.indexNamed(rel.Schema, u.Name) != nil {
			return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", u.Name)
		}
		rel.Uniques = append(rel.Uniques, u)
	}
	return nil
}

func joinNames(rel *catalog.Relation, cols []int) string {
	var names []string
	for _, c := range cols {
		names = append(names, rel.Columns[c].Name)
	}
	return strings.Join(names, "_")
}

// constraintNames lists the names of all constraints and indexes of a table.
func constraintNames(rel *catalog.Relation) []string {
	var out []string
	for _, u := range keysOf(rel) {
		out = append(out, u.Name)
	}
	for _, c := range rel.Checks {
		out = append(out, c.Name)
	}
	for _, f := range rel.Foreign {
		out = append(out, f.Name)
	}
	for _, x := range rel.Indexes {
		out = append(out, x.Name)
	}
	return out
}

func hasConstraint(rel *catalog.Relation, name string) bool {
	return slices.Contains(constraintNames(rel), name)
}

// freeName is base, with a number where a constraint of the table has that name.
func freeName(rel *catalog.Relation, base string) string {
	name := base
	for n := int64(1); hasConstraint(rel, name); n++ {
		name = base + itoa(n)
	}
	return name
}

// nameChecks gives unnamed CHECKs the names that PostgreSQL gives them: table_column_check where it is a column's or reads one column only, else
// table_check, and a number where taken.
func (s *session) nameChecks(rel *catalog.Relation, st *ast.CreateTable) {
	var bases []string // columns' checks come first
	for _, c := range st.Cols {
		for range c.Checks {
			bases = append(bases, rel.Name+"_"+c.Name+"_check")
		}
	}
	for i := range rel.Checks {
		if rel.Checks[i].Name != "" {
			continue
		}
		var base string
		if i < len(bases) {
			base = bases[i]
		} else {
			base = s.checkName(rel, st.Checks[i-len(bases)].X)
		}
		rel.Checks[i].Name = freeName(rel, base)
	}
}

// checkName is the name of a table's CHECK before a number is added.
func (s *session) checkName(rel *catalog.Relation, x ast.Expr) string {
	reads, _, err := sql.BindCheck(x, rel.Columns, s.env(nil))
	if err != nil || len(reads) != 1 {
		return rel.Name + "_check"
	}
	return rel.Name + "_" + rel.Columns[reads[0]].Name + "_check"
}

// addForeign resolves a foreign key of rel.
func (s *session) addForeign(rel *catalog.Relation, f *ast.ForeignKey) error {
	to := rel
	if len(f.Table) != 1 || f.Table[0] != rel.Name || s.cat().Lookup(f.Table, s.SearchPath()) != nil {
		var err error
		if to, err = s.cat().Resolve(f.Table, s.SearchPath()); err != nil {
			return err
		}
		if to.OID == rel.OID {
			to = rel
		}
	}
	if to.Kind != catalog.Table {
		return sqlerr.New(sqlerr.WrongObjectType, "referenced relation %q is not a table", to.Name)
	}
	k := catalog.ForeignKey{Name: f.Name, Table: to.OID, OnDelete: f.OnDelete, OnUpdate: f.OnUpdate, Full: f.Full, Deferrable: f.Deferrable, Deferred: f.Deferred}
	for _, n := range f.Cols {
		i := rel.Column(n)
		if i < 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column %q referenced in foreign key constraint does not exist", n)
		}
		k.Cols = append(k.Cols, i)
	}
	if err := referredColumns(&k, f, to); err != nil {
		return err
	}
	if k.Name == "" {
		k.Name = freeName(rel, rel.Name+"_"+joinNames(rel, k.Cols)+"_fkey")
	} else if hasConstraint(rel, k.Name) {
		return sqlerr.New(sqlerr.DuplicateObject, "constraint %q for relation %q already exists", k.Name, rel.Name)
	}
	for i, c := range k.Cols {
		a, b := &rel.Columns[c], &to.Columns[k.RefCols[i]]
		if !comparable(a.Type, b.Type) {
			return sqlerr.New(sqlerr.DatatypeMismatch, "foreign key constraint %q cannot be implemented", k.Name).
				WithDetail("Key columns %q and %q are of incompatible types: %s and %s.", a.Name, b.Name, a.Type.Base(), b.Type.Base())
		}
	}
	rel.Foreign = append(rel.Foreign, k)
	return nil
}

// comparable says whether a column of type a can refer to one of type b: the two have one equality, or a converts to b by itself.
func comparable(a, b types.Type) bool {
	if a.Is(b.Base()) || a.Category() == b.Category() && expr.CanCast(a.Base(), b.Base(), 'i') {
		return true
	}
	return slices.ContainsFunc(comparableTypes, func(ts []types.Type) bool {
		return slices.ContainsFunc(ts, a.Is) && slices.ContainsFunc(ts, b.Is)
	})
}

var comparableTypes = [][]types.Type{
	{types.Int2, types.Int4, types.Int8},
	{types.Float4, types.Float8},
	{types.Date, types.Timestamp, types.TimestampTZ},
}

// referredColumns finds the unique key that a foreign key refers to.
func referredColumns(k *catalog.ForeignKey, f *ast.ForeignKey, to *catalog.Relation) error {
	if len(f.RefCols) == 0 {
		if len(to.Primary) == 0 && to.PrimaryKey() != nil {
			return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "cannot use a deferrable primary key for referenced table %q", to.Name)
		}
		if len(to.Primary) == 0 {
			return sqlerr.New(sqlerr.UndefinedObject, "there is no primary key for referenced table %q", to.Name)
		}
		k.RefCols = to.Primary
	}
	for _, n := range f.RefCols {
		i := to.Column(n)
		if i < 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column %q referenced in foreign key constraint does not exist", n)
		}
		k.RefCols = append(k.RefCols, i)
	}
	if len(k.RefCols) != len(k.Cols) {
		return sqlerr.New(sqlerr.InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree")
	}
	for _, u := range keysOf(to) {
		if u.Deferrable {
			continue
		}
		if slices.Equal(u.Cols, k.RefCols) {
			return nil
		}
		a, b := slices.Clone(u.Cols), slices.Clone(k.RefCols)
		slices.Sort(a)
		slices.Sort(b)
		if slices.Equal(a, b) {
			order := make([]int, len(u.Cols))
			for i, c := range u.Cols {
				order[i] = k.Cols[slices.Index(k.RefCols, c)]
			}
			k.Cols, k.RefCols = order, u.Cols
			return nil
		}
	}
	for _, u := range keysOf(to) {
		if u.Deferrable && len(u.Cols) == len(k.RefCols) && !slices.ContainsFunc(u.Cols, func(c int) bool { return !slices.Contains(k.RefCols, c) }) {
			return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "cannot use a deferrable unique constraint for referenced table %q", to.Name)
		}
	}
	return sqlerr.New(sqlerr.InvalidForeignKey, "there is no unique constraint matching given keys for referenced table %q", to.Name)
}

// indexNamed finds the table of a schema that has an index or a unique key of that name.
func (s *session) indexNamed(schema, name string) *catalog.Relation {
	for _, r := range s.cat().Relations() {
		if r.Schema != schema {
			continue
		}
		if slices.ContainsFunc(r.Indexes, func(x catalog.Index) bool { return x.Name == name }) ||
			slices.ContainsFunc(keysOf(r), func(u catalog.Unique) bool { return u.Name == name }) {
			return r
		}
	}
	return nil
}
