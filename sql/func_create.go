package sql

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// BindFunction makes of CREATE FUNCTION what the catalog keeps, without its OID. text is the statement's. Of a function in SQL with check the body is
// bound, too, to find its mistakes. Errors: 42P13, 42704, 0A000 and those of the body.
func BindFunction(st *ast.CreateFunction, text, schema string, check bool, env *Env) (*catalog.Function, error) {
	f := &catalog.Function{Schema: schema, Name: st.Names[len(st.Names)-1], Aggregate: st.Aggregate, SetOf: st.SetOf || st.Table, Table: st.Table,
		Language: st.Language, Body: st.Body, Return: st.Return, SearchPath: env.SearchPath, Volatility: byte(expr.Volatile), Parallel: 'u'}
	if err := funcOptions(f, st); err != nil {
		return nil, err
	}
	if err := funcArgs(f, st, env); err != nil {
		return nil, err
	}
	if err := funcResult(f, st, env); err != nil {
		return nil, err
	}
	if f.Language == "wasm" {
		if f.SetOf || f.Cols != nil || slices.ContainsFunc(f.Args, func(a catalog.FuncArg) bool { return a.Variadic }) {
			return nil, notYet(st.Pos.Offset(), "a WebAssembly function with OUT or VARIADIC arguments, or that returns a set, is not supported")
		}
		return f, nil
	}
	if st.Aggregate {
		return nil, notYet(st.Pos.Offset(), "an aggregate in SQL is not supported").WithHint("Aggregates can be written in LANGUAGE wasm.")
	}
	if !check && !f.Return {
		return f, nil
	}
	return f, checkBody(f, st, text, env)
}

func badFunction(pos ast.Pos, format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.InvalidFunctionDefinition, format, args...).At(pos.Offset())
}

