package plan

import (
	"unsafe"

	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// Match is MATCH_RECOGNIZE: row pattern recognition over ordered partitions. Its conditions and measures read the values of Navs, not the
// input: column k of such an expression is nav k.
type Match struct {
	In        Node
	Partition []int // columns of In
	Order     []MatchKey
	Vars      []string // primary pattern variables, in order of appearance
	Pattern   *RowPattern
	Navs      []MatchNav
	Defines   []expr.Expr // by variable; nil: always true
	Measures  []expr.Expr
	// Out says what an output column is: a column of In, or measure -k-1.
	Out     []int
	AllRows bool
	// Empty: of ALL ROWS "" (shown), "omit empty", "with unmatched".
	Empty string
	// Skip is where the next match is looked for: "past last row", "to next row", "to first", "to last" of SkipVars.
	Skip     string
	SkipName string
	SkipVars []int
	Within   int64 // µs from the first row to the last, by the first key; -1: no limit
	Cols     Schema
	Pos      int
	// Set by the finality analysis. OnClose: matches are handed on once, when no row to come can change them; a row is judged when its first
	// key plus Close (µs) <= watermark. Late: a row is late when that was so before the step.
	OnClose, Late bool
	Close         int64
}

// MatchKey is a key of the order, a column of the input.
type MatchKey struct {
	Col              int
	Desc, NullsFirst bool
}

// MatchNav is a value that conditions and measures read from the rows of a match. Kind "value": column Col of the row found; "classifier": the
// name of the variable that the row found was mapped to; "number": the number of the match; "aggregate": Agg over columns Args of the
// rows (-1: their classifiers).
type MatchNav struct {
	Kind string
	Col  int
	// Vars are the variables whose rows count; nil: all.
	Vars []int
	// The row found is the first or last of them, Offset rows further inward, and from there Shift rows on in the partition.
	First  bool
	Offset int
	Shift  int
	// Final: all rows of the match count, not only those up to the current one.
	Final bool
	Agg   *expr.Agg
	Args  []int
	// Of an aggregate: only distinct arguments, in which order, and of which rows only (a column, -1: all).
	Distinct bool
	OrderBy  []MatchKey
	Filter   int
	Typ      types.Type
	Name     string // for EXPLAIN
}

// RowPattern is a node of a pattern. Kind: "var" (Var), "seq", "alt", "permute", "exclude", "start", "end", "empty"; a sequence of one is a group.
// Min and Max are the quantifier (Max -1: no bound).
type RowPattern struct {
	Kind      string
	Var       int
	Items     []*RowPattern
	Min, Max  int
	Reluctant bool
}

// Has says whether a node of the kind stands in the pattern.
func (p *RowPattern) Has(kind string) bool {
	if p.Kind == kind {
		return true
	}
	for _, it := range p.Items {
		if it.Has(kind) {
			return true
		}
	}
	return false
}

// Schema is what Out says.
func (n *Match) Schema() Schema { return n.Cols }

// Inputs is the one input.
func (n *Match) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *Match) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs are the conditions and the measures. They are over Navs.
func (n *Match) Exprs() []expr.Expr {
	var l exprList
	l.add(n.Defines...)
	l.add(n.Measures...)
	return l
}

// WithExprs replaces them.
func (n *Match) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Defines, c.Measures = t.many(n.Defines), t.many(n.Measures)
	return &c
}

// Explain prints the clauses.
func (n *Match) Explain() string {
	in := n.In.Schema()
	var b strings.Builder
	b.WriteString("Match (" + n.text(n.Pattern) + ")")
	list := func(word string, parts []string) {
		if len(parts) > 0 {
			b.WriteString(word + strings.Join(parts, ", "))
		}
	}
	var parts, keys, defs []string
	for _, c := range n.Partition {
		parts = append(parts, in[c].Name)
	}
	for _, k := range n.Order {
		keys = append(keys, SortKey{&expr.Column{Idx: k.Col, Name: in[k.Col].Name, Typ: in[k.Col].Type}, k.Desc, k.NullsFirst}.String())
	}
	for i, d := range n.Defines {
		if d != nil {
			defs = append(defs, n.Vars[i]+" as "+d.String())
		}
	}
	list(" partition by ", parts)
	list(" order by ", keys)
	if len(n.Measures) > 0 {
		b.WriteString(" measures " + exprStrings(n.Measures))
	}
	if n.AllRows {
		b.WriteString(strings.TrimRight(" all rows "+n.Empty, " "))
	}
	b.WriteString(strings.TrimRight(" skip "+n.Skip+" "+n.SkipName, " "))
	if n.Within >= 0 {
		fmt.Fprintf(&b, " within %s", micros(n.Within))
	}
	list(" define ", defs)
	return b.String() + finality(n.OnClose, false, nil)
}

func (n *Match) text(p *RowPattern) string {
	items := make([]string, len(p.Items))
	for i, it := range p.Items {
		items[i] = n.text(it)
	}
	s := ""
	switch p.Kind {
	case "var":
		s = n.Vars[p.Var]
	case "seq":
		s = "(" + strings.Join(items, " ") + ")"
	case "alt":
		s = "(" + strings.Join(items, " | ") + ")"
	case "permute":
		s = "permute(" + strings.Join(items, ", ") + ")"
	case "exclude":
		s = "{- " + strings.Join(items, " ") + " -}"
	default:
		s = map[string]string{"start": "^", "end": "$", "empty": "()"}[p.Kind]
	}
	switch {
	case p.Min == 1 && p.Max == 1:
		return s
	case p.Max < 0:
		s += fmt.Sprintf("{%d,}", p.Min)
	default:
		s += fmt.Sprintf("{%d,%d}", p.Min, p.Max)
	}
	if p.Reluctant {
		s += "?"
	}
	return s
}

// Offset is the position of MATCH_RECOGNIZE.
func (n *Match) Offset() int { return n.Pos }

var _ Node = (*Match)(nil)
