package engine

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// changed are those of the rows that came whose columns have other values than in the row before; of an INSERT all.
func (f *foreignChecks) changed(came, gone []*types.Batch, cols []int) []*types.Batch {
	if !f.pairs {
		return came
	}
	var out []*types.Batch
	ts := columnTypes(f.rel, cols)
	for i, b := range came {
		if rows := changedRows(b, gone[i], cols, ts); len(rows) == b.N {
			out = append(out, b)
		} else if len(rows) > 0 {
			out = append(out, types.TakeBatch(b, rows))
		}
	}
	return out
}

// changedRows are the rows of which one of the columns has another value in b.
func changedRows(a, b *types.Batch, cols []int, ts []types.Type) []int32 {
	was, is := make([]arrow.Array, len(cols)), make([]arrow.Array, len(cols))
	for k, c := range cols {
		was[k], is[k] = b.Cols[c], a.Cols[c]
	}
	var out []int32
	for i := range a.N {
		if !types.RowsEqual(was, i, is, i, ts) {
			out = append(out, int32(i))
		}
	}
	return out
}

// freeKeys are the rows whose keys no row has now.
func freeKeys(idx *keyIndex, gone *types.Batch) ([]int32, error) {
	p, err := idx.probe(gone)
	if err != nil {
		return nil, err
	}
	var free []int32
	for i := 0; i < gone.N; i++ {
		_, _, there, err := idx.find(p, i)
		if err != nil {
			return nil, err
		}
		if !there && !p.null(i) {
			free = append(free, int32(i))
		}
	}
	return free, nil
}

// condition is true for the rows that refer to one of these rows.
func (f *foreignChecks) condition(r referrer, b *types.Batch, rows []int32) string {
	var alts []string
	if len(r.key.Cols) == 1 && len(rows) > 0 {
		for _, i := range rows {
			alts = append(alts, literal(b, int(i), r.key.RefCols[0], f.rel))
		}
		return parser.QuoteIdent(r.rel.Columns[r.key.Cols[0]].Name) + " IN (" + strings.Join(alts, ", ") + ")"
	}
	for _, i := range rows {
		var parts []string
		for k, c := range r.key.Cols {
			parts = append(parts, parser.QuoteIdent(r.rel.Columns[c].Name)+" = "+literal(b, int(i), r.key.RefCols[k], f.rel))
		}
		alts = append(alts, strings.Join(parts, " AND "))
	}
	return strings.Join(alts, " OR ")
}

func (f *foreignChecks) assign(r referrer, b *types.Batch, i int) string {
	var parts []string
	for k, c := range r.key.Cols {
		parts = append(parts, parser.QuoteIdent(r.rel.Columns[c].Name)+" = "+literal(b, i, r.key.RefCols[k], f.rel))
	}
	return strings.Join(parts, ", ")
}

// literal is column c of row i as SQL.
func literal(b *types.Batch, i, c int, rel *catalog.Relation) string {
	t := rel.Columns[c].Type
	if b.Cols[c].IsNull(i) {
		return "NULL::" + t.String()
	}
	text := string(types.AppendText(nil, b.Cols[c], i, t, types.UTCFormat(0)))
	return "E'" + strings.NewReplacer(`\`, `\\`, "'", "''").Replace(text) + "'::" + t.String()
}
