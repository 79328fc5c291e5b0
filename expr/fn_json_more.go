package expr

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// jsonMoreFuncs lay JSON out, insert into it, and make objects of arrays of texts.
func jsonMoreFuncs() []*Func {
	X, B, J := types.Text, types.Bool, types.JSONB
	texts, _ := X.Array()
	fs := []*Func{
		p1("jsonb_pretty", J, X, func(s string) string { return string(appendPretty(nil, s, 0)) }, "JSON with line breaks and indentation"),
		f1("json_strip_nulls", types.JSON, types.JSON, func(_ *Ctx, s string) (string, error) {
			return string(compactJSON(stripNulls(nil, s))), nil
		}, "without the members that are null"),
		f3("jsonb_insert", J, texts, J, J, func(_ *Ctx, s string, p list, v string) (string, error) { return jsonInsert(s, p, v, false) },
			"value inserted before a path"),
		f4("jsonb_insert", J, texts, J, B, J, func(_ *Ctx, s string, p list, v string, after bool) (string, error) {
			return jsonInsert(s, p, v, after)
		},
			"value inserted before or after a path"),
		f2("-", J, texts, J, func(_ *Ctx, s string, keys list) (string, error) {
			var err error
			if kind := jsonKind(s); kind != "object" && kind != "array" {
				return "", cannotDelete()
			}
			for k := keys.from; k < keys.to && err == nil; k++ {
				if key, ok := keys.textItem(k); ok {
					s, err = jsonDelete(s, key)
				}
			}
			return s, err
		}, "without the keys"),
		{Name: "jsonb_set_lax", Args: args(J, texts, J, B, X), Defaults: 2, Ret: J, CalledOnNull: true, Vol: Immutable, Kernel: jsonSetLax,
			Doc: "value at a path replaced or added, with a rule for NULL"},
	}
	for _, j := range []types.Type{types.JSON, J} {
		name := j.Info().Name + "_object"
		fs = append(fs,
			f1(name, texts, j, func(_ *Ctx, l list) (string, error) { return jsonObject(j, l, l, 2) }, "object of an array of keys and values in turn"),
			f2(name, texts, texts, j, func(_ *Ctx, k, v list) (string, error) { return jsonObject(j, k, v, 1) }, "object of an array of keys and one of values"))
	}
	return fs
}

// appendPretty lays JSON out as PostgreSQL does: four blanks a level.
func appendPretty(dst []byte, s string, depth int) []byte {
	kind := jsonKind(s)
	if kind != "object" && kind != "array" {
		return append(dst, s...)
	}
	open, end := "[", "]"
	if kind == "object" {
		open, end = "{", "}"
	}
	dst = append(dst, open...)
	keys, vals := jsonList(s)
	for i, v := range vals {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, "\n"+strings.Repeat("    ", depth+1)...)
		if kind == "object" {
			dst = append(appendJSONString(dst, keys[i]), ": "...)
		}
		dst = appendPretty(dst, v, depth+1)
	}
	return append(dst, "\n"+strings.Repeat("    ", depth)+end...)
}

// compactJSON is JSON without blanks between its parts, as json_strip_nulls gives it.
func compactJSON(b []byte) []byte {
	out, quoted := b[:0], false
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case quoted && c == '\\':
			out = append(out, c)
			i++
			c = b[i]
		case c == '"':
			quoted = !quoted
		case !quoted && (c == ' ' || c == '\n' || c == '\t' || c == '\r'):
			continue
		}
		out = append(out, c)
	}
	return out
}

// jsonInsert puts a value into the array at a path, before or after an element, or a new key into the object there.
func jsonInsert(s string, p list, v string, after bool) (string, error) {
	if kind := jsonKind(s); kind != "object" && kind != "array" {
		return "", sqlerr.New(sqlerr.InvalidParameterValue, "cannot set path in scalar")
	}
	if p.from == p.to {
		return s, nil
	}
	out, err := appendInsert(nil, s, p, p.from, v, after)
	if err != nil {
		return "", err
	}
	return canonical(out)
}

