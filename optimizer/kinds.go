package optimizer

import "github.com/streamsqld/streamsqld/sql/plan"

// kinds is a set of operators.
type kinds uint8

const (
	onFilter kinds = 1 << iota
	onScan
	onJoin
	onProject
	onSort
	onLimit
	onOver
	onAggregate
)

// kindsOf are the operators of a plan.
func kindsOf(root plan.Node) (k kinds) {
	plan.Walk(root, func(n plan.Node) {
		switch n.(type) {
		case *plan.Filter:
			k |= onFilter
		case *plan.Scan:
			k |= onScan
		case *plan.Join:
			k |= onJoin
		case *plan.Project:
			k |= onProject
		case *plan.Sort:
			k |= onSort
		case *plan.Limit:
			k |= onLimit
		case *plan.Aggregate:
			k |= onAggregate
		case *plan.Over:
			k |= onOver
		}
	})
	return k
}
