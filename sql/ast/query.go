package ast

import (
	"slices"
	"strings"
)

// Query is a whole query expression: WITH, a body, ORDER BY, LIMIT.
type Query struct {
	Pos       Pos
	With      []CTE
	Recursive bool
	Body      Body
	OrderBy   []SortItem
	Limit     Expr // nil: none
	LimitAll  bool // LIMIT ALL or NULL, which is none
	Offset    Expr
	WithTies  bool // FETCH FIRST n ROWS WITH TIES
	ForUpdate bool // there are Locks
	Locks     []RowLock
	EmitClose bool // EMIT ON WINDOW CLOSE; only at the outermost query
	EmitPos   Pos
}

// Around is in, a query in brackets, with the clauses of q that stand around the brackets: one query, as in PostgreSQL's grammar. q sorts before a LIMIT of in. Of each
// clause but locks one of them has none.
func (q *Query) Around(in *Query) *Query {
	m := *in
	if len(q.OrderBy) > 0 {
		m.OrderBy = q.OrderBy
	}
	if q.Limit != nil {
		m.Limit, m.WithTies = q.Limit, q.WithTies
	}
	if q.Offset != nil {
		m.Offset = q.Offset
	}
	if len(q.With) > 0 {
		m.With, m.Recursive = q.With, q.Recursive
	}
	m.LimitAll = q.LimitAll || in.LimitAll
	if m.EmitClose = q.EmitClose || in.EmitClose; q.EmitClose {
		m.EmitPos = q.EmitPos
	}
	m.Locks = append(slices.Clone(in.Locks), q.Locks...)
	m.ForUpdate = m.Locks != nil
	return &m
}

// RowLock is FOR UPDATE | NO KEY UPDATE | SHARE | KEY SHARE [OF item, ...] [NOWAIT | SKIP LOCKED].
type RowLock struct {
	Pos   Pos
	Mode  string // "update", "no key update", "share", "key share"
	Of    []string
	OfPos []Pos
	Wait  string // "", "nowait", "skip locked"
}

// Clause is the clause in PostgreSQL's words.
func (l *RowLock) Clause() string { return "FOR " + strings.ToUpper(l.Mode) }

// CTE is one WITH item; Materialized is "", "materialized" or "not materialized". Of a data-modifying one Query is nil and Stmt is set.
type CTE struct {
	Pos          Pos
	Name         string
	Cols         []string
	Query        *Query
	Stmt         Stmt
	Materialized string
	Search       *Search
	Cycle        *Cycle
}

// Search is SEARCH DEPTH | BREADTH FIRST BY cols SET seq.
type Search struct {
	Pos
	Breadth bool
	Cols    []string
	Seq     string
}

// Cycle is CYCLE cols SET mark TO value DEFAULT default USING path. Value and Default are nil where they are not given: true and false.
type Cycle struct {
	Pos
	Cols           []string
	Mark           string
	Value, Default Expr
	Path           string
}

// With is the WITH clause of a statement that is no query.
type With struct {
	Items     []CTE
	Recursive bool
}

// Body is what a query is made of: *Select, *SetOp, *Values, or *Query in brackets.
type Body interface{ body() }

type (
	// Select is one SELECT block.
	Select struct {
		Pos        Pos
		Distinct   bool
		DistinctOn []Expr
		Items      []SelectItem
		From       []TableRef
		Where      Expr
		GroupBy    []GroupItem
		// GroupDistinct leaves out equal grouping sets.
		GroupDistinct bool
		Having        Expr
		Windows       []NamedWindow
		Into          []string // SELECT ... INTO name
	}
	// SetOp is L op R; Op is "union", "intersect" or "except".
	SetOp struct {
		Pos  Pos
		Op   string
		All  bool
		L, R Body
	}
	// Values is VALUES (...), (...).
	Values struct {
		Pos  Pos
		Rows [][]Expr
	}
)

func (*Select) body() {}
func (*SetOp) body()  {}
func (*Values) body() {}
func (*Query) body()  {}

// SelectItem is one output expression. Alias is "" where none is given.
type SelectItem struct {
	X     Expr
	Alias string
	Pos   Pos
}

