package expr

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// Ctx is what an evaluation may know besides its rows. One Ctx belongs to one goroutine.
type Ctx struct {
	Now     int64         // µs since 1970 UTC: now(), current_timestamp: the statement's transaction or the trigger's processing time
	Clock   func() int64  // clock_timestamp(); nil: Now
	Format  *types.Format // DateStyle, TimeZone and the like for conversions from and to text
	Session Session       // nil inside a continuous query
	Params  []Vec         // values of $1, $2 ..., each Const
	Catalog Catalog       // for regclass and the pg_* functions; may be nil
	// Sleep waits for pg_sleep, or gives the reason why the statement was interrupted; nil: refused.
	Sleep func(time.Duration) error
	// Subquery runs the uncorrelated sub-select of a Subquery node once; set by the executor.
	Subquery func(*Subquery) (*types.Batch, error)
}

// Session is what session functions (current_user, current_setting, pg_backend_pid, ...) ask.
type Session interface {
	User() string
	Database() string
	BackendPID() int32
	SearchPath() []string
	Setting(name string) (value string, ok bool)
	SetSetting(name, value string, local bool) error
}

// Catalog is what catalog functions (regclass input and output, format_type, pg_get_viewdef, ...) ask.
type Catalog interface {
	RelationOID(names []string, searchPath []string) (oid uint32, ok bool)
	RelationName(oid uint32, searchPath []string) (name string, ok bool) // qualified where not visible
	RelationVisible(oid uint32, searchPath []string) (visible, ok bool)
	ViewDef(oid uint32, s DefStyle) (sql string, ok bool)
	TypeOID(names []string, searchPath []string) (oid uint32, ok bool) // of users' types
	TypeName(oid uint32, searchPath []string) (name string, ok bool)   // of users' types, qualified where not visible
	SchemaName(oid uint32) (name string, ok bool)
	SchemaOID(name string) (oid uint32, ok bool)
	ColumnDefault(table uint32, column int16) (sql string, ok bool)
	RuleDef(oid uint32, s DefStyle) (sql string, ok bool)
	ConstraintDef(oid uint32, s DefStyle) (sql string, ok bool)
	IndexDef(oid uint32, column int, s DefStyle) (sql string, ok bool)
	Expression(text string, relation uint32, s DefStyle) (sql string, ok bool)
	Description(oid, classoid uint32, sub int32) (text string, ok bool)
}

// DefStyle says how catalog functions print SQL.
type DefStyle struct {
	Path   []string      // the search path: what it finds is named without its schema
	Pretty bool          // only the brackets that are needed
	Wrap   int           // lists go on until a line is so long; 0: one item a line
	Format *types.Format // of constants
	Flat   bool          // in one line
}

// Vec is a column or a constant.
type Vec struct {
	Arr   arrow.Array // Const: exactly one row; else as many rows as the batch
	Const bool
}

// Idx is where row i lies in Arr.
func (v Vec) Idx(i int) int {
	if v.Const {
		return 0
	}
	return i
}

// IsNull says whether row i is NULL.
func (v Vec) IsNull(i int) bool { return v.Arr.IsNull(v.Idx(i)) }

// Expr is a bound scalar expression, immutable and safe for use by many goroutines.
type Expr interface {
	// Type is the type of the result.
	Type() types.Type
	// Eval computes the expression over the rows of b. Where the result does not depend on the rows it may be Const.
	// A fault in any row (22012, 22003, 22P02 ...) is an error for the whole batch.
	Eval(ctx *Ctx, b *types.Batch) (Vec, error)
	// String prints it as EXPLAIN does, in PostgreSQL's style.
	String() string
	// Children are the operands, and WithChildren is the same node over other operands: for rewriting.
	Children() []Expr
	WithChildren([]Expr) Expr
}

