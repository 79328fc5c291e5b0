package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// addConstraint runs ADD [CONSTRAINT name] PRIMARY KEY | UNIQUE | CHECK | FOREIGN KEY, after a look at the rows that are there.
func (s *session) addConstraint(ctx context.Context, rel, n *catalog.Relation, st *ast.Alter) error {
	switch {
	case st.Key != nil:
		return s.addKey(ctx, rel, n, st.Key)
	case st.Check != nil:
		st.Check.SQL = sql.OwnColumns(rel.Schema, rel.Name, st.Check.X, st.Check.SQL)
		_, shown, err := sql.BindCheck(st.Check.X, rel.Columns, s.env(nil))
		if err != nil {
			return err
		}
		c := catalog.Check{Name: st.Check.Name, SQL: st.Check.SQL, Shown: shown, NotValid: st.NotValid}
		if c.Name == "" {
			c.Name = freeName(rel, s.checkName(rel, st.Check.X))
		} else if hasConstraint(rel, c.Name) {
			return sqlerr.New(sqlerr.DuplicateObject, "constraint %q for relation %q already exists", c.Name, rel.Name)
		}
		n.Checks = append(slices.Clone(rel.Checks), c)
		if st.NotValid {
			break
		}
		if err := s.verifyChecks(ctx, n, c.Name); err != nil {
			return err
		}
	default:
		n.Foreign = slices.Clone(rel.Foreign)
		if err := s.addForeign(n, st.Foreign); err != nil {
			return err
		}
		key := &n.Foreign[len(n.Foreign)-1]
		if key.NotValid = st.NotValid; key.NotValid {
			break
		}
		if err := s.verifyForeign(ctx, n, *key); err != nil {
			return err
		}
	}
	s.replace(rel, n)
	return nil
}

// verifyForeign looks for the rows that those of a table refer to.
func (s *session) verifyForeign(ctx context.Context, rel *catalog.Relation, k catalog.ForeignKey) error {
	rows, err := s.tableRows(ctx, rel)
	if err != nil {
		return err
	}
	return (&foreignChecks{s: s, rel: rel}).present(k, rows)
}

// validateConstraint runs VALIDATE CONSTRAINT.
func (s *session) validateConstraint(ctx context.Context, rel, n *catalog.Relation, name string) error {
	n.Checks, n.Foreign = slices.Clone(rel.Checks), slices.Clone(rel.Foreign)
	for i := range n.Checks {
		if n.Checks[i].Name != name {
			continue
		}
		if n.Checks[i].NotValid {
			if err := s.verifyChecks(ctx, n, name); err != nil {
				return err
			}
		}
		n.Checks[i].NotValid = false
		s.replace(rel, n)
		return nil
	}
	for i := range n.Foreign {
		if n.Foreign[i].Name != name {
			continue
		}
		if n.Foreign[i].NotValid {
			if err := s.verifyForeign(ctx, n, n.Foreign[i]); err != nil {
				return err
			}
		}
		n.Foreign[i].NotValid = false
		s.replace(rel, n)
		return nil
	}
	if hasConstraint(rel, name) {
		return sqlerr.New(sqlerr.WrongObjectType, "constraint %q of relation %q is not a foreign key or check constraint", name, rel.Name)
	}
	return sqlerr.New(sqlerr.UndefinedObject, "constraint %q of relation %q does not exist", name, rel.Name)
}

