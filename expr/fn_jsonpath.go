package expr

import (
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/internal/jsonpath"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// jsonpathFuncs are the operators @? and @@ and the functions jsonb_path_*; those that end in _tz compare times with and without zones.
func jsonpathFuncs() []*Func {
	J, P, B := types.JSONB, types.JSONPath, types.Bool
	sig := args(J, P, J, B)
	var fs []*Func
	for _, tz := range []bool{false, true} {
		suffix, vol := "", Immutable
		if tz {
			suffix, vol = "_tz", Stable
		}
		fn := func(name string, ret types.Type, doc string, k func(q pathCall) Kernel) *Func {
			return &Func{Name: name + suffix, Args: sig, Defaults: 2, Ret: ret, Vol: vol, Doc: doc, Kernel: k(pathCall{zones: tz})}
		}
		fs = append(fs,
			fn("jsonb_path_exists", B, "whether a JSON path finds anything", pathExists),
			fn("jsonb_path_match", B, "result of a JSON path's predicate", pathMatch),
			fn("jsonb_path_query_array", J, "what a JSON path finds, as an array", pathQueryArray),
			fn("jsonb_path_query_first", J, "the first that a JSON path finds", pathQueryFirst),
			&Func{Name: "jsonb_path_query" + suffix, Args: sig, Defaults: 2, Ret: J, Vol: vol, Set: pathQuery(pathCall{zones: tz}),
				Doc: "what a JSON path finds, row by row"})
	}
	return append(fs,
		&Func{Name: "@?", Args: args(J, P), Ret: B, Vol: Immutable, Kernel: pathExists(pathCall{silent: true}), Doc: "whether a JSON path finds anything"},
		&Func{Name: "@@", Args: args(J, P), Ret: B, Vol: Immutable, Kernel: pathMatch(pathCall{silent: true}), Doc: "result of a JSON path's predicate"})
}

// pathCall is how a function runs its path.
type pathCall struct{ zones, silent, exists bool }

// rows gives what the path of row i finds; silent says that an error was hidden, items are what was found before it.
func (q pathCall) rows(ctx *Ctx, vs []Vec) func(i int) (items []pathItem, silent bool, err error) {
	target, text := stringsOf(vs[0]), stringsOf(vs[1])
	parse := parsedPaths()
	return func(i int) ([]pathItem, bool, error) {
		silent := q.silent || len(vs) > 3 && read[bool](vs[3])(i)
		r := &pathRun{root: pathItem{json: target.at(i)}, vars: "{}", zones: q.zones, ctx: ctx}
		if len(vs) > 2 {
			vars := stringsOf(vs[2])
			if r.vars = vars.at(i); jsonKind(r.vars) != "object" {
				return nil, false, sqlerr.New(sqlerr.InvalidParameterValue, `"vars" argument is not an object`).
					WithDetail(`Jsonpath parameters should be encoded as key-value pairs of "vars" object.`)
			}
		}
		p, err := parse(text.at(i))
		if err != nil {
			return nil, false, err
		}
		if r.strict = p.Strict; q.exists && !p.Strict && p.Expr.Next == nil {
			r.exists = p.Expr
		}
		items, err := r.run(p.Expr, nil)
		switch {
		case err != nil && q.exists && !p.Strict && len(items) > 0:
			return items, false, nil
		case err != nil && silent && suppressible(err):
			return items, true, err
		}
		return items, false, err
	}
}

// suppressible says whether the argument silent hides an error: those of the path, not those of the call.
func suppressible(err error) bool {
	code := sqlerr.From(err).Code
	return code[:4] == "2203" || code == sqlerr.DivisionByZero || code == sqlerr.NumericValueOutOfRange
}

// parsedPaths parses each path once.
func parsedPaths() func(s string) (*jsonpath.Path, error) {
	var mu sync.Mutex
	last, have := "", (*jsonpath.Path)(nil)
	return func(s string) (*jsonpath.Path, error) {
		mu.Lock()
		defer mu.Unlock()
		if have == nil || s != last {
			p, err := jsonpath.Parse(s)
			if err != nil {
				return nil, err
			}
			last, have = s, p
		}
		return have, nil
	}
}

func pathExists(q pathCall) Kernel {
	q.exists = true
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		rows := q.rows(ctx, vs)
		return write(types.Bool, n, andValid(n, vs...), func(i int) (bool, error) {
			items, silent, err := rows(i)
			if silent {
				return false, errNull
			}
			return len(items) > 0, err
		})
	}
}

func pathMatch(q pathCall) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		rows := q.rows(ctx, vs)
		return write(types.Bool, n, andValid(n, vs...), func(i int) (bool, error) {
			items, silent, err := rows(i)
			switch {
			case silent:
				return false, errNull
			case err != nil:
				return false, err
			case len(items) == 1 && items[0].kind() == "boolean":
				return items[0].json == "true", nil
			case len(items) == 1 && items[0].kind() == "null", q.silent, len(vs) > 3 && read[bool](vs[3])(i):
				return false, errNull
			}
			return false, sqlerr.New(pathSingleton, "single boolean result is expected")
		})
	}
}

func pathQueryArray(q pathCall) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		rows := q.rows(ctx, vs)
		return write(types.JSONB, n, andValid(n, vs...), func(i int) (string, error) {
			items, silent, err := rows(i)
			if err != nil && !silent {
				return "", err
			}
			vals := make([]string, len(items))
			for k, it := range items {
				vals[k] = it.text()
			}
			return canonical(appendMembers(nil, false, nil, vals))
		})
	}
}

func pathQueryFirst(q pathCall) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		rows := q.rows(ctx, vs)
		return write(types.JSONB, n, andValid(n, vs...), func(i int) (string, error) {
			items, silent, err := rows(i)
			if len(items) == 0 && (silent || err == nil) {
				return "", errNull
			}
			if err != nil && !silent {
				return "", err
			}
			return canonical([]byte(items[0].text()))
		})
	}
}

func pathQuery(q pathCall) SetKernel {
	return func(ctx *Ctx, n int, vs []Vec) ([]arrow.Array, []int32, error) {
		rows := q.rows(ctx, vs)
		out := newTextLists(n, nil)
		var from []int32
		for i := range n {
			if anyNull(vs, i) {
				continue
			}
			items, silent, err := rows(i)
			if err != nil && !silent {
				return nil, nil, err
			}
			for _, it := range items {
				s, err := canonical([]byte(it.text()))
				if err != nil {
					return nil, nil, err
				}
				out.add(s)
				from = append(from, int32(i))
			}
		}
		return []arrow.Array{out.elements()}, from, nil
	}
}
