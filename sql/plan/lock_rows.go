package plan

import (
	"unsafe"

	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
)

// RowLock is a table whose rows LockRows locks: Key are the columns of the input that find a row, Mode and Wait as in ast.RowLock.
type RowLock struct {
	Rel  *catalog.Relation
	Key  []int
	Mode string
	Wait string
}

// Schema is the input's.
func (n *LockRows) Schema() Schema { return n.In.Schema() }

// Inputs is the one input.
func (n *LockRows) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *LockRows) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs is the number of rows to lock, if there is one.
func (n *LockRows) Exprs() []expr.Expr {
	var l exprList
	l.add(n.Count)
	l.keys(n.Ties)
	return l
}

// WithExprs replaces it.
func (n *LockRows) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Count = t.one(n.Count)
	c.Ties = t.keys(n.Ties)
	return &c
}

// Explain names the tables.
func (n *LockRows) Explain() string {
	var names []string
	for _, l := range n.Locks {
		names = append(names, l.Rel.Name)
	}
	return "LockRows " + strings.Join(names, ", ")
}

// Offset is the position of the locking clause.
func (n *LockRows) Offset() int { return n.Pos }
