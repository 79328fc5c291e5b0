package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/catalog/pgcatalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// systemRows gives the rows of a virtual table as this session sees it.
func (e *Engine) systemRows(_ context.Context, s *session, rel *catalog.Relation) (*types.Batch, error) {
	return pgcatalog.Rows(rel, &pgcatalog.Env{Catalog: s.cat(), User: s.User(), Database: s.Database(), SearchPath: s.SearchPath(), Now: e.clock(), Printer: s.lookups().printer(), Format: s.format(), Live: func(table string) [][]any {
		if f := live[table]; f != nil {
			return f(s)
		}
		return nil
	}})
}

// live lists the virtual tables whose rows only the running server knows.
var live = map[string]func(s *session) [][]any{
	"streamsql.queries":                 liveQueries,
	"streamsql.progress":                liveProgress,
	"streamsql.sources":                 liveSources,
	"streamsql.watermarks":              liveWatermarks,
	"streamsql.state":                   liveState,
	"streamsql.late_rows":               liveLateRows,
	"streamsql.dead_letters":            liveDeadLetters,
	"streamsql.functions":               liveFunctions,
	"pg_catalog.pg_settings":            liveSettings,
	"pg_catalog.pg_sequences":           liveSequences,
	"pg_catalog.pg_stat_activity":       liveActivity,
	"pg_catalog.pg_prepared_statements": livePrepared,
	"pg_catalog.pg_cursors":             liveCursors,
}

// watermark shows a watermark as a time, NULL before the first.
func watermark(us int64) any {
	if us == exec.NoWatermark {
		return nil
	}
	return micros(us)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func liveQueries(s *session) [][]any {
	var rows [][]any
	for _, i := range s.eng.mgr.Infos() {
		guarantee := "exactly once"
		if d := s.eng.connector(i.Rel.Connector()); d != nil && d.Guarantee != "" {
			guarantee = d.Guarantee
		}
		rows = append(rows, []any{i.Rel.OID, i.Rel.Schema, i.Rel.Name, string(i.Rel.Kind), string(i.Status), i.Rel.Mode, i.Rel.Trigger, orNil(i.Rel.Connector()), guarantee,
			i.Step, watermark(i.Watermark), i.RowsIn, i.RowsOut, i.Late, i.BadRows, i.StateRows, i.StateBytes, orNil(i.Error), orNil(i.ErrorCode), i.Started, i.Rel.SQL})
	}
	return rows
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func liveProgress(s *session) [][]any {
	var rows [][]any
	for _, p := range s.eng.mgr.Progress() {
		offsets, err := json.Marshal(p.Offsets)
		if err != nil {
			offsets = []byte("[]")
		}
		rows = append(rows, []any{s.eng.nameOf(p.OID, p.Query), p.Step, p.At, p.RowsIn, p.RowsOut, p.Late, watermark(p.WatermarkStart), watermark(p.Watermark),
			ms(p.Plan), ms(p.Read), ms(p.Commit), ms(p.Publish), ms(p.Total), string(offsets), p.StateRows, p.StateBytes})
	}
	return rows
}

func liveFunctions(s *session) [][]any {
	var rows [][]any
	list := func(ts []types.Type) string {
		names := make([]string, len(ts))
		for i, t := range ts {
			names[i] = t.String()
		}
		return strings.Join(names, ", ")
	}
	for _, f := range expr.Funcs() {
		kind := "function"
		if expr.IsOperator(f.Name) {
			kind = "operator"
		} else if f.Set != nil {
			kind = "set-returning function"
		}
		rows = append(rows, []any{catalog.PgCatalog, f.Name, kind, list(f.Args), f.Ret.String(), "internal", volatility(f.Vol), orNil(f.Doc)})
	}
	for _, a := range expr.Aggs() {
		rows = append(rows, []any{catalog.PgCatalog, a.Name, "aggregate", list(a.Args), a.Ret.String(), "internal", "immutable", orNil(a.Doc)})
	}
	for _, f := range s.cat().Functions() {
		kind := f.Kind()
		if f.SetOf {
			kind = "set-returning function"
		}
		args, _ := s.lookups().FunctionArguments(f.OID)
		ret, _ := s.lookups().FunctionResult(f.OID)
		rows = append(rows, []any{f.Schema, f.Name, kind, args, ret, f.Language, volatility(expr.Volatility(f.Volatility)), orNil(f.Comment)})
	}
	sort.SliceStable(rows, func(i, j int) bool { return rows[i][1].(string) < rows[j][1].(string) })
	return rows
}

func volatility(v expr.Volatility) string {
	switch v {
	case expr.Stable:
		return "stable"
	case expr.Volatile:
		return "volatile"
	}
	return "immutable"
}

func liveSettings(s *session) [][]any {
	var rows [][]any
	for _, st := range allSettings() {
		context := "user"
		if st.readOnly {
			context = "internal"
		}
		v := s.values.get(st)
		source := "default"
		if v != st.def {
			source = "session"
		}
		rows = append(rows, []any{st.name, v, nil, "streamsqld", st.doc, nil, context, "string", source, nil, nil, nil, st.def, s.start.get(st), nil, nil, false})
	}
	return rows
}

func liveActivity(s *session) [][]any {
	var rows [][]any
	for _, i := range s.eng.sessions.list() {
		app := ""
		for _, kv := range i.Settings {
			if strings.EqualFold(kv.Name, "application_name") {
				app = kv.Value
			}
		}
		host, port := i.Remote, ""
		if at := strings.LastIndexByte(i.Remote, ':'); at >= 0 {
			host, port = i.Remote[:at], i.Remote[at+1:]
		}
		rows = append(rows, []any{5, i.Database, int32(i.PID), nil, 10, i.User, app, host, nil, orNil(port)})
	}
	return rows
}

func livePrepared(s *session) [][]any {
	var rows [][]any
	for _, p := range s.stmts {
		if p.name == "" {
			continue
		}
		ts := make([]string, len(p.params))
		for i, t := range p.params {
			ts[i] = strconv.FormatUint(uint64(t.OID), 10)
		}
		text := p.text
		if p.bySQL {
			text = p.source
		}
		rows = append(rows, []any{p.name, text, p.at, "{" + strings.Join(ts, ",") + "}", p.bySQL, 0, 0})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i][0].(string) < rows[j][0].(string) })
	return rows
}

