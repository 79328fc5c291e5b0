package ast

type (
	// Merge is MERGE INTO.
	Merge struct {
		Pos    Pos
		With   With
		Table  *Table
		Source TableRef
		On     Expr
		Whens  []MergeWhen
	}
	// MergeWhen is one WHEN of MERGE; Action is "update", "delete", "insert", "nothing".
	MergeWhen struct {
		Pos        Pos // of WHEN
		Matched    bool
		Cond       Expr
		Action     string
		Sets       []Assign
		Parts      []Expr // of Cols, as Assign.Parts
		Cols       []string
		ColPos     []Pos
		Overriding string // "", "system", "user"
		Values     []Expr // empty: DEFAULT VALUES
	}
)

func (*Merge) stmt() {}
