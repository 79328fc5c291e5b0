package expr

import (
	"cmp"
	"strings"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/types"
)

// predicate computes a predicate: an error in its operands makes it unknown.
func (r *pathRun) predicate(n *jsonpath.Node) (pathTruth, error) {
	switch n.Op {
	case jsonpath.And, jsonpath.Or:
		l, err := r.predicate(n.Args[0])
		settled := truthOf(n.Op == jsonpath.Or)
		if err != nil || l == settled {
			return l, err
		}
		rt, err := r.predicate(n.Args[1])
		if err != nil || rt == settled || l != isUnknown {
			return rt, err
		}
		return isUnknown, nil
	case jsonpath.Not:
		t, err := r.predicate(n.Args[0])
		if err != nil || t == isUnknown {
			return t, err
		}
		return isTrue - t, nil
	case jsonpath.IsUnknown:
		t, err := r.predicate(n.Args[0])
		return truthOf(t == isUnknown), err
	case jsonpath.Exists:
		items, err := r.run(n.Args[0], nil)
		if err != nil {
			return isUnknown, hardError(err)
		}
		return truthOf(len(items) > 0), nil
	case jsonpath.StartsWith:
		return r.pairs(n.Args[0], n.Args[1], func(a, b pathItem) (pathTruth, error) {
			if a.kind() != "string" || b.kind() != "string" {
				return isUnknown, nil
			}
			return truthOf(strings.HasPrefix(jsonString(a.json), jsonString(b.json))), nil
		})
	case jsonpath.LikeRegex:
		re, err := compileRegex(n.Text, pathRegexFlags(n.Flags))
		if err != nil {
			return isUnknown, err
		}
		return r.pairs(n.Args[0], nil, func(a, _ pathItem) (pathTruth, error) {
			if a.kind() != "string" {
				return isUnknown, nil
			}
			found, err := re.matches(jsonString(a.json))
			return truthOf(found), err
		})
	case jsonpath.Eq, jsonpath.Ne, jsonpath.Lt, jsonpath.Gt, jsonpath.Le, jsonpath.Ge:
		return r.pairs(n.Args[0], n.Args[1], func(a, b pathItem) (pathTruth, error) { return r.compare(n.Op, a, b) })
	}
	items, err := r.run(n, nil)
	if err != nil {
		return isUnknown, hardError(err)
	}
	if len(items) != 1 || items[0].json != "true" && items[0].json != "false" {
		return isUnknown, nil
	}
	return truthOf(items[0].json == "true"), nil
}

// pathRegexFlags turns XQuery's flags into those of regular expressions here: there a dot does not match a line's end unless s is set.
func pathRegexFlags(flags string) string {
	has := func(f string) bool { return strings.Contains(flags, f) }
	out := ""
	switch {
	case has("q"):
		out = "q"
	case has("s") && has("m"):
		out = "w"
	case has("m"):
		out = "n"
	case !has("s"):
		out = "p"
	}
	if has("i") {
		out += "i"
	}
	return out
}

// hardError is err where it is not one that makes a predicate unknown: an unknown variable, say.
func hardError(err error) error {
	if suppressible(err) {
		return nil
	}
	return err
}

// pairs tries all pairs of the operands' values: lax mode is content with the first true one; strict mode wants no unknown one.
func (r *pathRun) pairs(l, rn *jsonpath.Node, test func(a, b pathItem) (pathTruth, error)) (pathTruth, error) {
	left, err := r.operands(l)
	if err != nil {
		return isUnknown, hardError(err)
	}
	right := []pathItem{{json: "null"}}
	if rn != nil {
		if right, err = r.operands(rn); err != nil {
			return isUnknown, hardError(err)
		}
	}
	found, unknown := false, false
	for _, a := range left {
		for _, b := range right {
			t, err := test(a, b)
			if err != nil {
				return isUnknown, err
			}
			switch {
			case t == isUnknown && r.strict:
				return isUnknown, nil
			case t == isTrue && !r.strict:
				return isTrue, nil
			}
			found, unknown = found || t == isTrue, unknown || t == isUnknown
		}
	}
	switch {
	case found:
		return isTrue, nil
	case unknown:
		return isUnknown, nil
	}
	return isFalse, nil
}

// compare compares two items: null equals null only, and items of different kinds do not compare.
func (r *pathRun) compare(op jsonpath.Op, a, b pathItem) (pathTruth, error) {
	ka, kb := a.kind(), b.kind()
	if ka != kb {
		if ka == "null" || kb == "null" {
			return truthOf(op == jsonpath.Ne), nil
		}
		return isUnknown, nil
	}
	c := 0
	switch ka {
	case "null":
	case "boolean":
		c = cmp.Compare(len(b.json), len(a.json)) // "true" is shorter, and larger
	case "number":
		x, err := types.ParseDec(a.json)
		if err != nil {
			return isUnknown, err
		}
		y, err := types.ParseDec(b.json)
		if err != nil {
			return isUnknown, err
		}
		c = x.Cmp(y)
	case "string":
		c = strings.Compare(jsonString(a.json), jsonString(b.json))
	case "datetime":
		var ok bool
		var err error
		if c, ok, err = r.compareTimes(a.time, b.time); err != nil || !ok {
			return isUnknown, err
		}
	default:
		return isUnknown, nil
	}
	switch op {
	case jsonpath.Eq:
		return truthOf(c == 0), nil
	case jsonpath.Ne:
		return truthOf(c != 0), nil
	case jsonpath.Lt:
		return truthOf(c < 0), nil
	case jsonpath.Gt:
		return truthOf(c > 0), nil
	case jsonpath.Le:
		return truthOf(c <= 0), nil
	}
	return truthOf(c >= 0), nil
}
