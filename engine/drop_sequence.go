package engine

import (
	"fmt"
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

// dropSequence drops a sequence; CASCADE takes the defaults with it that read it.
func (s *session) dropSequence(q *catalog.Relation, cascade bool) error {
	if t := s.cat().ByOID(q.Seq.Table); t != nil && q.Seq.Identity {
		col := t.Columns[q.Seq.Column].Name
		return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop sequence %s because column %s of table %s requires it", q.Name, col, t.Name).
			WithHint("You can drop column %s of table %s instead.", col, t.Name)
	}
	uses := s.sequenceUses(q)
	var lines []string
	for _, u := range uses {
		lines = append(lines, fmt.Sprintf("default value for column %s of %s %s", u.rel.Columns[u.col].Name, u.rel.Kind, u.rel.Name))
	}
	if len(uses) > 0 && !cascade {
		for i := range lines {
			lines[i] += " depends on sequence " + q.Name
		}
		return sqlerr.New(sqlerr.DependentObjectsStillExist, "cannot drop sequence %s because other objects depend on it", q.Name).
			WithDetail("%s", strings.Join(lines, "\n")).WithHint("Use DROP ... CASCADE to drop the dependent objects too.")
	}
	for _, u := range uses {
		old := s.cat().ByOID(u.rel.OID)
		n := *old
		n.Columns = slices.Clone(old.Columns)
		n.Columns[u.col].Default = ""
		s.replace(old, &n)
	}
	if len(lines) > 0 {
		s.noticeCascade(lines)
	}
	s.remove(q)
	return nil
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
