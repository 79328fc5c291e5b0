package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgIndex is pg_catalog.pg_index: the indexes of primary keys and unique constraints, and plain ones.
var pgIndex = pg("pg_index", 2610, false, indexRows, []col{
	{"indexrelid", types.OID}, {"indrelid", types.OID}, {"indnatts", types.Int2}, {"indnkeyatts", types.Int2},
	{"indisunique", types.Bool}, {"indnullsnotdistinct", types.Bool}, {"indisprimary", types.Bool}, {"indisexclusion", types.Bool},
	{"indimmediate", types.Bool}, {"indisclustered", types.Bool}, {"indisvalid", types.Bool}, {"indcheckxmin", types.Bool},
	{"indisready", types.Bool}, {"indislive", types.Bool}, {"indisreplident", types.Bool}, {"indkey", types.Int2Vector},
	{"indcollation", types.OIDVector}, {"indclass", types.OIDVector}, {"indoption", types.Int2Vector}, {"indexprs", types.PgNodeTree},
	{"indpred", types.PgNodeTree},
})

func indexRows(e *Env) [][]any {
	var rows [][]any
	for _, r := range shown(e) {
		for _, x := range indexes(r) {
			rows = append(rows, indexRow(e.texts(), r, &x))
		}
	}
	return rows
}

func indexRow(t Texts, r *catalog.Relation, x *Constraint) []any {
	var numbers, collations, classes, options, exprs []string
	column := func(c int) {
		numbers = append(numbers, strconv.Itoa(c+1))
		if c < 0 {
			collations = append(collations, "0")
		} else {
			collations = append(collations, typeOf(r.Columns[c].Type).collation.(string))
		}
	}
	for _, k := range x.keys() {
		column(k.Col)
		option := 0
		if k.Desc {
			option |= 1
		}
		if k.NullsFirst {
			option |= 2
		}
		classes, options = append(classes, "0"), append(options, strconv.Itoa(option))
		if k.Col < 0 {
			exprs = append(exprs, t.Printer.Expr(r, k.SQL, types.Type{}, t.Style))
		}
	}
	keys := len(numbers)
	for _, c := range x.include() {
		column(c)
	}
	var shown any
	if exprs != nil {
		shown = strings.ReplaceAll(strings.Join(exprs, ", "), ", \n", ",\n")
	}
	clustered := r.Store != nil && r.Store.Cluster == x.Name
	replica := r.Store != nil && r.Store.Replica == "index "+x.Name
	return []any{x.OID, r.OID, len(numbers), keys, x.Type != plainIndex, x.NotDistinct, x.Type == PrimaryKey, false, !x.Deferrable, clustered, true, false, true, true, replica,
		strings.Join(numbers, " "), strings.Join(collations[:keys], " "), strings.Join(classes, " "), strings.Join(options, " "), shown, t.where(r, x)}
}
