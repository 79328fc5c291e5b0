package engine

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
)

// defaultUse is a column whose default takes numbers from a sequence.
type defaultUse struct {
	rel *catalog.Relation
	col int
}

// sequenceUses lists the defaults that read a sequence.
func (s *session) sequenceUses(q *catalog.Relation) []defaultUse {
	var out []defaultUse
	for _, r := range s.cat().Relations() {
		for i := range r.Columns {
			c := &r.Columns[i]
			if c.Dropped || !strings.Contains(c.Default, "nextval") {
				continue
			}
			x, err := sql.DefaultExpr(c, s.env(nil))
			if err == nil && s.readsSequence(x, q.OID) {
				out = append(out, defaultUse{r, i})
			}
		}
	}
	return out
}

// readsSequence says whether an expression calls nextval with this sequence.
func (s *session) readsSequence(x expr.Expr, oid uint32) (found bool) {
	expr.Walk(x, func(e expr.Expr) bool {
		if call, ok := e.(*expr.Call); ok && call.Fn.Name == "nextval" && len(expr.Columns(call)) == 0 {
			if v, err := expr.EvalConst(s.exprCtx(nil), call.Args[0]); err == nil && v.Arr.IsValid(0) {
				a, is := v.Arr.(*array.Uint32)
				found = is && a.Value(0) == oid
			}
		}
		return !found
	})
	return found
}

// freeSequence refuses to drop the sequence of an identity column. Errors: 2BP01.
func (s *session) freeSequence(q *catalog.Relation) error {
	if q.Kind != catalog.Sequence || !q.Seq.Identity {
		return nil
	}
	t := s.cat().ByOID(q.Seq.Table)
	if t == nil {
		return nil
	}
	col := t.Columns[q.Seq.Column].Name
	return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop sequence %s because column %s of table %s requires it", q.Name, col, t.Name).
		WithHint("You can drop column %s of table %s instead.", col, t.Name)
}

// renameSequence gives the defaults that read a sequence its new name.
func (s *session) renameSequence(q, n *catalog.Relation) {
	for _, u := range s.sequenceUses(q) {
		old := s.cat().ByOID(u.rel.OID)
		if old.Columns[u.col].Default != nextvalOf(q) {
			continue
		}
		r := *old
		r.Columns = slices.Clone(old.Columns)
		r.Columns[u.col].Default = nextvalOf(n)
		s.replace(old, &r)
	}
}
