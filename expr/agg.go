package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// Agg is one overload of an aggregate function.
type Agg struct {
	Name     string
	Args     []types.Type // arguments as Add sees them; of count(*) none
	Variadic bool
	Ret      types.Type
	RetFn    func(args []types.Type) types.Type
	// Ordered aggregates depend on the order of rows (string_agg, array_agg, first_value-like): ORDER BY inside the call matters.
	Ordered bool
	// WithinGroup: an ordered-set aggregate; its direct arguments come first in Args.
	WithinGroup bool
	// Invertible says that Accumulator.Add takes negative weights exactly (count, sum, avg, variance, bool_and by counting...).
	// Where it is false, an operator over changing input keeps the group's values in an ordered multiset and recomputes.
	Invertible bool
	// Exact: merging the states of parts of the rows gives to the bit what adding all the rows gives.
	Exact bool
	// Whole: the result is computed from all values of the group at once, whatever their order. The operator keeps them, and fills an accumulator when a result is due.
	Whole bool
	// New makes the accumulator for the given argument types.
	New func(args []types.Type) Accumulator
	Doc string
}

// Accumulator holds the state of one aggregate for many groups, in columns; a group is a number from 0. It belongs to one goroutine.
type Accumulator interface {
	// Grow makes room for groups 0..n-1; new ones are in the initial state.
	Grow(n int)
	// Add takes rows: groups[i] is the group of row i, args the argument columns (full length, never Const), w the weights (nil: all +1;
	// negative only where Agg.Invertible). Strictness (NULL arguments skipped) is the accumulator's own. FILTER and DISTINCT
	// were applied before. Rows come in arrival (or ORDER BY) order.
	Add(groups []uint32, args []arrow.Array, w []int64) error
	// Result gives the value of each of the groups, in that order, with the type of Agg.Ret.
	Result(groups []uint32) (arrow.Array, error)
	// StateTypes are the columns of the saved state.
	StateTypes() []arrow.DataType
	// Save gives the state of the groups as columns; Load overwrites the state of the groups by such columns.
	Save(groups []uint32) ([]arrow.Array, error)
	Load(groups []uint32, cols []arrow.Array) error
	// Merge adds saved states to the groups (panes into windows, partial into total). A group may stand in groups many times;
	// the order of rows is the order of arrival. It gives an error only for overflow and the like.
	Merge(groups []uint32, cols []arrow.Array) error
	// Reset puts the groups back into the initial state, so that their numbers can be used again.
	Reset(groups []uint32)
	// Bytes is about how much memory the state takes.
	Bytes() int64
}
