package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// dropFunctions runs DROP FUNCTION, AGGREGATE and ROUTINE.
func (s *session) dropFunctions(st *ast.Drop, w ResultWriter, tag string) error {
	for i, names := range st.Names {
		f, err := s.findFunction(st.Kind, names, st.Args[i], int(st.NamePos[i]), st.IfExists)
		if err != nil {
			return err
		}
		if f == nil {
			continue
		}
		if err := s.dropFunction(f, st.Cascade); err != nil {
			return err
		}
	}
	return w.Complete(tag)
}

// dropFunction drops f, and with cascade all that calls it.
func (s *session) dropFunction(f *catalog.Function, cascade bool) error {
	rels, funcs := s.callers(f.OID)
	columns := s.exprCallers(f)
	name := func(g *catalog.Function) string { return g.Kind() + " " + g.Signature() }
	var names []string
	for _, r := range rels {
		names = append(names, fmt.Sprintf("%s %s", r.Kind, r.Name))
	}
	for _, g := range funcs {
		names = append(names, name(g))
	}
	names = append(names, columns...)
	if len(names) > 0 && (!cascade || len(columns) > 0) {
		for i := range names {
			names[i] += " depends on " + name(f)
		}
		e := sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop %s because other objects depend on it", name(f)).WithDetail("%s", strings.Join(names, "\n"))
		if len(columns) > 0 && cascade {
			return e.WithHint("Drop the defaults and constraints that call it first.")
		}
		return e.WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
	}
	if len(names) > 0 {
		s.noticeCascade(names)
	}
	for i := len(rels) - 1; i >= 0; i-- {
		s.remove(rels[i])
	}
	for _, g := range append(funcs, f) {
		s.removeFunction(g)
	}
	return nil
}

// callers are the relations and functions that call a function, directly or not, callers behind what they call.
func (s *session) callers(oid uint32) (rels []*catalog.Relation, funcs []*catalog.Function) {
	cat := s.cat()
	calls := func(r *catalog.Relation, oid uint32) bool {
		return slices.Contains(r.Deps, oid) || slices.ContainsFunc(r.Functions, func(g *catalog.Function) bool { return g.OID == oid })
	}
	for todo := []uint32{oid}; len(todo) > 0; todo = todo[1:] {
		for _, g := range cat.Functions() {
			if slices.Contains(g.Deps, todo[0]) && !slices.Contains(funcs, g) {
				funcs, todo = append(funcs, g), append(todo, g.OID)
			}
		}
		for _, r := range cat.Relations() {
			if calls(r, todo[0]) && !slices.Contains(rels, r) {
				rels, todo = append(rels, r), append(todo, r.OID)
			}
		}
	}
	return rels, funcs
}

// exprCallers names the defaults, constraints and generated columns that call f.
func (s *session) exprCallers(f *catalog.Function) []string {
	var out []string
	note := func(text, format string, args ...any) {
		if text != "" && sql.Calls(text, f) {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	for _, r := range s.cat().Relations() {
		for _, c := range r.Columns {
			note(c.Default, "default value for column %s of table %s", c.Name, r.Name)
			note(c.Generated, "column %s of table %s", c.Name, r.Name)
		}
		for _, c := range r.Checks {
			note(c.SQL, "constraint %s on table %s", c.Name, r.Name)
		}
	}
	return out
}
