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

// Merge is a bound MERGE.
type Merge struct {
	Head
	Rel *catalog.Relation
	// Source gives the target joined with the source: all columns of Rel (dropped ones included), other columns, and in the last one which of
	// Whens is to be done; NULL: none.
	Source plan.Node
	Whens  []MergeWhen
}

// MergeWhen is one WHEN. Items are over the columns of Source: the new row of an update, where a generated column is NULL, or the values of Cols
// that an insert gives, which Row completes.
type MergeWhen struct {
	Action string // "update", "delete", "insert", "nothing"
	Sets   []int
	Cols   []int
	Items  []expr.Expr
	Row    *Row
}

// merger is what binding the parts of a MERGE needs.
type merger struct {
	b       *binder
	rel     *catalog.Relation
	node    plan.Node
	both    *scope // target and source
	source  *scope // what WHEN NOT MATCHED sees
	matched expr.Expr
	out     *Merge
}

func (b *binder) merge(a *ast.Merge) (*Merge, error) {
	if err := reachable(a.Whens); err != nil {
		return nil, err
	}
	rel, err := b.mergeTarget(a.Table)
	if err != nil {
		return nil, err
	}
	m := &merger{b: b, rel: rel, out: &Merge{Rel: rel}}
	if err := m.join(a); err != nil {
		return nil, err
	}
	conds := make([]expr.Expr, len(a.Whens))
	for i := range a.Whens {
		if conds[i], err = m.when(&a.Whens[i]); err != nil {
			return nil, err
		}
	}
	return m.out, m.finish(a, conds)
}

// reachable refuses a WHEN after one of its kind without a condition.
func reachable(whens []ast.MergeWhen) error {
	done := map[bool]bool{}
	for _, w := range whens {
		if done[w.Matched] {
			return sqlerr.New(sqlerr.SyntaxError, "unreachable WHEN clause specified after unconditional WHEN clause")
		}
		done[w.Matched] = w.Cond == nil
	}
	return nil
}

