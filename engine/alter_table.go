package engine

import (
	"cmp"
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
)

// alterTable runs the actions of ALTER TABLE that change columns and constraints. n is the changed copy of rel.
func (s *session) alterTable(ctx context.Context, rel, n *catalog.Relation, st *ast.Alter) error {
	if s.tx != nil && slices.ContainsFunc(s.tx.deferred, func(d deferredCheck) bool { return d.rel == rel.OID }) {
		return sqlerr.New(sqlerr.ObjectInUse, "cannot ALTER TABLE %q because it has pending trigger events", rel.Name)
	}
	if view := rel.Kind == catalog.View || rel.Kind == catalog.MatView; rel.Kind != catalog.Table && (!view || st.Action != "rename column") {
		return sqlerr.New(sqlerr.FeatureNotSupported, "this action cannot be performed on %s %q", rel.Kind, rel.Name).At(int(st.Pos)).
			WithHint("Create it anew with the changed definition.")
	}
	n.Columns = slices.Clone(rel.Columns)
	switch st.Action {
	case "add column":
		return s.addColumn(ctx, rel, n, st)
	case "add constraint":
		return s.addConstraint(ctx, rel, n, st)
	case "drop constraint":
		return s.dropConstraint(ctx, rel, n, st)
	case "validate constraint":
		return s.validateConstraint(ctx, rel, n, st.Column)
	case "rename constraint":
		return s.renameConstraint(rel, n, st)
	}
	i := rel.Column(st.Column)
	switch {
	case i >= 0:
		return s.alterColumn(ctx, rel, n, i, st)
	case st.IfExists:
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "column %q of relation %q does not exist, skipping", st.Column, rel.Name)
		return nil
	case st.Action == "rename column":
		return sqlerr.New(sqlerr.UndefinedColumn, "column %q does not exist", st.Column)
	}
	return sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", st.Column, rel.Name)
}

// alterColumn runs an action on column i.
func (s *session) alterColumn(ctx context.Context, rel, n *catalog.Relation, i int, st *ast.Alter) error {
	c := &n.Columns[i]
	switch st.Action {
	case "rename column":
		return s.nameColumn(rel, n, i, st.NewName)
	case "drop column":
		return s.dropColumn(ctx, rel, i, st)
	case "set default":
		switch {
		case c.Identity != "":
			return errIdentity(rel, c)
		case c.Generated != "":
			return errGenerated(rel, c)
		}
		c.Default = st.DefaultSQL
		def := ast.ColumnDef{Pos: st.Pos, Name: c.Name, Default: st.Default, DefaultSQL: st.DefaultSQL}
		if err := sql.BindDefault(&def, c, s.env(nil)); err != nil {
			return err
		}
	case "drop default":
		if c.Identity != "" {
			return errIdentity(rel, c).WithHint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.")
		}
		if c.Generated != "" {
			return errGenerated(rel, c).WithHint("Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.")
		}
		c.Default = ""
	case "add identity", "set identity", "drop identity":
		if done, err := s.alterIdentity(rel, n, i, st); done || err != nil {
			return err
		}
	case "drop expression":
		if c.Generated == "" && st.IfExists {
			s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "column %q of relation %q is not a stored generated column, skipping", c.Name, rel.Name)
			return nil
		}
		if c.Generated == "" {
			return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "column %q of relation %q is not a stored generated column", c.Name, rel.Name)
		}
		c.Generated = ""
	case "set not null":
		if err := s.verifyNotNull(ctx, rel, i); err != nil {
			return err
		}
		c.NotNull = true
	case "set type":
		return s.alterType(ctx, rel, n, i, st)
	case "drop not null":
		if slices.Contains(rel.Primary, i) {
			return sqlerr.New(sqlerr.InvalidTableDefinition, "column %q is in a primary key", c.Name)
		}
		if c.Identity != "" {
			return errIdentity(rel, c)
		}
		c.NotNull = false
	}
	s.replace(rel, n)
	return nil
}

