package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// deferredCheck is the check of a foreign or unique key that is put off until the transaction ends: of rows that came to its table, or of keys that are gone from the
// table that it refers to.
type deferredCheck struct {
	rel        uint32
	key        string
	came, gone []*types.Batch
}

// constraintModes is what SET CONSTRAINTS said: for all constraints, and after that for some. The zero value says nothing.
type constraintModes struct {
	all *bool
	one map[deferrable]bool
}

// deferrable names a constraint.
type deferrable struct {
	rel  uint32
	name string
}

func (m constraintModes) clone() constraintModes { return constraintModes{m.all, maps.Clone(m.one)} }

// defers says whether the check of a constraint of rel is put off now.
func (tx *txn) defers(rel *catalog.Relation, name string, can, initially bool) bool {
	if !can {
		return false
	}
	if on, ok := tx.modes.one[deferrable{rel.OID, name}]; ok {
		return on
	}
	if tx.modes.all != nil {
		return *tx.modes.all
	}
	return initially
}

// noAction says whether the key only refuses, so that its check can wait.
func (r *referrer) noAction(update bool) bool {
	action := r.key.OnDelete
	if update {
		action = r.key.OnUpdate
	}
	return action == "" || action == "no action"
}

// checkDeferred runs the checks that were put off and for which which says so. Errors: 23503, 23505.
func (s *session) checkDeferred(ctx context.Context, which func(deferredCheck) bool) error {
	tx := s.tx
	all := tx.deferred
	tx.deferred = nil
	for _, d := range all {
		if !which(d) {
			tx.deferred = append(tx.deferred, d)
			continue
		}
		rel := s.cat().ByOID(d.rel)
		if rel == nil {
			continue
		}
		if u := slices.IndexFunc(rel.Uniques, func(u catalog.Unique) bool { return u.Name == d.key }); u >= 0 {
			if err := s.onlyOnce(rel, rel.Uniques[u], d.came); err != nil {
				return err
			}
			continue
		}
		i := slices.IndexFunc(rel.Foreign, func(k catalog.ForeignKey) bool { return k.Name == d.key })
		if i < 0 {
			continue
		}
		if err := s.checkLate(ctx, rel, rel.Foreign[i], d); err != nil {
			return err
		}
	}
	return nil
}

func (s *session) checkLate(ctx context.Context, rel *catalog.Relation, k catalog.ForeignKey, d deferredCheck) error {
	if err := (&foreignChecks{s: s, rel: rel, lock: true, late: true}).present(k, d.came); err != nil {
		return err
	}
	to := s.cat().ByOID(k.Table)
	if to == nil || len(d.gone) == 0 {
		return nil
	}
	idx, err := s.keyIndex(to, keyOn(to, k.RefCols))
	if err != nil {
		return err
	}
	f := &foreignChecks{s: s, rel: to}
	for _, b := range d.gone {
		free, err := freeKeys(idx, b)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(free, keysAtOnce) {
			if err := f.act(ctx, referrer{rel, k}, "", b, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// stands says whether a row of the table still refers to what row i of b refers to.
func (f *foreignChecks) stands(k catalog.ForeignKey, b *types.Batch, i int) (bool, error) {
	var parts []string
	for _, c := range k.Cols {
		parts = append(parts, parser.QuoteIdent(f.rel.Columns[c].Name)+" = "+literal(b, i, c, f.rel))
	}
	return f.refer(f.s.ctx, "DELETE FROM "+quoteName(f.rel, parser.QuoteIdent)+" WHERE "+strings.Join(parts, " AND "))
}

// setConstraints runs SET CONSTRAINTS.
func (s *session) setConstraints(ctx context.Context, st *ast.SetConstraints, w ResultWriter) error {
	if s.tx == nil || !s.tx.block {
		s.notice("WARNING", sqlerr.NoActiveSQLTransaction, "", "SET CONSTRAINTS can only be used in transaction blocks")
		return w.Complete("SET CONSTRAINTS")
	}
	tx := s.tx
	modes := tx.modes.clone()
	if st.Names == nil {
		on := st.Deferred
		modes = constraintModes{all: &on}
	}
	for _, names := range st.Names {
		found, err := s.deferrables(names)
		if err != nil {
			return err
		}
		for _, d := range found {
			if modes.one == nil {
				modes.one = map[deferrable]bool{}
			}
			modes.one[d] = st.Deferred
		}
	}
	tx.modes = modes
	if !st.Deferred {
		err := s.checkDeferred(ctx, func(d deferredCheck) bool {
			return st.Names == nil || !modes.one[deferrable{d.rel, d.key}]
		})
		if err != nil {
			return err
		}
	}
	return w.Complete("SET CONSTRAINTS")
}

// deferrables finds the constraints of a name: those of the first schema of the search path that has one.
func (s *session) deferrables(names []string) ([]deferrable, error) {
	name, path := names[len(names)-1], s.SearchPath()
	if len(names) > 1 {
		path = names[len(names)-2 : len(names)-1]
	}
	for _, schema := range path {
		var out []deferrable
		found := false
		for _, r := range s.cat().Relations() {
			if r.Schema != schema || !slices.Contains(constraintNames(r), name) {
				continue
			}
			found = true
			for _, k := range r.Foreign {
				if k.Name == name && k.Deferrable {
					out = append(out, deferrable{r.OID, name})
				}
			}
			for _, u := range r.Uniques {
				if u.Name == name && u.Deferrable {
					out = append(out, deferrable{r.OID, name})
				}
			}
		}
		if found && out == nil {
			return nil, sqlerr.New(sqlerr.WrongObjectType, "constraint %q is not deferrable", name)
		}
		if found {
			return out, nil
		}
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "constraint %q does not exist", strings.Join(names, "."))
}
