package stream

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// SourceInfo is a row of streamsql.sources, and of streamsql.watermarks: where a query stands in what it reads.
type SourceInfo struct {
	Query, Source *catalog.Relation
	Partition     string // "" in the first row of a source; the rows of its partitions follow where they are known
	Position      string
	Lag           int64 // -1: unknown
	Watermark     int64 // of the source, or the partition's greatest event time less the delay; exec.NoWatermark
	MaxTime       int64 // greatest event time seen; exec.NoWatermark
	Idle          bool  // it holds nothing back: watermark_idle_timeout
	Holds         bool  // the query's watermark waits for it; of a source with partitions also its partitions that do
	Since         int64 // processing time since when the greatest event time has stood; 0: unknown
	NextClose     int64 // the watermark of the query at which its result changes next; exec.NoWatermark: at none
}

// OperatorInfo is a row of streamsql.state.
type OperatorInfo struct {
	Query *catalog.Relation
	exec.OpStats
}

// take notes the last committed step.
func (i *Info) take(r *record) {
	i.Step, i.Watermark = r.Step, r.Watermark
	i.RowsIn, i.RowsOut, i.Late = r.Total.In, r.Total.Out, r.Total.Late
}

// all are the queries by OID.
func (m *Manager) all() []*query {
	m.mu.Lock()
	defer m.mu.Unlock()
	var qs []*query
	for _, q := range m.queries {
		qs = append(qs, q)
	}
	slices.SortFunc(qs, func(a, b *query) int { return int(a.q.Rel.OID) - int(b.q.Rel.OID) })
	return qs
}

// Infos lists the queries by OID.
func (m *Manager) Infos() []Info {
	var out []Info
	for _, q := range m.all() {
		q.mu.Lock()
		i := q.info
		i.Rel, i.Status = q.q.Rel, q.status
		if q.err != nil {
			i.Error, i.ErrorCode = q.err.Message, q.err.Code
		}
		q.mu.Unlock()
		out = append(out, i)
	}
	return out
}

// Progress lists the last steps of all queries.
func (m *Manager) Progress() []Progress {
	var out []Progress
	for _, q := range m.all() {
		q.mu.Lock()
		out = append(out, q.steps[max(0, len(q.steps)-keptSteps):]...)
		q.mu.Unlock()
	}
	return out
}

// Sources lists what the queries read and how far. Of a query that is in a step it gives what it gave last.
func (m *Manager) Sources() []SourceInfo {
	var out []SourceInfo
	for _, q := range m.all() {
		q.look()
		q.mu.Lock()
		out = append(out, q.sources...)
		q.mu.Unlock()
	}
	return out
}

// look notes the sources and operators as they are, unless a step runs.
func (q *query) look() {
	if !q.step.TryLock() {
		return
	}
	defer q.step.Unlock()
	var sources []SourceInfo
	var ops []OperatorInfo
	if q.core != nil {
		_, t, _, _ := q.state()
		now := q.m.cfg.Clock().UnixMicro()
		if t.Kind == TriggerManual {
			now = q.core.rec.At // its clock may be another
		}
		sources = q.core.infos(q.q.Rel, now)
		ops = q.operators(q.core.runner.Stats())
	} else if c, err := q.m.atLastCommit(q.q, q.bad); err == nil {
		sources = c.infos(q.q.Rel, c.rec.At)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sources, q.ops = sources, ops
}

// Watermarks are the Sources that have event time.
func (m *Manager) Watermarks() []SourceInfo {
	return slices.DeleteFunc(m.Sources(), func(i SourceInfo) bool { return i.Source.Watermark == nil && i.Watermark == exec.NoWatermark })
}

// States lists the operators of the queries that are open. Of a query that is in a step it gives what it gave last.
func (m *Manager) States() []OperatorInfo {
	var out []OperatorInfo
	for _, q := range m.all() {
		q.look()
		q.mu.Lock()
		out = append(out, q.ops...)
		q.mu.Unlock()
	}
	return out
}

// LateRows lists the dropped rows of the queries with late_rows = 'keep', the newest of each query.
func (m *Manager) LateRows() (out []Dropped) {
	for _, q := range m.all() {
		q.mu.Lock()
		rel, p := q.q.Rel, q.q.Plan
		q.mu.Unlock()
		inputs := inputSchemas(p)
		q.bad.mu.Lock()
		for _, d := range q.bad.late.list {
			d.Rel, d.Schema = rel, schemaOf(inputs, d)
			out = append(out, d)
		}
		q.bad.mu.Unlock()
	}
	return out
}

// DeadLetters lists the rows of streams with on_error = 'dead_letter' that could not be read, the newest of each query and of each receiver.
func (m *Manager) DeadLetters() (out []DeadLetter) {
	all := m.all()
	m.mu.Lock()
	bads := make([]*badRows, 0, len(all)+len(m.bad))
	for _, b := range m.bad {
		bads = append(bads, b)
	}
	m.mu.Unlock()
	slices.SortFunc(bads, func(a, b *badRows) int { return int(a.oid) - int(b.oid) })
	for _, q := range all {
		bads = append(bads, q.bad)
	}
	for _, b := range bads {
		b.mu.Lock()
		out = append(out, b.letters.list...)
		b.mu.Unlock()
	}
	return out
}

// inputSchemas are the schemas of the inputs of a plan's operators, by the part of the operators' names that comes from their definitions.
func inputSchemas(q *plan.Query) map[string][]plan.Schema {
	m := map[string][]plan.Schema{}
	if q == nil || q.Root == nil {
		return m
	}
	var walk func(n plan.Node)
	walk = func(n plan.Node) {
		for _, in := range n.Inputs() {
			m[exec.NameHash(n)] = append(m[exec.NameHash(n)], in.Schema())
			walk(in)
		}
	}
	walk(q.Root)
	return m
}

// schemaOf finds the schema of dropped rows: that of an input of their operator which fits.
func schemaOf(inputs map[string][]plan.Schema, d Dropped) plan.Schema {
	parts := strings.Split(d.Op, "-")
	if len(parts) < 2 {
		return nil
	}
	for _, s := range inputs[parts[1]] {
		if fits(s, d.Rows) {
			return s
		}
	}
	return nil
}

func fits(s plan.Schema, b *types.Batch) bool {
	if len(s) != len(b.Cols) {
		return false
	}
	for i, c := range s {
		if !arrow.TypeEqual(c.Type.Arrow(), b.Cols[i].DataType()) {
			return false
		}
	}
	return true
}