// renameInTexts lets the CHECKs, generated columns and indexes of a table follow a column's new name.
func renameInTexts(n *catalog.Relation, old, now string) error {
	var err error
	follow := func(text string) string {
		if text == "" || err != nil {
			return text
		}
		var out string
		out, err = sql.RenameColumnIn(text, old, now)
		return out
	}
	n.Checks, n.Uniques, n.Indexes = slices.Clone(n.Checks), slices.Clone(n.Uniques), slices.Clone(n.Indexes)
	for i := range n.Checks {
		n.Checks[i].SQL, n.Checks[i].Shown = follow(n.Checks[i].SQL), follow(n.Checks[i].Shown)
	}
	for i := range n.Columns {
		n.Columns[i].Generated = follow(n.Columns[i].Generated)
	}
	index := func(d *catalog.IndexDef) *catalog.IndexDef {
		if d.Plain() {
			return d
		}
		c := *d
		c.Where, c.Shown, c.Keys = follow(d.Where), follow(d.Shown), slices.Clone(d.Keys)
		for i := range c.Keys {
			c.Keys[i].SQL, c.Keys[i].Shown = follow(c.Keys[i].SQL), follow(c.Keys[i].Shown)
		}
		return &c
	}
	for i := range n.Uniques {
		n.Uniques[i].Def = index(n.Uniques[i].Def)
	}
	for i := range n.Indexes {
		n.Indexes[i].Def = index(n.Indexes[i].Def)
	}
	return err
}

// noExpressions refuses a change of a column that a CHECK or a generated column reads by name.
func (s *session) noExpressions(rel *catalog.Relation, col int, verb string) error {
	readers, err := sql.ColumnReaders(rel, col, s.env(nil))
	if err != nil {
		return err
	}
	if len(readers) > 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot %s column %q because %s reads it", verb, rel.Columns[col].Name, readers[0]).
			WithHint("Drop that first.")
	}
	return nil
}

// reshape puts a table with other columns in place of rel, where what reads it still can.
func (s *session) reshape(rel, n *catalog.Relation, what string) error {
	s.replace(rel, n)
	return s.carryReaders(rel, n, what)
}

func errDependent(rel, d *catalog.Relation, what string) error {
	return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot %s of table %s because other objects depend on it", what, rel.Name).
		WithDetail("%s %s depends on table %s", d.Kind, d.Name, rel.Name).WithHint("Drop %s %s first, and create it again afterwards.", d.Kind, d.Name)
}

// addColumn runs ADD COLUMN.
func (s *session) addColumn(ctx context.Context, rel, n *catalog.Relation, st *ast.Alter) error {
	if rel.Column(st.Def.Name) >= 0 {
		if st.IfExists {
			s.notice("NOTICE", sqlerr.DuplicateColumn, "", "column %q of relation %q already exists, skipping", st.Def.Name, rel.Name)
			return nil
		}
		return sqlerr.New(sqlerr.DuplicateColumn, "column %q of relation %q already exists", st.Def.Name, rel.Name)
	}
	sql.OwnDefs(rel.Schema, rel.Name, []ast.ColumnDef{*st.Def}, nil)
	def, err := sql.BindColumnDefs(rel.Name, []ast.ColumnDef{*st.Def}, nil, nil, s.env(nil))
	if err != nil {
		return err
	}
	col := len(n.Columns)
	n.Columns = append(n.Columns, def.Columns[0])
	if err := s.numberColumns(n, []ast.ColumnDef{*st.Def}, col, def.Numbered); err != nil {
		return err
	}
	if def.Primary != nil {
		if rel.PrimaryKey() != nil {
			return sqlerr.New(sqlerr.InvalidTableDefinition, "multiple primary keys for table %q are not allowed", rel.Name)
		}
		n.Primary, n.PrimaryName = []int{col}, cmp.Or(def.PrimaryName, freeName(n, n.Name+"_pkey"))
	}
	keys := len(n.Uniques)
	for _, u := range def.Uniques {
		u.Cols = []int{col}
		if u.Name == "" {
			u.Name = freeName(n, n.Name+"_"+st.Def.Name+"_key")
		}
		n.Uniques = append(slices.Clone(n.Uniques), u)
	}
	for _, c := range def.Checks {
		if c.Name == "" {
			c.Name = freeName(n, n.Name+"_"+st.Def.Name+"_check")
		}
		n.Checks = append(slices.Clone(n.Checks), c)
	}
	if st.Def.Refs != nil {
		f := *st.Def.Refs
		f.Cols = []string{st.Def.Name}
		n.Foreign = slices.Clone(n.Foreign)
		if err := s.addForeign(n, &f); err != nil {
			return err
		}
	}
	if err := s.rewrite(ctx, rel, n, "add a column"); err != nil {
		return err
	}
	for _, u := range n.Uniques[keys:] {
		if err := s.verifyUnique(ctx, n, u); err != nil {
			return err
		}
	}
	return nil
}

