package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// TableDef is what the column list and the constraints of CREATE TABLE or CREATE STREAM stand for.
type TableDef struct {
	table       string
	Columns     []catalog.Column
	Primary     []int
	PrimaryName string // "" where not named
	Uniques     []catalog.Unique
	Checks      []catalog.Check // Name is "" where not named
	Numbered    []int           // serial and identity columns: the caller makes their sequences and sets their defaults
}

// serials are the column types that stand for a column with a sequence.
var serials = map[string]types.Type{
	"serial": types.Int4, "serial4": types.Int4, "bigserial": types.Int8, "serial8": types.Int8, "smallserial": types.Int2, "serial2": types.Int2,
}

// BindColumnDefs checks and resolves the columns of a new table or stream, their defaults, generated columns and CHECKs, and the table's
// constraints. Foreign keys are the caller's. The table's name is for errors.
func BindColumnDefs(table string, defs []ast.ColumnDef, keys []ast.Key, checks []ast.Check, env *Env) (*TableDef, error) {
	t := &TableDef{table: table}
	for i := range defs {
		c, err := columnDef(&defs[i], env)
		if err != nil {
			return nil, err
		}
		if SystemColumn(c.Name) {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column name %q conflicts with a system column name", c.Name)
		}
		if slices.ContainsFunc(t.Columns, func(x catalog.Column) bool { return x.Name == c.Name }) {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", c.Name)
		}
		if c.Identity != "" || isSerial(defs[i].Type) {
			t.Numbered = append(t.Numbered, i)
		}
		t.Columns = append(t.Columns, c)
	}
	cols := columnSchema(t.Columns)
	for i := range defs {
		if err := t.columnExprs(&defs[i], cols, env); err != nil {
			return nil, err
		}
	}
	for _, k := range keys {
		if err := t.addKey(k); err != nil {
			return nil, err
		}
	}
	for i := range checks {
		if err := t.addCheck(&checks[i], cols, env); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// columnSchema is the columns of a relation as a schema.
func columnSchema(cols []catalog.Column) plan.Schema {
	out := make(plan.Schema, len(cols))
	for i, c := range cols {
		out[i] = plan.Col{Name: c.Name, Type: c.Type, Hidden: c.Hidden}
	}
	return out
}

func isSerial(t ast.TypeName) bool {
	_, ok := serials[t.Name[len(t.Name)-1]]
	return ok && t.Dims == 0 && len(t.Mods) == 0
}

// oneOfEach refuses clauses of a column that stand twice or exclude one another.
func oneOfEach(d *ast.ColumnDef) error {
	bad := func(what string) error {
		return sqlerr.New(sqlerr.SyntaxError, "%s for column %q", what, d.Name).At(d.Pos.Offset())
	}
	hasDefault := d.Default != nil || isSerial(d.Type)
	switch {
	case d.Twice != "":
		return bad(d.Twice)
	case d.Null && (d.NotNull || d.Identity != ""):
		return bad("conflicting NULL/NOT NULL declarations")
	case d.Default != nil && isSerial(d.Type):
		return bad("multiple default values specified")
	case hasDefault && d.Identity != "":
		return bad("both default and identity specified")
	case hasDefault && d.Generated != nil:
		return bad("both default and generation expression specified")
	case d.Identity != "" && d.Generated != nil:
		return bad("both identity and generation expression specified")
	}
	return nil
}

func columnDef(d *ast.ColumnDef, env *Env) (catalog.Column, error) {
	if err := oneOfEach(d); err != nil {
		return catalog.Column{}, err
	}
	c := catalog.Column{Name: d.Name, NotNull: d.NotNull || d.Primary, Default: d.DefaultSQL, Generated: d.GeneratedSQL, Identity: d.Identity}
	if isSerial(d.Type) {
		t := serials[d.Type.Name[len(d.Type.Name)-1]]
		c.Type, c.NotNull = t, true
		return c, nil
	}
	var err error
	if c.Type, c.Domain, err = ResolveColumnType(d.Type, env); err != nil {
		return c, err
	}
	if c.Type.Category() == types.CatPseudo || c.Type.Is(types.Unknown) {
		return c, sqlerr.New(sqlerr.InvalidTableDefinition, "column %q has pseudo-type %s", d.Name, c.Type)
	}
	if d.Identity != "" && !c.Type.Is(types.Int2) && !c.Type.Is(types.Int4) && !c.Type.Is(types.Int8) {
		return c, sqlerr.New(sqlerr.InvalidParameterValue, "identity column type must be smallint, integer, or bigint")
	}
	if d.Identity != "" {
		c.NotNull = true
	}
	return c, nil
}

// columnExprs checks the expressions of a column, and takes its constraints in.
func (t *TableDef) columnExprs(d *ast.ColumnDef, cols plan.Schema, env *Env) error {
	i := slices.IndexFunc(t.Columns, func(c catalog.Column) bool { return c.Name == d.Name })
	if d.Default != nil {
		x, err := bindDefault(d.Default, &t.Columns[i], env)
		if err != nil {
			return err
		}
		if c, ok := x.(*expr.Const); ok && c.IsNull() && t.Columns[i].Domain == 0 { // as if there was none
			t.Columns[i].Default = ""
		}
	}
	if d.Generated != nil {
		x, err := bindGenerated(d.Generated, &t.Columns[i], cols, env)
		if err != nil {
			return err
		}
		for _, c := range expr.Columns(x) {
			if t.Columns[c].Generated != "" {
				return sqlerr.New(sqlerr.InvalidObjectDefinition, "cannot use generated column %q in column generation expression", t.Columns[c].Name).At(loc(d.Generated)).
					WithDetail("A generated column cannot reference another generated column.")
			}
		}
	}
	for _, k := range d.Keys {
		k.Cols = []string{d.Name}
		if err := t.addKey(k); err != nil {
			return err
		}
	}
	for k := range d.Checks {
		if err := t.addCheck(&d.Checks[k], cols, env); err != nil {
			return err
		}
	}
	return nil
}

func (t *TableDef) addKey(k ast.Key) error {
	if k.Index != "" {
		return notYet(k.Pos.Offset(), "cannot use an existing index in CREATE TABLE")
	}
	var at []int
	for n, name := range k.Cols {
		i := slices.IndexFunc(t.Columns, func(c catalog.Column) bool { return c.Name == name })
		if i < 0 {
			return sqlerr.New(sqlerr.UndefinedColumn, "column %q named in key does not exist", name).At(k.Pos.Offset())
		}
		if slices.Contains(k.Cols[:n], name) {
			word := "unique"
			if k.Primary {
				word = "primary key"
			}
			return sqlerr.New(sqlerr.DuplicateColumn, "column %q appears twice in %s constraint", name, word).At(k.Pos.Offset())
		}
		at = append(at, i)
		if k.Primary {
			t.Columns[i].NotNull = true
		}
	}
	if k.Primary && (t.Primary != nil || slices.ContainsFunc(t.Uniques, func(u catalog.Unique) bool { return u.PrimaryKey })) {
		return sqlerr.New(sqlerr.InvalidTableDefinition, "multiple primary keys for table %q are not allowed", t.table).At(k.Pos.Offset())
	}
	if !k.Primary || k.Deferrable {
		t.Uniques = append(t.Uniques, KeyOf(k, at))
		return nil
	}
	t.Primary, t.PrimaryName = at, k.Name
	return nil
}

// KeyOf is a key over columns that is kept besides the rows: a unique one, or a deferrable primary one.
func KeyOf(k ast.Key, cols []int) catalog.Unique {
	return catalog.Unique{Name: k.Name, Cols: cols, PrimaryKey: k.Primary, NotDistinct: k.NotDistinct, Deferrable: k.Deferrable, Deferred: k.Deferred}
}

func (t *TableDef) addCheck(c *ast.Check, cols plan.Schema, env *Env) error {
	x, err := bindCheck(c.X, cols, env)
	if err != nil {
		return err
	}
	t.Checks = append(t.Checks, catalog.Check{Name: c.Name, SQL: c.SQL, Shown: x.String()})
	return nil
}

// bindDefault binds a default and casts it to its column's type.
func bindDefault(a ast.Expr, c *catalog.Column, env *Env) (expr.Expr, error) {
	b := newBinder(env)
	x, err := b.scalar(a, &scope{}, "DEFAULT expressions")
	if err != nil {
		if e := sqlerr.From(err); e.Code == sqlerr.UndefinedColumn || e.Code == sqlerr.UndefinedTable {
			return nil, notYet(max(e.Pos-1, 0), "cannot use column reference in DEFAULT expression")
		}
		return nil, err
	}
	if hasSubquery(x) {
		return nil, notYet(loc(a), "cannot use subquery in DEFAULT expression")
	}
	return b.castDefault(x, c, loc(a), "default expression")
}

func (b *binder) castDefault(x expr.Expr, c *catalog.Column, pos int, what string) (expr.Expr, error) {
	if !isUnknown(x) && !expr.CanCast(x.Type(), c.Type, 'a') {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "column %q is of type %s but %s is of type %s", c.Name, c.Type.Base(), what, x.Type().Base()).
			WithHint("You will need to rewrite or cast the expression.")
	}
	return b.cast(x, c.Type, 'a', pos)
}

func hasSubquery(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(e expr.Expr) bool {
		_, is := e.(*expr.Subquery)
		found = found || is
		return !found
	})
	return found
}

