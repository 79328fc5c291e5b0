package sql

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// scol is a column that can be named: x reads it from the node of its scope.
type scol struct {
	name   string
	table  string // the source it is printed with
	x      expr.Expr
	hidden bool
	rel    uint32
	att    int16
}

// source is an item of FROM with a name.
type source struct {
	name   string
	schema string            // of a relation that is not aliased
	rel    *catalog.Relation // nil: not a relation
	alias  bool              // name is an alias for another relation name
	cols   []scol
	// nullable: of an outer join's side that may be missing, whose row is NULL then.
	nullable bool
	// present is true in the rows where the side is there, else NULL; nil: not known (see binder.marksPresence).
	present *expr.Column
	join    bool       // of a join's USING columns
	row     types.Type // of the rows, where it is neither rel's nor a record
	scalar  bool       // of a function that gives plain values: its row is the value
}

// scope is what the expressions of one SELECT may name, and what they leave to its stages.
type scope struct {
	srcs   []*source
	cols   []scol // what is visible without qualification, in the order of *
	parent *scope
	// clause names the clause being bound, in PostgreSQL's words, where aggregates and the like are refused; "" where they are allowed.
	clause   string
	inAgg    bool
	inOver   bool
	aggs     []aggUse
	direct   []directArg // of ordered-set aggregates
	grouping []groupingUse
	overs    []overUse
	sets     []setUse
	windows  []ast.NamedWindow
	match    *matcher // of DEFINE and MEASURES
	// hides are sources that exist in the query but cannot be seen from here (for hints).
	hides []*source
	once  []onceUse // the sub-selects bound so far
	args  bool      // the columns are the arguments of a function whose body is bound
}

// schemaScope is a scope over the columns of a schema.
func schemaScope(cols plan.Schema) *scope {
	s := &scope{}
	for i, c := range cols {
		sc := scol{name: c.Name, table: c.Table, hidden: c.Hidden, rel: c.Rel, att: c.Att, x: &expr.Column{Idx: i, Name: c.Name, Typ: c.Type}}
		s.cols = append(s.cols, sc)
		k := slices.IndexFunc(s.srcs, func(x *source) bool { return x.name == c.Table })
		if k < 0 {
			k = len(s.srcs)
			s.srcs = append(s.srcs, &source{name: c.Table})
		}
		s.srcs[k].cols = append(s.srcs[k].cols, sc)
	}
	return s
}

// shift is cols with their expressions moved by n columns to the right.
func shift(cols []scol, n int) []scol {
	if n == 0 {
		return cols
	}
	out := slices.Clone(cols)
	for i := range out {
		out[i].x = expr.Remap(out[i].x, func(c int) int { return c + n })
	}
	return out
}

// ref makes the expression of a reference to c at pos.
func (b *binder) ref(s *scope, c *scol, pos int) expr.Expr {
	b.uses.column(c)
	col, ok := c.x.(*expr.Column)
	if !ok {
		return c.x
	}
	n := *col
	n.Name = c.name
	if len(s.srcs) > 1 && c.table != "" {
		n.Name = c.table + "." + c.name
	}
	b.colPos[&n] = pos
	return &n
}

// column binds a column reference, here or in an outer query.
func (b *binder) column(r *ast.ColumnRef, s *scope) (expr.Expr, error) {
	if s.match != nil {
		return b.matchColumn(s.match, r)
	}
	pos := r.Offset()
	if len(r.Names) > 4 {
		return nil, sqlerr.New(sqlerr.SyntaxError, "improper qualified name (too many dotted names): %s", strings.Join(r.Names, ".")).At(pos)
	}
	if r.Star && len(r.Names) > 0 {
		if x := b.wholeRow(r.Names, s, pos); x != nil {
			return x, nil
		}
	}
	if r.Star {
		return nil, sqlerr.New(sqlerr.SyntaxError, "row expansion via \"*\" is not supported here").At(pos)
	}
	for at := s; at != nil; at = at.parent {
		c, err := at.find(r)
		if err != nil {
			if x := b.attributeCall(r, s); x != nil {
				return x, nil
			}
			return nil, err
		}
		if c == nil {
			continue
		}
		if at.args {
			return b.argRef(at, c.x, s, pos), nil
		}
		x := b.ref(at, c, pos)
		if at == s {
			return x, nil
		}
		if col, ok := x.(*expr.Column); ok && c.table != "" {
			col.Name = c.table + "." + c.name
		}
		return b.outerRef(at, x, pos), nil
	}
	if len(r.Names) < 3 {
		if x := b.wholeRow(r.Names, s, pos); x != nil {
			return x, s.oneSource(r.Names, pos)
		}
	}
	return nil, s.missing(r)
}

