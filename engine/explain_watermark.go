package engine

import (
	"github.com/streamsqld/streamsqld/catalog/pgcatalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/types"
)

var watermarkColumns = []Column{
	{Name: "source", Type: types.Text}, {Name: "partition", Type: types.Text}, {Name: "max_event_time", Type: types.TimestampTZ},
	{Name: "watermark", Type: types.TimestampTZ}, {Name: "holds_back", Type: types.Bool}, {Name: "since", Type: types.TimestampTZ},
	{Name: "next_close", Type: types.TimestampTZ},
}

// explainWatermark runs EXPLAIN WATERMARK: what a query's watermark waits for, by source and, where a source has named ones, by partition.
func (s *session) explainWatermark(st *ast.Explain, cols []Column) (*rowSource, error) {
	rel, err := s.cat().Resolve(st.Watermark, s.SearchPath())
	if err != nil {
		return nil, sqlerr.AtDefault(err, int(st.Pos))
	}
	if !rel.IsQuery() {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "%q is not a continuous query", rel.Name).At(int(st.Pos)).
			WithHint("EXPLAIN WATERMARK takes a materialized view or a sink.")
	}
	var list []stream.SourceInfo
	for _, i := range s.eng.mgr.Watermarks() {
		if i.Query.OID == rel.OID {
			list = append(list, i)
		}
	}
	if len(list) == 0 {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "Declare WATERMARK FOR an event time that the query reads in CREATE STREAM.", "no source of %q has a watermark", rel.Name)
	}
	var rows [][]any
	var next any
	for k, i := range list {
		if i.Partition == "" {
			next = watermark(i.NextClose)
			if k+1 < len(list) && list[k+1].Partition != "" && list[k+1].Source.OID == i.Source.OID {
				continue // its partitions follow
			}
		}
		var since any
		if i.Since != 0 {
			since = micros(i.Since)
		}
		rows = append(rows, []any{i.Source.Name, orNil(i.Partition), watermark(i.MaxTime), watermark(i.Watermark), i.Holds, since, next})
	}
	ts := make([]types.Type, len(cols))
	for i, c := range cols {
		ts[i] = c.Type
	}
	b, err := pgcatalog.Values(ts, rows)
	if err != nil {
		return nil, err
	}
	return s.withTag(fixedRows(cols, b), "EXPLAIN"), nil
}
