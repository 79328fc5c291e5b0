package expr

import (
	"fmt"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// The SQLSTATEs of SQL/JSON paths (PostgreSQL's appendix A, class 22).
const (
	pathBadDatetime  = "22031"
	pathBadSubscript = "22033"
	pathNonNumeric   = "22036"
	pathSingleton    = "22038"
	pathNoArray      = "22039"
	pathNoMember     = "2203A"
	pathNoNumber     = "2203B"
	pathNoObject     = "2203C"
)

// pathItem is a value on the way: JSON text, or a date or time.
type pathItem struct {
	json string
	time *pathTime
}

func (it pathItem) kind() string {
	if it.time != nil {
		return "datetime"
	}
	return jsonKind(it.json)
}

// text is the item as JSON.
func (it pathItem) text() string {
	if it.time != nil {
		return string(appendJSONString(nil, it.time.String()))
	}
	return it.json
}

// pathRun computes one path over one value (SQL:2016, 9.39, as PostgreSQL does).
type pathRun struct {
	root    pathItem
	vars    string
	strict  bool
	zones   bool           // the _tz functions: times with and without zones compare
	exists  *jsonpath.Node // the whole path where it is only asked whether it finds anything: its sign passes over what is no number
	ctx     *Ctx
	current []pathItem // @, innermost last
	sizes   []int      // of the arrays whose subscripts are computed, for last
}

// pathTruth is the result of a predicate.
type pathTruth int8

const (
	isFalse pathTruth = iota
	isTrue
	isUnknown
)

func truthOf(b bool) pathTruth {
	if b {
		return isTrue
	}
	return isFalse
}

// missing is an error of structure: lax mode takes it for an empty result.
func (r *pathRun) missing(code, format string, args ...any) ([]pathItem, error) {
	if !r.strict {
		return nil, nil
	}
	return nil, sqlerr.New(code, format, args...)
}

// run gives the values of a node and its accessors; items are those that it is applied to (of an accessor). With an error come the values that
// were found before it.
func (r *pathRun) run(n *jsonpath.Node, of []pathItem) ([]pathItem, error) {
	out, err := r.step(n, of)
	if n.Next == nil || len(out) == 0 {
		return out, err
	}
	rest, later := r.run(n.Next, out)
	if later != nil {
		err = later
	}
	return rest, err
}

// step computes a node without its accessors.
func (r *pathRun) step(n *jsonpath.Node, of []pathItem) ([]pathItem, error) {
	one := func(json string) ([]pathItem, error) { return []pathItem{{json: json}}, nil }
	switch n.Op {
	case jsonpath.Null:
		return one("null")
	case jsonpath.Bool:
		return one(n.Text)
	case jsonpath.Number:
		d, err := types.ParseDec(n.Text)
		if err != nil {
			return nil, err
		}
		return one(d.String())
	case jsonpath.String:
		return one(string(appendJSONString(nil, n.Text)))
	case jsonpath.Variable:
		v, ok := jsonField(r.vars, n.Text)
		if !ok {
			return nil, sqlerr.New(sqlerr.UndefinedObject, `could not find jsonpath variable "%s"`, n.Text)
		}
		return one(v)
	case jsonpath.Root:
		return []pathItem{r.root}, nil
	case jsonpath.Current:
		return []pathItem{r.current[len(r.current)-1]}, nil
	case jsonpath.Last:
		return one(fmt.Sprint(r.sizes[len(r.sizes)-1] - 1))
	case jsonpath.Add, jsonpath.Sub, jsonpath.Mul, jsonpath.Div, jsonpath.Mod:
		return r.arithmetic(n)
	case jsonpath.Plus, jsonpath.Minus:
		return r.sign(n)
	}
	if n.IsPredicate() {
		t, err := r.predicate(n)
		if err != nil {
			return nil, err
		}
		return one([]string{"false", "true", "null"}[t])
	}
	var out []pathItem
	for _, it := range of {
		got, err := r.access(n, it)
		if out = append(out, got...); err != nil {
			return out, err
		}
	}
	return out, nil
}

// access applies an accessor to one item.
func (r *pathRun) access(n *jsonpath.Node, it pathItem) ([]pathItem, error) {
	kind := it.kind()
	unwraps := n.Op == jsonpath.Key || n.Op == jsonpath.AnyKey || n.Op == jsonpath.Filter ||
		n.Op == jsonpath.Method && n.Text != "type" && n.Text != "size"
	if unwraps && kind == "array" && !r.strict {
		var out []pathItem
		_, elems := jsonList(it.json)
		for _, e := range elems {
			got, err := r.accessOne(n, pathItem{json: e})
			if out = append(out, got...); err != nil {
				return out, err
			}
		}
		return out, nil
	}
	return r.accessOne(n, it)
}

func (r *pathRun) accessOne(n *jsonpath.Node, it pathItem) ([]pathItem, error) {
	switch n.Op {
	case jsonpath.Key:
		return r.key(n, it)
	case jsonpath.AnyKey:
		if it.kind() != "object" {
			return r.missing(pathNoObject, "jsonpath wildcard member accessor can only be applied to an object")
		}
		return members(it.json), nil
	case jsonpath.AnyArray:
		switch {
		case it.kind() == "array":
			return members(it.json), nil
		case !r.strict:
			return []pathItem{it}, nil
		}
		return nil, sqlerr.New(pathNoArray, "jsonpath wildcard array accessor can only be applied to an array")
	case jsonpath.Index:
		return r.subscripts(n, it)
	case jsonpath.Any:
		return r.levels(n, it, 0), nil
	case jsonpath.Filter:
		r.current = append(r.current, it)
		t, err := r.predicate(n.Args[0])
		r.current = r.current[:len(r.current)-1]
		if err != nil || t != isTrue {
			return nil, err
		}
		return []pathItem{it}, nil
	}
	return r.method(n, it)
}

func members(json string) []pathItem {
	_, vals := jsonList(json)
	out := make([]pathItem, len(vals))
	for i, v := range vals {
		out[i].json = v
	}
	return out
}

func (r *pathRun) key(n *jsonpath.Node, it pathItem) ([]pathItem, error) {
	if it.kind() != "object" {
		return r.missing(pathNoMember, "jsonpath member accessor can only be applied to an object")
	}
	v, ok := jsonField(it.json, n.Text)
	if !ok {
		return r.missing(pathNoMember, `JSON object does not contain key "%s"`, n.Text)
	}
	return []pathItem{{json: v}}, nil
}

// levels gives the item and what lies below it, where its level is asked for.
func (r *pathRun) levels(n *jsonpath.Node, it pathItem, level int) []pathItem {
	var out []pathItem
	kind := it.kind()
	inner := kind == "object" || kind == "array"
	var below []pathItem
	if inner {
		below = members(it.json)
	}
	from, to := n.From, n.To
	switch {
	case from == -1: // only the deepest
		if len(below) == 0 && !inner {
			out = append(out, it)
		}
	case level >= from && (to == -1 || level <= to):
		out = append(out, it)
	}
	if to == -1 || level < to {
		for _, b := range below {
			out = append(out, r.levels(n, b, level+1)...)
		}
	}
	return out
}

func (r *pathRun) subscripts(n *jsonpath.Node, it pathItem) ([]pathItem, error) {
	elems := []pathItem{it}
	if it.kind() == "array" {
		elems = members(it.json)
	} else if r.strict {
		return nil, sqlerr.New(pathNoArray, "jsonpath array accessor can only be applied to an array")
	}
	r.sizes = append(r.sizes, len(elems))
	defer func() { r.sizes = r.sizes[:len(r.sizes)-1] }()
	var out []pathItem
	for i := 0; i < len(n.Args); i += 2 {
		from, err := r.subscript(n.Args[i])
		if err != nil {
			return nil, err
		}
		to := from
		if n.Args[i+1] != nil {
			if to, err = r.subscript(n.Args[i+1]); err != nil {
				return nil, err
			}
		}
		if r.strict && (from < 0 || from > to || to >= len(elems)) {
			return nil, sqlerr.New(pathBadSubscript, "jsonpath array subscript is out of bounds")
		}
		for k := max(0, from); k <= min(to, len(elems)-1); k++ {
			out = append(out, elems[k])
		}
	}
	return out, nil
}

func (r *pathRun) subscript(n *jsonpath.Node) (int, error) {
	items, err := r.run(n, nil)
	if err != nil {
		return 0, err
	}
	if len(items) == 1 && items[0].kind() == "number" {
		d, err := types.ParseDec(items[0].json)
		if err != nil {
			return 0, err
		}
		i, err := d.Trunc(0).ToInt("integer", -1<<31, 1<<31-1)
		if err != nil {
			return 0, sqlerr.New(pathBadSubscript, "jsonpath array subscript is out of integer range")
		}
		return int(i), nil
	}
	return 0, sqlerr.New(pathBadSubscript, "jsonpath array subscript is not a single numeric value")
}

// operands gives the values of an operand; lax mode takes arrays apart.
func (r *pathRun) operands(n *jsonpath.Node) ([]pathItem, error) {
	items, err := r.run(n, nil)
	if err != nil || r.strict {
		return items, err
	}
	var out []pathItem
	for _, it := range items {
		if it.kind() == "array" {
			out = append(out, members(it.json)...)
		} else {
			out = append(out, it)
		}
	}
	return out, nil
}

func (r *pathRun) arithmetic(n *jsonpath.Node) ([]pathItem, error) {
	var nums [2]types.Dec
	for k, side := range []string{"left", "right"} {
		items, err := r.operands(n.Args[k])
		if err != nil {
			return nil, err
		}
		if len(items) != 1 || items[0].kind() != "number" {
			return nil, sqlerr.New(pathSingleton, "%s operand of jsonpath operator %s is not a single numeric value", side, n.Op.Symbol())
		}
		if nums[k], err = types.ParseDec(items[0].json); err != nil {
			return nil, err
		}
	}
	var d types.Dec
	var err error
	switch n.Op {
	case jsonpath.Add:
		d = nums[0].Add(nums[1])
	case jsonpath.Sub:
		d = nums[0].Sub(nums[1])
	case jsonpath.Mul:
		d = nums[0].Mul(nums[1])
	case jsonpath.Div:
		d, err = nums[0].Div(nums[1])
	default:
		d, err = nums[0].Mod(nums[1])
	}
	if err != nil {
		return nil, err
	}
	return []pathItem{{json: d.String()}}, nil
}

func (r *pathRun) sign(n *jsonpath.Node) ([]pathItem, error) {
	items, err := r.operands(n.Args[0])
	if err != nil {
		return nil, err
	}
	var out []pathItem
	for _, it := range items {
		if it.kind() != "number" {
			if n == r.exists {
				continue
			}
			return out, sqlerr.New(pathNoNumber, "operand of unary jsonpath operator %s is not a numeric value", n.Op.Symbol())
		}
		d, err := types.ParseDec(it.json)
		if err != nil {
			return nil, err
		}
		if n.Op == jsonpath.Minus {
			d = d.Neg()
		}
		out = append(out, pathItem{json: d.String()})
	}
	return out, nil
}
