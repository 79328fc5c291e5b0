package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// cteScope is one WITH item and those that were visible before it.
type cteScope struct {
	name   string
	out    *bound     // hidden columns cut off; nil: a change without RETURNING
	change *With      // nil: a query
	self   *recursion // the item is the recursive query that is being bound
	next   *cteScope
}

// with binds the WITH items; each sees those before it. An item is bound once: all who read it share its node.
func (b *binder) with(q *ast.Query, parent *scope) error {
	seen := map[string]bool{}
	order, err := withOrder(q)
	if err != nil {
		return err
	}
	for _, i := range order {
		c := &q.With[i]
		if seen[c.Name] {
			return sqlerr.New(sqlerr.DuplicateAlias, "WITH query name %q specified more than once", c.Name).At(c.Pos.Offset())
		}
		seen[c.Name] = true
		out, change, err := b.withItem(c, q.Recursive, parent)
		if err != nil {
			return err
		}
		if out == nil {
			b.ctes = &cteScope{name: c.Name, change: change, next: b.ctes}
			continue
		}
		out.node, out.hidden = out.visible(), 0
		cols := out.cols()
		if len(c.Cols) > len(cols) {
			return sqlerr.New(sqlerr.InvalidColumnReference, "WITH query %q has %d columns available but %d columns specified", c.Name, len(cols), len(c.Cols)).At(c.Pos.Offset())
		}
		if len(c.Cols) > 0 {
			cols = slices.Clone(cols)
			for k, n := range c.Cols {
				cols[k].Name = n
			}
			out.node = &plan.Project{In: out.node, Items: columnsOf(cols, 0), Cols: cols, Pos: c.Pos.Offset()}
		}
		b.ctes = &cteScope{name: c.Name, out: out, change: change, next: b.ctes}
	}
	return nil
}

// withOrder is the order in which items are bound: with RECURSIVE an item may read one that stands behind it. Errors: 0A000.
func withOrder(q *ast.Query) ([]int, error) {
	var order []int
	state := make([]int, len(q.With)) // 1: begun, 2: done
	var visit func(i int) error
	visit = func(i int) error {
		if state[i] == 1 {
			return sqlerr.New(sqlerr.FeatureNotSupported, "mutual recursion between WITH items is not implemented").At(q.With[i].Pos.Offset())
		}
		if state[i] == 2 {
			return nil
		}
		state[i] = 1
		for j := range q.With {
			if q.Recursive && j != i && q.With[i].Query != nil && q.With[j].Name != q.With[i].Name && readsName(q.With[i].Query, q.With[j].Name) {
				if err := visit(j); err != nil {
					return err
				}
			}
		}
		state[i] = 2
		order = append(order, i)
		return nil
	}
	for i := range q.With {
		if err := visit(i); err != nil {
			return nil, err
		}
	}
	return order, nil
}

func (b *binder) withItem(c *ast.CTE, recursive bool, parent *scope) (*bound, *With, error) {
	if c.Stmt != nil {
		return b.modifying(c, parent)
	}
	var out *bound
	var err error
	self := recursive && readsName(c.Query, c.Name)
	if !self && (c.Search != nil || c.Cycle != nil) {
		return nil, nil, sqlerr.New(sqlerr.SyntaxError, "WITH query is not recursive").At(c.Pos.Offset())
	}
	if self {
		out, err = b.recursive(c, parent)
	} else {
		out, err = b.query(c.Query, parent, false)
	}
	return out, nil, err
}

// cte finds a WITH item; nil: there is none of that name.
func (b *binder) cte(name string, pos int) (*bound, error) {
	for c := b.ctes; c != nil; c = c.next {
		if c.name != name {
			continue
		}
		if c.self != nil {
			if err := b.readSelf(c, pos); err != nil {
				return nil, err
			}
		}
		if c.change != nil {
			b.reads = append(b.reads, c.change)
			if c.out == nil {
				return nil, sqlerr.New(sqlerr.FeatureNotSupported, "WITH query %q does not have a RETURNING clause", name).At(pos)
			}
		}
		return c.out, nil
	}
	return nil, nil
}

// readsName says whether a query reads a relation of this name somewhere in its FROM clauses.
func readsName(q *ast.Query, name string) bool {
	var ref func(ast.TableRef) bool
	var body func(ast.Body) bool
	ref = func(t ast.TableRef) bool {
		switch t := t.(type) {
		case *ast.Table:
			return len(t.Names) == 1 && t.Names[0] == name
		case *ast.Derived:
			return readsName(t.Query, name)
		case *ast.Join:
			return ref(t.L) || ref(t.R)
		case *ast.Window:
			return ref(t.Src)
		case *ast.Match:
			return ref(t.Src)
		}
		return false
	}
	body = func(x ast.Body) bool {
		switch x := x.(type) {
		case *ast.Select:
			return slices.ContainsFunc(x.From, ref)
		case *ast.SetOp:
			return body(x.L) || body(x.R)
		case *ast.Query:
			return readsName(x, name)
		}
		return false
	}
	for _, c := range q.With {
		if c.Query != nil && readsName(c.Query, name) {
			return true
		}
		if c.Name == name {
			return false // what follows reads that one
		}
	}
	return body(q.Body)
}
