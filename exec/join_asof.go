package exec

import (
	"cmp"
	"slices"
	"sort"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// asof picks, for a left row, the nearest of the right rows of its key: with left >= right (or >) the greatest, with left <= right (or <) the least.
type asof struct {
	left, right expr.Expr // over the left and the right input
	op          string    // left op right
	cmp         func(a arrow.Array, i int, b arrow.Array, j int) int
	rows        []uint32    // stored rows by key and value
	vals        arrow.Array // of rows
	from, to    []int32     // by key: where its rows are
}

// newAsof takes a condition apart: what is left beside the equalities must be one comparison of the two sides.
func newAsof(p *plan.Join) (*asof, error) {
	bad := sqlerr.New(sqlerr.FeatureNotSupported, "ASOF JOIN needs one comparison by <, <=, > or >= between the two sides beside equalities").At(p.Pos).
		WithHint("Write ASOF JOIN b ON a.k = b.k AND a.ts >= b.ts.")
	if p.Kind != "inner" && p.Kind != "left" {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "ASOF JOIN is only supported as ASOF JOIN and ASOF LEFT JOIN").At(p.Pos)
	}
	_, rest := joinCondition(p)
	c, ok := rest.(*expr.Call)
	if !ok || len(c.Args) != 2 || c.Args[0].Type().Base() != c.Args[1].Type().Base() {
		return nil, bad
	}
	split := len(p.L.Schema())
	over := func(x expr.Expr, right bool) bool {
		cols := expr.Columns(x)
		return len(cols) > 0 && !slices.ContainsFunc(cols, func(k int) bool { return (k >= split) != right })
	}
	a := &asof{left: c.Args[0], right: c.Args[1], op: c.Fn.Name}
	if over(a.left, true) && over(a.right, false) {
		a.left, a.right = a.right, a.left
		a.op = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}[a.op]
	}
	if !over(a.left, false) || !over(a.right, true) || !slices.Contains([]string{"<", "<=", ">", ">="}, a.op) {
		return nil, bad
	}
	a.right = expr.Remap(a.right, func(k int) int { return k - split })
	a.cmp = types.NewComparer(a.right.Type())
	return a, nil
}

// setAsof makes j a join with the nearest row.
func (j *join) setAsof(a *asof) {
	j.asof, j.rest, j.byRow, j.side[0].tracked = a, nil, !j.streamed, j.outer || !j.streamed
	j.side[0].band, j.side[1].band = nil, nil
}

// index sorts stored rows by key and value; those without a value have no partner. All rows of a key have to be among them.
func (a *asof) index(st *run, s *joinSide, rows []uint32, keys int) error {
	b := &types.Batch{N: len(rows), Cols: s.rows.columns(rows)}
	vals, err := evalCols(st.ec, []expr.Expr{a.right}, b)
	if err != nil {
		return err
	}
	v := vals[0]
	order := make([]int32, 0, len(rows))
	for i := range rows {
		if v.IsValid(i) {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(x, y int32) int {
		if d := cmp.Compare(s.key[rows[x]], s.key[rows[y]]); d != 0 {
			return d
		}
		return a.cmp(v, int(x), v, int(y))
	})
	a.vals, a.rows = types.Take(v, order), make([]uint32, len(order))
	a.from, a.to = resize(a.from, keys), resize(a.to, keys)
	for k, i := range order {
		e := rows[i]
		a.rows[k] = e
		if g := s.key[e]; k == 0 || s.key[a.rows[k-1]] != g {
			a.from[g], a.to[g] = int32(k), int32(k+1)
		} else {
			a.to[g] = int32(k + 1)
		}
	}
	return nil
}

// pick is the stored row for row i of the left values with key g, none where there is none.
func (a *asof) pick(v arrow.Array, i int, g uint32) uint32 {
	if g == none || v.IsNull(i) {
		return none
	}
	from, to := int(a.from[g]), int(a.to[g])
	strict := a.op == ">" || a.op == "<="
	// The first row that is beyond the left value; equal ones count as beyond where strict.
	k := from + sort.Search(to-from, func(k int) bool {
		d := a.cmp(a.vals, from+k, v, i)
		return d > 0 || strict && d == 0
	})
	if a.op == ">" || a.op == ">=" {
		k--
	}
	if k < from || k >= to {
		return none
	}
	return a.rows[k]
}

// streamAsof joins left rows with the nearest right rows.
func (j *join) streamAsof(st *run, b *types.Batch, gids []uint32) error {
	v, err := evalCols(st.ec, []expr.Expr{j.asof.left}, b)
	if err != nil {
		return err
	}
	p := &j.probe
	p.rows, p.stored = p.rows[:0], p.stored[:0]
	var alone []int32
	for i, g := range gids {
		if e := j.asof.pick(v[0], i, g); e != none {
			p.rows, p.stored = append(p.rows, int32(i)), append(p.stored, e)
		} else {
			alone = append(alone, int32(i))
		}
	}
	if err := j.flush(st, 0, b, nil); err != nil || !j.side[0].tracked {
		return err
	}
	rest := types.Filter(b, alone)
	return j.emitAlone(st, 0, rest.Cols, rest.N, rest.W)
}
