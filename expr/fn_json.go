package expr

import (
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// jsonFuncs are the operators and functions that take JSON apart; the makers are in fn_json_build.go.
func jsonFuncs() []*Func {
	X, I := types.Text, types.Int4
	textArray, _ := X.Array()
	var fs []*Func
	for _, j := range []types.Type{types.JSON, types.JSONB} {
		pre, item := j.Info().Name, jsonItem
		if j == types.JSONB {
			item = jsonbItem
		}
		fs = append(fs,
			f2("->", j, X, j, taken(j, func(s, k string) (string, error) { return orNull(jsonField(s, k)) }), "field of an object"),
			f2("->", j, I, j, taken(j, func(s string, n int32) (string, error) { return orNull(item(s, int(n))) }), "element of an array"),
			f2("->>", j, X, X, taken(j, func(s, k string) (string, error) { return textOrNull(jsonField(s, k)) }), "field of an object as text"),
			f2("->>", j, I, X, taken(j, func(s string, n int32) (string, error) { return textOrNull(item(s, int(n))) }), "element of an array as text"),
			f2("#>", j, textArray, j, taken(j, func(s string, p list) (string, error) { return orNull(jsonPath(s, p)) }), "value at a path"),
			f2("#>>", j, textArray, X, taken(j, func(s string, p list) (string, error) { return textOrNull(jsonPath(s, p)) }), "value at a path as text"),
			&Func{Name: pre + "_extract_path", Args: args(j, textArray), Variadic: true, Ret: j, Vol: Immutable, Kernel: extractPath(j, false), Doc: "value at a path"},
			&Func{Name: pre + "_extract_path_text", Args: args(j, textArray), Variadic: true, Ret: X, Vol: Immutable, Kernel: extractPath(X, true), Doc: "value at a path as text"},
			p1(pre+"_typeof", j, X, jsonKind, "object, array, string, number, boolean or null"),
			f1(pre+"_array_length", j, I, func(_ *Ctx, s string) (int32, error) {
				switch k := jsonKind(s); {
				case k == "object":
					return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot get array length of a non-array")
				case k != "array":
					return 0, sqlerr.New(sqlerr.InvalidParameterValue, "cannot get array length of a scalar")
				}
				return int32(jsonLen(s)), nil
			}, "number of elements"),
			jsonSet(pre+"_array_elements", j, "array", []SetCol{{"value", j}}, "elements of an array"),
			jsonSet(pre+"_array_elements_text", j, "array", []SetCol{{"value", X}}, "elements of an array as text"),
			jsonSet(pre+"_each", j, "object", []SetCol{{"key", X}, {"value", j}}, "keys and values of an object"),
			jsonSet(pre+"_each_text", j, "object", []SetCol{{"key", X}, {"value", X}}, "keys and values of an object, as text"),
			jsonSet(pre+"_object_keys", j, "object", []SetCol{{pre + "_object_keys", X}}, "keys of an object"))
	}
	J := types.JSONB
	return append(fs, jsonbNames([]*Func{
		p2("@>", J, J, types.Bool, jsonContains, "left contains right"),
		p2("<@", J, J, types.Bool, func(a, b string) bool { return jsonContains(b, a) }, "right contains left"),
		p2("?", J, X, types.Bool, jsonHas, "whether there is a key or a string element"),
		p2("?|", J, textArray, types.Bool, func(s string, p list) bool { return hasKeys(s, p, false) }, "whether there is one of the keys"),
		p2("?&", J, textArray, types.Bool, func(s string, p list) bool { return hasKeys(s, p, true) }, "whether there are all of the keys"),
		f2("||", J, J, J, jsonConcat, "objects or arrays joined"),
		f2("-", J, X, J, func(_ *Ctx, s, k string) (string, error) { return jsonDelete(s, k) }, "without a key"),
		f2("-", J, I, J, func(_ *Ctx, s string, n int32) (string, error) { return jsonDeleteAt(s, int(n)) }, "without an element"),
		f2("#-", J, textArray, J, func(_ *Ctx, s string, p list) (string, error) {
			if kind := jsonKind(s); kind != "object" && kind != "array" {
				return "", sqlerr.New(sqlerr.InvalidParameterValue, "cannot delete path in scalar")
			}
			out, err := jsonDeletePath(s, p, p.from)
			if err != nil {
				return "", err
			}
			return canonical([]byte(out))
		}, "without the value at a path"),
		f1("jsonb_strip_nulls", J, J, func(_ *Ctx, s string) (string, error) { return string(stripNulls(nil, s)), nil }, "without the members that are null"),
		f3("jsonb_set", J, textArray, J, J, func(_ *Ctx, s string, p list, v string) (string, error) {
			return setAt(s, p, v, true)
		}, "value at a path replaced or added"),
		f4("jsonb_set", J, textArray, J, types.Bool, J, func(_ *Ctx, s string, p list, v string, create bool) (string, error) {
			return setAt(s, p, v, create)
		}, "value at a path replaced, or added if asked"),
	})...)
}

// taken is get where json text, which is kept as it came, has no escapes that stand for no character; jsonb has none.
func taken[K any](t types.Type, get func(s string, k K) (string, error)) func(*Ctx, string, K) (string, error) {
	return func(_ *Ctx, s string, k K) (string, error) {
		if t == types.JSON && strings.Contains(s, `\u`) {
			if err := types.CheckEscapes(s); err != nil {
				return "", err
			}
		}
		return get(s, k)
	}
}

func orNull(s string, ok bool) (string, error) {
	if !ok {
		return "", errNull
	}
	return s, nil
}

func textOrNull(s string, ok bool) (string, error) {
	if !ok {
		return "", errNull
	}
	return jsonText(s)
}

// canonical is JSON text as jsonb keeps it.
func canonical(b []byte) (string, error) {
	out, err := types.AppendJSONB(nil, string(b))
	return unsafeString(out), err
}

// textItem is element k of an array of texts.
func (l list) textItem(k int) (string, bool) {
	if l.elems.IsNull(k) {
		return "", false
	}
	s := stringsOf(Vec{Arr: l.elems})
	return s.at(k), true
}

func jsonStep(s, key string) (string, bool) {
	if k := jsonKind(s); k == "array" {
		n, err := strconv.Atoi(key)
		if err != nil {
			return "", false
		}
		return jsonItem(s, n)
	}
	return jsonField(s, key)
}

func jsonPath(s string, p list) (string, bool) {
	for k := p.from; k < p.to; k++ {
		key, ok := p.textItem(k)
		if !ok {
			return "", false
		}
		if s, ok = jsonStep(s, key); !ok {
			return "", false
		}
	}
	return strings.Trim(s, " \t\r\n"), true
}

func extractPath(ret types.Type, text bool) Kernel {
	return func(_ *Ctx, n int, vs []Vec) (Vec, error) {
		s := stringsOf(vs[0])
		keys := make([]strCol, len(vs)-1)
		for k := range keys {
			keys[k] = stringsOf(vs[k+1])
		}
		return write(ret, n, andValid(n, vs...), func(i int) (string, error) {
			v, ok := s.at(i), true
			for k := range keys {
				if v, ok = jsonStep(v, keys[k].at(i)); !ok {
					return "", errNull
				}
			}
			if text {
				return jsonText(v)
			}
			return v, nil
		})
	}
}

// jsonSet makes a set-returning function over the members of a value of the given kind.
func jsonSet(name string, j types.Type, kind string, cols []SetCol, doc string) *Func {
	f := &Func{Name: name, Args: args(j), Ret: cols[0].Type, Vol: Immutable, Doc: doc}
	if len(cols) > 1 {
		f.Ret, f.RetCols = types.Record, cols
	} else if cols[0].Name == "value" {
		f.RetCols = cols
	}
	f.Set = func(_ *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
		s := stringsOf(vs[0])
		outs := make([]*textLists, len(cols))
		for k := range outs {
			outs[k] = newTextLists(0, nil)
		}
		var rows []int32
		for i := range n {
			if vs[0].IsNull(i) {
				continue
			}
			if k := jsonKind(s.at(i)); k != kind {
				return nil, nil, jsonSetError(name, kind, k)
			}
			jsonMembers(s.at(i), func(key, value string) bool {
				if kind == "object" {
					outs[0].add(key)
				}
				if last := len(cols) - 1; last > 0 || kind == "array" {
					addJSON(outs[last], value, cols[last].Type.Is(types.Text))
				}
				rows = append(rows, int32(i))
				return true
			})
		}
		out := make([]arrow.Array, len(cols))
		for k := range out {
			out[k] = retype(outs[k].elements(), cols[k].Type.Arrow())
		}
		return out, rows, nil
	}
	return f
}

func addJSON(out *textLists, value string, text bool) {
	if !text {
		out.add(value)
		return
	}
	if s, err := jsonText(value); err == nil {
		out.add(s)
	} else {
		out.addNull()
	}
}

func jsonSetError(name, want, kind string) error {
	text := "cannot call " + name + " on a scalar"
	binary, each := strings.HasPrefix(name, "jsonb"), strings.Contains(name, "_each")
	switch {
	case want == "array" && binary && kind == "object":
		text = "cannot extract elements from an object"
	case want == "array" && binary:
		text = "cannot extract elements from a scalar"
	case want == "array" && kind == "object":
		text = "cannot call " + name + " on a non-array"
	case want == "array":
	case each && binary:
		text = "cannot call " + name + " on a non-object"
	case each && kind == "array":
		text = "cannot deconstruct an array as an object"
	case each:
		text = "cannot deconstruct a scalar"
	case kind == "array":
		text = "cannot call " + name + " on an array"
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "%s", text)
}

// jsonContains is PostgreSQL's @>: the structure of b lies within a.
func jsonContains(a, b string) bool {
	ka, kb := jsonKind(a), jsonKind(b)
	switch {
	case ka == "array" && kb != "array" && kb != "object":
		return arrayHolds(a, b)
	case ka != kb:
		return false
	case ka == "object":
		ok := true
		jsonMembers(b, func(k, v string) bool {
			w, have := jsonField(a, k)
			ok = have && jsonContains2(w, v)
			return ok
		})
		return ok
	case ka == "array":
		ok := true
		jsonMembers(b, func(_, v string) bool { ok = arrayHolds(a, v); return ok })
		return ok
	}
	return jsonEqual(a, b)
}

// jsonContains2 is jsonContains below the top, where an array does not contain a bare scalar.
func jsonContains2(a, b string) bool { return jsonKind(a) == jsonKind(b) && jsonContains(a, b) }

func arrayHolds(a, v string) bool {
	found := false
	jsonMembers(a, func(_, e string) bool { found = jsonContains2(e, v); return !found })
	return found
}

func jsonEqual(a, b string) bool {
	if a == b || jsonKind(a) != "number" || jsonKind(b) != "number" {
		return a == b
	}
	x, err1 := types.ParseDec(a)
	y, err2 := types.ParseDec(b)
	return err1 == nil && err2 == nil && x.Cmp(y) == 0
}

func jsonHas(s, key string) bool {
	found := false
	switch jsonKind(s) {
	case "object":
		_, found = jsonField(s, key)
	case "array":
		jsonMembers(s, func(_, v string) bool { found = v[0] == '"' && jsonString(v) == key; return !found })
	case "string":
		found = jsonString(s) == key
	}
	return found
}

func hasKeys(s string, p list, all bool) bool {
	for k := p.from; k < p.to; k++ {
		key, ok := p.textItem(k)
		if ok && jsonHas(s, key) != all {
			return !all
		}
	}
	return all
}
