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

// combine joins the next item of FROM to those before it. j says how; a comma is a cross join.
func (b *binder) combine(l *fromItem, ref ast.TableRef, j *ast.Join, parent *scope) (*fromItem, error) {
	switch t := ref.(type) {
	case *ast.TableFunc:
		if d, err := jsonTable(t); err != nil {
			return nil, err
		} else if d != nil {
			out, err := b.combineLateral(l, d, j, parent)
			b.env.Trace.same(t, d)
			return out, err
		}
		return b.combineFunc(l, t, j, parent)
	case *ast.Derived:
		if t.Lateral {
			return b.combineLateral(l, t, j, parent)
		}
	case *ast.Table:
		if t.AsOf != nil {
			return b.combineLookup(l, t, j, parent)
		}
	}
	r, err := b.tableRef(ref, &scope{parent: parent, hides: l.srcs})
	if t, ok := ref.(*ast.Join); ok && err != nil && j.Kind == "cross" && readsBefore(t) {
		if out, err := b.combineTree(l, t, parent); err == nil {
			return out, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return b.join(l, r, &plan.Join{}, j, parent)
}

// readsBefore says whether a join after a comma has items that may read what stands before the comma.
func readsBefore(t *ast.Join) bool {
	if t.Alias.Name != "" || t.Natural || len(t.Using) > 0 || t.Kind == "right" || t.Kind == "full" {
		return false
	}
	in, ok := t.L.(*ast.Join)
	return mayRead(t.R) || mayRead(t.L) || ok && readsBefore(in)
}

func mayRead(ref ast.TableRef) bool {
	switch t := ref.(type) {
	case *ast.TableFunc:
		return true
	case *ast.Derived:
		return t.Lateral
	}
	return false
}

// combineTree is l, (x JOIN y ...) as (l, x) JOIN y, where y may read l: the rows are the same for joins that keep all of their left side.
func (b *binder) combineTree(l *fromItem, t *ast.Join, parent *scope) (*fromItem, error) {
	var out *fromItem
	var err error
	if in, ok := t.L.(*ast.Join); ok && readsBefore(in) {
		out, err = b.combineTree(l, in, parent)
	} else {
		out, err = b.combine(l, t.L, &ast.Join{Kind: "cross"}, parent)
	}
	if err != nil {
		return nil, err
	}
	return b.combine(out, t.R, t, parent)
}

// join makes the join of two bound items in n.
func (b *binder) join(l, r *fromItem, n *plan.Join, j *ast.Join, parent *scope) (*fromItem, error) {
	if err := noDuplicates(l, r); err != nil {
		return nil, err
	}
	if b.marksPresence {
		if j.Kind == "right" || j.Kind == "full" {
			l.markPresent()
		}
		if j.Kind == "left" || j.Kind == "full" {
			r.markPresent()
		}
	}
	n.L, n.R, n.Kind, n.ASOF, n.Pos = l.node, r.node, j.Kind, j.ASOF, j.Offset()
	if n.Kind == "cross" {
		n.Kind, n.Pos = "inner", r.node.Offset()
	}
	n.LTime, n.RTime = -1, -1
	ls, rs := l.node.Schema(), r.node.Schema()
	n.Cols = slices.Concat(ls, rs)
	right := &fromItem{cols: shift(r.cols, len(ls))}
	for _, src := range r.srcs {
		c := *src
		c.cols = shift(src.cols, len(ls))
		if c.present != nil {
			c.present = &expr.Column{Idx: c.present.Idx + len(ls), Name: "present", Typ: types.Bool}
		}
		c.nullable = c.nullable || n.Kind == "left" || n.Kind == "full"
		right.srcs = append(right.srcs, &c)
	}
	if n.Kind == "right" || n.Kind == "full" {
		for _, src := range l.srcs {
			src.nullable = true
		}
	}
	out := &fromItem{node: n, srcs: slices.Concat(l.srcs, right.srcs)}
	using := j.Using
	if j.Natural {
		using = commonNames(l.cols, r.cols)
	}
	var err error
	if out.cols, err = b.using(l.cols, right.cols, using, n, j); err != nil {
		return nil, err
	}
	if j.UsingAlias != "" {
		merged, _ := (&fromItem{cols: out.cols[:len(using)]}).alias(ast.Alias{}, j.UsingAlias, nil)
		if err := noDuplicates(out, merged); err != nil {
			return nil, err
		}
		merged.srcs[0].join = true
		out.srcs = append(out.srcs, merged.srcs...)
	}
	if j.On == nil {
		return out, nil
	}
	s := out.scope(parent)
	s.clause = "JOIN conditions"
	cond, err := b.boolean(j.On, s, "JOIN/ON")
	if err != nil {
		return nil, err
	}
	out.node, err = b.joinOn(n, cond, loc(j.On))
	return out, err
}

// markPresent adds a column that is true, by which the rows of a side of an outer join are told from the NULLs in its place.
func (it *fromItem) markPresent() {
	cols := slices.Clone(it.node.Schema())
	present := &expr.Column{Idx: len(cols), Name: "present", Typ: types.Bool}
	for i, src := range it.srcs {
		if src.present == nil {
			c := *src
			c.present = present
			it.srcs[i] = &c
		}
	}
	it.node = &plan.Project{In: it.node, Items: append(columnsOf(cols, 0), expr.ConstBool(true)), Cols: append(cols, plan.Col{Type: types.Bool, Hidden: true}), Pos: it.node.Offset()}
}

func noDuplicates(l, r *fromItem) error {
	for _, x := range r.srcs {
		for _, y := range l.srcs {
			if x.name == "" || x.name != y.name || x.schema != "" && y.schema != "" && x.rel != nil && y.rel != nil && x.rel.OID != y.rel.OID {
				continue // of two schemas; windows over relations have none of their own
			}
			return sqlerr.New(sqlerr.DuplicateAlias, "table name %q specified more than once", x.name)
		}
	}
	return nil
}

func commonNames(l, r []scol) []string {
	var out []string
	for _, c := range l {
		if !c.hidden && slices.ContainsFunc(r, func(x scol) bool { return x.name == c.name && !x.hidden }) && !slices.Contains(out, c.name) {
			out = append(out, c.name)
		}
	}
	return out
}

// using adds the conditions of USING or NATURAL to n, and gives the columns of the join: the merged ones first.
func (b *binder) using(l, r []scol, names []string, n *plan.Join, j *ast.Join) ([]scol, error) {
	pos := j.Offset()
	var merged []scol
	var conds []expr.Expr
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column name %q appears more than once in USING clause", name).At(pos)
		}
		lc, err := usingColumn(l, name, "left", pos)
		if err != nil {
			return nil, err
		}
		rc, err := usingColumn(r, name, "right", pos)
		if err != nil {
			return nil, err
		}
		b.uses.column(lc)
		b.uses.column(rc)
		xs, t, err := b.common([]expr.Expr{lc.x, rc.x}, []int{pos, pos}, "JOIN/USING")
		if err != nil {
			return nil, unplaced(err)
		}
		eq, err := b.op("=", lc.x, rc.x, pos, pos, pos)
		if err != nil {
			return nil, err
		}
		conds = append(conds, eq)
		m := *lc
		switch j.Kind {
		case "right":
			m = *rc
			m.x = xs[1]
		case "full":
			m = scol{name: name, x: &expr.Coalesce{Args: xs, Typ: t}}
		default:
			m.x = xs[0]
		}
		merged = append(merged, m)
	}
	if n.Cond != nil {
		conds = append(conds, n.Cond)
	}
	n.Cond = andAll(conds)
	merged = slices.Grow(merged, len(l)+len(r))
	for _, side := range [][]scol{l, r} {
		for _, c := range side {
			if !slices.Contains(names, c.name) {
				merged = append(merged, c)
			}
		}
	}
	return merged, nil
}

