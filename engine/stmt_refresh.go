package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/stream"
)

// refreshView runs REFRESH MATERIALIZED VIEW. A view keeps itself up to date, so it returns when the view has all that was committed before; the trigger of a view
// that runs only when asked, or has stopped, runs. Errors: 42P01, 0A000, 55000, and that of the view where it failed.
func (s *session) refreshView(ctx context.Context, st *ast.Refresh, w ResultWriter) error {
	rel, err := s.cat().Resolve(st.Names, s.SearchPath())
	if err != nil {
		return err
	}
	switch {
	case rel.Kind != catalog.MatView:
		return sqlerr.New(sqlerr.FeatureNotSupported, "%q is not a materialized view", rel.Name)
	case st.NoData && st.Concurrently:
		return sqlerr.New(sqlerr.SyntaxError, "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together")
	case st.NoData:
		return sqlerr.New(sqlerr.FeatureNotSupported, "REFRESH MATERIALIZED VIEW ... WITH NO DATA is not supported").At(int(st.Pos)).
			WithHint("A materialized view keeps its rows; drop it to be rid of them.")
	}
	if err := s.commitBefore(ctx); err != nil {
		return err
	}
	if err := s.bringUpToDate(ctx, rel); err != nil {
		return err
	}
	return w.Complete("REFRESH MATERIALIZED VIEW")
}

func (s *session) bringUpToDate(ctx context.Context, rel *catalog.Relation) error {
	if s.runsByItself(rel) {
		return s.eng.mgr.Flush(ctx, []uint32{rel.OID})
	}
	now, err := s.triggerClock()
	if err != nil {
		return err
	}
	return s.eng.mgr.RunTrigger(ctx, rel.OID, now)
}

// runsByItself says whether the triggers of a query come without being asked for.
func (s *session) runsByItself(rel *catalog.Relation) bool {
	if rel.Trigger == "manual" {
		return false
	}
	return slices.ContainsFunc(s.eng.mgr.Infos(), func(i stream.Info) bool { return i.Rel.OID == rel.OID && i.Status == stream.Running })
}
