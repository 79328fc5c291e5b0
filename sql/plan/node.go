package plan

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// Col is an output column of a node.
type Col struct {
	Name   string
	Type   types.Type
	Table  string // the alias it came from, "" for an expression
	Hidden bool   // not in *
	// Rel and Att say which relation's column it is, for RowDescription; 0: none. Att counts from 1.
	Rel uint32
	Att int16
}

// Schema is the list of a node's output columns.
type Schema []Col

// Types are the types of the columns.
func (s Schema) Types() []types.Type {
	ts := make([]types.Type, len(s))
	for i := range s {
		ts[i] = s[i].Type
	}
	return ts
}

// Node is a relational operator. Nodes are immutable.
type Node interface {
	Schema() Schema
	// Inputs are the operators that n reads. The slice is the node's own memory: planning asks for it so often that a new one each time was a third of all
	// that is allocated.
	Inputs() []Node
	// WithInputs is the same operator over other inputs with the same schemas' columns in the same places.
	WithInputs(in []Node) Node
	// Exprs are the node's expressions in a fixed order, and WithExprs is the node with others in their places. They are over the
	// input's columns (of a Join see there); Aggregate.Close and Over.Close, which are over the keys, are not among them.
	Exprs() []expr.Expr
	WithExprs([]expr.Expr) Node
	// Explain is the operator's line in EXPLAIN, without its inputs.
	Explain() string
	// Offset is the 0-based position of the clause it stands for in the statement's text, -1: unknown. For errors.
	Offset() int
}

// Mode is a query's output mode; Batch is a SELECT that ends.
type Mode string

const (
	Batch    Mode = "batch"
	Append   Mode = "append"
	Update   Mode = "update"
	Complete Mode = "complete"
)

// Query is a whole bound query.
type Query struct {
	Root Node // with the outermost ORDER BY and LIMIT as Sort and Limit nodes
	// EmitClose: EMIT ON WINDOW CLOSE was written; its position.
	EmitClose bool
	EmitPos   int
	Params    []types.Type        // types of $1, $2, ...
	Deps      []uint32            // OIDs of all relations read, views included, ascending
	Functions []*catalog.Function // the users' functions called, also by views and by each other
	Hidden    int                 // so many columns at the end of Root's schema only serve ORDER BY and are cut off
	Text      string
}

