package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// matcher binds one MATCH_RECOGNIZE. What the operator reads of its source is projected below it: the partition and order keys, the arguments of
// navigation functions and aggregates, and with ALL ROWS every column.
type matcher struct {
	src  *scope
	node *plan.Match
	read *plan.Project
	vars map[string][]int // of variables and subsets: the primary variables
	// final: what the expression being bound means where nothing is said; prefix: RUNNING or FINAL was written before its first function.
	final, measure bool
	prefix         string
	arg            *navArg // the argument being bound; nil: outside
}

// matchRecognize binds MATCH_RECOGNIZE.
func (b *binder) matchRecognize(t *ast.Match, parent *scope) (*fromItem, error) {
	it, err := b.tableRef(t.Src, parent)
	if err != nil {
		return nil, err
	}
	m := &matcher{src: it.scope(parent), read: &plan.Project{In: it.node, Pos: t.Offset()}, vars: map[string][]int{}}
	m.node = &plan.Match{AllRows: t.AllRows, Empty: t.Empty, Skip: t.Skip, SkipName: t.SkipVar, Within: -1, Pos: t.Offset()}
	if t.Empty == "show empty" {
		m.node.Empty = ""
	}
	front, err := b.matchKeys(t, m)
	if err != nil {
		return nil, err
	}
	if err := b.matchPattern(t, m); err != nil {
		return nil, err
	}
	if err := b.matchWithin(t, m); err != nil {
		return nil, err
	}
	if err := b.matchDefines(t, m); err != nil {
		return nil, err
	}
	var measures plan.Schema
	if measures, err = b.matchMeasures(t, m); err != nil {
		return nil, err
	}
	m.output(front, measures, it)
	m.node.In = m.read
	return nodeItem(m.node, m.node.Cols).alias(t.Alias, t.Alias.Name, nil)
}

// input is the column that x, over the source, has in what the operator reads.
func (m *matcher) input(x expr.Expr, c plan.Col) int {
	if i := slices.IndexFunc(m.read.Items, func(y expr.Expr) bool { return expr.Equal(x, y) }); i >= 0 {
		return i
	}
	c.Type = x.Type()
	m.read.Items, m.read.Cols = append(m.read.Items, x), append(m.read.Cols, c)
	return len(m.read.Items) - 1
}

// matchKeys binds PARTITION BY and ORDER BY, and gives the columns that stand first in the output.
func (b *binder) matchKeys(t *ast.Match, m *matcher) (front []int, err error) {
	key := func(a ast.Expr) (int, error) {
		x, err := b.scalar(a, m.src, "MATCH_RECOGNIZE")
		if err != nil {
			return 0, err
		}
		if x, err = b.known(x, loc(a)); err != nil {
			return 0, err
		}
		c := plan.Col{Name: ColumnName(a)}
		if r, ok := a.(*ast.ColumnRef); ok {
			if s, err := m.src.find(r); err == nil && s != nil {
				c.Rel, c.Att = s.rel, s.att
			}
		}
		return m.input(x, c), nil
	}
	n := m.node
	for _, a := range t.PartitionBy {
		i, err := key(a)
		if err != nil {
			return nil, err
		}
		n.Partition = append(n.Partition, i)
		if !slices.Contains(front, i) {
			front = append(front, i)
		}
	}
	for _, o := range t.OrderBy {
		i, err := key(o.X)
		if err != nil {
			return nil, err
		}
		k := sortKey(o)
		n.Order = append(n.Order, plan.MatchKey{Col: i, Desc: k.Desc, NullsFirst: k.NullsFirst})
		if _, plain := o.X.(*ast.ColumnRef); plain && t.AllRows && !slices.Contains(front, i) {
			front = append(front, i)
		}
	}
	return front, nil
}

// matchPattern reads PATTERN, SUBSET and where to go after a match.
func (b *binder) matchPattern(t *ast.Match, m *matcher) error {
	n := m.node
	n.Pattern = m.pattern(t.Pattern)
	if n.AllRows && n.Empty == "with unmatched" && n.Pattern.Has("exclude") {
		return sqlerr.New(sqlerr.SyntaxError, "ALL ROWS PER MATCH WITH UNMATCHED ROWS cannot be combined with an exclusion in PATTERN").At(t.Pattern.Pos.Offset())
	}
	for _, s := range t.Subsets {
		if m.vars[s.Name] != nil {
			return sqlerr.New(sqlerr.DuplicateAlias, "pattern variable %q is specified more than once", s.Name).At(t.Offset())
		}
		var of []int
		for _, v := range s.Vars {
			i := slices.Index(n.Vars, v)
			if i < 0 {
				return unknownVar(v, t.Offset())
			}
			of = append(of, i)
		}
		m.vars[s.Name] = of
	}
	if n.SkipName != "" {
		if n.SkipVars = m.vars[n.SkipName]; n.SkipVars == nil {
			return unknownVar(n.SkipName, t.Offset())
		}
	}
	return nil
}