// GroupItem is an expression, or a grouping set: Kind "" (X), "rollup", "cube", "sets" (Sets holds the members; each member
// is a list of expressions, or a nested item in Nested).
type GroupItem struct {
	Pos  Pos
	Kind string
	X    Expr
	Sets []GroupSet
}

// GroupSet is a member of a grouping set.
type GroupSet struct {
	Exprs  []Expr
	Nested *GroupItem
}

// NamedWindow is one definition of the WINDOW clause.
type NamedWindow struct {
	Name string
	Def  *WindowDef
}

// TableRef is one item of FROM.
type TableRef interface {
	Offset() int
	tableRef()
}

func (Pos) tableRef() {}

// Alias is AS name (col, ...); Types only for record functions: AS t(a int, b text).
type Alias struct {
	Name  string
	Cols  []string
	Types []TypeName
	// At is where the alias begins, or would begin, List where the bracket of Cols opens, End where the alias ends.
	At, List, End Pos
}

type (
	// Table is a name, perhaps as of a time.
	Table struct {
		Pos
		Names []string
		Alias Alias
		Only  bool
		AsOf  Expr // FOR SYSTEM_TIME AS OF x; PROCTIME() is a Call
		// Sample is TABLESAMPLE method (arg) [REPEATABLE (seed)].
		Sample *Sample
	}
	// Derived is a sub-select in FROM.
	Derived struct {
		Pos
		Query   *Query
		Alias   Alias
		Lateral bool
		Hidden  bool // its columns are not in *
	}
	// TableFunc is a function in FROM: generate_series, unnest, and the like; Calls has more than one for ROWS FROM.
	TableFunc struct {
		Pos
		Calls      []*Call
		Alias      Alias
		Lateral    bool
		Ordinality bool
		Hidden     bool // its columns are not in *
	}
	// Window is tumble | hop | cumulate | session(src, col, args...). Src is a *Table or a *Derived without alias.
	Window struct {
		Pos
		Func  string
		Src   TableRef
		Col   Expr   // the time column
		Args  []Expr // sizes, offset; of session the gap, then the partition columns
		Alias Alias
	}
	// Join is L kind JOIN R. Kind is "inner", "left", "right", "full", "cross"; ASOF marks ASOF JOIN.
	Join struct {
		Pos
		Kind    string
		ASOF    bool
		Natural bool
		L, R    TableRef
		On      Expr
		Using   []string
		// UsingAlias names the columns of Using: JOIN ... USING (..) AS alias.
		UsingAlias string
		Alias      Alias // of a bracketed join
	}
	// Match is src MATCH_RECOGNIZE (...).
	Match struct {
		Pos
		Src         TableRef
		PartitionBy []Expr
		OrderBy     []SortItem
		Measures    []Measure
		AllRows     bool
		// Empty says what ALL ROWS does: "", "show empty", "omit empty", "with unmatched".
		Empty   string
		Skip    string // "past last row", "to next row", "to first", "to last"
		SkipVar string
		Pattern *Pattern
		Within  Expr
		Subsets []Subset
		Defines []Define
		Alias   Alias
	}
)

// Sample is a TABLESAMPLE clause.
type Sample struct {
	Pos    Pos
	Method string
	Arg    Expr
	Seed   Expr
}

// Measure is one item of MEASURES; Semantics is "", "running" or "final".
type Measure struct {
	X         Expr
	Name      string
	Semantics string
}

// Subset is U = (A, B).
type Subset struct {
	Name string
	Vars []string
}

// Define is A AS cond.
type Define struct {
	Pos  Pos
	Name string
	Cond Expr
}

// Pattern is a node of a row pattern. Kind: "var" (Name), "seq", "alt", "permute", "group", "exclude" ({- -}), "start" (^), "end" ($), "empty".
// Min and Max are the quantifier (1,1 where none; Max -1: unbounded), Reluctant for a trailing ?.
type Pattern struct {
	Pos       Pos
	Kind      string
	Name      string
	Items     []*Pattern
	Min, Max  int
	Reluctant bool
}
