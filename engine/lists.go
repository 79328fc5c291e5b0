package engine

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// lists are the SHOW statements that list objects.
var lists = []list{
	{"queries", textCols("name", "kind", "status", "output_mode", "trigger", "batch_id", "watermark", "rows_in", "rows_out", "error"), showQueries},
	{"streams", textCols("schema", "name", "connector", "watermark"), func(s *session) *types.Batch { return showRelations(s, catalog.Stream) }},
	{"tables", textCols("schema", "name"), func(s *session) *types.Batch { return showNames(s, catalog.Table) }},
	{"views", textCols("schema", "name"), func(s *session) *types.Batch { return showNames(s, catalog.View) }},
	{"materialized views", textCols("schema", "name"), func(s *session) *types.Batch { return showNames(s, catalog.MatView) }},
	{"sinks", textCols("schema", "name", "connector", "output_mode"), func(s *session) *types.Batch { return showRelations(s, catalog.Sink) }},
	{"schemas", textCols("name"), showSchemas},
}

func showQueries(s *session) *types.Batch {
	var rows [][]string
	for _, i := range s.eng.mgr.Infos() {
		wm := ""
		if w := watermark(i.Watermark); w != nil {
			wm = micros(i.Watermark).In(s.format().Loc).Format("2006-01-02 15:04:05.999999-07")
		}
		rows = append(rows, []string{i.Rel.Name, string(i.Rel.Kind), string(i.Status), i.Rel.Mode, i.Rel.Trigger, itoa(i.Step), wm, itoa(i.RowsIn), itoa(i.RowsOut), i.Error})
	}
	return textRows(10, rows)
}

func showNames(s *session, kind catalog.Kind) *types.Batch {
	var rows [][]string
	for _, r := range s.cat().Relations() {
		if r.Kind == kind {
			rows = append(rows, []string{r.Schema, r.Name})
		}
	}
	return textRows(2, rows)
}

func showRelations(s *session, kind catalog.Kind) *types.Batch {
	var rows [][]string
	for _, r := range s.cat().Relations() {
		if r.Kind != kind {
			continue
		}
		last := r.Mode
		if kind == catalog.Stream && r.Watermark != nil {
			last = r.Watermark.SQL
		}
		rows = append(rows, []string{r.Schema, r.Name, r.Connector(), last})
	}
	return textRows(4, rows)
}

func showSchemas(s *session) *types.Batch {
	var rows [][]string
	for _, sc := range s.cat().Schemas() {
		rows = append(rows, []string{sc.Name})
	}
	return textRows(1, rows)
}
