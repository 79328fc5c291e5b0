package ast

// Expr is a scalar expression. Offset is where an error about it points (PostgreSQL's exprLocation: for an operator the
// operator itself, for a call its name, for a column its first name).
type Expr interface {
	Offset() int
	expr()
}

// Pos is the 0-based byte offset of a node in the statement's text.
type Pos int

// Offset gives the position as an int.
func (p Pos) Offset() int { return int(p) }
func (Pos) expr()         {}

// LitKind says which sort of literal a Literal is.
type LitKind uint8

const (
	LitNull LitKind = iota
	LitBool         // Text is "true" or "false"
	LitInt          // digits only (also 0x, 0o, 0b forms and underscores removed, in decimal)
	LitNum          // a decimal or exponent form, its source text kept exactly
	LitString
	LitBits // B'101' or X'1F', its Text begins with b or x
)

type (
	// Literal is a constant without a declared type.
	Literal struct {
		Pos
		Kind LitKind
		Text string
	}
	// ColumnRef is a, t.a, s.t.a; Star is t.* (or * alone, only in a select list or as the argument of count).
	ColumnRef struct {
		Pos
		Names []string
		Star  bool
	}
	// Param is $N, N from 1.
	Param struct {
		Pos
		N int
	}
	// Unary is a prefix operator: "-", "+", "not", or any operator text such as "~", "@", "|/".
	Unary struct {
		Pos
		Op string
		X  Expr
	}
	// Binary is an infix operator: arithmetic, comparison ("=", "<>" also for !=, "<" ...), "and", "or", "||", "~", "->" and every other one.
	Binary struct {
		Pos
		Op   string
		L, R Expr
	}
	// IsTest is X IS [NOT] NULL | TRUE | FALSE | UNKNOWN; Test is the lower-case word.
	IsTest struct {
		Pos
		X    Expr
		Test string
		Not  bool
	}
	// IsDistinct is L IS [NOT] DISTINCT FROM R.
	IsDistinct struct {
		Pos
		L, R Expr
		Not  bool
	}
	// Between is X [NOT] BETWEEN [SYMMETRIC] Lo AND Hi.
	Between struct {
		Pos
		X, Lo, Hi      Expr
		Not, Symmetric bool
	}
	// In is X [NOT] IN (List...) or X [NOT] IN (Query).
	In struct {
		Pos
		X     Expr
		List  []Expr
		Query *Query
		Not   bool
	}
	// Like is X [NOT] LIKE | ILIKE | SIMILAR TO Pattern [ESCAPE Escape]; Op is "like", "ilike" or "similar".
	Like struct {
		Pos
		Op                 string
		X, Pattern, Escape Expr // Escape may be nil
		Not                bool
	}
	// Quantified is X op ANY|ALL (array or query); SOME is ANY.
	Quantified struct {
		Pos
		Op    string
		X     Expr
		All   bool
		Array Expr
		Query *Query
	}
	// Case is CASE [X] WHEN ... THEN ... [ELSE ...] END; X and Else may be nil.
	Case struct {
		Pos
		X     Expr
		Whens []When
		Else  Expr
	}
	// When is one arm of Case.
	When struct{ Cond, Then Expr }
	// Cast is CAST(X AS Type), X::Type, or a typed literal such as DATE '2026-01-01' (Literal X).
	Cast struct {
		Pos
		X    Expr
		Type TypeName
	}
	// Call is a function or aggregate call. Name is lower case, one or more parts. Special syntax comes as a call too:
	// extract(f FROM x) is extract('f', x), position(a IN b) is position(b, a) [PostgreSQL's order: substring, then string swapped],
	// substring(x FROM a FOR b), trim -> btrim/ltrim/rtrim, overlay, x AT TIME ZONE z -> timezone(z, x), x COLLATE c is Collate,
	// coalesce, nullif, greatest, least, current_timestamp ... (no Args) and the like are calls by these names.
	Call struct {
		Pos
		Name     []string
		Args     []Expr
		ArgNames []string // of a => x, one for each argument, "" where positional; nil: all positional
		Star     bool     // count(*)
		Distinct bool
		Variadic bool
		OrderBy  []SortItem // string_agg(x, ',' ORDER BY y)
		Within   []SortItem // WITHIN GROUP (ORDER BY ...)
		Filter   Expr       // FILTER (WHERE ...)
		Over     *WindowDef // OVER (...) or OVER name
		Special  bool       // written in the special syntax
		// Semantics is "running" or "final" where that stands before the call, inside MEASURES.
		Semantics string
	}
	// Array is ARRAY[...]; Query is set for ARRAY(SELECT ...).
	Array struct {
		Pos
		Items []Expr
		Query *Query
	}
	// Row is ROW(...) or (a, b, ...).
	Row struct {
		Pos
		Items []Expr
	}
	// Subscript is X[Lo] or X[Lo:Hi]; bounds of a slice may be nil. Next: X is a Subscript, and this one is of its next dimension, not in brackets after it.
	Subscript struct {
		Pos
		X      Expr
		Lo, Hi Expr
		Slice  bool
		Next   bool
	}
	// Field is (X).Name; Name "*" for (X).*.
	Field struct {
		Pos
		X    Expr
		Name string
	}
	// Collate is X COLLATE Name.
	Collate struct {
		Pos
		X    Expr
		Name []string
	}
	// Subquery is a scalar sub-select.
	Subquery struct {
		Pos
		Query *Query
	}
	// Exists is EXISTS (Query).
	Exists struct {
		Pos
		Query *Query
	}
	// Default is the word DEFAULT where a value stands (INSERT, UPDATE).
	Default struct{ Pos }
	// CurrentOf is CURRENT OF cursor, which stands for the whole condition of UPDATE or DELETE.
	CurrentOf struct {
		Pos
		Cursor string
	}
)

// TypeName is a type as it is written: Name is folded and normalised to pg_type's or the grammar's name ("int4",
// "varchar", "timestamptz", "interval"); Mods are the numbers in brackets; Dims counts [].
type TypeName struct {
	Pos    Pos
	Name   []string // one or two parts
	Mods   []int
	Fields string // interval fields: "day to second"; empty: none
	Dims   int
}

// SortItem is one item of ORDER BY. Nulls is "", "first" or "last".
type SortItem struct {
	X     Expr
	Desc  bool
	Nulls string
	Using string // ORDER BY x USING op
}

// WindowDef is a window specification or, with only Ref set, a reference to a named window.
type WindowDef struct {
	Pos         Pos
	Ref         string // base or referenced window's name
	OnlyRef     bool   // OVER w, as against OVER (w ...)
	PartitionBy []Expr
	OrderBy     []SortItem
	Frame       *Frame
}

// Frame is a window frame. Bounds: "unbounded preceding", "preceding", "current row", "following", "unbounded following".
type Frame struct {
	Mode               string // rows, range, groups
	Between            bool   // both bounds were written
	Start, End         string
	StartExpr, EndExpr Expr
	Exclude            string // "", "current row", "group", "ties", "no others"
}
