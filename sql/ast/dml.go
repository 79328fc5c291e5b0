package ast

type (
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
)

func (*Insert) stmt()   {}
func (*Update) stmt()   {}
func (*Delete) stmt()   {}
func (*Truncate) stmt() {}
func (*Copy) stmt()     {}
