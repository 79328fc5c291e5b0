package expr

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// JSONAssign is the jsonb value j with what stands at a path, made where it is missing, replaced by v; SQL's NULL as value is JSON's. A NULL j counts as an empty
// array, where list is set, or an empty object. Errors: 22023, 22004, 22P02.
func JSONAssign(j, v, path Expr, list bool) Expr {
	fn := &Func{Name: "jsonb_assign", CalledOnNull: true, Vol: Immutable, Ret: types.JSONB, Kernel: jsonAssign(list)}
	return &Call{Fn: fn, Args: []Expr{j, v, path}, Typ: types.JSONB, Pos: -1}
}

func jsonAssign(asList bool) Kernel {
	empty := "{}"
	if asList {
		empty = "[]"
	}
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		old, val, path := read[string](vs[0]), read[string](vs[1]), readList(vs[2])
		return write(types.JSONB, n, allBits(n), func(i int) (string, error) {
			s, v := empty, "null"
			if !vs[0].IsNull(i) {
				s = old(i)
			}
			if !vs[1].IsNull(i) {
				v = val(i)
			}
			p := path(i)
			text, err := jsonPut(s, p, p.from, v)
			if err != nil {
				return "", err
			}
			return canonical([]byte(text))
		})
	}
}

// jsonPut is s with v at path[k:].
func jsonPut(s string, p list, k int, v string) (string, error) {
	if k == p.to {
		return v, nil
	}
	key, ok := p.textItem(k)
	if !ok {
		return "", sqlerr.New(sqlerr.NullValueNotAllowed, "jsonb subscript in assignment must not be null")
	}
	keys, vals := jsonList(s)
	at := len(vals)
	kind := jsonKind(s)
	switch kind {
	case "object":
		for i, have := range keys {
			if have == key {
				at = i
			}
		}
		if at == len(vals) {
			keys = append(keys, key)
		}
	case "array":
		n, err := strconv.ParseInt(key, 10, 32)
		if err != nil {
			return "", sqlerr.New(sqlerr.InvalidTextRepresentation, `path element at position %d is not an integer: "%s"`, k-p.from+1, key)
		}
		if at = int(n); n < 0 {
			at += len(vals)
		}
		if at < 0 {
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "path element at position %d is out of range: %d", k-p.from+1, n)
		}
		vals = fillNulls(vals, at)
	default:
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "cannot replace existing key").
			WithDetail("The path assumes key is a composite object, but it is a scalar value.")
	}
	if at == len(vals) {
		vals = append(vals, jsonFresh(p, k+1, v))
	} else {
		inner, err := jsonPut(vals[at], p, k+1, v)
		if err != nil {
			return "", err
		}
		vals[at] = inner
	}
	return string(appendMembers(nil, kind == "object", keys, vals)), nil
}

// jsonFresh is the value that has v at path[k:] and nothing else: arrays for numbers, objects for other keys.
func jsonFresh(p list, k int, v string) string {
	if k == p.to {
		return v
	}
	key, _ := p.textItem(k)
	v = jsonFresh(p, k+1, v)
	n, err := strconv.ParseInt(key, 10, 32)
	if err != nil {
		return string(appendMembers(nil, true, []string{key}, []string{v}))
	}
	return string(appendMembers(nil, false, nil, append(fillNulls(nil, int(n)), v)))
}

func fillNulls(vals []string, n int) []string {
	for len(vals) < n {
		vals = append(vals, "null")
	}
	return vals
}