// bindGenerated binds the expression of a generated column over the columns of its table. It is computed in UTC.
func bindGenerated(a ast.Expr, c *catalog.Column, cols plan.Schema, env *Env) (expr.Expr, error) {
	utc := *env
	utc.Format = types.UTCFormat(0)
	b := newBinder(&utc)
	x, err := b.scalar(a, schemaScope(cols), "column generation expressions")
	if err != nil {
		return nil, err
	}
	if hasSubquery(x) {
		return nil, notYet(loc(a), "cannot use subquery in column generation expression")
	}
	if volatileCall(x) {
		return nil, sqlerr.New(sqlerr.InvalidObjectDefinition, "generation expression is not immutable").At(loc(a))
	}
	return b.castDefault(x, c, loc(a), "generation expression")
}

// volatileCall says whether x depends on the clock, chance or the session. Conversions that depend on the time zone do not count: a
// generated column computes in UTC.
func volatileCall(x expr.Expr) bool {
	found := false
	expr.Walk(x, func(e expr.Expr) bool {
		if c, ok := e.(*expr.Call); ok {
			fixed := slices.ContainsFunc(c.Args, func(a expr.Expr) bool { return len(expr.Columns(a)) > 0 })
			found = found || c.Fn.Vol == expr.Volatile || c.Fn.Vol == expr.Stable && !fixed
		}
		return !found
	})
	return found
}

