package pgcatalog

import (
	"math"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgClass is pg_catalog.pg_class: relations and the indexes of their constraints.
var pgClass = pg("pg_class", 1259, false, classRows, []col{
	{"oid", types.OID}, {"relname", types.Name}, {"relnamespace", types.OID}, {"reltype", types.OID}, {"reloftype", types.OID},
	{"relowner", types.OID}, {"relam", types.OID}, {"relfilenode", types.OID}, {"reltablespace", types.OID}, {"relpages", types.Int4},
	{"reltuples", types.Float4}, {"relallvisible", types.Int4}, {"reltoastrelid", types.OID}, {"relhasindex", types.Bool},
	{"relisshared", types.Bool}, {"relpersistence", types.Char}, {"relkind", types.Char}, {"relnatts", types.Int2},
	{"relchecks", types.Int2}, {"relhasrules", types.Bool}, {"relhastriggers", types.Bool}, {"relhassubclass", types.Bool},
	{"relrowsecurity", types.Bool}, {"relforcerowsecurity", types.Bool}, {"relispopulated", types.Bool}, {"relreplident", types.Char},
	{"relispartition", types.Bool}, {"relrewrite", types.OID}, {"relfrozenxid", types.Xid}, {"relminmxid", types.Xid},
	{"relacl", aclArray}, {"reloptions", textArray}, {"relpartbound", types.PgNodeTree},
})

func classRows(e *Env) [][]any {
	triggers := foreignEnds(e)
	var rows [][]any
	for _, r := range shown(e) {
		kind := relkind(e, r)
		am, file, replident := 0, r.OID, "d"
		switch {
		case kind == "v":
			file, replident = 0, "n"
		case kind == "S":
			replident = "n"
		case r.Kind == catalog.System:
			am, replident = heapAM, "n"
		default:
			am = heapAM
		}
		pages, tuples := relationSize(r)
		rules := kind == "v" || kind == "m"
		persistence := "p"
		if strings.HasPrefix(r.Schema, "pg_temp_") {
			persistence = "t"
		}
		store := r.Store
		if store == nil {
			store = &catalog.TableStore{}
		}
		options := optionTexts(store.Params)
		if kind == "v" {
			options = optionTexts(r.Options)
		}
		if store.Unlogged {
			persistence = "u"
		}
		if store.Replica != "" {
			replident = store.Replica[:1]
		}
		rows = append(rows, []any{r.OID, r.Name, namespaceOID(e, r.Schema), r.RowType().OID, 0, owner, am, file, 0, pages, tuples, 0, 0,
			len(indexes(r)) > 0, false, persistence, kind, lastColumn(r), len(r.Checks), rules, triggers[r.OID], false, false, false,
			true, replident, false, 0, 0, 0, nil, options, nil})
		for _, x := range indexes(r) {
			rows = append(rows, []any{x.OID, x.Name, namespaceOID(e, r.Schema), 0, 0, owner, x.method(), x.OID, 0, 0, -1, 0, 0,
				false, false, persistence, "i", len(x.keys()) + len(x.include()), 0, false, false, false, false, false,
				true, "n", false, 0, 0, 0, nil, optionTexts(store.Indexes[x.Name]), nil})
		}
	}
	for _, t := range e.Catalog.UserTypes() {
		if t.Kind == types.KindComposite {
			rows = append(rows, []any{t.Rel, t.Name, namespaceOID(e, t.Schema), t.OID, 0, owner, 0, 0, 0, 0, -1, 0, 0,
				false, false, "p", "c", len(t.Attrs), 0, false, false, false, false, false,
				true, "n", false, 0, 0, 0, nil, nil, nil})
		}
	}
	return rows
}

// optionTexts is the array of name=value of each option; nil where there is none. Neither has what must be quoted.
func optionTexts(o catalog.Options) any {
	var texts []string
	for _, x := range o {
		texts = append(texts, x.Key+"="+x.Value)
	}
	if texts == nil {
		return nil
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// indexMethods are the OIDs of the access methods of indexes.
var indexMethods = map[string]uint32{"btree": btreeAM, "hash": 405, "gist": 783, "gin": 2742, "spgist": 4000, "brin": 3580}

// method is the access method of an index.
func (c *Constraint) method() uint32 {
	if c.Def != nil && indexMethods[c.Def.Method] != 0 {
		return indexMethods[c.Def.Method]
	}
	return btreeAM
}

// pageSize is PostgreSQL's.
const pageSize = 8192

// relationSize is what ANALYZE found: about how many pages a relation would take in PostgreSQL, and its rows; -1: it never ran.
func relationSize(r *catalog.Relation) (pages int, tuples float64) {
	if r.Stats == nil {
		return 0, -1
	}
	width := 28 // of a row's header
	for _, c := range r.Stats.Cols {
		width += c.Width
	}
	return int(math.Ceil(r.Stats.Rows * float64(width) / pageSize)), r.Stats.Rows
}

// foreignEnds are the tables on either side of a foreign key: in PostgreSQL they have triggers, and psql looks for foreign keys only there.
func foreignEnds(e *Env) map[uint32]bool {
	out := map[uint32]bool{}
	for _, r := range shown(e) {
		for _, f := range r.Foreign {
			out[r.OID], out[f.Table] = true, true
		}
	}
	return out
}

// lastColumn is the highest number of a column that is shown.
func lastColumn(r *catalog.Relation) int {
	last := 0
	for i := range r.Columns {
		if !r.Columns[i].Hidden {
			last = i + 1
		}
	}
	return last
}
