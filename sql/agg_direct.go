package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// directArg is an argument of an ordered-set aggregate outside WITHIN GROUP: one value for each group.
type directArg struct {
	x   expr.Expr
	pos int
}

func (s *scope) addDirect(xs []expr.Expr, asts []ast.Expr) {
	for i, x := range xs {
		s.direct = append(s.direct, directArg{x, loc(asts[i])})
	}
}

// directArgs checks that the direct arguments read grouping columns only, and those that all grouping sets have: the aggregate takes them from the rows, where
// a column that a set leaves out is not NULL.
func (k *block) directArgs(rw *regroup) error {
	for _, d := range k.s.direct {
		x, err := rw.rewrite(d.x)
		if err != nil {
			e := *sqlerr.From(err)
			return e.WithDetail("Direct arguments of an ordered-set aggregate must use only grouped columns.")
		}
		for _, c := range expr.Columns(x) {
			for _, set := range k.sets {
				if !slices.Contains(set, c) {
					return notYet(d.pos, "a direct argument of an ordered-set aggregate that not every grouping set has is not supported")
				}
			}
		}
	}
	return nil
}