// bindCheck binds a CHECK.
func bindCheck(a ast.Expr, cols plan.Schema, env *Env) (expr.Expr, error) {
	b := newBinder(env)
	s := schemaScope(cols)
	x, err := b.scalar(a, s, "check constraints")
	if err != nil {
		return nil, err
	}
	if hasSubquery(x) {
		return nil, notYet(loc(a), "cannot use subquery in check constraint")
	}
	return b.toBool(x, loc(a), "CHECK")
}

// BindCopyWhere binds the WHERE of COPY FROM over all columns of the table.
func BindCopyWhere(a ast.Expr, rel *catalog.Relation, env *Env) (expr.Expr, error) {
	b := newBinder(env)
	s := targetItem(nil, rel, "").scope(nil)
	x, err := b.scalar(a, s, "COPY FROM WHERE conditions")
	if err != nil {
		return nil, err
	}
	if hasSubquery(x) {
		return nil, notYet(loc(a), "cannot use subquery in COPY FROM WHERE condition")
	}
	for _, i := range expr.Columns(x) {
		if rel.Columns[i].Generated != "" {
			return nil, sqlerr.New(sqlerr.InvalidColumnReference, "generated columns are not supported in COPY FROM WHERE conditions").
				WithDetail("Column %q is a generated column.", rel.Columns[i].Name).At(loc(a))
		}
	}
	return b.toBool(x, loc(a), "WHERE")
}

// BindWatermark binds WATERMARK FOR col AS col [- interval].
func BindWatermark(def *ast.WatermarkDef, cols []catalog.Column, env *Env) (*catalog.Watermark, error) {
	i := slices.IndexFunc(cols, func(c catalog.Column) bool { return c.Name == def.Col && !c.Dropped })
	if i < 0 {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q does not exist", def.Col).At(def.Pos.Offset())
	}
	c := &cols[i]
	if !c.Type.Is(types.Timestamp) && !c.Type.Is(types.TimestampTZ) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "watermark column %q must be type timestamp or timestamp with time zone, not type %s", c.Name, c.Type.Base()).At(def.Pos.Offset())
	}
	b := newBinder(env)
	w := &catalog.Watermark{Column: i}
	x := def.X
	if bin, ok := x.(*ast.Binary); ok && bin.Op == "-" {
		delay, err := b.delay(bin.R)
		if err != nil {
			return nil, err
		}
		w.Delay, x = delay, bin.L
	}
	if r, ok := x.(*ast.ColumnRef); !ok || r.Star || r.Names[len(r.Names)-1] != c.Name {
		if _, err := b.scalar(def.X, schemaScope(columnSchema(cols)), "watermark expressions"); err != nil {
			return nil, err
		}
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "this watermark expression is not supported").At(loc(def.X)).
			WithHint("Write WATERMARK FOR %[1]s AS %[1]s or AS %[1]s - INTERVAL '...'.", c.Name)
	}
	return w, nil
}

// delay reads the interval of a watermark, in microseconds; a month is 30 days.
func (b *binder) delay(a ast.Expr) (int64, error) {
	x, err := b.scalar(a, &scope{}, "watermark expressions")
	if err != nil {
		return 0, err
	}
	if !isUnknown(x) && !x.Type().Is(types.Interval) {
		return 0, sqlerr.New(sqlerr.DatatypeMismatch, "the delay of a watermark must be type interval, not type %s", x.Type().Base()).At(loc(a))
	}
	if x, err = b.cast(x, types.Interval, 'i', loc(a)); err != nil {
		return 0, err
	}
	us, months, err := b.constInterval(x)
	if err != nil {
		return 0, sqlerr.AtDefault(err, loc(a))
	}
	us += int64(months) * 30 * dayMicros
	if months == -1 || us < 0 {
		return 0, sqlerr.New(sqlerr.InvalidObjectDefinition, "the delay of a watermark must be a constant interval that is not negative").At(loc(a))
	}
	return us, nil
}

// SystemColumn says whether tables of PostgreSQL have a column of that name besides their own.
func SystemColumn(name string) bool {
	return slices.Contains([]string{"tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"}, name)
}
