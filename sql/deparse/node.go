package deparse

import "github.com/streamsqld/streamsqld/types"

// node is an expression to be printed.
type node interface{ typ() types.Type }

// typed gives a node its type.
type typed struct{ t types.Type }

func (t typed) typ() types.Type { return t.t }

type (
	// variable is a column of an item of FROM; item nil: printed by its name alone. whole: the item's row.
	variable struct {
		typed
		item  *item
		name  string
		col   int
		whole bool
	}
	// constant is a value; its type is Unknown until it is settled.
	constant struct {
		typed
		text string
		null bool
	}
	// words is text that is printed as it is.
	words struct {
		typed
		text string
	}
	// cast is a conversion; relabel: no function does it.
	cast struct {
		typed
		x        node
		implicit bool
		relabel  bool
	}
	call struct {
		typed
		name     string
		args     []node
		names    []string // of arguments given by name
		variadic bool
		special  bool // printed in the SQL standard's form
	}
	aggregate struct {
		typed
		name     string
		args     []node
		star     bool
		distinct bool
		order    []sortItem
		within   bool // order belongs to WITHIN GROUP
		filter   node
		over     *window // nil: no window function
		overName string
	}
	operator struct {
		typed
		op   string
		args []node // one or two
	}
	distinct struct {
		typed
		l, r node
	}
	nullif struct {
		typed
		l, r node
	}
	anyAll struct {
		typed
		op   string
		all  bool
		x, a node
	}
	boolean struct {
		typed
		op   string // and, or, not
		args []node
	}
	// sublink is a sub-select: kind is scalar, exists, any, all, array or row.
	sublink struct {
		typed
		kind string
		op   string
		test []node
		q    *query
	}
	caseOf struct {
		typed
		x     node // or nil
		whens [][2]node
		other node
	}
	arrayOf struct {
		typed
		items []node
	}
	rowOf struct {
		typed
		items []node
	}
	rowCompare struct {
		typed
		op   string
		l, r []node
	}
	// listOf is COALESCE, GREATEST, LEAST, GROUPING.
	listOf struct {
		typed
		word string
		args []node
	}
	test struct {
		typed
		x    node
		what string // NULL, NOT NULL, TRUE ...
	}
	subscript struct {
		typed
		x      node
		bounds []bound
	}
	field struct {
		typed
		x    node
		name string
	}
	collate struct {
		typed
		x    node
		name string
	}
)

// bound is one subscript or slice.
type bound struct {
	lo, hi node
	slice  bool
}

type sortItem struct {
	x          node
	col        int // from 1: the output column, of a set operation
	desc       bool
	nullsFirst bool
	using      string
}

type window struct {
	ref       string
	partition []node
	order     []sortItem
	frame     *frame
}

type frame struct {
	between          bool
	mode, start, end string
	lo, hi           node
	exclude          string
}

// query is a SELECT, VALUES, or set operation.
type query struct {
	with          []with
	recursive     bool
	items         []*item // all items of FROM, in the order of the text
	from          []fromNode
	targets       []target
	distinct      bool
	distinctOn    []node
	where         node
	group         []group
	sets          bool // there are grouping sets
	groupDistinct bool
	having        node
	windows       []namedWindow
	order         []sortItem
	limit         node
	limitAll      bool
	offset        node
	ties          bool
	locks         []string
	set           *setOp
	values        [][]node
	emit          bool
}

type with struct {
	name         string
	cols         []string
	materialized string
	q            *query
}

type namedWindow struct {
	name string
	w    *window
}

type target struct {
	x    node
	name string
}

// group is an expression of GROUP BY, or a grouping set: kind is "", "rollup", "cube", "sets" or "list".
type group struct {
	kind  string
	x     node
	items []group
}

// setOp is a set operation; a leaf has only q.
type setOp struct {
	op   string
	all  bool
	l, r *setOp
	q    *query
}

// fromNode is an *item or a *join.
type fromNode interface{ fromNode() }

// item is an item of FROM.
type item struct {
	kind     string // relation, subquery, function, cte, tumble ..., match
	name     string // of a relation as it is printed, of a WITH item
	bare     string // the name that the item has without an alias
	alias    string
	cols     []string // the names of the columns; "" of hidden ones
	own      []string // of a relation: what its columns are called there
	aliased  bool     // the user named columns
	only     bool
	lateral  bool
	ordinal  bool
	q        *query
	calls    []node
	types    []string // of a column definition list
	sample   string
	args     []node // of a sample, a window, AS OF
	seed     node
	asOf     node
	src      fromNode // of a window or pattern
	match    *match
	refname  string   // settled by the printer
	shown    []string // names of the columns, settled by the printer
	declared bool     // shown has to be printed
}

type join struct {
	kind   string
	asof   bool
	l, r   fromNode
	using  []string
	on     node
	as     *item // of a bracketed join with an alias
	onTrue bool
}

func (*item) fromNode() {}
func (*join) fromNode() {}
