package engine

import (
	"context"
	"io"
	"time"

	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/copyfmt"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// ran is a query that a statement ran while EXPLAIN ANALYZE watched.
type ran struct {
	root  plan.Node
	graph *exec.Graph
}

// analyzeExplained runs the statement, whose rows nobody gets, and notes what the operators did. The plan shown is then the one that ran.
func (s *session) analyzeExplained(ctx context.Context, x *explained, st ast.Stmt, text string) error {
	outer := s.watched
	var seen []ran
	s.watched = &seen
	defer func() { s.watched = outer }()
	if d, ok := st.(*ast.Declare); ok { // the cursor's query is run, as PostgreSQL does
		st = &ast.QueryStmt{Query: d.Query}
	}
	p, err := s.analyze(st, text, nil)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := s.run(ctx, p, nil, nil, nowhere{}); err != nil {
		return err
	}
	x.execution = time.Since(began)
	x.stats = map[plan.Node]exec.NodeStats{}
	for i, r := range seen {
		if i == len(seen)-1 && x.root != nil { // what a WITH clause changes runs before
			x.root = r.root
		}
		for n, stats := range r.graph.NodeStats() {
			x.stats[n] = stats
		}
	}
	return nil
}

// nowhere is a ResultWriter that drops what it gets.
type nowhere struct{}

func (nowhere) Columns([]Column, *types.Format) error                   { return nil }
func (nowhere) Batch(*types.Batch) error                                { return nil }
func (nowhere) Flush() error                                            { return nil }
func (nowhere) CopyIn(copyfmt.Format, int) (io.Reader, error)           { return nil, io.EOF }
func (nowhere) CopyOut([]Column, *copyfmt.Options, *types.Format) error { return nil }
func (nowhere) Notice(Notice) error                                     { return nil }
func (nowhere) Complete(string) error                                   { return nil }
func (nowhere) Suspended() error                                        { return nil }
func (nowhere) Empty() error                                            { return nil }
