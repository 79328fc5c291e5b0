package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// userTypeRows are the rows of pg_type for users' types and the arrays over them.
func userTypeRows(e *Env) [][]any {
	var rows [][]any
	for _, t := range e.Catalog.UserTypes() {
		ns := namespaceOID(e, t.Schema)
		r := userTypeRow(t)
		rows = append(rows, []any{t.OID, t.Name, ns, owner, r.len, r.byval, string(t.Kind), string(t.Type().Category()), false, true, ",", 0, 0, 0, t.Array,
			r.in, r.out, r.recv, r.send, 0, 0, 0, r.align, r.storage, false, 0, -1, 0, r.collation})
		rows = append(rows, arrayTypeRow(t, ns))
	}
	return rows
}

// arrayTypeRow is the row of the array type over a user's type.
func arrayTypeRow(t *catalog.UserType, ns uint32) []any {
	align := "i"
	if t.Type().Info().Len < 0 {
		align = "d"
	}
	return []any{t.Array, "_" + t.Name, ns, owner, -1, false, "b", "A", false, true, ",", 0, arraySubscriptHandler, t.OID, 0,
		750, 751, 2400, 2401, 0, 0, 3816, align, "x", false, 0, -1, 0, 0}
}

// arraySubscriptHandler is pg_proc's array_subscript_handler.
const arraySubscriptHandler = 6179

// userType is the part of a row of pg_type that goes with a user's type's kind. The numbers are functions of pg_proc.
type userType struct {
	typeRow
	in, out, recv, send int
}

func userTypeRow(*catalog.UserType) userType {
	return userType{typeRow{4, true, "i", "p", 0}, 3506, 3507, 3532, 3533} // enum_in ...
}

// layoutOf is what other tables need to know of a user's type.
func layoutOf(t types.Type) typeRow {
	if t.IsArray() {
		return typeRow{-1, false, "i", "x", 0}
	}
	return typeRow{4, true, "i", "p", 0}
}
