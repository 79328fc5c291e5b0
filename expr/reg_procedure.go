package expr

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// procedureIn finds the function of a text like "abs(integer)". Errors: 22P02, 42704, 42883.
func procedureIn(ctx *Ctx, text string) (uint32, error) {
	name, rest, ok := strings.Cut(text, "(")
	if !ok {
		return 0, sqlerr.New(sqlerr.InvalidTextRepresentation, "expected a left parenthesis")
	}
	rest = strings.TrimSpace(rest)
	if !strings.HasSuffix(rest, ")") {
		return 0, sqlerr.New(sqlerr.InvalidTextRepresentation, "expected a right parenthesis")
	}
	var args []types.Type
	for _, s := range splitTypes(strings.TrimSuffix(rest, ")")) {
		t, ok := typeByName(ctx, s)
		if !ok {
			return 0, sqlerr.New(sqlerr.UndefinedObject, `type "%s" does not exist`, strings.TrimSpace(s))
		}
		args = append(args, t.Base())
	}
	c, ok := ctx.Catalog.(FunctionCatalog)
	if !ok {
		return 0, sqlerr.New(sqlerr.UndefinedFunction, `function "%s" does not exist`, text)
	}
	names, err := SplitName(name)
	if err != nil {
		return 0, err
	}
	for _, oid := range c.FunctionOIDs(strings.TrimPrefix(strings.Join(names, "."), "pg_catalog."), searchPath(ctx)) {
		if have, ok := c.FunctionTypes(oid); ok && slices.EqualFunc(have, args, func(a, b types.Type) bool { return a.OID == b.OID }) {
			return oid, nil
		}
	}
	return 0, sqlerr.New(sqlerr.UndefinedFunction, `function "%s" does not exist`, text)
}

// splitTypes parts a list of types at its commas, but those within brackets.
func splitTypes(s string) (out []string) {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	from, depth := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(':
			depth++
		case ')':
			depth--
		case ',':
			if depth == 0 {
				out, from = append(out, s[from:i]), i+1
			}
		}
	}
	return append(out, s[from:])
}

// procedureText is a function with the types of its arguments.
func procedureText(ctx *Ctx, c FunctionCatalog, oid uint32, args []types.Type) string {
	name, _ := c.FunctionName(oid)
	out := make([]string, len(args))
	for i, t := range args {
		out[i] = typeText(ctx, t)
	}
	return quoteIdent(name) + "(" + strings.Join(out, ",") + ")"
}