// find looks a column up in this scope only; nil: it is not there.
func (s *scope) find(r *ast.ColumnRef) (*scol, error) {
	name := r.Names[len(r.Names)-1]
	if len(r.Names) == 1 {
		return oneOf(s.cols, name, r.Offset())
	}
	src := s.source(r.Names[:len(r.Names)-1])
	if src == nil {
		return nil, nil
	}
	if err := s.oneSource(r.Names[:len(r.Names)-1], r.Offset()); err != nil {
		return nil, err
	}
	c, err := oneOf(src.cols, name, r.Offset())
	if c == nil && err == nil {
		if name == "tableoid" && src.rel != nil {
			oid, err := expr.ConstOf(types.OID, fmt.Sprint(src.rel.OID), nil)
			return &scol{name: name, x: oid}, err
		}
		return nil, s.missing(r)
	}
	return c, err
}

func oneOf(cols []scol, name string, pos int) (*scol, error) {
	var found *scol
	for i := range cols {
		if cols[i].name != name {
			continue
		}
		if found != nil {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, "column reference %q is ambiguous", name).At(pos)
		}
		found = &cols[i]
	}
	return found, nil
}

// source finds an item of FROM by its name, perhaps with a schema.
func (s *scope) source(names []string) *source {
	name := names[len(names)-1]
	for _, src := range s.srcs {
		if src.name == name && (len(names) == 1 || src.schema == names[len(names)-2] && !src.alias) {
			return src
		}
	}
	return nil
}

// oneSource refuses a name without a schema that two tables of different schemas have.
func (s *scope) oneSource(names []string, pos int) error {
	n := 0
	for _, src := range s.srcs {
		if src.name == names[0] {
			n++
		}
	}
	if len(names) > 1 || n < 2 {
		return nil
	}
	return sqlerr.New(sqlerr.AmbiguousAlias, "table reference %q is ambiguous", names[0]).At(pos)
}

// missing is the error about a name that is not there.
func (s *scope) missing(r *ast.ColumnRef) error {
	name, pos := r.Names[len(r.Names)-1], r.Offset()
	if len(r.Names) == 1 {
		e := sqlerr.New(sqlerr.UndefinedColumn, "column %q does not exist", name).At(pos)
		return s.hintColumn(e, "", name)
	}
	table := r.Names[len(r.Names)-2]
	for at := s; at != nil; at = at.parent {
		if at.source(r.Names[:len(r.Names)-1]) != nil {
			e := sqlerr.New(sqlerr.UndefinedColumn, "column %s.%s does not exist", table, name).At(pos)
			return s.hintColumn(e, table, name)
		}
	}
	for at := s; at != nil; at = at.parent {
		for _, src := range at.srcs {
			if src.alias && src.rel != nil && src.rel.Name == table {
				return sqlerr.New(sqlerr.UndefinedTable, "invalid reference to FROM-clause entry for table %q", table).At(pos).
					WithHint("Perhaps you meant to reference the table alias %q.", src.name)
			}
		}
		for _, src := range append(slices.Clone(at.hides), at.srcs...) {
			if src.name == table {
				return sqlerr.New(sqlerr.UndefinedTable, "invalid reference to FROM-clause entry for table %q", table).At(pos).
					WithHint("There is an entry for table %q, but it cannot be referenced from this part of the query.", table)
			}
		}
	}
	return sqlerr.New(sqlerr.UndefinedTable, "missing FROM-clause entry for table %q", table).At(pos)
}

// hintColumn adds the hint that names the nearest columns, as PostgreSQL 15 does.
func (s *scope) hintColumn(e *sqlerr.Error, table, name string) error {
	const far = 4
	best, hits := far, []string(nil)
	for at := s; at != nil; at = at.parent {
		for _, src := range at.srcs {
			penalty := 0
			if table != "" {
				penalty = editDistance(table, src.name)
			}
			for _, c := range src.cols {
				d := editDistance(name, c.name)
				if d > len(name)/2 {
					continue
				}
				d += penalty
				full := src.name + "." + c.name
				switch {
				case d < best:
					best, hits = d, []string{full}
				case d == best && best < far:
					hits = append(hits, full)
				}
			}
		}
	}
	switch len(hits) {
	case 1:
		return e.WithHint("Perhaps you meant to reference the column %q.", hits[0])
	case 2:
		return e.WithHint("Perhaps you meant to reference the column %q or the column %q.", hits[0], hits[1])
	}
	for at := s; at != nil; at = at.parent {
		for _, src := range at.hides {
			if c, _ := oneOf(src.cols, name, 0); c != nil && table == "" {
				return e.WithDetail("There is a column named %q in table %q, but it cannot be referenced from this part of the query.", name, src.name)
			}
		}
	}
	return e
}

// editDistance is Levenshtein's.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			d := diag
			if a[i] != b[j] {
				d = 1 + min(diag, row[j], row[j+1])
			}
			diag, row[j+1] = row[j+1], d
		}
	}
	return row[len(b)]
}