// AlterFunction changes f by the clauses of CREATE FUNCTION and ALTER FUNCTION that follow the result, and tells which there were.
func AlterFunction(f *catalog.Function, list []ast.Option) (seen map[string]bool, err error) {
	groups := map[string]string{"immutable": "volatility", "stable": "volatility", "volatile": "volatility", "strict": "null", "called on null input": "null",
		"leakproof": "leakproof", "not leakproof": "leakproof"}
	seen = map[string]bool{}
	for _, o := range list {
		group := o.Key
		if g := groups[o.Key]; g != "" {
			group = g
		}
		if seen[group] {
			return nil, sqlerr.New(sqlerr.SyntaxError, "conflicting or redundant options").At(o.Pos.Offset())
		}
		seen[group] = true
		if err := funcOption(f, o); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func funcOption(f *catalog.Function, o ast.Option) error {
	switch o.Key {
	case "immutable", "stable", "volatile":
		f.Volatility = o.Key[0]
	case "strict", "called on null input":
		f.Strict = o.Key == "strict"
		if !f.Strict && f.Language == "wasm" {
			return notYet(o.Pos.Offset(), "a WebAssembly function is not called with NULL arguments").WithHint("Leave the clause out: a NULL argument gives NULL.")
		}
	case "leakproof", "not leakproof":
		f.Leakproof = o.Key == "leakproof"
	case "cost":
		f.Cost = o.Value
	case "rows":
		if !f.SetOf {
			return sqlerr.New(sqlerr.InvalidParameterValue, "ROWS is not applicable when function does not return a set")
		}
		f.Rows = o.Value
	case "parallel":
		switch v := strings.ToLower(o.Value); v {
		case "safe", "restricted", "unsafe":
			f.Parallel = v[0]
		default:
			return sqlerr.New(sqlerr.SyntaxError, "parameter \"parallel\" must be SAFE, RESTRICTED, or UNSAFE")
		}
	case "set search_path":
		if o.Value != "" { // else FROM CURRENT
			f.SearchPath = nil
			for _, n := range strings.Split(o.Value, ",") {
				f.SearchPath = append(f.SearchPath, strings.Trim(strings.TrimSpace(n), `"`))
			}
		}
	case "as", "language":
	default:
		if strings.HasPrefix(o.Key, "set ") {
			return notYet(o.Pos.Offset(), "SET in CREATE FUNCTION is only supported for search_path")
		}
		f.Options = append(f.Options, catalog.Option{Key: o.Key, Value: o.Value})
		if f.Language != "wasm" {
			return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized option %q", o.Key).At(o.Pos.Offset()).WithHint("Only a function in LANGUAGE wasm takes options.")
		}
	}
	return nil
}

// funcOptions reads the clauses behind the result.
func funcOptions(f *catalog.Function, st *ast.CreateFunction) error {
	seen, err := AlterFunction(f, st.Options)
	if err != nil {
		return err
	}
	switch {
	case !seen["as"]:
		return badFunction(-1, "no function body specified")
	case st.Language == "":
		return badFunction(-1, "no language specified")
	case st.Language != "sql" && st.Language != "wasm":
		return notYet(st.LanguagePos.Offset(), "language %q is not supported", st.Language).WithHint("Functions are written in LANGUAGE sql or wasm.")
	case st.Language == "wasm":
		return wasmOptions(f, st, seen)
	case st.Return && st.Language != "sql":
		return badFunction(st.BodyPos, "inline SQL function body only valid for language SQL")
	}
	return nil
}

// funcArgs reads the arguments: those that go in, and the columns that come out.
func funcArgs(f *catalog.Function, st *ast.CreateFunction, env *Env) error {
	for i, a := range st.Args {
		if a.Name != "" && slices.ContainsFunc(st.Args[:i], func(o ast.FuncArg) bool {
			return o.Name == a.Name && (inputMode(o.Mode) == inputMode(a.Mode) || o.Mode == "inout" || a.Mode == "inout" || a.Mode == "table" || !inputMode(a.Mode))
		}) {
			return badFunction(a.Pos, "parameter name %q used more than once", a.Name)
		}
		t, err := ResolvePlainType(a.Type, env)
		if err != nil {
			return err
		}
		if t.Category() == types.CatPseudo && !t.Is(types.AnyElement) && !t.Is(types.AnyArray) && !t.Is(types.AnyNonArray) {
			return badFunction(a.Pos, "SQL functions cannot have arguments of type %s", t)
		}
		if inputMode(a.Mode) {
			if n := len(f.Args); n > 0 {
				if f.Args[n-1].Variadic {
					return badFunction(a.Pos, "VARIADIC parameter must be the last input parameter")
				}
				if f.Args[n-1].Default != "" && a.Default == "" {
					return badFunction(a.Pos, "input parameters after one with a default value must also have defaults")
				}
			}
			arg := catalog.FuncArg{Name: a.Name, Type: t.Base(), Default: a.Default, Variadic: a.Mode == "variadic", InOut: a.Mode == "inout"}
			if arg.Variadic && !t.IsArray() && !t.Is(types.AnyArray) {
				return badFunction(a.Pos, "VARIADIC parameter must be an array")
			}
			if err := checkDefault(a, t, env); err != nil {
				return err
			}
			f.Args = append(f.Args, arg)
		} else if a.Default != "" {
			return badFunction(a.Pos, "only input parameters can have default values")
		}
		if a.Mode == "out" || a.Mode == "inout" || a.Mode == "table" {
			f.Cols = append(f.Cols, catalog.FuncCol{Name: or(a.Name, fmt.Sprintf("column%d", len(f.Cols)+1)), Type: t.Base()})
		}
	}
	if len(f.Args) > 100 {
		return sqlerr.New("54023", "functions cannot have more than 100 arguments").At(st.Pos.Offset())
	}
	return nil
}

func inputMode(m string) bool { return m == "" || m == "inout" || m == "variadic" }

// checkDefault binds a default to see that it can be had.
func checkDefault(a ast.FuncArg, t types.Type, env *Env) error {
	if a.Default == "" {
		return nil
	}
	tree, err := parser.ParseExpr(a.Default)
	if err != nil {
		return err
	}
	movePositions(tree, func(p ast.Pos) ast.Pos { return p + a.DefaultPos })
	b := newBinder(env)
	x, err := b.scalar(tree, &scope{}, "DEFAULT expressions")
	if err != nil {
		if e := sqlerr.From(err); e.Code == sqlerr.UndefinedColumn {
			return sqlerr.New(sqlerr.InvalidColumnReference, "cannot use table references in parameter default value").At(a.DefaultPos.Offset())
		}
		return err
	}
	if _, err := b.cast(x, t.Base(), 'a', a.DefaultPos.Offset()); err != nil {
		return sqlerr.New(sqlerr.DatatypeMismatch, "argument of DEFAULT must be type %s, not type %s", t.Base(), x.Type().Base()).At(a.DefaultPos.Offset())
	}
	return nil
}

// funcResult reads what is returned.
func funcResult(f *catalog.Function, st *ast.CreateFunction, env *Env) error {
	if st.Returns == nil {
		switch {
		case len(f.Cols) == 0:
			return badFunction(-1, "function result type must be specified")
		case len(f.Cols) == 1:
			f.Returns = f.Cols[0].Type
		default:
			f.Returns = types.Record
		}
		return nil
	}
	t, err := ResolvePlainType(*st.Returns, env)
	if err != nil {
		return err
	}
	if t.IsRow() && !t.Is(types.Record) {
		f.Returns, f.RowOf = types.Record, cmp.Or(catalog.RowTypeOf(t), t.OID)
		for _, c := range t.Fields() {
			f.Cols = append(f.Cols, catalog.FuncCol{Name: c.Name, Type: c.Type})
		}
		return nil
	}
	f.Returns = t.Base()
	switch {
	case len(f.Cols) > 1 && !t.Is(types.Record), len(f.Cols) == 1 && !t.Is(f.Cols[0].Type):
		want := types.Record
		if len(f.Cols) == 1 {
			want = f.Cols[0].Type
		}
		return badFunction(-1, "function result type must be %s because of OUT parameters", want)
	case t.Is(types.Void):
		return notYet(st.Returns.Pos.Offset(), "a function that returns void is not supported")
	case t.Category() == types.CatPseudo && !t.Is(types.Record):
		poly := func(a catalog.FuncArg) bool {
			return a.Type.Is(types.AnyElement) || a.Type.Is(types.AnyArray) || a.Type.Is(types.AnyNonArray)
		}
		if !t.Is(types.AnyElement) && !t.Is(types.AnyArray) && !t.Is(types.AnyNonArray) {
			return badFunction(-1, "SQL functions cannot return type %s", t)
		}
		if !slices.ContainsFunc(f.Args, poly) {
			return badFunction(-1, "cannot determine result data type").
				WithDetail("A result of type %s requires at least one input of type anyelement, anyarray, anynonarray, anyenum, or anyrange.", t)
		}
	}
	return nil
}

// checkBody binds the body with the declared types. The positions of its errors are those in the statement.
func checkBody(f *catalog.Function, st *ast.CreateFunction, text string, env *Env) error {
	base := st.BodyPos.Offset()
	if !f.Return {
		if k := strings.Index(text[base:], f.Body); k >= 0 {
			base += k
		}
	}
	shift := func(err error) error {
		e := *sqlerr.From(err)
		if e.Pos > 0 {
			return e.At(e.Pos - 1 + base)
		}
		return e.At(base)
	}
	q, err := parseBody(f.Body, f.Return)
	if err != nil {
		if f.Return {
			return err
		}
		return shift(err)
	}
	from := 0
	if f.Return {
		from = len("SELECT ")
	}
	movePositions(q, func(p ast.Pos) ast.Pos { return max(p-ast.Pos(from), 0) })
	b := newBinder(env)
	b.checking = true
	c := &userCall{fn: f, ret: f.Returns}
	for i, a := range f.Args {
		if a.Type.Category() == types.CatPseudo {
			return nil // the types are only known in a call
		}
		c.args = append(c.args, &expr.Column{Idx: i, Name: a.Name, Typ: a.Type})
	}
	fs := c.scope()
	leave := b.enter(f, &frame{f, fs})
	out, err := b.query(q, fs, true)
	leave()
	if err != nil {
		return shift(err)
	}
	if f.Return {
		for _, g := range b.called {
			f.Deps = append(f.Deps, g.OID)
		}
		f.Deps = append(f.Deps, b.depList()...)
	}
	if err := b.checkResult(f, out.cols()); err != nil {
		return err
	}
	return nil
}

// checkResult compares the columns of a body with what the function is to return.
func (b *binder) checkResult(f *catalog.Function, cols plan.Schema) error {
	declared := f.Returns.String()
	bad := func(format string, args ...any) error {
		return badFunction(-1, "return type mismatch in function declared to return %s", declared).WithDetail(format, args...)
	}
	want := f.Cols
	if anyRow(f) {
		return nil
	}
	if len(want) < 2 && f.RowOf == 0 {
		want = []catalog.FuncCol{{Type: f.Returns}}
		if len(cols) != 1 {
			return bad("Final statement must return exactly one column.")
		}
	}
	for i, w := range want {
		if i >= len(cols) {
			return bad("Final statement returns too few columns.")
		}
		if _, err := b.cast(&expr.Column{Typ: cols[i].Type}, w.Type, 'a', 0); err == nil || cols[i].Type.Is(types.Unknown) {
			continue
		}
		if len(want) == 1 {
			return bad("Actual return type is %s.", cols[i].Type.Base())
		}
		return bad("Final statement returns %s instead of %s at column %d.", cols[i].Type.Base(), w.Type, i+1)
	}
	if len(cols) > len(want) {
		return bad("Final statement returns too many columns.")
	}
	return nil
}

// wasmOptions settles what is particular to WebAssembly: such a function can see nothing but its arguments, and is not called with a NULL one.
func wasmOptions(f *catalog.Function, st *ast.CreateFunction, seen map[string]bool) error {
	if st.Return {
		return badFunction(st.BodyPos, "inline SQL function body only valid for language SQL")
	}
	if !seen["volatility"] {
		f.Volatility = byte(expr.Immutable)
	}
	f.Strict = !f.Aggregate
	return nil
}
