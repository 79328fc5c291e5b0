package optimizer

import (
	"slices"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// Rule is a rewrite: Apply gives a plan with the same rows and schema, the same pointer where it changed nothing.
type Rule struct {
	Name  string
	Apply func(root plan.Node) plan.Node
	Why   string
}

// ruleList are the rules in the order in which they are applied, each once, and the list again until nothing changes. continuous: the plan is of a continuous query.
func ruleList(continuous bool, stats Stats) []Rule {
	rules := []Rule{
		{"FoldConstants", foldConstants, "constants are computed once, and a filter that is true goes away"},
		{"MergeFilters", mergeFilters, "one filter sees all conjuncts, so that each can go its own way"},
		{"PushFilterDown", pushFilterDown, "rows that do not count are dropped before they cost anything"},
		{"MergeJoinFilter", mergeJoinFilter, "a comma with WHERE is a join with ON: its equalities become hash keys, its bounds bound the state"},
		{"PushJoinCondition", pushJoinCondition, "rows that cannot match need not be joined"},
		{"MergeTopN", mergeTopN, "only the best rows of a partition are kept, and computed"},
		{"OrderJoins", orderJoins, "the order of FROM need not make a cross product that the conditions do not ask for"},
		{"OrderJoinsByRows", orderJoinsByRows(stats, continuous), "the fewer rows come of the inner joins, the less the outer ones have to do; the smaller side is built"},
		{"PushFilterIntoScan", pushFilterIntoScan(continuous), "the scan evaluates it side by side on the splits"},
		{"ExtractJoinKeys", extractJoinKeys, "equalities become hash keys"},
		{"MergeProjects", mergeProjects, "one pass computes what two would"},
		{"DropSort", dropSort, "an order below an operator that forgets it costs time for nothing"},
		{"PruneColumns", pruneColumns(continuous), "columns that nobody reads are neither decoded nor kept"},
		{"DropIdentity", dropIdentity, "a projection that changes nothing goes away"},
	}
	if !continuous {
		rules = append(rules,
			Rule{"ChooseIndex", chooseIndex(stats), "the rows of a key are looked up, not searched for"},
			Rule{"ReadInOrder", readInOrder(stats), "ORDER BY ... LIMIT over an index needs its first rows only"})
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
	same := 0 // so many rules in a row changed nothing
	for i := 0; i < maxRounds*len(rules) && same < len(rules); i++ {
		r := rules[i%len(rules)]
		same++
		if off[r.Name] {
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
		root = next
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
