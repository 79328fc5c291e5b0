package expr

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// CommonType is the type that the branches of what ("UNION", "CASE", "COALESCE", "VALUES", "ARRAY", "IN", "GREATEST") have together,
// by PostgreSQL's rule: unknown gives way, one category, and the last type that the others convert to without being asked.
// All unknown: text. The modifier is kept where all have the same type with the same one. Error: 42804.
func CommonType(ts []types.Type, what string) (types.Type, error) {
	same := len(ts) > 0
	for _, t := range ts {
		same = same && t == ts[0]
	}
	if same && !ts[0].Is(types.Unknown) {
		return ts[0], nil
	}
	var p types.Type
	for _, t := range ts {
		t = t.Base()
		switch {
		case t.Is(types.Unknown), t == p:
		case p == types.Type{}:
			p = t
		case t.Category() != p.Category():
			return p, sqlerr.New(sqlerr.DatatypeMismatch, "%s types %s and %s cannot be matched", what, p, t)
		case !p.Preferred() && CanCast(p, t, 'i') && !CanCast(t, p, 'i'):
			p = t
		}
	}
	if p == (types.Type{}) {
		return types.Text, nil
	}
	for _, t := range ts {
		if !t.Is(types.Unknown) && !canCoerce(t, p) {
			return p, sqlerr.New(sqlerr.CannotCoerce, "%s could not convert type %s to %s", what, t.Base(), p)
		}
	}
	mod := int32(-1)
	for i, t := range ts {
		if t.Is(types.Unknown) || !t.Is(p) || i > 0 && t.Mod != ts[0].Mod {
			return p, nil
		}
		mod = t.Mod
	}
	return types.Type{OID: p.OID, Mod: mod}, nil
}