func usingColumn(cols []scol, name, side string, pos int) (*scol, error) {
	c, err := oneOf(cols, name, pos)
	if err != nil {
		return nil, sqlerr.New(sqlerr.AmbiguousColumn, "common column name %q appears more than once in %s table", name, side).At(pos)
	}
	if c == nil {
		return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q specified in USING clause does not exist in %s table", name, side).At(pos)
	}
	return c, nil
}

// combineLookup joins a table as it is when a row arrives, or as it was at a time that the row says.
func (b *binder) combineLookup(l *fromItem, t *ast.Table, j *ast.Join, parent *scope) (*fromItem, error) {
	plain := *t
	plain.AsOf = nil
	r, err := b.table(&plain)
	if err != nil {
		return nil, err
	}
	scan, ok := r.node.(*plan.Scan)
	proc := isProctime(t.AsOf)
	switch {
	case !ok || scan.Rel.Kind == catalog.System || scan.Rel.Kind == catalog.Stream:
		return nil, notYet(t.AsOf.Offset(), "FOR SYSTEM_TIME AS OF needs a table or a materialized view")
	case !proc && scan.Rel.Kind != catalog.Table:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "FOR SYSTEM_TIME AS OF a time is only supported for tables: %q is a %s", scan.Rel.Name, scan.Rel.Kind).At(t.AsOf.Offset()).
			WithHint("A view has the versions of its triggers only. Use FOR SYSTEM_TIME AS OF PROCTIME(), or join the view plainly.")
	}
	if j.Kind == "right" || j.Kind == "full" {
		return nil, notYet(t.AsOf.Offset(), "FOR SYSTEM_TIME AS OF is only supported with JOIN and LEFT JOIN")
	}
	n := &plan.Join{Lookup: "proctime"}
	if !proc {
		n.Lookup = "time"
		s := l.scope(parent)
		x, err := b.scalar(t.AsOf, s, "FOR SYSTEM_TIME AS OF")
		if err != nil {
			return nil, err
		}
		if !isUnknown(x) && !expr.CanCast(x.Type(), types.TimestampTZ, 'i') {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of FOR SYSTEM_TIME AS OF must be type timestamp with time zone, not type %s", x.Type().Base()).At(loc(t.AsOf))
		}
		if n.AsOfTime, err = b.cast(x, types.TimestampTZ, 'i', loc(t.AsOf)); err != nil {
			return nil, err
		}
	}
	asOf := *scan
	asOf.AsOf = n.Lookup
	r.node = &asOf
	return b.join(l, r, n, j, parent)
}

