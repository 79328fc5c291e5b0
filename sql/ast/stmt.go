package ast

// Stmt is one statement. Its text (for view definitions, errors, pg_stat_activity) is kept beside it by the parser's caller.
type Stmt interface{ stmt() }

// Option is one key = value of a WITH (...) list or of COPY/EXPLAIN options; Key is lower case, kept with its dots
// ("kafka.acks"). Value is the text of a string, number, word; HasValue is false for a bare key.
type Option struct {
	Pos      Pos
	Key      string
	Value    string
	ValuePos Pos
	HasValue bool
	List     []string // of a bracketed list, as in FORCE_QUOTE (a, b)
}

// ColumnDef is one column of CREATE STREAM / TABLE.
type ColumnDef struct {
	Pos          Pos
	Name         string
	Type         TypeName
	NotNull      bool
	Null         bool // NULL written out
	Default      Expr
	DefaultSQL   string // its text
	Generated    Expr   // GENERATED ALWAYS AS (x) STORED
	GeneratedSQL string
	Identity     string   // "", "always", "by default"
	Sequence     []Option // of an identity column
	Primary      bool
	Unique       bool
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

type (
	// QueryStmt is SELECT, VALUES, TABLE, WITH.
	QueryStmt struct{ Query *Query }

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
	// Drop is DROP kind name, ...; Kind is lower case: "stream", "table", "view", "materialized view", "sink", "schema", "index", "sequence", "function", "aggregate", "routine", "secret", "role", "type", "domain".
	Drop struct {
		Pos      Pos
		Kind     string
		Names    [][]string
		NamePos  []Pos
		Args     []*FuncSig // of functions, one for each name
		IfExists bool
		Cascade  bool
	}
	// Alter is ALTER kind name action.
	Alter struct {
		NotValid bool // of ADD CONSTRAINT
		Pos      Pos
		Kind     string
		Names    []string
		IfExists bool
		// Action: "pause", "resume", "set", "rename", "rename column", "add column", "drop column", "set default",
		// "drop default", "set not null", "drop not null", "set type" (of Def, Default is USING), "as", "set schema", "owner",
		// "add constraint", "drop constraint", "sequence".
		Action     string
		Args       *FuncSig // of a function
		Options    []Option
		NewName    string
		Column     string
		Def        *ColumnDef
		Default    Expr
		DefaultSQL string
		Key        *Key
		Check      *Check
		Foreign    *ForeignKey
		Query      *Query
		SQL        string
		SQLPos     Pos
		Cascade    bool
		Next       *Alter // a further action on the same table
	}
	// Insert is INSERT INTO. Query is nil for DEFAULT VALUES. Rows of plain VALUES are in Values, so that large lists keep a short way.
	Insert struct {
		Pos        Pos
		With       With
		Names      []string
		NamePos    Pos
		Alias      string
		Cols       []string
		ColPos     []Pos
		Parts      []Expr // as Assign.Parts
		Values     *Values
		Query      *Query
		Overriding string // "", "system", "user"
		Conflict   *OnConflict
		Returning  []SelectItem
	}
	// OnConflict is ON CONFLICT [(keys) [WHERE ...]] DO NOTHING | DO UPDATE SET ... [WHERE ...].
	OnConflict struct {
		Pos        Pos
		Keys       []Expr
		KeysWhere  Expr
		Constraint string
		Nothing    bool
		Sets       []Assign
		Where      Expr
	}
	// Assign is col = x, or (cols) = row or query. Parts has for each column the expression that names the part of it that is assigned to (a[1], a.b), nil: the
	// whole column; it is shorter than Cols where no later column has one.
	Assign struct {
		Pos   Pos
		Cols  []string
		Parts []Expr
		List  bool // the columns stand in brackets
		X     Expr
	}
	// Update is UPDATE.
	Update struct {
		Pos       Pos
		With      With
		Table     *Table
		Sets      []Assign
		From      []TableRef
		Where     Expr
		Returning []SelectItem
	}
	// Delete is DELETE FROM.
	Delete struct {
		Pos       Pos
		With      With
		Table     *Table
		Using     []TableRef
		Where     Expr
		Returning []SelectItem
	}
	// Truncate is TRUNCATE [TABLE].
	Truncate struct {
		Pos     Pos
		Names   [][]string
		NamePos []Pos
		Cascade bool
		Restart bool
	}
	// Copy is COPY table|(query) FROM|TO STDIN|STDOUT|'file'. Subscribe is set for COPY (SUBSCRIBE ...).
	Copy struct {
		Pos       Pos
		Names     []string
		Cols      []string
		Query     *Query
		Change    Stmt // of COPY (INSERT ... RETURNING ...)
		Subscribe *Subscribe
		From      bool
		File      string // "" for STDIN/STDOUT
		Options   []Option
		Where     Expr
	}
	// Subscribe is SUBSCRIBE [TO] name | (query) [WITH (...)].
	Subscribe struct {
		Pos     Pos
		Names   []string
		Query   *Query
		SQL     string // the text of Query
		SQLPos  Pos
		Options []Option
	}
	// Declare is DECLARE name CURSOR FOR query | SUBSCRIBE.
	Declare struct {
		Pos       Pos
		Name      string
		Binary    bool
		Scroll    bool
		NoScroll  bool
		Hold      bool
		Query     *Query
		Subscribe *Subscribe
	}
	// Fetch is FETCH / MOVE. Direction: "next", "prior", "first", "last", "absolute", "relative", "forward", "backward"; Count -1 with All.
	Fetch struct {
		Pos       Pos
		Move      bool
		Direction string
		Count     int64
		All       bool
		Cursor    string
		Options   []Option // WITH (timeout = '1s')
	}
	// CloseCursor is CLOSE name | ALL.
	CloseCursor struct {
		Pos  Pos
		Name string
		All  bool
	}
	// Prepare is PREPARE name (types) AS statement; SQL is the statement's text.
	Prepare struct {
		Pos   Pos
		Name  string
		Types []TypeName
		Stmt  Stmt
		SQL   string
	}
	// Execute is EXECUTE name (args).
	Execute struct {
		Pos  Pos
		Name string
		Args []Expr
	}
	// Deallocate is DEALLOCATE name | ALL.
	Deallocate struct {
		Pos  Pos
		Name string
		All  bool
	}
	// Explain is EXPLAIN (options) statement; "EXPLAIN WATERMARK name" has Watermark set.
	Explain struct {
		Pos       Pos
		Options   []Option
		Stmt      Stmt
		Watermark []string
	}
	// Set is SET [SESSION|LOCAL] name = value, ...; Default for TO DEFAULT. SET TIME ZONE has Name "timezone".
	// SET TRANSACTION and SET SESSION CHARACTERISTICS have Name "transaction" and Values as words.
	Set struct {
		Pos     Pos
		Name    string
		Values  []string
		Local   bool
		Default bool
	}
	// SetConstraints is SET CONSTRAINTS name, ... | ALL DEFERRED | IMMEDIATE; Names is nil for ALL.
	SetConstraints struct {
		Pos      Pos
		Names    [][]string
		Deferred bool
	}
	// Reset is RESET name | ALL.
	Reset struct {
		Pos  Pos
		Name string
		All  bool
	}
	// Show is SHOW name | ALL; "SHOW QUERIES" and other lists come with Name in lower case ("queries", "streams").
	Show struct {
		Pos  Pos
		Name string
		All  bool
	}
	// Transaction is BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK TO; Kind is "begin", "commit", "rollback",
	// "savepoint", "release", "rollback to". Modes are lower-case words such as "read only", "isolation level serializable".
	Transaction struct {
		Pos   Pos
		Kind  string
		Name  string
		Modes []string
		Chain bool
	}
	// CallStmt is CALL streamsql.run_trigger(...).
	CallStmt struct {
		Pos  Pos
		Call *Call
	}
	// Flush is FLUSH [name].
	Flush struct {
		Pos   Pos
		Names []string
	}
	// Discard is DISCARD ALL | PLANS | ...
	Discard struct {
		Pos  Pos
		What string
	}
	// Comment is COMMENT ON kind name IS text; Null for IS NULL. Of a column the last of Names is the column.
	Comment struct {
		Pos   Pos
		Kind  string
		Names []string
		Args  *FuncSig // of a function
		Text  string
		Null  bool
	}
	// Listen is LISTEN, UNLISTEN, NOTIFY; Kind is the lower-case word.
	Listen struct {
		Pos     Pos
		Kind    string
		Channel string
		Payload string
	}
	// Utility is a statement that is known by its first words and whose details nobody reads yet (GRANT, REVOKE, CREATE ROLE,
	// CREATE SECRET, VACUUM, ANALYZE, LOCK ...): Kind is these words in lower case.
	Utility struct {
		Pos  Pos
		Kind string
	}
	// Maintain is VACUUM, ANALYZE, CLUSTER, REINDEX or LOCK TABLE.
	Maintain struct {
		Pos     Pos
		Kind    string // "vacuum", "analyze", "cluster", "reindex", "lock"
		Names   [][]string
		Cols    [][]string // of each name: the columns to analyze
		Object  string     // of REINDEX: "index", "table", "schema", "database", "system"
		Index   string     // of CLUSTER
		Mode    string     // of LOCK: "access exclusive"
		NoWait  bool
		Analyze bool // ANALYZE, or VACUUM with it
	}
)

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

func (*QueryStmt) stmt()      {}
func (*CreateStream) stmt()   {}
func (*CreateTable) stmt()    {}
func (*CreateView) stmt()     {}
func (*CreateSink) stmt()     {}
func (*CreateSchema) stmt()   {}
func (*CreateIndex) stmt()    {}
func (*CreateSequence) stmt() {}
func (*CreateFunction) stmt() {}
func (*Drop) stmt()           {}
func (*Alter) stmt()          {}
func (*Insert) stmt()         {}
func (*Update) stmt()         {}
func (*Delete) stmt()         {}
func (*Truncate) stmt()       {}
func (*Copy) stmt()           {}
func (*Subscribe) stmt()      {}
func (*Declare) stmt()        {}
func (*Fetch) stmt()          {}
func (*CloseCursor) stmt()    {}
func (*Prepare) stmt()        {}
func (*Execute) stmt()        {}
func (*Deallocate) stmt()     {}
func (*Explain) stmt()        {}
func (*Set) stmt()            {}
func (*SetConstraints) stmt() {}
func (*Reset) stmt()          {}
func (*Show) stmt()           {}
func (*Transaction) stmt()    {}
func (*CallStmt) stmt()       {}
func (*Flush) stmt()          {}
func (*Discard) stmt()        {}
func (*Comment) stmt()        {}
func (*Listen) stmt()         {}
func (*Utility) stmt()        {}
func (*Maintain) stmt()       {}
