package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// IndexKeys are what the keys of an index compute over the columns of its table. Where it is over a part of the rows, Where is its condition.
type IndexKeys struct {
	Keys  []expr.Expr
	Where expr.Expr // nil: all rows
}

// indexBinder binds the parts of an index over the columns of its table.
type indexBinder struct {
	b *binder
	s *scope
}

func newIndexBinder(rel *catalog.Relation, env *Env) *indexBinder {
	return &indexBinder{newBinder(env), targetItem(nil, rel, "").scope(nil)}
}

func (x *indexBinder) key(a ast.Expr) (expr.Expr, error) {
	e, err := x.b.scalar(a, x.s, "index expressions")
	if err != nil {
		return nil, err
	}
	return x.checked(e, a, "expression")
}

func (x *indexBinder) where(a ast.Expr) (expr.Expr, error) {
	e, err := x.b.scalar(a, x.s, "index predicates")
	if err == nil {
		e, err = x.b.toBool(e, loc(a), "WHERE")
	}
	if err != nil {
		return nil, err
	}
	return x.checked(e, a, "predicate")
}

// checked refuses what does not give the same value each time.
func (x *indexBinder) checked(e expr.Expr, a ast.Expr, what string) (expr.Expr, error) {
	if hasSubquery(e) || x.b.hasMark(e, markSub) {
		return nil, notYet(loc(a), "cannot use subquery in index %s", what)
	}
	if expr.MaxVolatility(e) != expr.Immutable {
		return nil, sqlerr.New(sqlerr.InvalidObjectDefinition, "functions in index %s must be marked IMMUTABLE", what)
	}
	if isUnknown(e) {
		return x.b.cast(e, types.Text, 'i', loc(a))
	}
	return e, nil
}

// BindIndexKey binds a key that is an expression.
func BindIndexKey(a ast.Expr, rel *catalog.Relation, env *Env) (expr.Expr, error) {
	return newIndexBinder(rel, env).key(a)
}

// BindIndexWhere binds the condition of a partial index.
func BindIndexWhere(a ast.Expr, rel *catalog.Relation, env *Env) (expr.Expr, error) {
	return newIndexBinder(rel, env).where(a)
}

// BindUnique binds the keys of a unique constraint or index.
func BindUnique(rel *catalog.Relation, u *catalog.Unique, env *Env) (*IndexKeys, error) {
	out := &IndexKeys{}
	if u.Def.Plain() {
		for _, c := range u.Cols {
			out.Keys = append(out.Keys, &expr.Column{Idx: c, Name: rel.Columns[c].Name, Typ: rel.Columns[c].Type})
		}
		return out, nil
	}
	return bindIndex(rel, u.Def, env)
}

func bindIndex(rel *catalog.Relation, def *catalog.IndexDef, env *Env) (*IndexKeys, error) {
	out := &IndexKeys{}
	x := newIndexBinder(rel, env)
	for _, k := range def.Keys {
		if k.Col >= 0 {
			out.Keys = append(out.Keys, &expr.Column{Idx: k.Col, Name: rel.Columns[k.Col].Name, Typ: rel.Columns[k.Col].Type})
			continue
		}
		a, err := parser.ParseExpr(k.SQL)
		if err != nil {
			return nil, unplaced(err)
		}
		e, err := x.key(a)
		if err != nil {
			return nil, unplaced(err)
		}
		out.Keys = append(out.Keys, e)
	}
	if def.Where == "" {
		return out, nil
	}
	a, err := parser.ParseExpr(def.Where)
	if err == nil {
		out.Where, err = x.where(a)
	}
	if err != nil {
		return nil, unplaced(err)
	}
	return out, nil
}

// IndexReads lists the columns that an index which is not over plain columns reads.
func IndexReads(rel *catalog.Relation, def *catalog.IndexDef, env *Env) ([]int, error) {
	x, err := bindIndex(rel, def, env)
	if err != nil {
		return nil, err
	}
	all := x.Keys
	if x.Where != nil {
		all = append(all, x.Where)
	}
	var out []int
	for _, e := range all {
		out = append(out, expr.Columns(e)...)
	}
	return out, nil
}

// conflictKeys names the unique keys that ON CONFLICT speaks of; nil: any.
func (b *binder) conflictKeys(oc *ast.OnConflict, d *dest, alias string, pos int) ([]string, error) {
	rel := d.rel
	all := rel.Uniques
	if len(rel.Primary) > 0 {
		all = append([]catalog.Unique{{Name: or(rel.PrimaryName, rel.Name+"_pkey"), Cols: rel.Primary}}, all...)
	}
	if oc.Constraint != "" {
		for _, u := range all {
			if u.Name == oc.Constraint && !u.Index {
				return []string{u.Name}, nil
			}
		}
		return nil, sqlerr.New(sqlerr.UndefinedObject, "constraint %q for table %q does not exist", oc.Constraint, rel.Name)
	}
	if len(oc.Keys) == 0 {
		return nil, nil
	}
	x := &indexBinder{b, d.item(alias, pos).scope(nil)}
	var want IndexKeys
	for _, k := range oc.Keys {
		e, err := b.scalar(k, x.s, "index expressions")
		if err != nil {
			return nil, err
		}
		want.Keys = append(want.Keys, e)
	}
	if oc.KeysWhere != nil {
		var err error
		if want.Where, err = b.boolean(oc.KeysWhere, x.s, "WHERE"); err != nil {
			return nil, err
		}
	}
	var out []string
	for i := range all {
		is, err := BindUnique(rel, &all[i], b.env)
		if err != nil {
			return nil, err
		}
		if want.means(is) {
			out = append(out, all[i].Name)
		}
	}
	if out == nil {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "there is no unique or exclusion constraint matching the ON CONFLICT specification")
	}
	return out, nil
}

// means says whether an index has just these keys, and every row under the condition is in it.
func (k *IndexKeys) means(is *IndexKeys) bool {
	return within(k.Keys, is.Keys) && within(is.Keys, k.Keys) && within(expr.Conjuncts(is.Where), expr.Conjuncts(k.Where))
}

// within says whether all of a stand in b.
func within(a, b []expr.Expr) bool {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y expr.Expr) bool { return expr.Equal(x, y) }) {
			return false
		}
	}
	return true
}
