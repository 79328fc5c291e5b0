package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// Rule is a rewrite: Apply gives a plan with the same rows and schema, the same pointer where it changed nothing.
type Rule struct {
	Name  string
	On    kinds // the operators that a plan must have for the rule to find anything
	Apply func(root plan.Node) plan.Node
	Why   string
	Last  bool // applied once, when the others change nothing any more
}

// ruleList are the rules in the order in which they are applied, each once, and the list again until nothing changes. continuous: the plan is of a continuous query.
func ruleList(continuous bool, stats Stats) []Rule {
	rules := append(make([]Rule, 0, 20),
		Rule{"FoldConstants", 0, foldConstants, "constants are computed once, and a filter that is true goes away", false},
		Rule{"MergeFilters", onFilter, mergeFilters, "one filter sees all conjuncts, so that each can go its own way", false},
		Rule{"PushFilterDown", onFilter, pushFilterDown, "rows that do not count are dropped before they cost anything", false},
		Rule{"MergeJoinFilter", onJoin | onFilter, mergeJoinFilter, "a comma with WHERE is a join with ON: its equalities become hash keys, its bounds bound the state", false},
		Rule{"PushJoinCondition", onJoin, pushJoinCondition, "rows that cannot match need not be joined", false},
		Rule{"MergeTopN", onOver, mergeTopN, "only the best rows of a partition are kept, and computed", false},
		Rule{"OrderJoins", onJoin, orderJoins, "the order of FROM need not make a cross product that the conditions do not ask for", false},
		Rule{"OrderJoinsByRows", onJoin, orderJoinsByRows(stats, continuous), "the fewer rows come of the inner joins, the less the outer ones have to do; the smaller side is built", false},
		Rule{"PushFilterIntoScan", onFilter | onScan, pushFilterIntoScan(continuous), "the scan evaluates it side by side on the splits", false},
		Rule{"ExtractJoinKeys", onJoin, extractJoinKeys, "equalities become hash keys", false},
		Rule{"MergeProjects", onProject, mergeProjects, "one pass computes what two would", false},
		Rule{"DropSort", onSort, dropSort, "an order below an operator that forgets it costs time for nothing", false},
		Rule{"PruneColumns", 0, pruneColumns(continuous), "columns that nobody reads are neither decoded nor kept", false},
		Rule{"DropIdentity", onProject, dropIdentity, "a projection that changes nothing goes away", false})
	if !continuous {
		rules = append(rules,
			Rule{"InnerBelowOuter", onJoin, innerBelowOuter(stats), "rows that an inner join drops need not be joined before", false},
			Rule{"PushLimit", onLimit, pushLimit, "rows beyond a LIMIT need not be made by either side of a UNION ALL, or joined", false},
			Rule{"ChooseIndex", onScan, chooseIndex(stats), "the rows of a key are looked up, not searched for", false},
			Rule{"MinMaxByIndex", onAggregate | onScan, minMaxByIndex(stats), "the first row of an index has the least value", false},
			Rule{"ReadInOrder", onLimit | onSort | onScan, readInOrder(stats), "ORDER BY ... LIMIT over an index needs its first rows only", false},
			Rule{"AggregateBelowJoin", onAggregate | onJoin, aggregateBelowJoin(stats), "groups are joined instead of rows", true},
			Rule{"JoinByIndex", onJoin | onScan, joinByIndex(stats), "of a large table only the rows are read that have a partner on the small side", true})
	}
	return rules
}

// maxRounds bounds the repetition of the list; plans settle in two or three.
const maxRounds = 8

// Optimize rewrites a query that ends.
func Optimize(q *plan.Query) (*plan.Query, error) {
	n, _ := OptimizeTrace(q, Options{})
	return n, nil
}

// OptimizeTrace rewrites q, and tells which rules changed something, in order.
func OptimizeTrace(q *plan.Query, opt Options) (*plan.Query, []string) {
	n := *q
	rules := ruleList(false, opt.Stats)
	var fired []string
	n.Root, fired = rewrite(q.Root, rules, opt.Off)
	n.Root = optimizeSubqueries(n.Root, rules, opt.Off)
	return &n, fired
}

func rewrite(root plan.Node, rules []Rule, off map[string]bool) (plan.Node, []string) {
	var fired []string
	have := kindsOf(root)
	last := slices.IndexFunc(rules, func(r Rule) bool { return r.Last })
	if last < 0 {
		last = len(rules)
	}
	rules, final := rules[:last], rules[last:]
	same := 0 // so many rules in a row changed nothing
	for i := 0; i < maxRounds*len(rules) && same < len(rules); i++ {
		r := rules[i%len(rules)]
		same++
		if off[r.Name] || have&r.On != r.On {
			continue
		}
		next := r.Apply(root)
		if next == root {
			continue
		}
		same = 0
		if !slices.Contains(fired, r.Name) {
			fired = append(fired, r.Name)
		}
		root, have = next, kindsOf(next)
	}
	for _, r := range final {
		if off[r.Name] || have&r.On != r.On {
			continue
		}
		if next := r.Apply(root); next != root {
			root, have, fired = next, kindsOf(next), append(fired, r.Name)
		}
	}
	return root, fired
}

// RuleNames lists the rules in their order.
func RuleNames() []string {
	var out []string
	for _, r := range ruleList(false, nil) {
		out = append(out, r.Name)
	}
	return out
}
