package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// OIDs that many rows name, as in PostgreSQL.
const (
	owner             = 10 // the one role
	databaseOID       = 5
	pgCatalogOID      = 11
	heapAM            = 2
	btreeAM           = 403
	internalLanguage  = 12
	defaultTablespace = 1663
	classProc         = 1255
	classClass        = 1259
	classNamespace    = 2615
	classRewrite      = 2618
	classType         = 1247
	classConstraint   = 2606
	classDatabase     = 1262
	classRole         = 1260
)

// Array types that only the catalog uses.
var (
	textArray    = types.Type{OID: 1009, Mod: -1}
	charArray    = types.Type{OID: 1002, Mod: -1}
	int2Array    = types.Type{OID: 1005, Mod: -1}
	oidArray     = types.Type{OID: 1028, Mod: -1}
	aclArray     = types.Type{OID: 1034, Mod: -1}
	regtypeArray = types.Type{OID: 2211, Mod: -1}
)

// pg is a table of pg_catalog; rows nil: Env.Live gives them.
func pg(name string, oid uint32, view bool, rows func(*Env) [][]any, cols []col) table {
	return table{schema: catalog.PgCatalog, name: name, oid: oid, view: view, cols: cols, rows: rows}
}

// info is a view of information_schema.
func info(name string, oid uint32, rows func(*Env) [][]any, cols []col) table {
	return table{schema: catalog.InfoSchema, name: name, oid: oid, view: true, cols: cols, rows: rows}
}

// position is the place of a column in a list.
func position(cols []col, name string) int {
	for i := range cols {
		if cols[i].name == name {
			return i
		}
	}
	return -1
}

// shown lists the relations that clients see: all but the sinks that keep no rows in the server.
func shown(e *Env) []*catalog.Relation {
	out := e.Catalog.SystemRelations()
	for _, r := range e.Catalog.Relations() {
		if r.Kind != catalog.Sink || r.Connector() == "memory" {
			out = append(out, r)
		}
	}
	return out
}

// relkind is pg_class.relkind: streams, tables and memory sinks are tables to clients.
func relkind(e *Env, r *catalog.Relation) string {
	switch {
	case r.Kind == catalog.View, r.Kind == catalog.System && e.views[r.OID]:
		return "v"
	case r.Kind == catalog.MatView:
		return "m"
	case r.Kind == catalog.Sequence:
		return "S"
	}
	return "r"
}

// writable says whether INSERT takes r.
func writable(r *catalog.Relation) bool {
	return r.Kind == catalog.Table || r.Kind == catalog.Stream && r.Connector() == ""
}

// namespaceOID is the OID of a schema, 0 where it is gone.
func namespaceOID(e *Env, schema string) uint32 {
	if s := e.Catalog.Schema(schema); s != nil {
		return s.OID
	}
	return 0
}

// ruleOID is the OID of the rule of a view. Objects that have no OID of their own in the catalog get one from their relation's, in a range of
// their own: rules from 1<<29, constraints and their indexes from 1<<30, defaults from 1<<31.
func ruleOID(rel uint32) uint32 { return 1<<29 + rel }

// attrdefOID is the OID of the default of column n; unique for relation OIDs below a million.
func attrdefOID(rel uint32, n int) uint32 { return 1<<31 | uint32(n)<<20 | rel&(1<<20-1) }

// columnNumbers are attribute numbers of columns given by index.
func columnNumbers(cols []int, sep string) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = strconv.Itoa(c + 1)
	}
	return strings.Join(out, sep)
}

// yes is information_schema's yes_or_no.
func yes(b bool) string {
	if b {
		return "YES"
	}
	return "NO"
}

// quote writes a name as SQL wants it.
func quote(name string) string { return expr.QuoteIdent(name) }