// The operators. Each has its own file with its methods.
type (
	// Scan reads a relation. Cols are the columns of Rel that it gives, in order; Filter (over the given columns, may be nil) was
	// pushed into it by the optimizer.
	Scan struct {
		Rel    *catalog.Relation
		Alias  string
		Cols   []int
		Filter expr.Expr
		// AsOf: "" the changing relation; "proctime": looked up at arrival; "time": the version at AsOfTime (bound by the Join above).
		AsOf string
		// Lookup: the rows come from an index; nil: the whole relation is read. The filter runs in either case.
		Lookup *Lookup
		Pos    int
	}
	// Lookup asks an index for the rows whose columns equal values; by an ordered index also for those of which its next column lies between two.
	Lookup struct {
		Index   string
		Primary bool        // the key by which the relation is kept
		Cols    []int       // of the relation
		Keys    []expr.Expr // of an index over expressions or a part of the rows: what equals Values, over the relation's columns; Cols is nil
		Values  []expr.Expr // one for each of Cols or Keys, without columns
		List    bool        // the last of Values is an array, of which one element has to be equal
		// By: the values are those that the join above has on its right side: for each of Cols the number of a key of the join. ByText prints them.
		By     []int
		ByText []string
		// Ordered: the columns of an ordered index, of which Cols are the first; nil: it knows equal values only. Low and High bound the next one, nil: they
		// do not; LowOut, HighOut: the bound itself does not count.
		Ordered         []int
		Low, High       expr.Expr
		LowOut, HighOut bool
		// Sorted: so many columns of Ordered behind Cols are the first keys of the ORDER BY ... LIMIT above; Desc: they descend.
		Sorted int
		Desc   bool
	}
	// Values gives constant rows; with no columns and one row it is SELECT without FROM.
	Values struct {
		Rows [][]expr.Expr
		Cols Schema
		Pos  int
	}
	// Project computes Items.
	Project struct {
		In    Node
		Items []expr.Expr
		Cols  Schema
		Pos   int
	}
	// Filter keeps the rows where Cond is true.
	Filter struct {
		In   Node
		Cond expr.Expr
		Pos  int
	}
	// Aggregate groups. Its schema is the group keys, then the aggregates [, then grouping() bit masks as int4, one for each of Grouping]. No Group and no Sets: one global group, present also
	// over no rows.
	Aggregate struct {
		In       Node
		Group    []expr.Expr
		Aggs     []AggCall
		Sets     [][]int // grouping sets as indexes into Group; nil: one set of all
		Grouping [][]int // the arguments of each grouping() call, as indexes into Group
		Cols     Schema
		Pos      int
		// Set by the finality analysis: Close (over the group keys as columns 0..len(Group)-1) gives the timestamptz at which a group is closed: it can get no more
		// rows that count once Close <= watermark. nil: never.
		Close expr.Expr
		// OnClose: groups are handed on once, when closed (append); else changes are handed on at every step.
		OnClose bool
		// Keep: complete mode: nothing is late, nothing is evicted.
		Keep bool
	}
	// TimeWindow adds window_start and window_end (timestamptz, or timestamp if the column is one) after the input's columns: tumble (Slide == Size), hop, cumulate
	// (Slide is the step), session (Gap, with the partition columns in By).
	TimeWindow struct {
		In                       Node
		Func                     string
		Col                      int
		Size, Slide, Origin, Gap int64 // µs
		// Slack is how long after its end a window closes (µs): as long as its last row may come behind its own time.
		Slack int64
		By    []int
		Cols  Schema
		Pos   int
		// OnClose and Keep as in Aggregate (session); TimeIsProc: the column is processing time.
		OnClose, Keep, TimeIsProc bool
	}
	// Sort orders the result; only the outermost one, or one below a Limit, has a meaning.
	Sort struct {
		In   Node
		Keys []SortKey
		Pos  int
	}
	// LockRows locks the rows of tables that its rows are made of, at most Count of them (nil: all), and leaves those out that SKIP LOCKED passes over. Only in
	// batch queries.
	LockRows struct {
		In    Node
		Locks []RowLock
		Count expr.Expr
		Ties  []SortKey // of FETCH ... WITH TIES: the rows after Count with equal keys are locked, too
		Pos   int
	}
	// Limit cuts; Count and Skip (OFFSET) are constants or parameters of type bigint, nil: none. Over a Sort it is a top-n.
	Limit struct {
		In          Node
		Count, Skip expr.Expr
		WithTies    bool
		Pos         int
	}
	// Distinct gives each row once; with On, the first row (by the Sort below, or by arrival) for each value of On.
	Distinct struct {
		In   Node
		On   []expr.Expr
		Keys []SortKey // of DISTINCT ON ... ORDER BY: which row is first
		Pos  int
		// Close as in Aggregate, over the values of On, without On over the columns.
		Close         expr.Expr
		OnClose, Keep bool
	}
	// SetOp is union, intersect, except; both inputs have the same types.
	SetOp struct {
		Op   string
		All  bool
		L, R Node // Inputs needs them side by side
		Cols Schema
		Pos  int
	}
	// Join joins. Cond is over the left columns followed by the right ones. Kind: inner, left, right, full, semi, anti; Null-aware anti (NOT IN) has NotIn set.
	// Its schema is left then right columns (semi, anti: left).
	Join struct {
		Kind  string
		L, R  Node      // Inputs needs them side by side
		Cond  expr.Expr // nil: true
		NotIn bool
		// Set by the optimizer: equi-keys taken out of Cond (over the left and over the right input), and the rest.
		LKeys, RKeys []expr.Expr
		Rest         expr.Expr
		// Time bounds proved from Cond: left time in [right time + Lo, right time + Hi]; LTime, RTime are columns, -1: none; MinInt64, MaxInt64: open.
		LTime, RTime int
		Lo, Hi       int64
		// With a bound: a row with time t (a timestamp) comes on that side only while t + LClose (RClose), in µs, is beyond the watermark; MaxInt64: for ever.
		LClose, RClose int64
		// Lookup: the right side is a table as of processing time ("proctime") or of a time column of the left ("time", AsOfTime over the left).
		Lookup        string
		AsOfTime      expr.Expr
		ASOF          bool
		Cols          Schema
		Pos           int
		OnClose, Keep bool
	}
	// Over computes window functions over partitions; its schema is the input's columns, then one for each of Funcs.
	Over struct {
		In        Node
		Partition []expr.Expr
		Order     []SortKey
		Funcs     []OverCall
		Cols      Schema
		Pos       int
		// TopN: a filter "row_number() <= n" above was merged in (rank kinds: row_number, rank, dense_rank); 0: none.
		TopN int64
		// HideRank: with TopN, the rank is not among the columns: nobody reads it.
		HideRank bool
		// Finality: see Aggregate.
		Close         expr.Expr // over the partition keys
		OnClose, Keep bool
		// ByTime: OnClose by rows, not by partitions: the first key of the order is event time, or processing time (TimeIsProc). No row before a time t comes any more once t + Behind (µs) <= watermark.
		// A row waits for the next Ahead rows of its partition, and until the watermark has passed the time Span (µs) later than its own.
		// Rows are no longer needed when those that are not final are more than Back µs later; -1: that is not known.
		ByTime, TimeIsProc        bool
		Behind, Ahead, Span, Back int64
	}
	// TableFunc appends the columns of a set-returning function, called for each input row (In gives one row where it is not lateral).
	// More are called beside it for the same rows (ROWS FROM, several in a select list): the n-th results of all stand in one row, and those that give fewer are filled with NULLs.
	TableFunc struct {
		In         Node
		Fn         *expr.Func
		Args       []expr.Expr
		More       []SetCall
		Ordinality bool
		Outer      bool // LEFT JOIN LATERAL ... ON true
		Cols       Schema
		Pos        int
	}
)

