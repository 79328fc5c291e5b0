package plan

import (
	"github.com/streamsqld/streamsqld/expr"
)

type (
	// Recursive is a WITH RECURSIVE item: the rows of Base, then again and again those of Step over the rows of the last round, until it gives none. All:
	// UNION ALL; else each row counts once. Base and Step are queries of their own, not inputs: the operator runs them.
	Recursive struct {
		ID         int // of the WorkTable inside Step
		Base, Step Node
		All        bool
		Cols       Schema
		Pos        int
	}
	// WorkTable is the rows of the last round of the Recursive of the same ID.
	WorkTable struct {
		ID   int
		Cols Schema
		Pos  int
	}
)

// Schema is the columns of the item.
func (n *Recursive) Schema() Schema { return n.Cols }

// Inputs is nil.
func (n *Recursive) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *Recursive) WithInputs([]Node) Node { return n }

// Exprs is nil.
func (n *Recursive) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *Recursive) WithExprs([]expr.Expr) Node { return n }

// Explain tells whether rows count once.
func (n *Recursive) Explain() string {
	if n.All {
		return "Recursive union all"
	}
	return "Recursive union"
}

// Offset is the position of the item's name.
func (n *Recursive) Offset() int { return n.Pos }

// Schema is the columns of the item.
func (n *WorkTable) Schema() Schema { return n.Cols }

// Inputs is nil.
func (n *WorkTable) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *WorkTable) WithInputs([]Node) Node { return n }

// Exprs is nil.
func (n *WorkTable) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *WorkTable) WithExprs([]expr.Expr) Node { return n }

// Explain is the operator's name.
func (n *WorkTable) Explain() string { return "WorkTable" }

// Offset is the position of the item's name.
func (n *WorkTable) Offset() int { return n.Pos }

var _ = []Node{(*Recursive)(nil), (*WorkTable)(nil)}