// addKey adds a primary or unique key.
func (s *session) addKey(ctx context.Context, rel, n *catalog.Relation, k *ast.Key) error {
	var cols []int
	if k.Index != "" {
		x, err := s.usedIndex(rel, k)
		if err != nil {
			return err
		}
		cols = x.Cols
		n.Uniques = slices.DeleteFunc(slices.Clone(rel.Uniques), func(u catalog.Unique) bool { return u.Name == x.Name })
	}
	for _, name := range k.Cols {
		i := rel.Column(name)
		if i < 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column %q named in key does not exist", name).At(int(k.Pos))
		}
		cols = append(cols, i)
	}
	name := k.Name
	switch {
	case k.Primary && rel.PrimaryKey() != nil:
		return sqlerr.New(sqlerr.InvalidTableDefinition, "multiple primary keys for table %q are not allowed", rel.Name)
	case name == "" && k.Index != "":
		name = k.Index
	case name == "" && k.Primary:
		name = freeName(rel, rel.Name+"_pkey")
	case name == "":
		name = freeName(rel, rel.Name+"_"+joinNames(rel, cols)+"_key")
	case name == k.Index:
	case hasConstraint(rel, name) || s.indexNamed(rel.Schema, name) != nil:
		return sqlerr.New(sqlerr.DuplicateTable, "relation %q already exists", name)
	}
	if k.Index != "" && name != k.Index {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index %q to %q", k.Index, name)
		renameComment(n, "index ", k.Index, name)
		renameStored(n, k.Index, name)
	}
	if k.Primary {
		for _, c := range cols {
			if err := s.verifyNotNull(ctx, rel, c); err != nil {
				return err
			}
			n.Columns[c].NotNull = true
		}
	}
	u := sql.KeyOf(*k, cols)
	u.Name = name
	if err := s.verifyUnique(ctx, rel, u); err != nil {
		return err
	}
	if !k.Primary || k.Deferrable {
		n.Uniques = append(slices.Clone(n.Uniques), u)
		s.replace(rel, n)
		return nil
	}
	n.Primary, n.PrimaryName = cols, name
	return s.rewrite(ctx, rel, n, "add a primary key")
}

// usedIndex finds the index that a new constraint takes over. Errors: 42704, 42809, 55000.
func (s *session) usedIndex(rel *catalog.Relation, k *ast.Key) (catalog.Unique, error) {
	bad := func(format string, args ...any) (catalog.Unique, error) {
		return catalog.Unique{}, sqlerr.New(sqlerr.WrongObjectType, format, args...).WithDetail("Cannot create a primary key or unique constraint using such an index.").At(int(k.Pos))
	}
	at := slices.IndexFunc(keysOf(rel), func(u catalog.Unique) bool { return u.Name == k.Index })
	if of := s.indexNamed(rel.Schema, k.Index); of == nil {
		return catalog.Unique{}, sqlerr.New(sqlerr.UndefinedObject, "index %q does not exist", k.Index).At(int(k.Pos))
	} else if of.OID != rel.OID {
		return catalog.Unique{}, sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "index %q does not belong to table %q", k.Index, rel.Name).At(int(k.Pos))
	} else if at < 0 {
		return bad("%q is not a unique index", k.Index)
	}
	u := keysOf(rel)[at]
	switch {
	case !u.Index:
		return u, sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "index %q is already associated with a constraint", k.Index).At(int(k.Pos))
	case u.Def != nil && u.Def.Where != "":
		return bad("%q is a partial index", k.Index)
	case !u.Def.Plain():
		return bad("index %q contains expressions", k.Index)
	}
	for i := range u.Cols {
		if u.Def != nil && (u.Def.Keys[i].Desc || u.Def.Keys[i].NullsFirst) {
			return bad("index %q column number %d does not have default sorting behavior", k.Index, i+1)
		}
	}
	k.NotDistinct = u.NotDistinct
	return u, nil
}

