package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/state"
)

// removeObject drops an object on which nothing depends any more; what is gone by now stays so.
func (s *session) removeObject(ctx context.Context, o object) error {
	switch {
	case o.schema != "":
		s.removeSchema(o.schema)
	case o.fn != nil:
		if f := s.cat().Function(o.fn.OID); f != nil {
			s.removeFunction(f)
		}
	case o.typ != nil && o.col > 0:
		return s.removeAttribute(o)
	case o.typ != nil:
		if t := s.cat().UserType(o.typ.OID); t != nil {
			s.removeType(t)
		}
	default:
		rel := s.cat().ByOID(o.rel.OID)
		if rel == nil {
			return nil
		}
		return s.removeFrom(ctx, rel, o)
	}
	return nil
}

// removeFrom drops rel, or the part of it that o is.
func (s *session) removeFrom(ctx context.Context, rel *catalog.Relation, o object) error {
	n := *rel
	n.Columns = slices.Clone(rel.Columns)
	switch {
	case o.con != "":
		n.Foreign = slices.DeleteFunc(slices.Clone(rel.Foreign), func(f catalog.ForeignKey) bool { return f.Name == o.con })
		n.Checks = slices.DeleteFunc(slices.Clone(rel.Checks), func(c catalog.Check) bool { return c.Name == o.con })
		renameComment(&n, "constraint ", o.con, "")
		s.replace(rel, &n)
	case o.isDef:
		n.Columns[o.col-1].Default = ""
		s.replace(rel, &n)
	case o.col > 0 && rel.Columns[o.col-1].Dropped:
	case o.col > 0 && rel.Kind != catalog.Table:
		return sqlerr.New(sqlerr.FeatureNotSupported, "a column of %s %q cannot be dropped", rel.Kind, rel.Name).WithHint("Drop the %s first.", rel.Kind)
	case o.col > 0:
		return s.hideColumn(ctx, rel, &n, o.col-1)
	default:
		s.remove(rel)
	}
	return nil
}

// removeAttribute drops an attribute of a composite type of which no column is: rows are not rewritten.
func (s *session) removeAttribute(o object) error {
	t := s.cat().UserType(o.typ.OID)
	if t == nil {
		return nil
	}
	if cols := s.columnsOf(t.Type(), t.ArrayType()); len(cols) > 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cannot drop an attribute of type %q because %s uses it", t.Name, cols[0])
	}
	n := *t
	n.Attrs = slices.Clone(t.Attrs)
	n.Attrs[o.col-1].Dropped = true
	s.putType(&n)
	return nil
}

func (s *session) removeSchema(name string) {
	cat, tx := s.changing()
	sc := cat.Schema(name)
	cat.RemoveSchema(name)
	tx.undo = append(tx.undo, func() { cat.PutSchema(sc) })
	tx.catalog = append(tx.catalog, func(b *state.Batch) error { return cat.WriteDropSchema(b, name) })
}

// shortenAliases takes column i of rel, which is dropped, out of the lists of names that readers give to the columns of rel.
func (s *session) shortenAliases(rel *catalog.Relation, i int) error {
	without := func(wide int) change {
		at := 0
		for _, c := range rel.Columns[:i] {
			if !c.Hidden && !c.Dropped {
				at++
			}
		}
		return func(text string, u *sql.Uses, _ []string) (string, error) {
			if i >= wide {
				return text, nil
			}
			return sql.DropColumnName(text, u, rel, at)
		}
	}
	for _, d := range s.cat().Dependents(rel.OID) {
		u, err := s.usesOf(d)
		if err != nil {
			return err
		}
		wide, ok := d.Saw[rel.OID]
		if !ok {
			wide = len(rel.Columns)
		}
		nd := *d
		if err := s.followIn(&nd, rel, u, without(wide)); err != nil {
			return err
		}
		s.replace(d, &nd)
	}
	for _, f := range s.cat().FunctionsOver(rel.OID) {
		if !f.Return {
			continue
		}
		nf, err := s.followBody(f, rel, without(len(rel.Columns)))
		if err != nil {
			return err
		}
		s.putFunction(nf)
	}
	return nil
}
