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

type (
	// QueryStmt is SELECT, VALUES, TABLE, WITH.
	QueryStmt struct{ Query *Query }

	// Subscribe is SUBSCRIBE [TO] name | (query) [WITH (...)].
	Subscribe struct {
		Pos     Pos
		Names   []string
		Query   *Query
		SQL     string // the text of Query
		SQLPos  Pos
		Options []Option
	}

	// Explain is EXPLAIN (options) statement; "EXPLAIN WATERMARK name" has Watermark set.
	Explain struct {
		Pos       Pos
		Options   []Option
		Stmt      Stmt
		Watermark []string
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

	// Refresh is REFRESH MATERIALIZED VIEW [CONCURRENTLY] name [WITH [NO] DATA].
	Refresh struct {
		Pos          Pos
		Names        []string
		Concurrently bool
		NoData       bool
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

func (*QueryStmt) stmt() {}
func (*Subscribe) stmt() {}
func (*Explain) stmt()   {}
func (*CallStmt) stmt()  {}
func (*Refresh) stmt()   {}
func (*Flush) stmt()     {}
func (*Utility) stmt()   {}
func (*Maintain) stmt()  {}