func liveCursors(s *session) [][]any {
	var rows [][]any
	for _, p := range s.portals {
		if p.sqlCur {
			rows = append(rows, []any{p.name, p.text, p.hold, false, p.scroll, p.made})
		}
	}
	sort.Slice(rows, func(i, j int) bool { return fmt.Sprint(rows[i][0]) < fmt.Sprint(rows[j][0]) })
	return rows
}

func liveSources(s *session) [][]any {
	var rows [][]any
	for _, i := range s.eng.mgr.Sources() {
		var lag any
		if i.Lag >= 0 {
			lag = i.Lag
		}
		rows = append(rows, []any{i.Query.Name, i.Source.Name, i.Partition, i.Position, lag})
	}
	return rows
}

func liveWatermarks(s *session) [][]any {
	var rows [][]any
	for _, i := range s.eng.mgr.Watermarks() {
		var since any
		if i.Since != 0 {
			since = micros(i.Since)
		}
		rows = append(rows, []any{i.Query.Name, i.Source.Name, i.Partition, watermark(i.MaxTime), watermark(i.Watermark), i.Idle, i.Holds, since, watermark(i.NextClose)})
	}
	return rows
}

func liveState(s *session) [][]any {
	var rows [][]any
	for _, i := range s.eng.mgr.States() {
		rows = append(rows, []any{i.Query.Name, i.Op, i.StateRows, i.StateBytes, i.RowsIn, i.RowsOut, i.Dropped["late"], float64(i.Nanos) / 1e6,
			i.MemoryBytes, i.MemoryRows, i.Reads, i.Writes})
	}
	return rows
}

// liveLateRows shows a dropped row as an object of its columns; where the query was changed since, as an array of its values.
func liveLateRows(s *session) [][]any {
	var rows [][]any
	f := types.UTCFormat(0)
	for _, d := range s.eng.mgr.LateRows() {
		for i := 0; i < d.Rows.N; i++ {
			rows = append(rows, []any{d.Rel.Name, d.Step, d.Op, d.Reason, rowJSON(d.Rows, i, d.Schema, f)})
		}
	}
	return rows
}

// rowJSON prints row i of b as an object; without a schema as an array.
func rowJSON(b *types.Batch, i int, schema plan.Schema, f *types.Format) string {
	dst := []byte{'['}
	if schema != nil {
		dst[0] = '{'
	}
	for c, a := range b.Cols {
		if c > 0 {
			dst = append(dst, ", "...)
		}
		if schema != nil {
			dst = append(types.AppendJSONString(dst, schema[c].Name), ": "...)
		}
		switch {
		case a.IsNull(i):
			dst = append(dst, "null"...)
		case schema == nil:
			dst = types.AppendJSONString(dst, a.ValueStr(i))
		case schema[c].Type == types.Int2 || schema[c].Type == types.Int4 || schema[c].Type == types.Int8:
			dst = types.AppendText(dst, a, i, schema[c].Type, f)
		default:
			dst = types.AppendJSONString(dst, string(types.AppendText(nil, a, i, schema[c].Type, f)))
		}
	}
	if schema != nil {
		return string(append(dst, '}'))
	}
	return string(append(dst, ']'))
}

func liveDeadLetters(s *session) [][]any {
	var rows [][]any
	for _, d := range s.eng.mgr.DeadLetters() {
		rows = append(rows, []any{d.Stream, d.At, d.Source, d.Reason, d.Raw})
	}
	return rows
}

// nameOf is the name of a relation that may be gone by now.
func (e *Engine) nameOf(oid uint32, was string) string {
	if r := e.cat.ByOID(oid); r != nil {
		return r.Name
	}
	return was
}
