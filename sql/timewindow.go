package sql

import (
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

const dayMicros = 24 * 3600 * 1000000

// timeWindow binds tumble, hop, cumulate, session.
func (b *binder) timeWindow(t *ast.Window, parent *scope) (*fromItem, error) {
	src, err := b.tableRef(t.Src, parent)
	if err != nil {
		return nil, err
	}
	in := src.node.Schema()
	s := src.scope(nil)
	x, err := b.timeColumn(t, s)
	if err != nil {
		return nil, err
	}
	n := &plan.TimeWindow{In: src.node, Func: t.Func, Col: x.Idx, Pos: t.Offset(),
		Cols: append(slices.Clone(in), plan.Col{Name: "window_start", Type: x.Typ.Base()}, plan.Col{Name: "window_end", Type: x.Typ.Base()})}
	if err := b.windowSizes(t, n, s); err != nil {
		return nil, err
	}
	it := nodeItem(n, n.Cols)
	for i := range src.cols { // names and places as the source has them
		c := src.cols[i]
		if col, ok := c.x.(*expr.Column); ok {
			it.cols[col.Idx].name, it.cols[col.Idx].hidden = c.name, c.hidden
			if c.name == "window_start" || c.name == "window_end" { // of windows below: these take their place
				it.cols[col.Idx].name, it.cols[col.Idx].hidden = "", true
			}
		}
	}
	name := t.Func
	if len(src.srcs) == 1 && src.srcs[0].name != "" {
		name = src.srcs[0].name
	}
	out, err := it.alias(t.Alias, or(t.Alias.Name, name), nil)
	if err == nil && t.Alias.Name == "" && len(src.srcs) == 1 {
		out.srcs[0].schema, out.srcs[0].alias = src.srcs[0].schema, src.srcs[0].alias
	}
	return out, err
}

// timeColumn is the column that the windows are cut by.
func (b *binder) timeColumn(t *ast.Window, s *scope) (*expr.Column, error) {
	r, ok := t.Col.(*ast.ColumnRef)
	if !ok {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "the second argument of %s must be a column of its first", t.Func).At(loc(t.Col)).
			WithHint("Compute the time in a sub-select: %s((SELECT *, expression AS ts FROM ...), ts, ...).", t.Func)
	}
	x, err := b.column(r, s)
	if err != nil {
		return nil, err
	}
	c, ok := x.(*expr.Column)
	if !ok || !c.Typ.Is(types.Timestamp) && !c.Typ.Is(types.TimestampTZ) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "the time column of %s must be type timestamp or timestamp with time zone, not type %s", t.Func, x.Type().Base()).At(loc(t.Col))
	}
	return c, nil
}

// windowSizes reads the widths: tumble(size [, offset]), hop(slide, size [, offset]), cumulate(step, size), session(gap [, columns]).
func (b *binder) windowSizes(t *ast.Window, n *plan.TimeWindow, s *scope) error {
	count := map[string][2]int{"tumble": {1, 2}, "hop": {2, 3}, "cumulate": {2, 2}, "session": {1, 1 << 20}}[t.Func]
	usage := map[string]string{"tumble": "source, column, size [, offset]", "hop": "source, column, slide, size [, offset]",
		"cumulate": "source, column, step, size", "session": "source, column, gap [, partition columns]"}[t.Func]
	if len(t.Args) < count[0] || len(t.Args) > count[1] {
		return sqlerr.New(sqlerr.UndefinedFunction, "wrong number of arguments for %s", t.Func).At(t.Offset()).
			WithHint("Write %s(%s).", t.Func, usage)
	}
	names := map[string][]string{"tumble": {"size", "offset"}, "hop": {"slide", "size", "offset"}, "cumulate": {"step", "size"}, "session": {"gap"}}[t.Func]
	for i, a := range t.Args {
		if i >= len(names) {
			return b.sessionBy(t, n, s)
		}
		v, err := b.width(a, names[i] != "offset", t.Func, names[i])
		if err != nil {
			return err
		}
		switch names[i] {
		case "size":
			n.Size = v
		case "slide", "step":
			n.Slide = v
		case "offset":
			n.Origin = v
		case "gap":
			n.Gap = v
		}
	}
	switch {
	case t.Func == "tumble":
		n.Slide = n.Size
	case t.Func == "cumulate" && n.Size%n.Slide != 0:
		return sqlerr.New(sqlerr.InvalidParameterValue, "size of cumulate must be a multiple of its step").At(loc(t.Args[1]))
	}
	return nil
}

// sessionBy reads the partition columns of session.
func (b *binder) sessionBy(t *ast.Window, n *plan.TimeWindow, s *scope) error {
	for _, a := range t.Args[1:] {
		r, ok := a.(*ast.ColumnRef)
		if !ok {
			return sqlerr.New(sqlerr.InvalidParameterValue, "a partition column of session must be a column of its first argument").At(loc(a))
		}
		x, err := b.column(r, s)
		if err != nil {
			return err
		}
		c, ok := x.(*expr.Column)
		if !ok {
			return sqlerr.New(sqlerr.InvalidParameterValue, "a partition column of session must be a column of its first argument").At(loc(a))
		}
		n.By = append(n.By, c.Idx)
	}
	return nil
}

// width reads a constant interval without months, in microseconds; positive unless it is an offset.
func (b *binder) width(a ast.Expr, positive bool, fn, what string) (int64, error) {
	bad := func(msg string) (int64, error) {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "%s of %s %s", what, fn, msg).At(loc(a))
	}
	x, err := b.scalar(a, &scope{}, fn)
	if err != nil {
		if e := sqlerr.From(err); e.Code == sqlerr.UndefinedColumn {
			return bad("must be a constant interval")
		}
		return 0, err
	}
	if !isUnknown(x) && !x.Type().Is(types.Interval) {
		return 0, sqlerr.New(sqlerr.DatatypeMismatch, "%s of %s must be type interval, not type %s", what, fn, x.Type().Base()).At(loc(a))
	}
	if x, err = b.cast(x, types.Interval, 'i', loc(a)); err != nil {
		return 0, err
	}
	us, months, err := b.constInterval(x)
	switch {
	case err != nil:
		return 0, sqlerr.AtDefault(err, loc(a))
	case months == -1:
		return bad("must be a constant interval")
	case months != 0:
		return bad("must not have months or years")
	case positive && us <= 0:
		return bad("must be positive")
	}
	return us, nil
}

// constInterval computes a constant interval; a day is 24 hours. months is -1 where it is not constant or NULL.
func (b *binder) constInterval(x expr.Expr) (us int64, months int32, err error) {
	if !expr.IsConst(x) {
		return 0, -1, nil
	}
	c, err := expr.EvalConst(&expr.Ctx{Format: b.env.Format}, x)
	if err != nil || c.IsNull() {
		return 0, -1, err
	}
	v := c.Arr.(*array.FixedSizeBinary).Value(0)
	us = int64(binary.LittleEndian.Uint64(v)) + int64(int32(binary.LittleEndian.Uint32(v[8:])))*dayMicros
	months = int32(binary.LittleEndian.Uint32(v[12:]))
	if months == -1 {
		months = -2
	}
	return us, months, nil
}

// constInt is the value of an integer constant.
func constInt(c *expr.Const) (int64, bool) {
	switch a := c.Arr.(type) {
	case *array.Int64:
		return a.Value(0), !a.IsNull(0)
	case *array.Int32:
		return int64(a.Value(0)), !a.IsNull(0)
	case *array.Int16:
		return int64(a.Value(0)), !a.IsNull(0)
	}
	return 0, false
}