// dropConstraint runs DROP CONSTRAINT.
func (s *session) dropConstraint(ctx context.Context, rel, n *catalog.Relation, st *ast.Alter) error {
	name := st.Column
	var own []string // its own foreign keys to this key
	for _, r := range s.referrers(rel) {
		on := keyOn(rel, r.key.RefCols)
		if on.Name != name {
			continue
		}
		if !st.Cascade {
			return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop constraint %s on table %s because other objects depend on it", name, rel.Name).
				WithDetail("constraint %s on table %s depends on index %s", r.key.Name, r.rel.Name, name).WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
		}
		if r.rel.OID == rel.OID {
			own = append(own, r.key.Name)
			continue
		}
		s.dropForeign(r)
	}
	n.Uniques = slices.DeleteFunc(slices.Clone(rel.Uniques), func(u catalog.Unique) bool { return u.Name == name && !u.Index })
	n.Foreign = slices.DeleteFunc(slices.Clone(rel.Foreign), func(f catalog.ForeignKey) bool { return f.Name == name || slices.Contains(own, f.Name) })
	forgetIndex(n, name)
	n.Checks = slices.DeleteFunc(slices.Clone(rel.Checks), func(c catalog.Check) bool { return c.Name == name })
	renameComment(n, "constraint ", name, "")
	renameComment(n, "index ", name, "")
	switch {
	case rel.PrimaryName == name && len(rel.Primary) > 0:
		n.Primary, n.PrimaryName = nil, ""
		return s.rewrite(ctx, rel, n, "drop the primary key")
	case len(n.Uniques)+len(n.Foreign)+len(n.Checks) == len(rel.Uniques)+len(rel.Foreign)+len(rel.Checks):
		if st.IfExists {
			s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "constraint %q of relation %q does not exist, skipping", name, rel.Name)
			return nil
		}
		return sqlerr.New(sqlerr.UndefinedObject, "constraint %q of relation %q does not exist", name, rel.Name)
	}
	s.replace(rel, n)
	return nil
}

// tableRows reads all rows of a table, with all columns, as the transaction sees them.
func (s *session) tableRows(ctx context.Context, rel *catalog.Relation) ([]*types.Batch, error) {
	return s.rowsOf(ctx, sql.WholeScan(rel), nil)
}

// verifyUnique refuses a key that rows of the table have twice.
func (s *session) verifyUnique(ctx context.Context, rel *catalog.Relation, u catalog.Unique) error {
	rows, err := s.tableRows(ctx, rel)
	if err != nil {
		return err
	}
	of, err := s.eng.sideKey(rel, u)
	if err != nil {
		return err
	}
	k := &keyIndex{rel: rel, key: u, of: of, ts: of.Ts, own: map[uint64][]keyRow{}}
	for _, b := range rows {
		p, err := k.probe(b)
		if err != nil {
			return err
		}
		for i := 0; i < b.N; i++ {
			for _, r := range k.own[p.hash[i]] {
				if types.RowsEqual(r.key, r.row, p.key, i, k.ts) && !k.apart(p, i) {
					e := sqlerr.New(sqlerr.UniqueViolation, "could not create unique index %q", u.Name)
					e.Schema, e.Table, e.Constraint = rel.Schema, rel.Name, u.Name
					return e.WithDetail("Key %s is duplicated.", keyDetail(rel, u, k.ts, p.key, i))
				}
			}
			k.set(p, i, true)
		}
	}
	return nil
}

func (s *session) verifyNotNull(ctx context.Context, rel *catalog.Relation, col int) error {
	rows, err := s.tableRows(ctx, rel)
	if err != nil {
		return err
	}
	for _, b := range rows {
		if b.Cols[col].NullN() > 0 {
			e := sqlerr.New(sqlerr.NotNullViolation, "column %q of relation %q contains null values", rel.Columns[col].Name, rel.Name)
			e.Schema, e.Table, e.Column = rel.Schema, rel.Name, rel.Columns[col].Name
			return e
		}
	}
	return nil
}

// verifyChecks tests the rows of a table against the CHECK of that name.
func (s *session) verifyChecks(ctx context.Context, n *catalog.Relation, name string) error {
	rows, err := s.tableRows(ctx, n)
	if err != nil {
		return err
	}
	one := *n
	one.Checks = slices.DeleteFunc(slices.Clone(n.Checks), func(c catalog.Check) bool { return c.Name != name })
	row, err := sql.BindRow(&one, nil, s.env(nil))
	if err != nil {
		return err
	}
	for _, b := range rows {
		if err := row.Check(s.exprCtx(nil), b); err != nil {
			e := *sqlerr.From(err)
			e.Message, e.Detail = "check constraint \""+name+"\" of relation \""+n.Name+"\" is violated by some row", ""
			return &e
		}
	}
	return nil
}
