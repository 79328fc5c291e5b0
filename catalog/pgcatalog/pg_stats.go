package pgcatalog

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgStats is pg_catalog.pg_stats: what ANALYZE found in columns.
var pgStats = pg("pg_stats", 12053, true, statsRows, []col{
	{"schemaname", types.Name}, {"tablename", types.Name}, {"attname", types.Name}, {"inherited", types.Bool}, {"null_frac", types.Float4},
	{"avg_width", types.Int4}, {"n_distinct", types.Float4}, {"most_common_vals", types.Text}, {"most_common_freqs", float4Array},
	{"histogram_bounds", types.Text}, {"correlation", types.Float4}, {"most_common_elems", types.Text},
	{"most_common_elem_freqs", float4Array}, {"elem_count_histogram", float4Array},
})

var float4Array = types.Type{OID: 1021, Mod: -1}

func statsRows(e *Env) [][]any {
	var rows [][]any
	eachStat(e, func(r *catalog.Relation, i int, s *catalog.ColStats) {
		vals, freqs, bounds, corr := statValues(s)
		rows = append(rows, []any{r.Schema, r.Name, r.Columns[i].Name, false, s.NullFrac, s.Width, s.Distinct, vals, freqs, bounds, corr})
	})
	return rows
}

// pgStatistic is pg_catalog.pg_statistic: the same by numbers.
var pgStatistic = pg("pg_statistic", 2619, false, statisticRows, []col{
	{"starelid", types.OID}, {"staattnum", types.Int2}, {"stainherit", types.Bool}, {"stanullfrac", types.Float4}, {"stawidth", types.Int4},
	{"stadistinct", types.Float4}, {"stakind1", types.Int2}, {"stakind2", types.Int2}, {"stakind3", types.Int2}, {"stakind4", types.Int2},
	{"stakind5", types.Int2}, {"staop1", types.OID}, {"staop2", types.OID}, {"staop3", types.OID}, {"staop4", types.OID}, {"staop5", types.OID},
	{"stacoll1", types.OID}, {"stacoll2", types.OID}, {"stacoll3", types.OID}, {"stacoll4", types.OID}, {"stacoll5", types.OID},
	{"stanumbers1", float4Array}, {"stanumbers2", float4Array}, {"stanumbers3", float4Array}, {"stanumbers4", float4Array},
	{"stanumbers5", float4Array}, {"stavalues1", types.Text}, {"stavalues2", types.Text}, {"stavalues3", types.Text}, {"stavalues4", types.Text},
	{"stavalues5", types.Text},
})

// The kinds of pg_statistic: common values in the first place, the histogram in the second, the correlation in the third.
const (
	kindCommon = 1 + iota
	kindHistogram
	kindCorrelation
)

func statisticRows(e *Env) [][]any {
	var rows [][]any
	eachStat(e, func(r *catalog.Relation, i int, s *catalog.ColStats) {
		vals, freqs, bounds, corr := statValues(s)
		kind := func(v any, k int) int {
			if v == nil {
				return 0
			}
			return k
		}
		var corrs any
		if corr != nil {
			corrs = floats([]float64{s.Correlation})
		}
		rows = append(rows, []any{r.OID, i + 1, false, s.NullFrac, s.Width, s.Distinct,
			kind(vals, kindCommon), kind(bounds, kindHistogram), kind(corr, kindCorrelation), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
			freqs, nil, corrs, nil, nil, vals, bounds})
	})
	return rows
}

func eachStat(e *Env, f func(r *catalog.Relation, i int, s *catalog.ColStats)) {
	for _, r := range shown(e) {
		if r.Stats == nil {
			continue
		}
		for _, i := range slices.Sorted(maps.Keys(r.Stats.Cols)) {
			if i < len(r.Columns) && !r.Columns[i].Dropped {
				f(r, i, r.Stats.Cols[i])
			}
		}
	}
}

// statValues are the lists of a column's statistics, nil where there are none. There is no histogram where all values are common ones.
func statValues(s *catalog.ColStats) (vals, freqs, bounds, corr any) {
	if len(s.Common) > 0 {
		vals, freqs = listText(s.Common), floats(s.Freqs)
	}
	if len(s.Bounds) > 0 && (s.Distinct < 0 || len(s.Common) < int(s.Distinct)) {
		bounds = listText(s.Bounds)
	}
	if s.Distinct != 0 {
		corr = s.Correlation
	}
	return vals, freqs, bounds, corr
}

func floats(fs []float64) string {
	parts := make([]string, len(fs))
	for i, f := range fs {
		parts[i] = strconv.FormatFloat(f, 'g', -1, 32)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// listText writes values as an array literal.
func listText(vals []string) string {
	var b strings.Builder
	for i, v := range vals {
		if i > 0 {
			b.WriteByte(',')
		}
		if v == "" || strings.EqualFold(v, "null") || strings.ContainsAny(v, "{},\"\\ \t\n\r\v\f") {
			v = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
		}
		b.WriteString(v)
	}
	return "{" + b.String() + "}"
}
