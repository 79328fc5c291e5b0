package sql

import (
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// literalRows reads rows that hold only literals, whose meaning in their columns is plain, straight into columns. It gives nil where
// anything else stands among them: then the rows are bound as expressions.
func (b *binder) literalRows(rows [][]ast.Expr, given []int, out *Insert) (*types.Batch, error) {
	batch := &types.Batch{N: len(rows), Cols: make([]arrow.Array, len(given))}
	for i, k := range given {
		col, err := b.literalColumn(rows, k, &out.Rel.Columns[out.Cols[k]])
		if col == nil || err != nil {
			return nil, err
		}
		batch.Cols[i] = col
	}
	return batch, nil
}

func (b *binder) literalColumn(rows [][]ast.Expr, k int, c *catalog.Column) (arrow.Array, error) {
	if needsSlowPath(c.Type) {
		return nil, nil
	}
	bld := types.NewBuilder(c.Type)
	bld.Reserve(len(rows))
	ints, _ := bld.(*array.Int64Builder)
	if !c.Type.Is(types.Int8) {
		ints = nil
	}
	for _, r := range rows {
		text, kind, pos, ok := literalOf(r[k])
		if !ok || !plainFor(kind, text, c.Type) {
			return nil, nil
		}
		if kind == ast.LitNull {
			bld.AppendNull()
			continue
		}
		if ints != nil && kind == ast.LitInt {
			if v, err := strconv.ParseInt(text, 10, 64); err == nil {
				ints.Append(v)
				continue
			}
		}
		if err := types.ParseText(bld, text, c.Type, b.env.Format); err != nil {
			return nil, sqlerr.AtDefault(err, pos)
		}
	}
	return bld.NewArray(), nil
}

// literalOf is a literal's text, with the sign before it.
func literalOf(a ast.Expr) (text string, kind ast.LitKind, pos int, ok bool) {
	switch a := a.(type) {
	case *ast.Literal:
		return a.Text, a.Kind, a.Offset(), true
	case *ast.Unary:
		if lit, ok := a.X.(*ast.Literal); ok && a.Op == "-" && (lit.Kind == ast.LitInt || lit.Kind == ast.LitNum) {
			return "-" + lit.Text, lit.Kind, a.Offset(), true
		}
	}
	return "", 0, 0, false
}

// needsSlowPath is for types whose input asks the catalog.
func needsSlowPath(t types.Type) bool {
	switch t.Base() {
	case types.RegClass, types.RegProc, types.RegProcedure, types.RegType, types.RegNS, types.RegRole, types.OID:
		return true
	}
	return t.Category() == types.CatPseudo
}

// plainFor says whether a literal of this kind, assigned to a column of type t, is what the type's input makes of its text.
func plainFor(kind ast.LitKind, text string, t types.Type) bool {
	switch kind {
	case ast.LitNull:
		return true
	case ast.LitString:
		// What is too long for varchar(n) is cut by the type's input, and refused by an assignment.
		return t.Mod < 0 || !isLengthType(t) || len(text) <= int(t.Mod-4)
	case ast.LitBool:
		return t.Is(types.Bool)
	case ast.LitInt:
		switch t.Base() {
		case types.Int8:
			return len(text) < 19
		case types.Int4:
			return len(text) < 10
		case types.Int2:
			return len(text) < 5
		case types.Numeric:
			return true
		case types.Float8:
			return len(text) < 16
		}
	case ast.LitNum:
		return t.Is(types.Numeric) || t.Is(types.Float8)
	}
	return false
}

func isLengthType(t types.Type) bool {
	if t.IsArray() {
		t = t.Elem()
	}
	return t.Is(types.Varchar) || t.Is(types.BPChar)
}