// isProctime says whether a time is PROCTIME().
func isProctime(x ast.Expr) bool {
	c, ok := x.(*ast.Call)
	return ok && c.Name[len(c.Name)-1] == "proctime"
}

// combineFunc joins a function in FROM, which may read the columns of the items before it.
func (b *binder) combineFunc(l *fromItem, t *ast.TableFunc, j *ast.Join, parent *scope) (*fromItem, error) {
	if r, fs, err := b.userTable(t, l.scope(parent)); r != nil || err != nil {
		if err != nil {
			return nil, err
		}
		b.env.Trace.item(t, r)
		return b.lateral(l, r, fs, t.Offset(), j, parent)
	}
	r, lateral, err := b.tableFunc(t, l, parent, j.Kind == "left")
	if err != nil {
		return nil, err
	}
	b.env.Trace.item(t, r)
	if !lateral {
		return b.join(l, r, &plan.Join{}, j, parent)
	}
	if j.Kind == "right" || j.Kind == "full" {
		return nil, sqlerr.New(sqlerr.InvalidColumnReference, "invalid reference to FROM-clause entry for table %q", l.srcs[0].name).At(t.Offset()).
			WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
	}
	if len(j.Using) > 0 || j.Natural || j.Kind == "left" && j.On != nil && !isTrue(j.On) {
		s := l.scope(parent)
		if r, _, err = b.tableFunc(t, nil, s, false); err != nil {
			return nil, err
		}
		return b.lateral(l, r, s, t.Offset(), j, parent)
	}
	if err := noDuplicates(l, r); err != nil {
		return nil, err
	}
	out := &fromItem{node: r.node, srcs: slices.Concat(l.srcs, r.srcs), cols: slices.Concat(l.cols, r.cols)}
	if j.On == nil || isTrue(j.On) {
		return out, nil
	}
	s := out.scope(parent)
	s.clause = "JOIN conditions"
	cond, err := b.boolean(j.On, s, "JOIN/ON")
	if err != nil {
		return nil, err
	}
	conds := []expr.Expr{cond}
	if out.node, err = b.attach(out.node, conds); err != nil {
		return nil, err
	}
	out.node = &plan.Filter{In: out.node, Cond: conds[0], Pos: loc(j.On)}
	return out, nil
}

// combineLateral joins a sub-select that reads the columns of the items before it.
func (b *binder) combineLateral(l *fromItem, t *ast.Derived, j *ast.Join, parent *scope) (*fromItem, error) {
	s := l.scope(parent)
	s.clause = "FROM clause of their own query level"
	r, err := b.derived(t, s)
	if err != nil {
		return nil, err
	}
	b.env.Trace.item(t, r)
	return b.lateral(l, r, s, t.Offset(), j, parent)
}

// lateral joins an item that reads columns of the items before it, as marks of scope s.
func (b *binder) lateral(l, r *fromItem, s *scope, pos int, j *ast.Join, parent *scope) (*fromItem, error) {
	if len(b.outerMarks(r.node, s)) == 0 {
		return b.join(l, r, &plan.Join{}, j, parent)
	}
	if j.Kind != "cross" && j.Kind != "inner" && j.Kind != "left" {
		return nil, b.badLateral(l, r, s, pos)
	}
	plain := len(j.Using) == 0 && !j.Natural && (j.On == nil || isTrue(j.On))
	d := &decorrelator{b: b, s: s}
	if plain {
		if n, ok, err := d.lateralAgg(l.node, r.node); ok && err == nil {
			out, err := b.join(l, r, &plan.Join{}, &ast.Join{Pos: j.Pos, Kind: "cross"}, parent)
			if err == nil {
				out.node = n
			}
			return out, err
		}
	}
	n, conds, err := b.correlate(l.node, r.node, s, pos, false)
	if err != nil {
		return nil, err
	}
	r.node = n
	return b.join(l, r, &plan.Join{Cond: andAll(conds)}, j, parent)
}

// badLateral is the error of a LATERAL item in a join that may keep its rows alone.
func (b *binder) badLateral(l, r *fromItem, s *scope, pos int) error {
	name := l.srcs[0].name
	if m := b.outerMarks(r.node, s); len(m) > 0 {
		mark := b.marks[-m[0]-1]
		pos = mark.pos
		if c, ok := mark.x.(*expr.Column); ok {
			if sc := s.byIndex(c.Idx); sc != nil {
				name = sc.table
			}
		}
	}
	return sqlerr.New(sqlerr.InvalidColumnReference, "invalid reference to FROM-clause entry for table %q", name).At(pos).
		WithDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
}

// isTrue says whether a condition is the word true.
func isTrue(x ast.Expr) bool {
	c, ok := x.(*ast.Literal)
	return ok && c.Kind == ast.LitBool && c.Text == "true"
}