// The node kinds. Each has its file: column.go, const.go, call.go, logic.go (And, Or, Not), case.go, ...
type (
	// Column is column Idx of the input batch.
	Column struct {
		Idx  int
		Name string // for printing
		Typ  types.Type
	}
	// Const is a constant; Arr has one row.
	Const struct {
		Arr arrow.Array
		Typ types.Type
	}
	// Param is $N (from 1).
	Param struct {
		N   int
		Typ types.Type
	}
	// Call applies a function; its Args have exactly the types that Fn's kernel takes (casts are nodes of their own).
	Call struct {
		Fn   *Func
		Args []Expr
		Typ  types.Type
		Pos  int // 0-based byte offset in the statement for run-time errors, -1: unknown
	}
	// Cast converts X; Explicit tells 'x'::varchar(2) (cut) from an assignment (22001).
	Cast struct {
		X        Expr
		Typ      types.Type
		Explicit bool
		Pos      int
	}
	// And, Or are n-ary with three-valued logic; operands that can fail are evaluated only for rows not yet settled by those
	// before them.
	And struct{ Args []Expr }
	Or  struct{ Args []Expr }
	Not struct{ X Expr }
	// Case is CASE WHEN ...; Else may be nil. Arms are evaluated only for their rows. A simple CASE x is bound to comparisons.
	Case struct {
		Whens []When
		Else  Expr
		Typ   types.Type
	}
	// When is one arm of Case.
	When struct{ Cond, Then Expr }
	// Coalesce evaluates an argument only for the rows where those before are NULL.
	Coalesce struct {
		Args []Expr
		Typ  types.Type
	}
	// IsTest is X IS [NOT] NULL | TRUE | FALSE | UNKNOWN (Test: the lower-case word).
	IsTest struct {
		X    Expr
		Test string
		Not  bool
	}
	// IsDistinct is L IS [NOT] DISTINCT FROM R; both of one type.
	IsDistinct struct {
		L, R Expr
		Not  bool
	}
	// InList is X [NOT] IN (constants or expressions), all of one type, by a hash set where all are constant.
	InList struct {
		X    Expr
		List []Expr
		Not  bool
	}
	// AnyAll is X op ANY|ALL (array).
	AnyAll struct {
		X, Array Expr
		Op       *Func // of (type of X, element type) to boolean
		All      bool
	}
	// ArrayOf is ARRAY[...].
	ArrayOf struct {
		Items []Expr
		Typ   types.Type
	}
	// Subquery is an uncorrelated sub-select, run once by Ctx.Subquery: scalar (one row at most, 21000), or EXISTS, or the set of IN/ANY.
	Subquery struct {
		Plan any    // a plan.Node; expr does not look into it
		Kind string // "scalar", "exists", "array"
		Typ  types.Type
	}
)

// Volatility is PostgreSQL's provolatile.
type Volatility byte

const (
	Immutable Volatility = 'i'
	Stable    Volatility = 's'
	Volatile  Volatility = 'v'
)

// Func is one overload of a scalar function, operator or set-returning function.
type Func struct {
	Name     string // "length", "+", "~~"
	Args     []types.Type
	Defaults int  // how many of the last arguments may be left out (the kernel sees fewer)
	Variadic bool // the last of Args repeats (its element type where it is an array type or types.Any)
	Ret      types.Type
	// RetFn settles polymorphic results and type modifiers; nil: Ret as it is.
	RetFn func(args []types.Type) types.Type
	// CalledOnNull: the kernel is called for NULL arguments; else (strict) rows with a NULL give NULL before the kernel sees them
	// (the kernel may compute anything there and must not fail for it: use the null bitmaps).
	CalledOnNull bool
	NoneOfNull   bool // VARIADIC NULL gives the kernel no arguments; else the result is NULL
	Untyped      bool // arguments of type "any" that have no type stay as they are; else they are text
	Vol          Volatility
	Unify        bool // polymorphic arguments need a common type only, as PostgreSQL's anycompatible
	Safe         bool // the kernel cannot fail, whatever its arguments
	Kernel       Kernel
	// Bind makes the kernel for the types of a call's arguments and its result where the layouts of the columns do not say
	// enough ("any" arguments); then Kernel is nil.
	Bind func(args []types.Type, ret types.Type) Kernel
	// Set marks a set-returning function (generate_series, unnest, regexp_split_to_table ...): only in FROM and in select lists.
	Set     SetKernel
	RetCols []SetCol // columns of a set-returning function with more than one; nil: one column of Ret, named by the function
	Doc     string   // one line, for \df+ and docs
	// ArgNames are the names of Args in calls with named arguments ("": none); nil: there are none.
	ArgNames []string
	// ArgDefaults are the texts of the last Defaults arguments, for calls by name that leave one out before one that is given.
	ArgDefaults []string
	OID         uint32 // of a user's function; 0: it is built in
}

// SetCol is a column of a set-returning function.
type SetCol struct {
	Name string
	Type types.Type
}

// Kernel computes a column of n rows from the arguments' columns.
type Kernel func(ctx *Ctx, n int, args []Vec) (Vec, error)

// SetKernel gives, for each of the n rows, any number of result rows: out are the result columns, and rows[k] is the input
// row that result row k belongs to, ascending.
type SetKernel func(ctx *Ctx, n int, args []Vec) (out []arrow.Array, rows []int32, err error)
