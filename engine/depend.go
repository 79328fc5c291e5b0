package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// object is what can be dropped: one of schema, fn, typ and rel, or a part of a relation or type.
type object struct {
	schema string
	fn     *catalog.Function
	typ    *catalog.UserType
	rel    *catalog.Relation
	col    int    // from 1: a column of rel, or an attribute of typ; 0: all of it
	isDef  bool   // the default of the column
	con    string // a constraint of rel
}

// key tells objects apart.
func (o object) key() string { return fmt.Sprint(o.schema, o.oid(), o.col, o.isDef, o.con) }

func (o object) oid() uint32 {
	switch {
	case o.fn != nil:
		return o.fn.OID
	case o.typ != nil:
		return o.typ.OID
	case o.rel != nil:
		return o.rel.OID
	}
	return 0
}

// dependency is an object that depends on another one, which on describes.
type dependency struct {
	object
	on string
}

// describe names an object as PostgreSQL does in messages.
func (s *session) describe(o object) string {
	path := s.SearchPath()
	full := func(schema, name string, visible bool) string {
		if visible {
			return parser.QuoteIdent(name)
		}
		return parser.QuoteIdent(schema) + "." + parser.QuoteIdent(name)
	}
	switch {
	case o.schema != "":
		return "schema " + parser.QuoteIdent(o.schema)
	case o.fn != nil:
		return o.fn.Kind() + " " + full(o.fn.Schema, o.fn.Name, slices.Contains(path, o.fn.Schema)) + strings.TrimPrefix(o.fn.Signature(), o.fn.Name)
	case o.typ != nil:
		name := full(o.typ.Schema, o.typ.Name, s.cat().FindUserType([]string{o.typ.Name}, path) == o.typ)
		if o.col > 0 {
			return "column " + parser.QuoteIdent(o.typ.Attrs[o.col-1].Name) + " of composite type " + name
		}
		return "type " + name
	}
	of := string(o.rel.Kind) + " " + full(o.rel.Schema, o.rel.Name, s.cat().Lookup([]string{o.rel.Name}, path) == o.rel)
	switch {
	case o.con != "":
		return "constraint " + parser.QuoteIdent(o.con) + " on " + of
	case o.isDef:
		return "default value for column " + parser.QuoteIdent(o.rel.Columns[o.col-1].Name) + " of " + of
	case o.col > 0:
		return "column " + parser.QuoteIdent(o.rel.Columns[o.col-1].Name) + " of " + of
	}
	return of
}

