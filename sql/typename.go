package sql

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// ResolveTypeName finds the type that a name stands for, with its modifier. Errors: 42704, 22023 (modifier out of range), 42601.
func ResolveTypeName(n ast.TypeName, env *Env) (types.Type, error) {
	return resolveTypeName(n, env.Catalog, env.SearchPath)
}

// ResolveColumnType is ResolveTypeName for a column: of a domain it gives the type below and the domain's OID.
func ResolveColumnType(n ast.TypeName, env *Env) (types.Type, uint32, error) {
	t, err := ResolveTypeName(n, env)
	if err != nil {
		return t, 0, err
	}
	if base, ok := t.Domain(); ok {
		return base, t.OID, nil
	}
	return t, 0, nil
}

// ResolvePlainType is ResolveTypeName where a domain is not supported.
func ResolvePlainType(n ast.TypeName, env *Env) (types.Type, error) {
	t, err := ResolveTypeName(n, env)
	if err != nil {
		return t, err
	}
	if _, ok := t.Domain(); ok {
		return t, notYet(n.Pos.Offset(), "domain %s is not supported here", t)
	}
	return t, nil
}

// typeName is ResolveTypeName along the path of the text that is bound; a user's type becomes a dependency.
func (b *binder) typeName(n ast.TypeName) (types.Type, error) {
	t, err := resolveTypeName(n, b.env.Catalog, b.path)
	if err == nil && t.OID >= types.FirstUserOID {
		b.uses.read(t.OID)
		if b.deps[t.OID] = true; t.IsArray() {
			b.deps[t.Elem().OID] = true
			b.uses.read(t.Elem().OID)
		}
	}
	return t, err
}

// otherNames are names of types in the other streaming engines, where no type of the user has them.
var otherNames = map[string]types.Type{"string": types.Text, "double": types.Float8}

func resolveTypeName(n ast.TypeName, cat *catalog.Catalog, path []string) (types.Type, error) {
	pos := n.Pos.Offset()
	name := n.Name[len(n.Name)-1]
	var t types.Type
	ok := false
	if cat != nil {
		t, ok = cat.FindType(n.Name, path)
	} else if len(n.Name) == 1 || n.Name[0] == catalog.PgCatalog {
		t, ok = types.Lookup(name)
	}
	if !ok && len(n.Name) == 1 {
		t, ok = otherNames[name]
	}
	if !ok || t.Is(types.Unknown) && n.Dims > 0 {
		return t, sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist", strings.Join(n.Name, ".")).At(pos)
	}
	t, err := withMods(t, n.Mods, pos)
	if n.Fields != "" {
		t.Mod = intervalMod(n)
	}
	if err != nil || n.Dims == 0 {
		return t, err
	}
	if _, ok := t.Domain(); ok {
		return t, notYet(pos, "an array of a domain is not supported")
	}
	a, ok := t.Base().Array()
	if !ok {
		return t, sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist", name+"[]").At(pos)
	}
	a.Mod = t.Mod
	return a, nil
}

func withMods(t types.Type, mods []int, pos int) (types.Type, error) {
	if len(mods) == 0 {
		return t, nil
	}
	bad := func(format string, args ...any) (types.Type, error) {
		return t, sqlerr.New(sqlerr.InvalidParameterValue, format, args...).At(pos)
	}
	base := t
	if t.IsArray() {
		base = t.Elem().Base()
	}
	m := mods[0]
	switch base {
	case types.Numeric:
		scale := 0
		if len(mods) > 1 {
			scale = mods[1]
		}
		if len(mods) > 2 {
			return bad("invalid NUMERIC type modifier")
		}
		if m < 1 || m > 1000 {
			return bad("NUMERIC precision %d must be between 1 and 1000", m)
		}
		if scale < -1000 || scale > 1000 {
			return bad("NUMERIC scale %d must be between -1000 and 1000", scale)
		}
		t.Mod = types.NumericMod(m, scale)
	case types.Bit, types.VarBit:
		if len(mods) > 1 {
			return bad("invalid type modifier")
		}
		if m < 1 {
			return bad("length for type %s must be at least 1", base.Info().Name)
		}
		if m > 83886080 {
			return bad("length for type %s cannot exceed 83886080", base.Info().Name)
		}
		t.Mod = int32(m)
	case types.Varchar, types.BPChar:
		word := map[types.Type]string{types.Varchar: "varchar", types.BPChar: "char"}[base]
		if len(mods) > 1 {
			return bad("invalid type modifier")
		}
		if m < 1 {
			return bad("length for type %s must be at least 1", word)
		}
		if m > 10485760 {
			return bad("length for type %s cannot exceed 10485760", word)
		}
		t.Mod = int32(m) + 4
	case types.Timestamp, types.TimestampTZ, types.Time, types.TimeTZ:
		if len(mods) > 1 {
			return bad("invalid type modifier")
		}
		t.Mod = int32(min(m, 6))
	case types.Interval:
		t.Mod = types.IntervalMod(0, int32(min(m, 6)))
	default:
		return t, sqlerr.New(sqlerr.SyntaxError, "type modifier is not allowed for type %q", base.Info().Name).At(pos)
	}
	return t, nil
}

// intervalMod is the modifier of INTERVAL with the fields that it has, such as "day to second", and a second's digits.
func intervalMod(n ast.TypeName) int32 {
	names := []string{"year", "month", "day", "hour", "minute", "second"}
	bits := []int32{types.IntervalYear, types.IntervalMonth, types.IntervalDay, types.IntervalHour, types.IntervalMinute, types.IntervalSecond}
	words := strings.Fields(n.Fields)
	fields := int32(0)
	for i := slices.Index(names, words[0]); i <= slices.Index(names, words[len(words)-1]); i++ {
		fields |= bits[i]
	}
	precision := int32(-1)
	if len(n.Mods) > 0 {
		precision = int32(min(n.Mods[0], 6))
	}
	return types.IntervalMod(fields, precision)
}