func (b *binder) mergeTarget(t *ast.Table) (*catalog.Relation, error) {
	rel, err := b.relation(t.Names, t.Offset())
	if err != nil {
		return nil, err
	}
	switch rel.Kind {
	case catalog.Table:
		b.deps[rel.OID] = true
		return rel, nil
	case catalog.System:
		return nil, sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied for table %s", rel.Name).At(t.Offset())
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cannot execute MERGE on relation %q", rel.Name).
		WithDetail("This operation is not supported for %ss.", rel.Kind)
}

// join joins the target, with a column that says that it is there, with the source.
func (m *merger) join(a *ast.Merge) error {
	it := targetItem(targetScan(m.rel, a.Table.Alias.Name, a.Table.Offset()), m.rel, a.Table.Alias.Name)
	cols := it.node.Schema()
	it.node = &plan.Project{In: it.node, Items: append(columnsOf(cols, 0), expr.ConstBool(true)), Cols: append(slices.Clone(cols), plan.Col{Name: "matched", Type: types.Bool}), Pos: a.Table.Offset()}
	m.matched = &expr.Column{Idx: len(cols), Name: "matched", Typ: types.Bool}
	src, err := m.b.tableRef(a.Source, &scope{hides: it.srcs})
	if err != nil {
		return err
	}
	for _, s := range src.srcs {
		if s.name == it.srcs[0].name {
			return sqlerr.New(sqlerr.DuplicateAlias, "name %q specified more than once", s.name).
				WithDetail("The name is used both as MERGE target table and data source.")
		}
	}
	kind := "inner"
	if slices.ContainsFunc(a.Whens, func(w ast.MergeWhen) bool { return !w.Matched }) {
		kind = "right"
	}
	n := &plan.Join{}
	joined, err := m.b.join(it, src, n, &ast.Join{Pos: ast.Pos(a.Table.Offset()), Kind: kind, On: a.On}, nil)
	if err != nil {
		return err
	}
	m.node, m.both = joined.node, joined.scope(nil)
	m.source = &scope{srcs: joined.srcs[1:], cols: joined.cols[len(it.cols):], hides: joined.srcs[:1]}
	m.both.clause, m.source.clause = "MERGE WHEN", "MERGE WHEN"
	return nil
}

// when binds one WHEN and gives the condition under which it is done.
func (m *merger) when(w *ast.MergeWhen) (expr.Expr, error) {
	s := m.source
	if w.Matched {
		s = m.both
	}
	conds := []expr.Expr{&expr.IsTest{X: m.matched, Test: "null", Not: w.Matched}}
	if w.Cond != nil {
		x, err := m.b.boolean(w.Cond, s, "WHEN")
		if err != nil {
			return nil, err
		}
		conds = append(conds, x)
	}
	out := MergeWhen{Action: w.Action}
	var err error
	switch w.Action {
	case "update":
		err = m.update(w, &out)
	case "insert":
		err = m.insert(w, &out)
	}
	m.out.Whens = append(m.out.Whens, out)
	return andAll(conds), err
}

func (m *merger) update(w *ast.MergeWhen, out *MergeWhen) error {
	sets, err := m.b.sets(w.Sets, &dest{rel: m.rel, verb: "update"}, m.both)
	if err != nil {
		return err
	}
	xs := make([]expr.Expr, len(sets))
	for i := range sets {
		xs[i] = sets[i].X
		out.Sets = append(out.Sets, sets[i].Col)
	}
	out.Items, out.Row = updated(m.rel, sets, xs), &Row{Rel: m.rel}
	return out.Row.constraints(m.b.env)
}

func (m *merger) insert(w *ast.MergeWhen, out *MergeWhen) error {
	st := &ast.Insert{Cols: w.Cols, ColPos: w.ColPos, Overriding: w.Overriding}
	in := &Insert{Rel: m.rel}
	if w.Parts != nil {
		return notYet(w.ColPos[0].Offset(), "assignment to a part of a column in the INSERT of MERGE is not supported")
	}
	var err error
	if in.Cols, err = insertColumns(st, &dest{rel: m.rel, verb: "insert into"}); err != nil {
		return err
	}
	if len(w.Values) == 0 {
		in.Cols = nil
	} else if err := checkWidth(st, in, len(w.Values), func(i int) int { return loc(w.Values[i]) }); err != nil {
		return err
	}
	var given []ast.Expr
	for _, k := range m.b.givenColumns([][]ast.Expr{w.Values}, in) {
		if w.Overriding != "user" || m.rel.Columns[in.Cols[k]].Identity == "" {
			out.Cols, given = append(out.Cols, in.Cols[k]), append(given, w.Values[k])
		}
	}
	in.Cols = out.Cols
	if err := overriding(st, in); err != nil {
		return err
	}
	for i, v := range given {
		x, err := m.b.expr(v, m.source)
		if err != nil {
			return err
		}
		if x, err = m.b.assign(x, &m.rel.Columns[out.Cols[i]], loc(v)); err != nil {
			return err
		}
		out.Items = append(out.Items, x)
	}
	out.Row, err = BindRow(m.rel, out.Cols, m.b.env)
	return err
}

// finish makes Source: sub-selects are joined or computed there, so that Items only read columns.
func (m *merger) finish(a *ast.Merge, conds []expr.Expr) error {
	var err error
	if m.node, err = m.b.attach(m.node, conds); err != nil {
		return err
	}
	for i := range m.out.Whens {
		if m.node, err = m.b.attach(m.node, m.out.Whens[i].Items); err != nil {
			return err
		}
	}
	cols := slices.Clone(m.node.Schema())
	p := &plan.Project{In: m.node, Items: columnsOf(cols, 0), Cols: cols, Pos: a.Pos.Offset()}
	for _, w := range m.out.Whens {
		for i, x := range w.Items {
			w.Items[i], err = subst(x, func(e expr.Expr) (expr.Expr, bool, error) {
				q, is := e.(*expr.Subquery)
				if !is || len(q.Children()) > 0 {
					return e, false, nil
				}
				p.Items, p.Cols = append(p.Items, q), append(p.Cols, plan.Col{Name: "subquery", Type: q.Typ})
				return &expr.Column{Idx: len(p.Cols) - 1, Name: "subquery", Typ: q.Typ}, true, nil
			})
			if err != nil {
				return err
			}
		}
	}
	which := &expr.Case{Typ: types.Int8}
	for i, c := range conds {
		which.Whens = append(which.Whens, expr.When{Cond: c, Then: expr.ConstInt8(int64(i))})
	}
	which.Else = expr.ConstNull(types.Int8)
	p.Items, p.Cols = append(p.Items, which), append(p.Cols, plan.Col{Name: "action", Type: types.Int8})
	m.out.Source = p
	return nil
}
