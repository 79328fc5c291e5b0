package ast

type (
	// Alter is ALTER kind name action.
	Alter struct {
		NotValid bool // of ADD CONSTRAINT
		Pos      Pos
		Kind     string
		Names    []string
		IfExists bool
		// Action: "pause", "resume", "set", "rename", "rename column", "add column", "drop column", "set default",
		// "drop default", "set not null", "drop not null", "set type" (of Def, Default is USING), "as", "set schema", "owner",
		// "add constraint", "drop constraint", "sequence", "add identity", "set identity" and "drop identity" (of Def), "reset", "storage" (of the table, or of Column where there is one; what and how are Options).
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

	// Comment is COMMENT ON kind name IS text; Null for IS NULL. Of a column the last of Names is the column.
	Comment struct {
		Pos   Pos
		Kind  string
		Names []string
		Args  *FuncSig // of a function
		Text  string
		Null  bool
	}

	// SetConstraints is SET CONSTRAINTS name, ... | ALL DEFERRED | IMMEDIATE; Names is nil for ALL.
	SetConstraints struct {
		Pos      Pos
		Names    [][]string
		Deferred bool
	}
)

func (*Alter) stmt()          {}
func (*Drop) stmt()           {}
func (*Comment) stmt()        {}
func (*SetConstraints) stmt() {}
