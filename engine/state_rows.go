package engine

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Options of the relation that stands for an operator's state.
const (
	stateQuery    = "query"
	stateOperator = "operator"
)

// stateRelation is what state_rows(query, operator) reads. The operator is a name that streamsql.state shows; its kind will do where the query has one of that kind.
func (s *session) stateRelation(query, operator string) (*catalog.Relation, error) {
	rel, err := s.queryNamed(query)
	if err != nil {
		return nil, err
	}
	ops, err := s.eng.mgr.StateOps(rel.OID)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, op := range ops {
		if kind, _, _ := strings.Cut(op, "-"); op == operator || kind == operator {
			found = append(found, op)
		}
	}
	if len(found) != 1 {
		hint := "Operators with state: " + strings.Join(ops, ", ") + "."
		if len(ops) == 0 {
			hint = "The query keeps no state."
		}
		if len(found) > 1 {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "query %q has %d operators of kind %q", rel.Name, len(found), operator).WithHint("%s", hint)
		}
		return nil, sqlerr.New(sqlerr.UndefinedObject, "query %q has no operator %q with state", rel.Name, operator).WithHint("%s", hint)
	}
	cols, err := s.eng.mgr.StateCols(rel.OID, found[0])
	if err != nil {
		return nil, err
	}
	out := &catalog.Relation{OID: ^uint32(0) - rel.OID, Schema: catalog.StreamSQL, Name: "state_rows", Kind: catalog.State}
	out.Options = out.Options.With(stateQuery, strconv.FormatUint(uint64(rel.OID), 10)).With(stateOperator, found[0])
	for _, c := range cols {
		out.Columns = append(out.Columns, catalog.Column{Name: c.Name, Type: c.Type})
	}
	if cols == nil {
		out.Columns = []catalog.Column{{Name: "part", Type: types.Text}, {Name: "row", Type: types.JSONB}}
	}
	return out, nil
}

// stateSplits reads such a relation.
func (e *Engine) stateSplits(rel *catalog.Relation, cols []int) []types.Split {
	query, _ := rel.Options.Get(stateQuery)
	op, _ := rel.Options.Get(stateOperator)
	oid, _ := strconv.ParseUint(query, 10, 32)
	parts := slices.ContainsFunc(rel.Columns, func(c catalog.Column) bool { return c.Name == "part" && len(rel.Columns) == 2 })
	return []types.Split{{Read: func(ctx context.Context, emit func(*types.Batch) error) error {
		return e.mgr.StateRows(uint32(oid), op, func(part string, b *types.Batch) error {
			if err := ctx.Err(); err != nil {
				return context.Cause(ctx)
			}
			if parts && part != "" {
				var err error
				if b, err = partRows(part, b); err != nil {
					return err
				}
			}
			return emit(b.Project(cols))
		})
	}}}
}

// partRows shows rows whose columns differ by part as arrays of their values.
func partRows(part string, b *types.Batch) (*types.Batch, error) {
	name, row := types.NewBuilder(types.Text), types.NewBuilder(types.JSONB)
	f := types.UTCFormat(0)
	for i := range b.N {
		err := errors.Join(types.ParseText(name, part, types.Text, f), types.ParseText(row, rowJSON(b, i, nil, f), types.JSONB, f))
		if err != nil {
			return nil, err
		}
	}
	return &types.Batch{Cols: []arrow.Array{name.NewArray(), row.NewArray()}, N: b.N}, nil
}