// SetCall is a call of a set-returning function.
type SetCall struct {
	Fn   *expr.Func
	Args []expr.Expr
}

// AggCall is one aggregate of an Aggregate.
type AggCall struct {
	Fn       *expr.Agg
	Args     []expr.Expr // over the input
	Distinct bool
	Filter   expr.Expr // over the input; nil: none
	OrderBy  []SortKey // inside the call or WITHIN GROUP (whose keys are the last of Args too)
	Typ      types.Type
	Name     string // as printed by EXPLAIN
}

// SortKey is one key of an order. NULLs stand last ascending and first descending unless said otherwise, as in PostgreSQL.
type SortKey struct {
	X          expr.Expr
	Desc       bool
	NullsFirst bool
}

// OverCall is one window function: a window-only function by Name (row_number, rank, dense_rank, percent_rank, cume_dist, ntile, lag, lead, first_value, last_value, nth_value) or an aggregate (Agg not nil).
type OverCall struct {
	Name   string
	Agg    *expr.Agg
	Args   []expr.Expr
	Filter expr.Expr
	Frame  Frame
	Typ    types.Type
}

// Frame is a window frame; offsets are constant expressions (ROWS, GROUPS: bigint; RANGE: what is added to the order key).
type Frame struct {
	Mode         string // rows, range, groups
	Start, End   string // "unbounded preceding", "preceding", "current row", "following", "unbounded following"
	StartX, EndX expr.Expr
	Exclude      string
}
