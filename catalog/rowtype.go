package catalog

import "github.com/streamsqld/streamsqld/types"

// The rows of each relation have a type. Its OID and that of the arrays over it follow from the relation's, in ranges of their own.
const (
	rowTypes  = 1 << 27
	rowArrays = 1 << 28
)

// RowType is the type of the rows of r.
func (r *Relation) RowType() types.Type { return types.Type{OID: rowTypes | r.OID, Mod: -1} }

// RowArray is the type of arrays of rows of r.
func (r *Relation) RowArray() types.Type { return types.Type{OID: rowArrays | r.OID, Mod: -1} }

// RowTypeOf gives the OID of the relation whose rows t, or the elements of the array t, are; 0: of none.
func RowTypeOf(t types.Type) uint32 {
	if t.OID&^(rowTypes-1) == rowTypes || t.OID&^(rowTypes-1) == rowArrays {
		return t.OID & (rowTypes - 1)
	}
	return 0
}

// registerRow makes the type of r's rows known.
func registerRow(r *Relation) {
	var fields []types.Field
	for _, c := range r.Columns {
		if !c.Dropped && !c.Hidden {
			fields = append(fields, types.Field{Name: c.Name, Type: c.Type})
		}
	}
	types.Register(r.RowType(), r.RowArray().OID, r.Name, &types.User{Kind: types.KindComposite, Schema: r.Schema, Fields: fields})
}
