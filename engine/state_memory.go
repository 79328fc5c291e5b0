package engine

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/stream"
)

// isStateMemory checks a value of state_memory: a size, or none.
func isStateMemory(v string) error {
	if strings.EqualFold(v, stream.NoLimit) {
		return nil
	}
	n, err := connector.ParseSize(v)
	if err == nil && n <= 0 {
		err = sqlerr.New(sqlerr.InvalidParameterValue, "%q is not a positive size", v)
	}
	return err
}

// noticeUnpaged says which operators of a query with state_memory keep their state in memory all the same.
func (s *session) noticeUnpaged(rel *catalog.Relation, q *plan.Query) error {
	if v, ok := rel.Options.Get("state_memory"); !ok || strings.EqualFold(v, stream.NoLimit) {
		return nil
	}
	r, err := s.eng.builder(q, rel, false)()
	if err != nil {
		return err
	}
	g, ok := r.(*exec.Graph)
	if !ok {
		return nil
	}
	for _, op := range g.Unpaged() {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "Bound it by a watermark, or give the server the memory for it.",
			"state_memory does not bound the state of operator %q yet: all of it stays in memory", op)
	}
	return nil
}
