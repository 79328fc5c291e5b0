package plan

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the scanned columns of the relation.
func (n *Scan) Schema() Schema {
	s := make(Schema, len(n.Cols))
	for i, c := range n.Cols {
		col := &n.Rel.Columns[c]
		s[i] = Col{Name: col.Name, Type: col.Type, Table: n.Alias, Hidden: col.Hidden, Rel: n.Rel.OID, Att: int16(c + 1)}
	}
	return s
}

// Inputs is nil.
func (n *Scan) Inputs() []Node { return nil }

// WithInputs gives n.
func (n *Scan) WithInputs([]Node) Node { return n }

// Exprs are the pushed filter and the values that an index is asked for, where there are.
func (n *Scan) Exprs() []expr.Expr {
	var l exprList
	l.add(n.Filter)
	if n.Lookup != nil {
		l = append(l, n.Lookup.Values...)
		l.add(n.Lookup.Low, n.Lookup.High)
	}
	return l
}

// WithExprs replaces them.
func (n *Scan) WithExprs(xs []expr.Expr) Node {
	t := exprTaker{xs}
	c := *n
	c.Filter = t.one(n.Filter)
	if n.Lookup != nil {
		l := *n.Lookup
		l.Values = t.many(n.Lookup.Values)
		l.Low, l.High = t.one(n.Lookup.Low), t.one(n.Lookup.High)
		c.Lookup = &l
	}
	return &c
}

// Explain names the relation, its columns and the filter.
func (n *Scan) Explain() string {
	names := make([]string, len(n.Cols))
	for i, c := range n.Cols {
		names[i] = n.Rel.Columns[c].Name
	}
	s := "Scan " + n.Rel.Name
	if n.Alias != "" && n.Alias != n.Rel.Name {
		s += " " + n.Alias
	}
	s += " (" + strings.Join(names, ", ") + ")"
	if n.AsOf != "" {
		s += " as of " + n.AsOf
	}
	if l := n.Lookup; l != nil {
		s += " by " + l.Index + " (" + l.Text(n.Rel) + ")"
	}
	if n.Filter != nil {
		s += " filter " + n.Filter.String()
	}
	return s
}

// Text prints what the index of rel is asked for.
func (l *Lookup) Text(rel *catalog.Relation) string {
	var parts []string
	for i, c := range l.Cols {
		switch name := rel.Columns[c].Name; {
		case l.By != nil:
			parts = append(parts, name+" = "+l.ByText[i])
		case l.List && i == len(l.Cols)-1:
			parts = append(parts, name+" = ANY ("+l.Values[i].String()+")")
		default:
			parts = append(parts, name+" = "+l.Values[i].String())
		}
	}
	for i, k := range l.Keys {
		parts = append(parts, k.String()+" = "+l.Values[i].String())
	}
	bound := func(op string, out bool, x expr.Expr) {
		if x == nil {
			return
		}
		if !out {
			op += "="
		}
		parts = append(parts, rel.Columns[l.Ordered[len(l.Cols)]].Name+" "+op+" "+x.String())
	}
	bound(">", l.LowOut, l.Low)
	bound("<", l.HighOut, l.High)
	s := strings.Join(parts, ", ")
	for i := range l.Sorted {
		switch {
		case i > 0:
			s += ", "
		case s != "":
			s += " order by "
		default:
			s = "order by "
		}
		s += rel.Columns[l.Ordered[len(l.Cols)+i]].Name
		if l.Desc {
			s += " DESC"
		}
	}
	return s
}

// Offset is the position of the relation's name.
func (n *Scan) Offset() int { return n.Pos }
