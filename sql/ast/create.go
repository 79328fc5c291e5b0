package ast

// ColumnDef is one column of CREATE STREAM / TABLE.
type ColumnDef struct {
	Pos     Pos
	Name    string
	Type    TypeName
	NotNull bool
	Null    bool // NULL written out
	// Twice says which clause stands twice, as the error tells it.
	Twice        string
	Default      Expr
	DefaultSQL   string // its text
	Generated    Expr   // GENERATED ALWAYS AS (x) STORED
	GeneratedSQL string
	Identity     string   // "", "always", "by default"
	Sequence     []Option // of an identity column
	Primary      bool
	Unique       bool
	Keys         []Key // of Primary and Unique
	Checks       []Check
	Refs         *ForeignKey
	Collate      []string
}

// Check is a CHECK constraint, with its text.
type Check struct {
	Pos  Pos
	Name string
	X    Expr
	SQL  string
}

// ForeignKey is REFERENCES table (cols); Cols is empty for a column constraint.
type ForeignKey struct {
	Pos                Pos
	Name               string
	Cols               []string
	Table              []string
	RefCols            []string
	OnDelete, OnUpdate string
	Full               bool // MATCH FULL
	Deferrable         bool
	Deferred           bool // INITIALLY DEFERRED
}

// Key is a PRIMARY KEY or UNIQUE table constraint.
type Key struct {
	Pos     Pos
	Name    string
	Cols    []string
	Primary bool
	Index   string // of USING INDEX
	// Deferrable and Deferred are as in ForeignKey. NotDistinct is NULLS NOT DISTINCT.
	Deferrable, Deferred, NotDistinct bool
}

// LikeTable is LIKE table in CREATE TABLE: the columns of another table in front of column At.
type LikeTable struct {
	Pos       Pos
	Names     []string
	At        int
	Including map[string]bool // "comments", "constraints", "defaults", "generated", "identity", "indexes" and what has no meaning here
}

// WatermarkDef is WATERMARK FOR Col AS X.
type WatermarkDef struct {
	Pos Pos
	Col string
	X   Expr
}

// FuncArg is one argument of CREATE FUNCTION.
type FuncArg struct {
	Pos        Pos
	Mode       string // "", "out", "inout", "variadic", "table"
	Name       string
	Type       TypeName
	Default    string // SQL text
	DefaultPos Pos
}

// FuncSig is the list of arguments by which a statement tells a function from others of its name; nil: none was written.
type FuncSig struct {
	Args []FuncArg
	Star bool // (*)
}

type (
	// CreateStream is CREATE STREAM. Cols may be empty where the format carries a schema.
	CreateStream struct {
		AsTable     bool // CREATE TABLE ... APPEND ONLY
		Pos         Pos
		Names       []string
		IfNotExists bool
		OrReplace   bool
		Cols        []ColumnDef
		Watermarks  []WatermarkDef
		Options     []Option
	}

	// CreateTable is CREATE [TEMP] TABLE; As is set for CREATE TABLE AS.
	CreateTable struct {
		Pos         Pos
		Names       []string
		IfNotExists bool
		Temp        bool
		Unlogged    bool
		Cols        []ColumnDef
		Likes       []LikeTable
		Keys        []Key
		Checks      []Check
		Foreign     []ForeignKey
		Options     []Option
		As          *Query
		Execute     *Execute // of CREATE TABLE ... AS EXECUTE
		AsCols      []string
		NoData      bool
	}

	// CreateView is CREATE [OR REPLACE] [TEMP] VIEW or CREATE MATERIALIZED VIEW. SQL is the text of the query.
	CreateView struct {
		Pos          Pos
		Names        []string
		Materialized bool
		OrReplace    bool
		IfNotExists  bool
		Temp         bool
		Cols         []string
		Options      []Option
		Query        *Query
		SQL          string // the text of the query
		SQLPos       Pos    // where it begins in the statement
		NoData       bool
	}

	// CreateSink is CREATE SINK name WITH (...) AS query, or CREATE SINK name FROM object WITH (...).
	CreateSink struct {
		Pos         Pos
		Names       []string
		OrReplace   bool
		IfNotExists bool
		From        []string
		Options     []Option
		Query       *Query
		SQL         string
		SQLPos      Pos
	}

	// CreateSchema is CREATE SCHEMA.
	CreateSchema struct {
		Pos         Pos
		Name        string
		IfNotExists bool
	}

	// CreateIndex is CREATE [UNIQUE] INDEX.
	CreateIndex struct {
		Pos          Pos
		Name         string
		Table        []string
		Unique       bool
		IfNotExists  bool
		Concurrently bool
		Cols         []SortItem
		Texts        []string // of Cols, as written
		Include      []string
		Where        Expr
		WhereText    string
		Method       string
		Options      []Option
		NotDistinct  bool // NULLS NOT DISTINCT
	}

	// CreateSequence is CREATE SEQUENCE with its options as they come.
	CreateSequence struct {
		Pos         Pos
		Names       []string
		IfNotExists bool
		Temp        bool
		Options     []Option
	}

	// CreateFunction is CREATE [OR REPLACE] FUNCTION | AGGREGATE ... LANGUAGE sql (or wasm) AS body.
	CreateFunction struct {
		Pos         Pos
		Names       []string
		NamePos     Pos
		OrReplace   bool
		Args        []FuncArg // with those that are result columns
		Returns     *TypeName // nil: not written
		SetOf       bool
		Table       bool // RETURNS TABLE
		Aggregate   bool
		Language    string
		LanguagePos Pos
		Body        string
		BodyPos     Pos
		Return      bool     // Body is the expression of RETURN
		Options     []Option // volatility, strictness: key only; "as" and "language" stand for those clauses
	}
)

func (*CreateStream) stmt()   {}
func (*CreateTable) stmt()    {}
func (*CreateView) stmt()     {}
func (*CreateSink) stmt()     {}
func (*CreateSchema) stmt()   {}
func (*CreateIndex) stmt()    {}
func (*CreateSequence) stmt() {}
func (*CreateFunction) stmt() {}
