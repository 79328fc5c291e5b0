package engine

import (
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// explainChange shows the table that a statement changes and the plan of the rows for it.
func (s *session) explainChange(st ast.Stmt, params []types.Type, opt explainOptions) (*explained, error) {
	c, err := sql.BindChange(st, s.env(params))
	if err != nil {
		return nil, err
	}
	x := &explained{}
	var source plan.Node
	switch c := c.(type) {
	case *sql.Insert:
		x.verb, x.rel, source = "Insert", c.Rel, c.Source
	case *sql.Update:
		x.verb, x.rel, source = "Update", c.Rel, c.Source
	case *sql.Delete:
		x.verb, x.rel, source = "Delete", c.Rel, c.Source
	case *sql.Merge:
		x.verb, x.rel, source = "Merge", c.Rel, c.Source
	}
	if source != nil {
		x.plan(&plan.Query{Root: source}, s.planOptions(), opt)
	}
	return x, nil
}
