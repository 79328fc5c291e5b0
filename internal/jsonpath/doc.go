// Package jsonpath reads and writes SQL/JSON path expressions, the type jsonpath of PostgreSQL (SQL:2016, 9.39). It knows no values: the
// expressions are computed by package expr.
package jsonpath

// Op is what a node does.
type Op int

// The operators. Root, Current, Last, the literals and Variable begin an expression; AnyArray to Method are accessors and stand in Next
// of what they are applied to; the predicates And to Exists give true, false or unknown.
const (
	Null Op = iota
	Bool
	Number
	String
	Variable
	Root
	Current
	Last
	And
	Or
	Not
	IsUnknown
	Eq
	Ne
	Lt
	Gt
	Le
	Ge
	StartsWith
	LikeRegex
	Exists
	Add
	Sub
	Mul
	Div
	Mod
	Plus
	Minus
	AnyArray
	AnyKey
	Index
	Any
	Key
	Filter
	Method
)

// Node is one step of an expression.
type Node struct {
	Op    Op
	Text  string  // of a literal, a name, a method, the pattern of like_regex
	Flags string  // of like_regex
	Args  []*Node // operands; of Index from and to (nil: only one) in turn; of Method its argument
	From  int     // of Any: the first and the last level, -1 for the deepest
	To    int
	Next  *Node // the accessor that is applied to the result
}

// Path is an expression with its mode.
type Path struct {
	Strict bool
	Expr   *Node
}

// IsPredicate says whether the node itself gives true, false or unknown.
func (n *Node) IsPredicate() bool { return n.Op >= And && n.Op <= Exists }

// Symbol is how an operator is written.
func (o Op) Symbol() string { return symbols[o] }

var symbols = map[Op]string{And: "&&", Or: "||", Eq: "==", Ne: "!=", Lt: "<", Gt: ">", Le: "<=", Ge: ">=", Add: "+", Sub: "-",
	Mul: "*", Div: "/", Mod: "%", Plus: "+", Minus: "-", StartsWith: "starts with"}