func unknownVar(name string, pos int) error {
	return sqlerr.New(sqlerr.UndefinedTable, "pattern variable %q does not exist", name).At(pos).
		WithHint("Only variables of PATTERN and SUBSET can be named.")
}

func (m *matcher) pattern(p *ast.Pattern) *plan.RowPattern {
	out := &plan.RowPattern{Kind: p.Kind, Min: p.Min, Max: p.Max, Reluctant: p.Reluctant}
	switch p.Kind {
	case "group":
		out.Kind = "seq"
	case "var":
		if m.vars[p.Name] == nil {
			m.vars[p.Name] = []int{len(m.node.Vars)}
			m.node.Vars = append(m.node.Vars, p.Name)
		}
		out.Var = m.vars[p.Name][0]
	}
	for _, it := range p.Items {
		out.Items = append(out.Items, m.pattern(it))
	}
	return out
}

// matchWithin reads WITHIN, which counts along the first key.
func (b *binder) matchWithin(t *ast.Match, m *matcher) error {
	if t.Within == nil {
		return nil
	}
	var err error
	if m.node.Within, err = b.width(t.Within, true, "WITHIN", "the interval"); err != nil {
		return err
	}
	bad := func(msg string) error {
		return sqlerr.New(sqlerr.DatatypeMismatch, "WITHIN needs an ascending ORDER BY %s", msg).At(loc(t.Within)).WithHint("Write the time column first in ORDER BY.")
	}
	if len(m.node.Order) == 0 {
		return bad("of type timestamp or timestamp with time zone")
	}
	k := m.node.Order[0]
	typ := m.read.Cols[k.Col].Type
	switch {
	case !typ.Is(types.Timestamp) && !typ.Is(types.TimestampTZ):
		return bad("of type timestamp or timestamp with time zone, not type " + typ.Base().String())
	case k.Desc:
		return bad("time")
	}
	return nil
}

func (b *binder) matchDefines(t *ast.Match, m *matcher) error {
	m.node.Defines = make([]expr.Expr, len(m.node.Vars))
	s := &scope{match: m, clause: "DEFINE"}
	for _, d := range t.Defines {
		i := slices.Index(m.node.Vars, d.Name)
		if i < 0 {
			return unknownVar(d.Name, d.Pos.Offset())
		}
		x, err := b.boolean(d.Cond, s, "DEFINE")
		if err == nil {
			err = b.matchPure(x, loc(d.Cond))
		}
		if err != nil {
			return err
		}
		m.node.Defines[i] = x
	}
	return nil
}

// matchPure refuses what has no fixed value: a row may be tried many times.
func (b *binder) matchPure(x expr.Expr, pos int) error {
	if expr.MaxVolatility(x) == expr.Volatile {
		return notYet(pos, "volatile functions are not supported in MATCH_RECOGNIZE")
	}
	return b.noSubMarks(x)
}

// matchMeasures binds MEASURES and gives their columns.
func (b *binder) matchMeasures(t *ast.Match, m *matcher) (plan.Schema, error) {
	s := &scope{match: m, clause: "MEASURES"}
	var cols plan.Schema
	for _, a := range t.Measures {
		m.measure, m.final, m.prefix = true, !t.AllRows, a.Semantics
		x, err := b.expr(a.X, s)
		if err != nil {
			return nil, err
		}
		if x, err = b.known(x, loc(a.X)); err != nil {
			return nil, err
		}
		if m.prefix != "" {
			return nil, sqlerr.New(sqlerr.SyntaxError, "RUNNING and FINAL must be followed by FIRST, LAST or an aggregate function").At(loc(a.X))
		}
		if err := b.matchPure(x, loc(a.X)); err != nil {
			return nil, err
		}
		m.node.Measures = append(m.node.Measures, x)
		cols = append(cols, plan.Col{Name: a.Name, Type: x.Type()})
	}
	return cols, nil
}

// output settles the columns of the result: ONE ROW gives the partition keys and the measures; ALL ROWS the partition keys, the order
// keys, the measures and the rest of the source's columns.
func (m *matcher) output(front []int, measures plan.Schema, src *fromItem) {
	n := m.node
	var rest []int
	if n.AllRows {
		for _, c := range src.cols {
			col := plan.Col{Name: c.name, Rel: c.rel, Att: c.att, Hidden: c.hidden, Type: c.x.Type()}
			i := m.input(c.x, col)
			if !c.hidden && !slices.Contains(front, i) && !slices.Contains(rest, i) {
				rest = append(rest, i)
				m.read.Cols[i] = col // an aggregate that reads it has named it after itself
			}
		}
	}
	for _, i := range front {
		n.Out, n.Cols = append(n.Out, i), append(n.Cols, m.read.Cols[i])
	}
	for k, c := range measures {
		n.Out, n.Cols = append(n.Out, -k-1), append(n.Cols, c)
	}
	for _, i := range rest {
		n.Out, n.Cols = append(n.Out, i), append(n.Cols, m.read.Cols[i])
	}
}
