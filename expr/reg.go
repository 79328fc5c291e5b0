package expr

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// isReg says whether t is a type whose text is the name of a catalog object.
func isReg(t types.Type) bool {
	switch t.Base() {
	case types.RegClass, types.RegType, types.RegNS, types.RegRole, types.RegProc, types.RegProcedure:
		return true
	}
	return false
}

// SplitName parts a qualified name, folds what is not quoted, and takes the quotes off.
func SplitName(s string) ([]string, error) {
	bad := sqlerr.New(sqlerr.InvalidName, "invalid name syntax")
	var out []string
	for {
		s = strings.TrimSpace(s)
		var part string
		if strings.HasPrefix(s, `"`) {
			end := 1
			for {
				k := strings.IndexByte(s[end:], '"')
				if k < 0 {
					return nil, bad
				}
				end += k + 1
				if !strings.HasPrefix(s[end:], `"`) {
					break
				}
				end++
			}
			part, s = strings.ReplaceAll(s[1:end-1], `""`, `"`), s[end:]
		} else {
			end := strings.IndexByte(s, '.')
			if end < 0 {
				end = len(s)
			}
			part, s = strings.ToLower(strings.TrimSpace(s[:end])), s[end:]
		}
		if part == "" {
			return nil, bad
		}
		out = append(out, part)
		s = strings.TrimSpace(s)
		if s == "" {
			return out, nil
		}
		if s[0] != '.' {
			return nil, bad
		}
		s = s[1:]
	}
}

func searchPath(ctx *Ctx) []string {
	if ctx.Session == nil {
		return []string{"pg_catalog", "public"}
	}
	return ctx.Session.SearchPath()
}

// regIn finds the object of a name; a number is taken as it is, "-" is 0.
func regIn(ctx *Ctx, t types.Type, text string) (uint32, error) {
	if text == "-" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(text, 10, 32); err == nil {
		return uint32(n), nil
	}
	switch t.Base() {
	case types.RegType:
		if u, ok := typeByName(ctx, text); ok {
			return u.OID, nil
		}
		return 0, sqlerr.New(sqlerr.UndefinedObject, `type "%s" does not exist`, text)
	case types.RegRole:
		if ctx.Session != nil && ctx.Session.User() == text {
			return ownerOID, nil
		}
		return 0, sqlerr.New(sqlerr.UndefinedObject, `role "%s" does not exist`, text)
	case types.RegProc:
		if c, ok := ctx.Catalog.(FunctionCatalog); ok {
			name := strings.TrimPrefix(text, "pg_catalog.")
			switch oids := c.FunctionOIDs(name, searchPath(ctx)); len(oids) {
			case 0:
			case 1:
				return oids[0], nil
			default:
				return 0, sqlerr.New(sqlerr.AmbiguousFunction, `more than one function named "%s"`, text)
			}
		}
		return 0, sqlerr.New(sqlerr.UndefinedFunction, `function "%s" does not exist`, text)
	}
	if t.Is(types.RegProcedure) {
		return procedureIn(ctx, text)
	}
	names, err := SplitName(text)
	if err != nil {
		return 0, err
	}
	if ctx.Catalog != nil && t.Is(types.RegNS) {
		if oid, ok := ctx.Catalog.SchemaOID(names[0]); ok {
			return oid, nil
		}
	}
	if t.Is(types.RegNS) {
		return 0, sqlerr.New(sqlerr.InvalidSchemaName, `schema "%s" does not exist`, text)
	}
	if ctx.Catalog != nil {
		if oid, ok := ctx.Catalog.RelationOID(names, searchPath(ctx)); ok {
			return oid, nil
		}
	}
	return 0, sqlerr.New(sqlerr.UndefinedTable, `relation "%s" does not exist`, strings.Join(names, "."))
}

// ownerOID is the oid of the one role that owns everything, as pg_roles shows it.
const ownerOID = 10

// RegName is the text of an OID of a reg type: a name, quoted and qualified as needed, or the number where there is no such object.
func RegName(ctx *Ctx, t types.Type, oid uint32) string { return regOut(ctx, t, oid) }

// typeText is the name of a type as format_type prints it, a user's qualified where the search path does not find it.
func typeText(ctx *Ctx, t types.Type) string {
	if t.OID < types.FirstUserOID || ctx.Catalog == nil {
		return t.String()
	}
	suffix := ""
	if t.IsArray() {
		t, suffix = t.Elem(), "[]"
	}
	if name, ok := ctx.Catalog.TypeName(t.OID, searchPath(ctx)); ok {
		return name + suffix
	}
	return "???" + suffix
}

// regOut is the name of an object; its number where there is none.
func regOut(ctx *Ctx, t types.Type, oid uint32) string {
	if oid == 0 {
		return "-"
	}
	switch t.Base() {
	case types.RegType:
		if u, ok := types.ByOID(oid); ok {
			return typeText(ctx, u)
		}
	case types.RegNS:
		if ctx.Catalog != nil {
			if name, ok := ctx.Catalog.SchemaName(oid); ok {
				return quoteIdent(name)
			}
		}
	case types.RegRole:
		if oid == ownerOID && ctx.Session != nil {
			return quoteIdent(ctx.Session.User())
		}
	case types.RegProc:
		if c, ok := ctx.Catalog.(FunctionCatalog); ok {
			if name, ok := c.FunctionName(oid); ok {
				return quoteIdent(name)
			}
		}
	case types.RegProcedure:
		if c, ok := ctx.Catalog.(FunctionCatalog); ok {
			if args, ok := c.FunctionTypes(oid); ok {
				return procedureText(ctx, c, oid, args)
			}
		}
	case types.RegClass:
		if ctx.Catalog != nil {
			if name, ok := ctx.Catalog.RelationName(oid, searchPath(ctx)); ok {
				return name
			}
		}
	}
	return strconv.FormatUint(uint64(oid), 10)
}

// typeByName reads a type as it is written in SQL: "int4", "pg_catalog.text", "character varying(10)", "integer[]".
func typeByName(ctx *Ctx, s string) (types.Type, bool) {
	if t, ok := builtinTypeNamed(s); ok {
		return t, true
	}
	s = strings.TrimSpace(s)
	base, isArray := strings.CutSuffix(s, "[]")
	names, err := SplitName(base)
	if err != nil || ctx.Catalog == nil {
		return types.Type{}, false
	}
	oid, ok := ctx.Catalog.TypeOID(names, searchPath(ctx))
	if !ok {
		return types.Type{}, false
	}
	t, ok := types.ByOID(oid)
	if ok && isArray {
		return t.Array()
	}
	return t, ok
}

func builtinTypeNamed(s string) (types.Type, bool) {
	s = strings.TrimSpace(s)
	if !strings.HasPrefix(s, `"`) {
		s = strings.ToLower(s)
	}
	s = strings.TrimPrefix(s, "pg_catalog.")
	if base, ok := strings.CutSuffix(s, "[]"); ok {
		t, ok := builtinTypeNamed(base)
		if !ok {
			return t, false
		}
		return t.Array()
	}
	if i := strings.IndexByte(s, '('); i >= 0 {
		if j := strings.IndexByte(s, ')'); j > i {
			s = s[:i] + s[j+1:]
		}
	}
	if s == "char" {
		return types.BPChar, true
	}
	return types.Lookup(strings.Join(strings.Fields(strings.Trim(s, `"`)), " "))
}
