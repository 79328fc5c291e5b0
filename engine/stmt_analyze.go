package engine

import (
	"context"
	"math/bits"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// analyzed is a relation of which statistics are gathered; no cols: all.
type analyzed struct {
	rel  *catalog.Relation
	cols []int
}

// gatherStats runs ANALYZE: it looks at a sample of the rows of the relations that are named, or of all that are kept in the server, and notes in the
// catalog what it finds.
func (s *session) gatherStats(ctx context.Context, st *ast.Maintain) error {
	var list []analyzed
	for i, names := range st.Names {
		rel, err := s.cat().Resolve(names, s.SearchPath())
		if err != nil {
			return err
		}
		if _, ok := s.eng.countRows(rel); !ok {
			s.notice("WARNING", sqlerr.Warning, "", "skipping %q --- cannot analyze non-tables or special system tables", rel.Name)
			continue
		}
		a := analyzed{rel: rel}
		for _, c := range st.Cols[i] {
			a.cols = append(a.cols, rel.Column(c)) // it was looked for before
		}
		list = append(list, a)
	}
	if len(st.Names) == 0 {
		for _, rel := range s.cat().Relations() {
			if _, ok := s.eng.countRows(rel); ok {
				list = append(list, analyzed{rel: rel})
			}
		}
	}
	for _, a := range list {
		if err := s.analyzeRelation(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// analyzeRelation gathers statistics of columns and keeps those of the other ones.
func (s *session) analyzeRelation(ctx context.Context, a analyzed) error {
	if a.cols == nil {
		for i, c := range a.rel.Columns {
			if !c.Dropped && !c.Hidden {
				a.cols = append(a.cols, i)
			}
		}
	}
	rows, _ := s.eng.countRows(a.rel)
	sample := &rowSample{of: rows}
	src, err := s.openQuery(ctx, &plan.Query{Root: &plan.Scan{Rel: a.rel, Alias: a.rel.Name, Cols: a.cols}}, nil)
	if err != nil {
		return err
	}
	defer src.close()
	if err := src.run(ctx, sample.take); err != nil {
		return err
	}
	found, err := sample.stats(a)
	if err != nil {
		return err
	}
	found.At = s.eng.clock().UnixMicro()
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	now := s.cat().ByOID(a.rel.OID)
	if now == nil || len(now.Columns) != len(a.rel.Columns) {
		return nil // it was dropped or changed meanwhile
	}
	if now.Stats != nil {
		for i, c := range now.Stats.Cols {
			if found.Cols[i] == nil {
				found.Cols[i] = c
			}
		}
	}
	n := *now
	n.Stats = found
	s.replace(now, &n)
	return nil
}

// sampleRows is how many rows ANALYZE looks at, as many as PostgreSQL with its default statistics target.
const sampleRows = 30000

// rowSample takes about sampleRows of the rows of a relation, evenly, the same ones each time.
type rowSample struct {
	of      int64 // rows that are expected
	seen    int64
	kept    int
	batches []*types.Batch
}

func (r *rowSample) take(b *types.Batch) error {
	var rows []int32
	for i := range b.N {
		r.seen++
		if r.of <= sampleRows || mixed(uint64(r.seen))%uint64(r.of) < sampleRows {
			rows = append(rows, int32(i))
		}
	}
	switch {
	case len(rows) == b.N:
		r.batches = append(r.batches, b)
	case len(rows) > 0:
		r.batches = append(r.batches, types.TakeBatch(b, rows))
	}
	r.kept += len(rows)
	return nil
}

// mixed scatters numbers that follow one another.
func mixed(v uint64) uint64 {
	hi, lo := bits.Mul64(v, 0x9e3779b97f4a7c15)
	v = hi ^ lo
	hi, lo = bits.Mul64(v^v>>29, 0xbf58476d1ce4e5b9)
	return hi ^ lo
}

func (r *rowSample) stats(a analyzed) (*catalog.TableStats, error) {
	out := &catalog.TableStats{Rows: float64(r.seen), Cols: map[int]*catalog.ColStats{}}
	if r.kept == 0 {
		return out, nil
	}
	batches := slices.Clone(r.batches)
	for i, b := range batches {
		batches[i] = &types.Batch{N: b.N, Cols: b.Cols}
	}
	all, err := types.ConcatBatches(batches)
	if err != nil {
		return nil, err
	}
	for k, c := range a.cols {
		out.Cols[c] = columnStats(all.Cols[k], a.rel.Columns[c].Type, float64(r.seen))
	}
	return out, nil
}
