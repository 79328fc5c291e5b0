package optimizer

import (
	"fmt"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// Finality is what the analysis of a continuous query found.
type Finality struct {
	AppendOnly bool               // the result never takes a row back
	Key        []int              // columns that identify a result row; nil: the whole row
	Single     bool               // one row at most
	Order      []catalog.OrderCol // of the outermost ORDER BY
	Times      []catalog.TimeCol  // result columns that carry event time (append)
	Lines      []string           // for EXPLAIN
	Notices    []Notice           // for the client at CREATE
}

// Notice is something that the user should know.
type Notice struct{ Text, Hint string }

// Continuous rewrites a continuous query and settles, for its output mode, when its rows are handed on and when its state may be forgotten. A mode that
// cannot be honoured is 0A000 with the position of the clause at fault and a hint. Joins are put in another order only where that changes nothing of what
// is final, and when.
func Continuous(q *plan.Query, mode plan.Mode, opt Options) (*plan.Query, *Finality, error) {
	plain := opt
	plain.Stats = nil
	out, fin, fired, err := settled(q, mode, opt)
	if !slices.Contains(fired, "OrderJoinsByRows") {
		return out, fin, err
	}
	was, wasFin, _, wasErr := settled(q, mode, plain)
	if err != nil || wasErr != nil || !fin.same(wasFin) {
		return was, wasFin, wasErr
	}
	fin.Key = wasFin.Key
	return out, fin, nil
}

// same says whether two plans of a query promise the same.
func (f *Finality) same(o *Finality) bool {
	return f.AppendOnly == o.AppendOnly && f.Single == o.Single && slices.Equal(slices.Sorted(slices.Values(f.Key)), slices.Sorted(slices.Values(o.Key))) && slices.Equal(f.Times, o.Times) && slices.Equal(f.Lines, o.Lines) &&
		slices.Equal(f.Notices, o.Notices)
}

func settled(q *plan.Query, mode plan.Mode, opt Options) (*plan.Query, *Finality, []string, error) {
	n := *q
	f := &Finality{}
	n.Root = cutHidden(&n)
	n.Root = f.takeOrder(n.Root)
	var fired []string
	n.Root, fired = rewrite(n.Root, ruleList(true, opt.Stats), opt.Off)
	a := &analysis{mode: mode, props: map[plan.Node]*props{}, fin: f, clock: windowsOfClock(n.Root, mode)}
	if err := a.checkInputs(n.Root); err != nil {
		return nil, nil, fired, err
	}
	n.Root = plan.Transform(n.Root, a.visit)
	if a.err != nil {
		return nil, nil, fired, a.err
	}
	top := a.props[n.Root]
	f.AppendOnly = top.appendOnly
	f.Key, f.Single = key(n.Root)
	if err := a.checkMode(n.Root, top); err != nil {
		return nil, nil, fired, err
	}
	if mode == plan.Append {
		f.Times = top.constantTimes()
	}
	return &n, f, fired, nil
}

// cutHidden projects away the columns that only serve ORDER BY, below which the order is taken off.
func cutHidden(q *plan.Query) plan.Node {
	if q.Hidden == 0 {
		return q.Root
	}
	if s, ok := q.Root.(*plan.Sort); ok {
		schema := s.In.Schema()
		q.Hidden, schema = 0, schema[:len(schema)-q.Hidden]
		return project(s.In, schema)
	}
	schema := q.Root.Schema()
	schema, q.Hidden = schema[:len(schema)-q.Hidden], 0
	return project(q.Root, schema)
}

// takeOrder takes an outermost ORDER BY without LIMIT off: a kept result has no order of its own, but complete mode hands it on in that order.
func (f *Finality) takeOrder(root plan.Node) plan.Node {
	s, ok := root.(*plan.Sort)
	if !ok {
		if l, isLimit := root.(*plan.Limit); isLimit {
			if s, ok := l.In.(*plan.Sort); ok {
				f.Order = orderCols(s.Keys)
			}
		}
		return root
	}
	f.Order = orderCols(s.Keys)
	return s.In
}

// checkMode is the table of output modes, as far as the query decides it.
func (a *analysis) checkMode(root plan.Node, top *props) error {
	switch a.mode {
	case plan.Append:
		if !top.appendOnly {
			return top.why
		}
	case plan.Complete:
		if !aggregates(root) {
			hint := "Use output_mode = 'update'."
			if top.appendOnly {
				hint = "Use output_mode = 'append' or 'update': this query hands on rows as they come."
			}
			return sqlerr.New(sqlerr.FeatureNotSupported, "output mode complete needs an aggregation, DISTINCT, or ORDER BY with LIMIT").At(root.Offset()).WithHint("%s", hint)
		}
	}
	return nil
}

// aggregates says whether the query condenses its input.
func aggregates(root plan.Node) bool {
	found := false
	plan.Walk(root, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.Aggregate, *plan.Distinct:
			found = true
		case *plan.SetOp:
			found = found || n.Op == "union" && !n.All
		case *plan.Limit:
			_, sorted := n.In.(*plan.Sort)
			found = found || sorted
		}
	})
	return found
}

// checkInputs refuses what a continuous query cannot read.
func (a *analysis) checkInputs(root plan.Node) error {
	var err error
	plan.Walk(root, func(n plan.Node) {
		s, ok := n.(*plan.Scan)
		if !ok {
			return
		}
		if s.Rel.Kind == catalog.System && err == nil {
			err = sqlerr.New(sqlerr.FeatureNotSupported, "a continuous query cannot read the system relation %q", s.Rel.Name).At(s.Pos)
		}
	})
	return err
}

// noAppend explains why a node's rows can change.
func noAppend(pos int, hint, format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "output mode append is not possible: "+format, args...).At(pos).WithHint("%s", hint)
}

func (f *Finality) line(format string, args ...any) {
	if l := fmt.Sprintf(format, args...); !slices.Contains(f.Lines, l) {
		f.Lines = append(f.Lines, l)
	}
}

// windowsOfClock says whether the plan has windows over the processing time, or, in append mode, window functions in its order.
func windowsOfClock(root plan.Node, mode plan.Mode) bool {
	proc := map[plan.Node]map[int]bool{}
	found := false
	plan.Walk(root, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.Project:
			proc[n] = map[int]bool{}
			for i, x := range n.Items {
				if isProcTime(x, proc[n.In]) {
					proc[n][i] = true
				}
			}
		case *plan.Filter:
			proc[n] = proc[n.In]
		case *plan.Over:
			found = found || mode == plan.Append && len(n.Order) > 0 && isProcTime(n.Order[0].X, proc[n.In])
		case *plan.TimeWindow:
			found = found || proc[n.In][n.Col]
		}
	})
	return found
}
