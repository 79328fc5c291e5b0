package pgcatalog

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
)

// ConstraintType is pg_constraint.contype.
type ConstraintType byte

const (
	PrimaryKey ConstraintType = 'p'
	UniqueKey  ConstraintType = 'u'
	Check      ConstraintType = 'c'
	ForeignKey ConstraintType = 'f'
	plainIndex ConstraintType = 'i' // no constraint: an index that CREATE INDEX made
	onlyUnique ConstraintType = 'I' // no constraint: one that CREATE UNIQUE INDEX made
)

// Constraint is a constraint of a relation. The index of a primary key or unique constraint has the constraint's OID.
type Constraint struct {
	OID      uint32
	Name     string
	Type     ConstraintType
	Cols     []int             // indexes into Relation.Columns; nil of a check, and of an index over expressions
	SQL      string            // of a check
	Def      *catalog.IndexDef // of an index that CREATE INDEX made; nil: ascending over Cols
	Table    uint32            // of a foreign key: the table and columns referred to
	RefCols  []int
	OnDelete string
	OnUpdate string
	Full     bool // MATCH FULL
	NotValid bool

	Deferrable, Deferred bool
	NotDistinct          bool // NULLS NOT DISTINCT
}

// firstConstraint is the first OID of constraints: constraint n of relation r has firstConstraint + n<<24 + r, so relations beyond OID 1<<24 have none.
const firstConstraint = 1 << 30

// Constraints lists the constraints of r: primary key, unique, check, foreign keys.
func Constraints(r *catalog.Relation) []Constraint {
	return slices.DeleteFunc(numbered(r), func(c Constraint) bool { return !c.isConstraint() })
}

func (c *Constraint) isConstraint() bool { return c.Type != plainIndex && c.Type != onlyUnique }

// numbered lists the constraints of r and then its plain indexes, which have OIDs of the same kind.
func numbered(r *catalog.Relation) []Constraint {
	var out []Constraint
	add := func(c Constraint) {
		c.OID = firstConstraint + uint32(len(out))<<24 + r.OID
		out = append(out, c)
	}
	if len(r.Primary) > 0 {
		name := r.PrimaryName
		if name == "" {
			name = r.Name + "_pkey"
		}
		add(Constraint{Name: name, Type: PrimaryKey, Cols: r.Primary})
	}
	for _, u := range r.Uniques {
		kind := UniqueKey
		if u.Index {
			kind = onlyUnique
		}
		if u.PrimaryKey {
			kind = PrimaryKey
		}
		add(Constraint{Name: u.Name, Type: kind, Cols: u.Cols, Def: u.Def, Deferrable: u.Deferrable, Deferred: u.Deferred, NotDistinct: u.NotDistinct})
	}
	for _, c := range r.Checks {
		add(Constraint{Name: c.Name, Type: Check, SQL: c.SQL, NotValid: c.NotValid})
	}
	for _, f := range r.Foreign {
		add(Constraint{Name: f.Name, Type: ForeignKey, Cols: f.Cols, Table: f.Table, RefCols: f.RefCols, OnDelete: f.OnDelete, OnUpdate: f.OnUpdate, Full: f.Full, NotValid: f.NotValid,
			Deferrable: f.Deferrable, Deferred: f.Deferred})
	}
	for _, x := range r.Indexes {
		add(Constraint{Name: x.Name, Type: plainIndex, Cols: x.Cols, Def: x.Def})
	}
	return out
}

// indexes lists the indexes of r: those of its keys, and plain ones.
func indexes(r *catalog.Relation) []Constraint {
	if len(r.Primary) == 0 && len(r.Uniques) == 0 && len(r.Indexes) == 0 {
		return nil
	}
	var out []Constraint
	for _, c := range numbered(r) {
		if c.hasIndex() {
			out = append(out, c)
		}
	}
	return out
}

func (c *Constraint) hasIndex() bool {
	return c.Type == PrimaryKey || c.Type == UniqueKey || !c.isConstraint()
}

// FindConstraint gives the constraint of this OID and its relation; nil: there is none.
func FindConstraint(cat *catalog.Catalog, oid uint32) (*Constraint, *catalog.Relation) {
	if c, r := find(cat, oid); c != nil && c.isConstraint() {
		return c, r
	}
	return nil, nil
}

// find gives the constraint or plain index of this OID.
func find(cat *catalog.Catalog, oid uint32) (*Constraint, *catalog.Relation) {
	if oid < firstConstraint || oid >= 1<<31 {
		return nil, nil
	}
	r := cat.ByOID(oid & (1<<24 - 1))
	if r == nil {
		return nil, nil
	}
	for _, c := range numbered(r) {
		if c.OID == oid {
			return &c, r
		}
	}
	return nil, nil
}

// FindIndex gives the index of this OID and its relation; nil: there is none.
func FindIndex(cat *catalog.Catalog, oid uint32) (*Constraint, *catalog.Relation) {
	if c, r := find(cat, oid); c != nil && c.hasIndex() {
		return c, r
	}
	return nil, nil
}

// IndexOID finds the index of a name of one or two parts; unqualified names are looked up along path.
func IndexOID(cat *catalog.Catalog, names, path []string) (uint32, bool) {
	if len(names) > 1 {
		path = names[len(names)-2 : len(names)-1]
	}
	for _, schema := range path {
		for _, r := range cat.Relations() {
			if r.Schema != schema {
				continue
			}
			for _, c := range indexes(r) {
				if c.Name == names[len(names)-1] {
					return c.OID, true
				}
			}
		}
	}
	return 0, false
}