// dropObjects drops what depends on the targets, which need cascade for that, and then the targets. Errors: 2BP01.
func (s *session) dropObjects(ctx context.Context, cascade bool, targets ...object) error {
	deps := s.dependencies(targets)
	if len(deps) > 0 && !cascade {
		e := sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop desired object(s) because other objects depend on them")
		if len(targets) == 1 {
			e = sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop %s because other objects depend on it", s.describe(targets[0]))
		}
		lines := make([]string, len(deps))
		for i, d := range deps {
			lines[i] = s.describe(d.object) + " depends on " + d.on
		}
		return e.WithDetail("%s", strings.Join(lines, "\n")).WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
	}
	if len(deps) > 0 {
		names := make([]string, len(deps))
		for i, d := range deps {
			names[i] = s.describe(d.object)
		}
		s.noticeCascade(names)
	}
	for _, d := range slices.Backward(deps) {
		if err := s.removeObject(ctx, d.object); err != nil {
			return err
		}
	}
	for _, o := range targets {
		if err := s.removeObject(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// dependencies lists all that depends on the targets, directly or not, in PostgreSQL's order, which goes back from the newest: what depends on an object stands
// behind it.
func (s *session) dependencies(targets []object) []dependency {
	var out []dependency
	seen := map[string]bool{}
	for _, o := range targets {
		seen[o.key()] = true
	}
	var walk func(o object)
	walk = func(o object) {
		for _, d := range slices.Backward(s.direct(o)) {
			whole := object{rel: d.rel, typ: d.typ, fn: d.fn, schema: d.schema}
			if !seen[d.key()] && !seen[whole.key()] {
				seen[d.key()] = true
				walk(d.object)
				out = append(out, d)
			}
		}
	}
	for _, o := range slices.Backward(targets) {
		walk(o)
	}
	slices.Reverse(out)
	return slices.DeleteFunc(out, func(d dependency) bool { // parts of what goes as a whole
		whole := object{rel: d.rel, typ: d.typ, fn: d.fn, schema: d.schema}
		return whole.key() != d.key() && seen[whole.key()]
	})
}

// direct lists what depends on an object itself, in the order in which it was made.
func (s *session) direct(o object) []dependency {
	on := s.describe(o)
	var out []dependency
	add := func(objects ...object) {
		slices.SortStableFunc(objects, func(a, b object) int { return cmp.Or(cmp.Compare(a.oid(), b.oid()), a.col-b.col) })
		for _, x := range objects {
			out = append(out, dependency{x, on})
		}
	}
	switch {
	case o.schema != "":
		add(s.inSchema(o.schema)...)
	case o.con != "" || o.isDef || o.typ != nil && o.col > 0:
	case o.fn != nil:
		add(append(s.readersOf(o.fn.OID), s.callsIn(o.fn)...)...)
	case o.typ != nil:
		array, of := on, s.columnsWith(o.typ.ArrayType(), 0)
		on += "[]"
		add(of...)
		on = array
		add(append(s.columnsWith(o.typ.Type(), o.typ.OID), s.readersOf(o.typ.OID)...)...)
	case o.col > 0:
		add(s.onColumn(o)...)
	default:
		rows := on
		on = "type " + strings.TrimPrefix(on, string(o.rel.Kind)+" ")
		add(append(s.columnsWith(o.rel.RowType(), 0), s.columnsWith(o.rel.RowArray(), 0)...)...)
		on = rows
		add(s.onRelation(o.rel)...)
	}
	return out
}

// inSchema lists the objects of a schema; the sequences of columns go with their tables.
func (s *session) inSchema(name string) []object {
	var out []object
	for _, r := range s.cat().Relations() {
		if r.Schema == name && (r.Kind != catalog.Sequence || r.Seq.Table == 0) {
			out = append(out, object{rel: r})
		}
	}
	for _, t := range s.cat().UserTypes() {
		if t.Schema == name {
			out = append(out, object{typ: t})
		}
	}
	for _, f := range s.cat().Functions() {
		if f.Schema == name {
			out = append(out, object{fn: f})
		}
	}
	return out
}

// readersOf lists the views, queries and functions that name an object themselves.
func (s *session) readersOf(oid uint32) []object {
	var out []object
	for _, d := range s.cat().Relations() {
		if !slices.Contains(d.Deps, oid) && !slices.ContainsFunc(d.Functions, func(f *catalog.Function) bool { return f.OID == oid }) {
			continue
		}
		if u, err := s.usesOf(d); err != nil || u.Reads[oid] {
			out = append(out, object{rel: d})
		}
	}
	for _, f := range s.cat().Functions() {
		if f.RowOf == oid || slices.Contains(f.Deps, oid) {
			out = append(out, object{fn: f})
		}
	}
	return out
}

// onRelation lists what reads a relation, or takes numbers from it.
func (s *session) onRelation(rel *catalog.Relation) []object {
	out := s.readersOf(rel.OID)
	for _, r := range s.referrers(rel) {
		if r.rel.OID != rel.OID {
			out = append(out, object{rel: r.rel, con: r.key.Name})
		}
	}
	sequences := s.cat().OwnedSequences(rel.OID)
	if rel.Kind == catalog.Sequence {
		sequences = append(sequences, rel)
	}
	for _, q := range sequences {
		for _, u := range s.sequenceUses(q) {
			if u.rel.OID != rel.OID {
				out = append(out, object{rel: u.rel, col: u.col + 1, isDef: true})
			}
		}
	}
	return out
}

// onColumn lists what reads a column of a table.
func (s *session) onColumn(o object) []object {
	var out []object
	i := o.col - 1
	for _, d := range s.cat().Dependents(o.rel.OID) {
		if u, err := s.usesOf(d); err != nil || u.Columns[o.rel.OID][i] || d.IsQuery() && u.Rows[o.rel.OID] || sql.ListsColumns(d.SQL, u, o.rel) {
			out = append(out, object{rel: d})
		}
	}
	for _, f := range s.cat().FunctionsOver(o.rel.OID) {
		if !f.Return {
			continue
		}
		if u, err := sql.BodyUses(f, s.env(nil)); err != nil || u.Columns[o.rel.OID][i] {
			out = append(out, object{fn: f})
		}
	}
	for _, r := range s.referrers(o.rel) {
		if slices.Contains(r.key.RefCols, i) && r.rel.OID != o.rel.OID {
			out = append(out, object{rel: r.rel, con: r.key.Name})
		}
	}
	for k, c := range o.rel.Columns {
		if c.Generated == "" || c.Dropped || k == i {
			continue
		}
		if reads, err := sql.GeneratedReads(o.rel, k, s.env(nil)); err == nil && slices.Contains(reads, i) {
			out = append(out, object{rel: o.rel, col: k + 1})
		}
	}
	if q := s.cat().SequenceOf(o.rel.OID, i); q != nil {
		for _, u := range s.sequenceUses(q) {
			if u.rel.OID != o.rel.OID {
				out = append(out, object{rel: u.rel, col: u.col + 1, isDef: true})
			}
		}
	}
	return out
}

// columnsWith lists the columns, attributes, domains and functions that are declared with a type; domain is its OID where it is a domain.
func (s *session) columnsWith(t types.Type, domain uint32) []object {
	var out []object
	for _, r := range s.cat().Relations() {
		for i, c := range r.Columns {
			if (c.Type.Is(t) || domain != 0 && c.Domain == domain) && !c.Dropped && r.SQL == "" {
				out = append(out, object{rel: r, col: i + 1})
			}
		}
	}
	for _, u := range s.cat().UserTypes() {
		if u.Kind == types.KindDomain && (domain != 0 && u.Parent == domain || u.Parent == 0 && u.Base.Is(t)) {
			out = append(out, object{typ: u})
		}
		for i, a := range u.Attrs {
			if a.Type.Is(t) && !a.Dropped {
				out = append(out, object{typ: u, col: i + 1})
			}
		}
	}
	for _, f := range s.cat().Functions() {
		if f.Returns.Is(t) || slices.ContainsFunc(f.Args, func(a catalog.FuncArg) bool { return a.Type.Is(t) }) {
			out = append(out, object{fn: f})
		}
	}
	return out
}

// bindsCall says whether a stored text over the columns of r calls f, and not another function of that name.
func (s *session) bindsCall(text string, r *catalog.Relation, f *catalog.Function) bool {
	x, err := parser.ParseExpr(text)
	if err != nil {
		return false
	}
	env := s.storedEnv(r)
	env.Trace = sql.NewTrace()
	if sql.TraceExpr(x, r, env) != nil {
		return false
	}
	for _, c := range env.Trace.Calls {
		if c.User != nil && c.User.OID == f.OID {
			return true
		}
	}
	return false
}

// callsIn lists the defaults, constraints and generated columns that call f.
func (s *session) callsIn(f *catalog.Function) []object {
	var out []object
	for _, r := range s.cat().Relations() {
		calls := func(text string) bool { return text != "" && sql.Calls(text, f) && s.bindsCall(text, r, f) }
		for i, c := range r.Columns {
			switch {
			case c.Dropped:
			case calls(c.Default):
				out = append(out, object{rel: r, col: i + 1, isDef: true})
			case calls(c.Generated):
				out = append(out, object{rel: r, col: i + 1})
			}
		}
		for _, c := range r.Checks {
			if calls(c.SQL) {
				out = append(out, object{rel: r, con: c.Name})
			}
		}
	}
	return out
}