// dropChecks takes the CHECKs that read column i away.
func (s *session) dropChecks(rel, n *catalog.Relation, i int) error {
	one := *rel
	var stay []catalog.Check
	for _, c := range n.Checks {
		one.Checks = []catalog.Check{c}
		readers, err := sql.ColumnReaders(&one, i, s.env(nil))
		if err != nil {
			return err
		}
		if !slices.Contains(readers, "constraint "+parser.QuoteIdent(c.Name)) {
			stay = append(stay, c)
		}
	}
	n.Checks = stay
	return nil
}

// indexReads says whether an index reads column i.
func (s *session) indexReads(rel *catalog.Relation, def *catalog.IndexDef, i int) bool {
	cols, err := sql.IndexReads(rel, def, s.env(nil))
	return err != nil || slices.Contains(cols, i) || slices.Contains(def.Include, i)
}

// dropColumn runs DROP COLUMN: the column stays in the rows and is hidden.
func (s *session) dropColumn(ctx context.Context, rel *catalog.Relation, i int, st *ast.Alter) error {
	return s.dropObjects(ctx, st.Cascade, object{rel: rel, col: i + 1})
}

// hideColumn takes column i of rel away, and what is kept with it. n is the changed copy of rel.
func (s *session) hideColumn(ctx context.Context, rel, n *catalog.Relation, i int) error {
	if err := s.dropChecks(rel, n, i); err != nil {
		return err
	}
	if err := s.shortenAliases(rel, i); err != nil {
		return err
	}
	if q := s.cat().SequenceOf(rel.OID, i); q != nil {
		s.remove(q)
	}
	has := func(cols []int) bool { return slices.Contains(cols, i) }
	reads := func(cols []int, def *catalog.IndexDef) bool {
		return has(cols) || def != nil && s.indexReads(rel, def, i)
	}
	n.Uniques = slices.DeleteFunc(slices.Clone(rel.Uniques), func(u catalog.Unique) bool { return reads(u.Cols, u.Def) })
	n.Foreign = slices.DeleteFunc(slices.Clone(rel.Foreign), func(f catalog.ForeignKey) bool { return has(f.Cols) })
	n.Indexes = slices.DeleteFunc(slices.Clone(rel.Indexes), func(x catalog.Index) bool { return reads(x.Cols, x.Def) })
	n.Columns[i] = catalog.Column{Name: "........pg.dropped." + itoa(int64(i+1)) + "........", Type: rel.Columns[i].Type, Dropped: true}
	if has(rel.Primary) {
		n.Primary, n.PrimaryName = nil, ""
		return s.rewrite(ctx, rel, n, "drop column "+rel.Columns[i].Name)
	}
	return s.reshape(rel, n, "drop column "+rel.Columns[i].Name)
}
