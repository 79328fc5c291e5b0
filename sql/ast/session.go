package ast

type (
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

	// Set is SET [SESSION|LOCAL] name = value, ...; Default for TO DEFAULT. SET TIME ZONE has Name "timezone".
	// SET TRANSACTION and SET SESSION CHARACTERISTICS have Name "transaction" and Values as words.
	Set struct {
		Pos     Pos
		Name    string
		Values  []string
		Local   bool
		Default bool
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

	// Discard is DISCARD ALL | PLANS | ...
	Discard struct {
		Pos  Pos
		What string
	}

	// Listen is LISTEN, UNLISTEN, NOTIFY; Kind is the lower-case word.
	Listen struct {
		Pos     Pos
		Kind    string
		Channel string
		Payload string
	}
)

func (*Declare) stmt()     {}
func (*Fetch) stmt()       {}
func (*CloseCursor) stmt() {}
func (*Prepare) stmt()     {}
func (*Execute) stmt()     {}
func (*Deallocate) stmt()  {}
func (*Set) stmt()         {}
func (*Reset) stmt()       {}
func (*Show) stmt()        {}
func (*Transaction) stmt() {}
func (*Discard) stmt()     {}
func (*Listen) stmt()      {}
