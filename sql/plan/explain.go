package plan

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/expr"
)

// Explain prints the plan as an indented tree, one operator a line. A node that is read twice is printed once, with a number, and
// referred to afterwards.
func Explain(root Node) string { return ExplainNoted(root, nil) }

// ExplainNoted is Explain with more said of each operator: behind its line, and in lines below it; nil: nothing.
func ExplainNoted(root Node, note func(Node) (behind string, below []string)) string {
	uses := map[Node]int{}
	countUses(root, uses)
	p := &printer{uses: uses, nums: map[Node]int{}, note: note}
	p.node(root, 0)
	return p.b.String()
}

func countUses(n Node, uses map[Node]int) {
	if uses[n]++; uses[n] > 1 {
		return
	}
	for _, in := range n.Inputs() {
		countUses(in, uses)
	}
}

type printer struct {
	b    strings.Builder
	uses map[Node]int
	nums map[Node]int
	note func(Node) (behind string, below []string)
}

func (p *printer) node(n Node, depth int) {
	if depth > 0 {
		p.b.WriteString(strings.Repeat("      ", depth-1))
		p.b.WriteString("  ->  ")
	}
	if num := p.nums[n]; num > 0 {
		fmt.Fprintf(&p.b, "Shared #%d\n", num)
		return
	}
	p.b.WriteString(n.Explain())
	if p.uses[n] > 1 {
		p.nums[n] = len(p.nums) + 1
		fmt.Fprintf(&p.b, " (shared #%d)", p.nums[n])
	}
	var below []string
	if p.note != nil {
		var behind string
		behind, below = p.note(n)
		p.b.WriteString(behind)
	}
	p.b.WriteByte('\n')
	for _, l := range below {
		if depth > 0 {
			p.b.WriteString(strings.Repeat("      ", depth))
		}
		p.b.WriteString("  " + l + "\n")
	}
	for _, in := range n.Inputs() {
		p.node(in, depth+1)
	}
}

func exprStrings(xs []expr.Expr) string {
	out := make([]string, len(xs))
	for i, x := range xs {
		out[i] = x.String()
	}
	return strings.Join(out, ", ")
}

func keyStrings(ks []SortKey) string {
	out := make([]string, len(ks))
	for i, k := range ks {
		out[i] = k.String()
	}
	return strings.Join(out, ", ")
}

// String prints the key as in ORDER BY.
func (k SortKey) String() string {
	s := k.X.String()
	if k.Desc {
		s += " DESC"
	}
	if k.NullsFirst != k.Desc {
		if k.NullsFirst {
			return s + " NULLS FIRST"
		}
		return s + " NULLS LAST"
	}
	return s
}

// finality prints what the finality analysis set.
func finality(onClose, keep bool, cl expr.Expr) string {
	s := ""
	if cl != nil {
		s += fmt.Sprintf(" (closes at %s)", cl)
	}
	if onClose {
		s += " (final rows only)"
	}
	if keep {
		s += " (keeps all)"
	}
	return s
}
