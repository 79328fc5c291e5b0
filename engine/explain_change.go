package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// explainChange shows the table that a statement changes and the plan of the rows for it.
func (s *session) explainChange(st ast.Stmt, opt explainOptions) (*explained, error) {
	if opt.analyze {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "EXPLAIN ANALYZE of a data-modifying statement is not supported")
	}
	c, err := sql.BindChange(st, s.env(nil))
	if err != nil {
		return nil, err
	}
	var verb string
	var rel *catalog.Relation
	var source plan.Node
	switch x := c.(type) {
	case *sql.Insert:
		verb, rel, source = "Insert", x.Rel, x.Source
	case *sql.Update:
		verb, rel, source = "Update", x.Rel, x.Source
	case *sql.Delete:
		verb, rel, source = "Delete", x.Rel, x.Source
	case *sql.Merge:
		verb, rel, source = "Merge", x.Rel, x.Source
	}
	x := &explained{Plan: []string{verb + " on " + rel.Name}}
	if source == nil {
		x.Plan = append(x.Plan, "  ->  Values")
		return x, nil
	}
	q, fired := optimizer.OptimizeTrace(&plan.Query{Root: source}, s.planOptions())
	x.Rules = fired
	for i, l := range planLines(q.Root) {
		indent := "      "
		if i == 0 {
			indent = "  ->  "
		}
		x.Plan = append(x.Plan, indent+l)
	}
	return x, nil
}
