package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// dropFunctions runs DROP FUNCTION, AGGREGATE and ROUTINE.
func (s *session) dropFunctions(ctx context.Context, st *ast.Drop, w ResultWriter, tag string) error {
	var list []object
	for i, names := range st.Names {
		f, err := s.findFunction(st.Kind, names, st.Args[i], int(st.NamePos[i]), st.IfExists)
		if err != nil {
			return err
		}
		if f != nil {
			list = append(list, object{fn: f})
		}
	}
	if err := s.dropObjects(ctx, st.Cascade, list...); err != nil {
		return err
	}
	return w.Complete(tag)
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
