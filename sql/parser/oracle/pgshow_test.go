package oracle

import (
	"fmt"
	"strings"
)

type obj = map[string]any

// pgShow writes a node of PostgreSQL's raw parse tree (its JSON form).
func pgShow(n any) string {
	m, ok := n.(obj)
	if !ok {
		return "?nil"
	}
	for kind, v := range m {
		x, _ := v.(obj)
		switch kind {
		case "ColumnRef":
			return dotted(x["fields"])
		case "A_Const":
			return constant(x)
		case "ParamRef":
			return fmt.Sprintf("$%v", x["number"])
		case "TypeCast":
			t := x["typeName"].(obj)
			name := dotted(t["names"])
			name = strings.TrimPrefix(name, "pg_catalog.")
			if b, ok := t["arrayBounds"].([]any); ok {
				name += strings.Repeat("[]", len(b))
			}
			return pgList("cast:"+name, x["arg"])
		case "BoolExpr":
			return boolean(x)
		case "NullTest":
			return pgList(map[bool]string{true: "", false: "not "}[x["nulltesttype"] == "IS_NULL"]+"is null", x["arg"])
		case "BooleanTest":
			t := strings.ToLower(strings.TrimPrefix(x["booltesttype"].(string), "IS_"))
			if rest, ok := strings.CutPrefix(t, "not_"); ok {
				return pgList("not is "+rest, x["arg"])
			}
			return pgList("is "+t, x["arg"])
		case "FuncCall":
			return call(x)
		case "CaseExpr":
			return caseExpr(x)
		case "A_ArrayExpr":
			return pgList("array", items(x["elements"])...)
		case "RowExpr":
			return pgList("row", items(x["args"])...)
		case "CollateClause":
			return pgList("collate:"+dotted(x["collname"]), x["arg"])
		case "A_Indirection":
			return indirection(x)
		case "A_Expr":
			return operator(x)
		case "CoalesceExpr":
			return pgList("call:coalesce", items(x["args"])...)
		}
		return "?" + kind
	}
	return "?"
}

func items(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case obj:
		if l, ok := v["List"].(obj); ok {
			return items(l["items"])
		}
	}
	return nil
}

func pgList(head string, xs ...any) string {
	parts := []string{head}
	for _, x := range xs {
		if x != nil {
			parts = append(parts, pgShow(x))
		}
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func dotted(v any) string {
	var parts []string
	for _, f := range items(v) {
		if s, ok := f.(obj)["String"].(obj); ok {
			parts = append(parts, s["sval"].(string))
		} else {
			parts = append(parts, "*")
		}
	}
	return strings.Join(parts, ".")
}

func constant(x obj) string {
	if x["isnull"] == true {
		return "null"
	}
	if i, ok := x["ival"].(obj); ok {
		if i["ival"] == nil {
			return "0"
		}
		return fmt.Sprint(int64(i["ival"].(float64)))
	}
	if f, ok := x["fval"].(obj); ok {
		return f["fval"].(string)
	}
	if b, ok := x["boolval"].(obj); ok {
		return fmt.Sprint(b["boolval"] == true)
	}
	s, _ := x["sval"].(obj)["sval"].(string)
	return "'" + s + "'"
}

// boolean makes PostgreSQL's flat AND and OR lean to the left, as they are written.
func boolean(x obj) string {
	args := items(x["args"])
	op := strings.ToLower(strings.TrimSuffix(x["boolop"].(string), "_EXPR"))
	if op == "not" {
		return pgList("not", args...)
	}
	s := pgShow(args[0])
	for _, a := range args[1:] {
		s = "(" + op + " " + s + " " + pgShow(a) + ")"
	}
	return s
}

func call(x obj) string {
	args := items(x["args"])
	name := strings.TrimPrefix(dotted(x["funcname"]), "pg_catalog.")
	return pgList("call:"+name, args...)
}

func caseExpr(x obj) string {
	parts := []any{x["arg"]}
	for _, w := range items(x["args"]) {
		c := w.(obj)["CaseWhen"].(obj)
		parts = append(parts, c["expr"], c["result"])
	}
	return pgList("case", append(parts, x["defresult"])...)
}

func indirection(x obj) string {
	s := pgShow(x["arg"])
	for _, i := range items(x["indirection"]) {
		if ix, ok := i.(obj)["A_Indices"].(obj); ok {
			s = "(subscript " + s + " " + pgShow(ix["uidx"]) + ")"
		} else {
			s = "(field:" + dotted([]any{i}) + " " + s + ")"
		}
	}
	return s
}

func operator(x obj) string {
	op := strings.TrimPrefix(dotted(x["name"]), "pg_catalog.")
	l, r := x["lexpr"], x["rexpr"]
	neg := ""
	if strings.HasPrefix(op, "!") {
		neg = "not "
	}
	switch x["kind"] {
	case "AEXPR_LIKE":
		return pgLike(neg+"like", l, r)
	case "AEXPR_ILIKE":
		return pgLike(neg+"ilike", l, r)
	case "AEXPR_SIMILAR":
		return pgLike(neg+"similar", l, r)
	case "AEXPR_BETWEEN", "AEXPR_NOT_BETWEEN", "AEXPR_BETWEEN_SYM", "AEXPR_NOT_BETWEEN_SYM":
		k := x["kind"].(string)
		head := "between"
		if strings.Contains(k, "NOT") {
			head = "not between"
		}
		if strings.HasSuffix(k, "SYM") {
			head += " symmetric"
		}
		return pgList(head, append([]any{l}, items(r)...)...)
	case "AEXPR_IN":
		head := "in"
		if op == "<>" {
			head = "not in"
		}
		return pgList(head, append([]any{l}, items(r)...)...)
	case "AEXPR_DISTINCT":
		return pgList("distinct", l, r)
	case "AEXPR_NOT_DISTINCT":
		return pgList("not distinct", l, r)
	case "AEXPR_OP_ANY":
		return pgList(op+" any", l, r)
	case "AEXPR_OP_ALL":
		return pgList(op+" all", l, r)
	case "AEXPR_NULLIF":
		return pgList("call:nullif", l, r)
	}
	return pgList(op, l, r)
}

// pgLike takes the call of like_escape or similar_to_escape apart that the grammar makes of ESCAPE.
func pgLike(head string, l, r any) string {
	if f, ok := r.(obj)["FuncCall"].(obj); ok && strings.HasSuffix(dotted(f["funcname"]), "_escape") {
		return pgList(head, append([]any{l}, items(f["args"])...)...)
	}
	return pgList(head, l, r)
}
