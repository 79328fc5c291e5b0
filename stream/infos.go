package stream

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/exec"
)

// SourceInfo is a row of streamsql.sources, and of streamsql.watermarks: where a query stands in what it reads.
type SourceInfo struct {
	Query, Source *catalog.Relation
	Partition     string // "" in the first row of a source; the rows of its partitions follow where they are known
	Position      string
	Lag           int64 // -1: unknown
	Watermark     int64 // of the source, or the partition's greatest event time less the delay; exec.NoWatermark
	MaxTime       int64 // greatest event time seen; exec.NoWatermark
}

// OperatorInfo is a row of streamsql.state.
type OperatorInfo struct {
	Query *catalog.Relation
	exec.OpStats
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
		for _, s := range q.core.sources {
			sources = append(sources, s.infos(q.q.Rel)...)
		}
		for _, s := range q.core.runner.Stats() {
			ops = append(ops, OperatorInfo{q.q.Rel, s})
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sources, q.ops = sources, ops
}

func (s *source) infos(query *catalog.Relation) []SourceInfo {
	i := SourceInfo{Query: query, Source: s.rel, Position: s.in.describe(s.pos), Lag: s.in.lag(s.pos), Watermark: exec.NoWatermark, MaxTime: exec.NoWatermark}
	if s.track == nil {
		if s.rel.Watermark != nil && s.pos != nil {
			i.Watermark = s.in.watermark(s.pos)
		}
		return []SourceInfo{i}
	}
	i.Watermark = s.track.Mark
	var names []string
	for name, p := range s.track.Parts {
		i.MaxTime = max(i.MaxTime, p.Max)
		if name != "" {
			names = append(names, name)
		}
	}
	out := []SourceInfo{i}
	slices.Sort(names)
	for _, name := range names {
		p := s.track.Parts[name]
		out = append(out, SourceInfo{Query: query, Source: s.rel, Partition: name, Lag: -1, Watermark: p.Max - s.track.delay, MaxTime: p.Max})
	}
	return out
}

// Watermarks are the Sources that have event time.
func (m *Manager) Watermarks() []SourceInfo {
	return slices.DeleteFunc(m.Sources(), func(i SourceInfo) bool { return i.Source.Watermark == nil })
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

// LateRows lists the dropped rows of the queries with late_rows = 'keep', DeadLetters the rows of streams with on_error = 'dead_letter' that
// could not be read. The newest of each query are kept, in memory.
func (m *Manager) LateRows() (out []Dropped) {
	for _, q := range m.all() {
		q.bad.mu.Lock()
		out = append(out, q.bad.late...)
		q.bad.mu.Unlock()
	}
	return out
}

// DeadLetters: see LateRows.
func (m *Manager) DeadLetters() (out []DeadLetter) {
	for _, q := range m.all() {
		q.bad.mu.Lock()
		out = append(out, q.bad.letters...)
		q.bad.mu.Unlock()
	}
	return out
}
