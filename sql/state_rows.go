package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// stateRows binds state_rows('query', 'operator') in FROM: the columns are those of the operator's state. nil: it is another function.
func (b *binder) stateRows(t *ast.TableFunc, who callee) (*fromItem, error) {
	a := t.Calls[0]
	inSchema := len(a.Name) == 1 || a.Name[len(a.Name)-2] == catalog.StreamSQL
	if who.name != "state_rows" || len(who.users) > 0 || !inSchema {
		return nil, nil
	}
	if b.env.StateRows == nil {
		return nil, notYet(a.Offset(), "state_rows cannot be read by a continuous query")
	}
	usage := sqlerr.New(sqlerr.UndefinedFunction, "state_rows takes the name of a continuous query and the name of an operator").At(a.Offset()).
		WithHint("SELECT * FROM state_rows('view', 'operator'), with names as streamsql.state shows them.")
	if len(t.Calls) != 1 || len(a.Args) != 2 || slices.ContainsFunc(a.ArgNames, func(n string) bool { return n != "" }) {
		return nil, usage
	}
	xs, err := BindStandalone(b.env, "state_rows", a.Args...)
	if err != nil {
		return nil, err
	}
	var names [2]string
	for i, x := range xs {
		c, ok := x.(*expr.Const)
		if !ok || c.Arr.IsNull(0) || x.Type() != types.Text {
			return nil, usage
		}
		names[i] = string(types.AppendText(nil, c.Arr, 0, types.Text, b.env.Format))
	}
	rel, err := b.env.StateRows(names[0], names[1])
	if err != nil {
		return nil, sqlerr.AtDefault(err, a.Offset())
	}
	scan := scanOf(rel, or(t.Alias.Name, rel.Name), t.Offset())
	return nodeItem(scan, scan.Schema()).alias(t.Alias, or(t.Alias.Name, rel.Name), nil)
}