func appendInsert(dst []byte, s string, p list, k int, v string, after bool) ([]byte, error) {
	kind := jsonKind(s)
	if kind != "object" && kind != "array" {
		return append(dst, s...), nil
	}
	key, ok := p.textItem(k)
	if !ok {
		return nil, sqlerr.New(sqlerr.NullValueNotAllowed, "path element at position %d is null", k-p.from+1)
	}
	keys, vals := jsonList(s)
	at, last := -1, k == p.to-1
	if kind == "object" {
		for i, have := range keys {
			if have == key {
				at = i
			}
		}
		if at >= 0 && last {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "cannot replace existing key").
				WithHint("Try using the function jsonb_set to replace key value.")
		}
	} else {
		n, err := strconv.Atoi(key)
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidTextRepresentation, "path element at position %d is not an integer: %q", k-p.from+1, key)
		}
		if n < 0 {
			n = max(n+len(vals), -1)
		}
		at = min(n, len(vals))
	}
	switch {
	case !last && at >= 0 && at < len(vals):
		inner, err := appendInsert(nil, vals[at], p, k+1, v, after)
		if err != nil {
			return nil, err
		}
		vals[at] = string(inner)
	case last && kind == "object":
		keys, vals = append(keys, key), append(vals, v)
	case last:
		if at < 0 {
			at = 0
		} else if after && at < len(vals) {
			at++
		}
		keys = append(keys, "")
		vals = append(vals[:at:at], append([]string{v}, vals[at:]...)...)
	}
	return appendMembers(dst, kind == "object", keys, vals), nil
}

// jsonSetLax is jsonb_set with a rule for NULL: raise_exception, use_json_null (when none is given), delete_key, return_target.
func jsonSetLax(_ *Ctx, n int, vs []Vec) (Vec, error) {
	s, path, v := stringsOf(vs[0]), readList(vs[1]), stringsOf(vs[2])
	return write(types.JSONB, n, andValid(n, vs[:2]...), func(i int) (string, error) {
		create, rule := true, "use_json_null"
		if len(vs) > 3 {
			if vs[3].IsNull(i) {
				return "", errNull
			}
			create = read[bool](vs[3])(i)
		}
		if len(vs) > 4 {
			if vs[4].IsNull(i) {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, `null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"`)
			}
			rules := stringsOf(vs[4])
			rule = rules.at(i)
		}
		p, with := path(i), "null"
		if !vs[2].IsNull(i) {
			with = v.at(i)
		} else {
			switch rule {
			case "use_json_null":
			case "raise_exception":
				return "", sqlerr.New(sqlerr.NullValueNotAllowed, "JSON value must not be null").
					WithDetail("Exception was raised because null_value_treatment is \"raise_exception\".").
					WithHint("To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.")
			case "return_target":
				return s.at(i), nil
			case "delete_key":
				out, err := jsonDeletePath(s.at(i), p, p.from)
				if err != nil {
					return "", err
				}
				return canonical([]byte(out))
			default:
				return "", sqlerr.New(sqlerr.InvalidParameterValue, `null_value_treatment must be "delete_key", "return_target", "use_json_null", or "raise_exception"`)
			}
		}
		return setAt(s.at(i), p, with, create)
	})
}

// jsonObject makes an object: of one list in which keys and values take turns (step 2), or of two lists (step 1).
func jsonObject(j types.Type, keys, vals list, step int) (string, error) {
	n, m := keys.to-keys.from, vals.to-vals.from
	kd, vd := keys.dims(), vals.dims()
	switch {
	case step == 2 && len(kd) == 2 && kd[1].Len != 2:
		return "", sqlerr.New(sqlerr.ArraySubscriptError, "array must have two columns")
	case step == 2 && len(kd) > 2, step == 1 && (len(kd) > 1 || len(kd) != len(vd)):
		return "", sqlerr.New(sqlerr.ArraySubscriptError, "wrong number of array subscripts")
	}
	if step == 2 && n%2 == 1 {
		return "", sqlerr.New(sqlerr.ArraySubscriptError, "array must have even number of elements")
	}
	if n != m {
		return "", sqlerr.New(sqlerr.ArraySubscriptError, "mismatched array dimensions")
	}
	dst := []byte{'{'}
	for k := 0; k < n; k += step {
		key, ok := keys.textItem(keys.from + k)
		if !ok {
			return "", sqlerr.New(sqlerr.NullValueNotAllowed, "null value not allowed for object key")
		}
		if k > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(appendJSONString(dst, key), " : "...)
		if v, ok := vals.textItem(vals.from + k + step - 1); ok {
			dst = appendJSONString(dst, v)
		} else {
			dst = append(dst, "null"...)
		}
	}
	dst = append(dst, '}')
	if j.Is(types.JSON) {
		return string(dst), nil
	}
	return canonical(dst)
}
