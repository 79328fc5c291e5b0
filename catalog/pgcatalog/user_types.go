package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// userTypeRows are the rows of pg_type for users' types, the rows of relations, and the arrays over them.
func userTypeRows(e *Env) [][]any {
	var rows [][]any
	for _, t := range e.Catalog.UserTypes() {
		if t.Kind == types.KindDomain {
			rows = append(rows, domainRow(e, t))
			continue
		}
		rows = appendTypeRows(rows, t.Type(), t.Name, namespaceOID(e, t.Schema), t.Rel)
	}
	for _, r := range shown(e) {
		rows = appendTypeRows(rows, r.RowType(), r.Name, namespaceOID(e, r.Schema), r.OID)
	}
	return rows
}

// domainRow is the row of a domain. Arrays of domains are not supported, so there is no type for them.
func domainRow(e *Env, t *catalog.UserType) []any {
	r := typeOf(t.Base)
	base := t.Base.OID
	if t.Parent != 0 {
		base = t.Parent
	}
	var def any
	if t.Default != "" {
		def = t.Default
	}
	return []any{t.OID, t.Name, namespaceOID(e, t.Schema), owner, r.len, r.byval, "d", string(t.Base.Category()), false, true, ",", 0, 0, 0, 0,
		domainIn, 0, domainRecv, 0, 0, 0, 0, r.align, r.storage, t.NotNull, base, t.Base.Mod, 0, r.collation, nil, def, nil}
}

// Functions of pg_proc that domains have.
const (
	domainIn   = 2597
	domainRecv = 2598
)

// arraySubscriptHandler is pg_proc's array_subscript_handler.
const arraySubscriptHandler = 6179

// appendTypeRows appends the row of a type and of the array type over it. rel is its row in pg_class, 0: it has none.
func appendTypeRows(rows [][]any, t types.Type, name string, ns, rel uint32) [][]any {
	in, r := t.Info(), layoutOf(t)
	funcs := []any{3506, 3507, 3532, 3533} // enum_in ...
	if in.User.Kind == types.KindComposite {
		funcs = []any{2290, 2291, 2402, 2403} // record_in ...
	}
	row := []any{t.OID, name, ns, owner, r.len, r.byval, string(in.User.Kind), string(in.Category), false, true, ",", rel, 0, 0, in.Array}
	row = append(append(row, funcs...), 0, 0, 0, r.align, r.storage, false, 0, -1, 0, r.collation, nil, nil, nil)
	align := "i"
	if r.align == "d" {
		align = "d"
	}
	return append(rows, row, []any{in.Array, "_" + name, ns, owner, -1, false, "b", "A", false, true, ",", 0, arraySubscriptHandler, t.OID, 0,
		750, 751, 2400, 2401, 0, 0, 3816, align, "x", false, 0, -1, 0, 0, nil, nil, nil})
}

// layoutOf is what other tables need to know of a user's type.
func layoutOf(t types.Type) typeRow {
	switch {
	case t.IsArray():
		return typeRow{-1, false, "i", "x", 0}
	case t.IsRow():
		return typeRow{-1, false, "d", "x", 0}
	}
	return typeRow{4, true, "i", "p", 0}
}
