package expr

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// The functions that change a jsonb value. They write its text anew; canonical puts it in order.

// jsonList collects the members of an object or the elements of an array.
func jsonList(s string) (keys, vals []string) {
	jsonMembers(s, func(k, v string) bool {
		keys, vals = append(keys, k), append(vals, v)
		return true
	})
	return keys, vals
}

func appendMembers(dst []byte, object bool, keys, vals []string) []byte {
	open, end := byte('['), byte(']')
	if object {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	for i, v := range vals {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if object {
			dst = append(appendJSONString(dst, keys[i]), ": "...)
		}
		dst = append(dst, v...)
	}
	return append(dst, end)
}

func jsonConcat(_ *Ctx, a, b string) (string, error) {
	ka, va := jsonList(a)
	kb, vb := jsonList(b)
	oa, ob := jsonKind(a) == "object", jsonKind(b) == "object"
	if oa && ob {
		return canonical(appendMembers(nil, true, append(ka, kb...), append(va, vb...)))
	}
	if jsonKind(a) != "array" {
		va = []string{a}
	}
	if jsonKind(b) != "array" {
		vb = []string{b}
	}
	return canonical(appendMembers(nil, false, nil, append(va, vb...)))
}

func jsonDelete(s, key string) (string, error) {
	kind := jsonKind(s)
	if kind != "object" && kind != "array" {
		return "", cannotDelete()
	}
	ks, vs := jsonList(s)
	var keys, vals []string
	for i, v := range vs {
		if kind == "object" && ks[i] == key || kind == "array" && v[0] == '"' && jsonString(v) == key {
			continue
		}
		keys, vals = append(keys, ks[i]), append(vals, v)
	}
	return canonical(appendMembers(nil, kind == "object", keys, vals))
}

func cannotDelete() error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot delete from scalar")
}

func jsonDeleteAt(s string, n int) (string, error) {
	switch jsonKind(s) {
	case "object":
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "cannot delete from object using integer index")
	case "array":
	default:
		return "", cannotDelete()
	}
	_, vs := jsonList(s)
	if n < 0 {
		n += len(vs)
	}
	if n < 0 || n >= len(vs) {
		return s, nil
	}
	return canonical(appendMembers(nil, false, nil, append(vs[:n:n], vs[n+1:]...)))
}

func stripNulls(dst []byte, s string) []byte {
	kind := jsonKind(s)
	if kind != "object" && kind != "array" {
		return append(dst, s...)
	}
	ks, vs := jsonList(s)
	var keys, vals []string
	for i, v := range vs {
		if kind == "object" && v == "null" {
			continue
		}
		keys, vals = append(keys, ks[i]), append(vals, string(stripNulls(nil, v)))
	}
	return appendMembers(dst, kind == "object", keys, vals)
}

// checkSetPath refuses what no value can be set at. Errors: 22023, 22004, 22P02.
func checkSetPath(s string, p list, create bool) error {
	if kind := jsonKind(s); kind != "object" && kind != "array" {
		return sqlerr.New(sqlerr.InvalidParameterValue, "cannot set path in scalar")
	}
	for k := p.from; k < p.to; k++ {
		key, ok := p.textItem(k)
		if !ok {
			return sqlerr.New(sqlerr.NullValueNotAllowed, "path element at position %d is null", k-p.from+1)
		}
		if jsonKind(s) == "array" {
			if strings.TrimSpace(s[1:len(s)-1]) == "" && !create {
				return nil
			}
			if _, err := strconv.Atoi(key); err != nil {
				return sqlerr.New(sqlerr.InvalidTextRepresentation, `path element at position %d is not an integer: "%s"`, k-p.from+1, key)
			}
		}
		if s, ok = jsonStep(s, key); !ok {
			return nil
		}
	}
	return nil
}

// setAt is jsonb_set.
func setAt(s string, p list, v string, create bool) (string, error) {
	if err := checkSetPath(s, p, create); err != nil {
		return "", err
	}
	if p.from == p.to {
		return s, nil
	}
	return canonical(appendSet(nil, s, p, p.from, v, create))
}

// appendSet writes s with the value at path[k:] replaced by v; where it is missing and create is set it is added.
func appendSet(dst []byte, s string, p list, k int, v string, create bool) []byte {
	if k == p.to {
		return append(dst, v...)
	}
	key, ok := p.textItem(k)
	kind := jsonKind(s)
	if !ok || kind != "object" && kind != "array" {
		return append(dst, s...)
	}
	keys, vals := jsonList(s)
	at := -1
	if kind == "object" {
		for i, have := range keys {
			if have == key {
				at = i
			}
		}
	} else {
		n, err := strconv.Atoi(key)
		if err != nil {
			return append(dst, s...)
		}
		if n < 0 {
			n += len(vals)
			if n < 0 && create && k == p.to-1 {
				return appendMembers(dst, false, nil, append([]string{v}, vals...))
			}
		}
		if n >= 0 && n < len(vals) {
			at = n
		}
	}
	switch {
	case at >= 0:
		vals[at] = string(appendSet(nil, vals[at], p, k+1, v, create))
	case create && k == p.to-1:
		keys, vals = append(keys, key), append(vals, v)
	}
	return appendMembers(dst, kind == "object", keys, vals)
}

// jsonDeletePath is s without the value at path[k:]; as it is where there is none.
func jsonDeletePath(s string, p list, k int) (string, error) {
	kind := jsonKind(s)
	if k == p.to || kind != "object" && kind != "array" {
		return s, nil
	}
	key, ok := p.textItem(k)
	if !ok {
		return s, nil
	}
	if kind == "array" {
		if _, err := strconv.Atoi(key); err != nil {
			if strings.TrimSpace(s[1:len(s)-1]) == "" {
				return s, nil
			}
			return "", sqlerr.New(sqlerr.InvalidTextRepresentation, "path element at position %d is not an integer: %q", k-p.from+1, key)
		}
	}
	keys, vals := jsonList(s)
	at := -1
	for i := range vals {
		if kind == "object" && keys[i] == key {
			at = i
		}
	}
	if n, err := strconv.Atoi(key); err == nil && kind == "array" {
		if n < 0 {
			n += len(vals)
		}
		if n >= 0 && n < len(vals) {
			at = n
		}
	}
	switch {
	case at < 0:
		return s, nil
	case k < p.to-1:
		inner, err := jsonDeletePath(vals[at], p, k+1)
		if err != nil {
			return "", err
		}
		vals[at] = inner
	default:
		vals = append(vals[:at:at], vals[at+1:]...)
		if kind == "object" {
			keys = append(keys[:at:at], keys[at+1:]...)
		}
	}
	return string(appendMembers(nil, kind == "object", keys, vals)), nil
}