// Constraint is what pg_get_constraintdef answers.
func (t Texts) Constraint(oid uint32) (string, bool) {
	c, r := FindConstraint(t.Catalog, oid)
	if c == nil {
		return t.domainConstraint(oid)
	}
	switch c.Type {
	case PrimaryKey:
		return "PRIMARY KEY (" + columnList(r, c.Cols) + ")" + c.timing(), true
	case UniqueKey:
		if c.NotDistinct {
			return "UNIQUE NULLS NOT DISTINCT (" + columnList(r, c.Cols) + ")" + c.timing(), true
		}
		return "UNIQUE (" + columnList(r, c.Cols) + ")" + c.timing(), true
	case Check:
		return "CHECK (" + t.check(r, c) + ")" + c.validity(), true
	}
	to := t.Catalog.ByOID(c.Table)
	if to == nil {
		return "", false
	}
	def := "FOREIGN KEY (" + columnList(r, c.Cols) + ") REFERENCES " + t.relation(to) + "(" + columnList(to, c.RefCols) + ")"
	if c.Full {
		def += " MATCH FULL"
	}
	if c.OnUpdate != "" && !strings.EqualFold(c.OnUpdate, "no action") {
		def += " ON UPDATE " + strings.ToUpper(c.OnUpdate)
	}
	if c.OnDelete != "" && !strings.EqualFold(c.OnDelete, "no action") {
		def += " ON DELETE " + strings.ToUpper(c.OnDelete)
	}
	return def + c.timing() + c.validity(), true
}

// timing says when a deferrable constraint is checked.
func (c *Constraint) timing() string {
	switch {
	case c.Deferred:
		return " DEFERRABLE INITIALLY DEFERRED"
	case c.Deferrable:
		return " DEFERRABLE"
	}
	return ""
}

// domainConstraint is the CHECK of a domain.
func (t Texts) domainConstraint(oid uint32) (string, bool) {
	d, i := findDomainCheck(t.Catalog, oid)
	if d == nil {
		return "", false
	}
	return "CHECK (" + t.Printer.Value(d.Checks[i].SQL, d.Base, t.Style) + ")", true
}

func (c *Constraint) validity() string {
	if c.NotValid {
		return " NOT VALID"
	}
	return ""
}

// Index is what pg_get_indexdef answers: the index, or its column where column is not 0.
func (t Texts) Index(oid uint32, column int) (string, bool) {
	c, r := FindIndex(t.Catalog, oid)
	switch {
	case c == nil:
		return "", false
	case column == 0:
		return t.index(r, c), true
	case column > 0 && column <= len(c.keys()):
		return t.key(r, c.keys()[column-1]), true
	case c.Def != nil && column > 0 && column <= len(c.Def.Keys)+len(c.Def.Include):
		return quote(r.Columns[c.Def.Include[column-1-len(c.Def.Keys)]].Name), true
	}
	return "", true
}

// keys are the keys of an index.
func (c *Constraint) keys() []catalog.IndexKey {
	if c.Def != nil {
		return c.Def.Keys
	}
	var out []catalog.IndexKey
	for _, i := range c.Cols {
		out = append(out, catalog.IndexKey{Col: i})
	}
	return out
}

// include are the columns that an index only carries.
func (c *Constraint) include() []int {
	if c.Def == nil {
		return nil
	}
	return c.Def.Include
}

// index is the CREATE INDEX statement of an index.
func (t Texts) index(r *catalog.Relation, c *Constraint) string {
	unique, method := "UNIQUE ", "btree"
	if c.Type == plainIndex {
		unique = ""
	}
	if c.Def != nil && c.Def.Method != "" {
		method = c.Def.Method
	}
	var keys []string
	for _, k := range c.keys() {
		s := t.key(r, k)
		switch {
		case k.Desc && !k.NullsFirst:
			s += " DESC NULLS LAST"
		case k.Desc:
			s += " DESC"
		case k.NullsFirst:
			s += " NULLS FIRST"
		}
		keys = append(keys, s)
	}
	table := quote(r.Schema) + "." + quote(r.Name)
	if t.Style.Pretty {
		table = t.relation(r)
	}
	def := "CREATE " + unique + "INDEX " + quote(c.Name) + " ON " + table + " USING " + method + " (" + strings.Join(keys, ", ") + ")"
	if in := c.include(); len(in) > 0 {
		def += " INCLUDE (" + columnList(r, in) + ")"
	}
	if c.NotDistinct {
		def += " NULLS NOT DISTINCT"
	}
	def += indexOptions(r, c.Name)
	if w, ok := t.where(r, c).(string); ok {
		def += " WHERE " + w
	}
	return def
}

// indexOptions is the WITH clause of an index.
func indexOptions(r *catalog.Relation, index string) string {
	if r.Store == nil || len(r.Store.Indexes[index]) == 0 {
		return ""
	}
	var texts []string
	for _, o := range r.Store.Indexes[index] {
		texts = append(texts, quote(o.Key)+"='"+o.Value+"'")
	}
	return " WITH (" + strings.Join(texts, ", ") + ")"
}

func columnList(r *catalog.Relation, cols []int) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = quote(r.Columns[c].Name)
	}
	return strings.Join(out, ", ")
}
