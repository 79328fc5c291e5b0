package expr

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Resolved is a function or operator call whose overload is settled.
type Resolved struct {
	Fn      *Func
	ArgType []types.Type // what each argument of the call has to be cast to
	Ret     types.Type
	Order   []int // by argument of the call its place in Fn.Args; nil: in their order
	Spread  bool  // the call's last argument is the array of VARIADIC
	Repeats bool  // the last arguments of the call, from the place of Fn's last, are repeated ones
}

// Shape is a function call as it is written.
type Shape struct {
	Name     string
	Args     []types.Type // Unknown for string literals and NULL
	Names    []string     // of arguments given by name; "": by place; nil: all by place
	Variadic bool         // the last argument is marked VARIADIC
	Casts    bool         // a type's name with one argument may be a cast
}

// String is the call as errors name it: name(types).
func (s Shape) String() string {
	list := make([]string, len(s.Args))
	for i, t := range s.Args {
		list[i] = typeName(t)
		if s.Names != nil && s.Names[i] != "" {
			list[i] = s.Names[i] + " => " + list[i]
		}
	}
	return s.Name + "(" + strings.Join(list, ", ") + ")"
}

// ResolvedAgg is an aggregate call whose overload is settled.
type ResolvedAgg struct {
	Agg     *Agg
	ArgType []types.Type
	Ret     types.Type
}

// ResolveFunc settles which built-in function a call means, by PostgreSQL's rules. args are the types of the arguments, Unknown for
// string literals and NULL. Errors: 42883 where none fits, 42725 where several do; both without a position.
func ResolveFunc(name string, args []types.Type) (*Resolved, error) {
	return Resolve(FuncsNamed(name), Shape{Name: name, Args: args, Casts: true})
}

// FuncsNamed lists the built-in overloads of a name. The caller must not change the list.
func FuncsNamed(name string) []*Func { return byFuncName()[name] }

// Resolve settles which of the overloads fs a call means, as ResolveFunc does.
func Resolve(fs []*Func, s Shape) (*Resolved, error) {
	name, args := s.Name, s.Args
	cs := candidatesOf(fs, s)
	if (name == "greatest" || name == "least") && len(args) > 0 && len(cs) > 0 && s.Casts {
		return resolveExtreme(cs[0], name, args)
	}
	if c, ok := exact(cs, args); ok {
		return settle(c, args)
	}
	if s.Casts && s.Names == nil && !s.Variadic {
		if r := castCall(name, args); r != nil {
			return r, nil
		}
	}
	fit := coercible(cs, args)
	if len(fit) > 1 {
		fit = selectCandidate(fit, args)
	}
	switch len(fit) {
	case 1:
		return settle(fit[0], args)
	case 0:
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", s).
			WithHint("No function matches the given name and argument types. You might need to add explicit type casts.")
	}
	if c, ok := preferPlain(fit); ok {
		return settle(c, args)
	}
	return nil, sqlerr.New(sqlerr.AmbiguousFunction, "function %s is not unique", s).
		WithHint("Could not choose a best candidate function. You might need to add explicit type casts.")
}

// resolveExtreme settles GREATEST and LEAST, whose arguments get a common type as those of CASE do.
func resolveExtreme(c candidate, name string, args []types.Type) (*Resolved, error) {
	t, err := CommonType(args, strings.ToUpper(name))
	if err != nil {
		return nil, err
	}
	all := make([]types.Type, len(args))
	for i := range all {
		all[i] = t
	}
	return settle(c, all)
}

// preferPlain takes the only candidate that does not use VARIADIC.
func preferPlain(cs []candidate) (candidate, bool) {
	var out candidate
	n := 0
	for _, c := range cs {
		if !c.variadic {
			out = c
			n++
		}
	}
	return out, n == 1
}

// castCall is a function call that is a cast in disguise: text(x), float8('1').
func castCall(name string, args []types.Type) *Resolved {
	if len(args) != 1 {
		return nil
	}
	t, ok := types.Lookup(name)
	if !ok || t.Category() == types.CatPseudo || t.Is(types.Unknown) {
		return nil
	}
	if name != t.Info().Name || !args[0].Is(types.Unknown) && !CanCast(args[0], t, 'e') {
		return nil
	}
	to := t
	f := &Func{Name: name, Args: []types.Type{args[0]}, Ret: to, Vol: castVolatility(args[0], to), CalledOnNull: false,
		Safe: !castCanFail(args[0], to), Bind: func(ts []types.Type, _ types.Type) Kernel { return castKernel(ts[0], to, true) }}
	return &Resolved{Fn: f, ArgType: []types.Type{args[0]}, Ret: to}
}

// ResolveOp settles which operator is meant; a prefix operator has left = types.Type{}. Errors: 42883, 42725.
func ResolveOp(op string, left, right types.Type) (*Resolved, error) {
	if op == "!=" {
		op = "<>"
	}
	args := []types.Type{left, right}
	if left == (types.Type{}) {
		args = args[1:]
	}
	var fs []*Func
	if IsOperator(op) {
		fs = byFuncName()[op]
	}
	same := args
	if len(args) == 2 { // an unknown literal is first taken for the other side's type
		if left.Is(types.Unknown) {
			same = []types.Type{right.Base(), right.Base()}
		} else if right.Is(types.Unknown) {
			same = []types.Type{left.Base(), left.Base()}
		}
	}
	if f := sameArgs(fs, same); f != nil && !(left.Is(types.Unknown) && right.Is(types.Unknown)) {
		return settle(candidate{fn: f, args: f.Args}, same)
	}
	fit := coercibleFor(fs, args)
	if len(fit) > 1 {
		fit = selectCandidate(fit, args)
	}
	what := strings.TrimSpace(typeName(left) + " " + op + " " + typeName(right))
	switch len(fit) {
	case 1:
		return settle(fit[0], args)
	case 0:
		hint := "No operator matches the given name and argument types. You might need to add explicit type casts."
		if len(args) == 1 {
			hint = "No operator matches the given name and argument type. You might need to add an explicit type cast."
		}
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "operator does not exist: %s", what).WithHint("%s", hint)
	}
	return nil, sqlerr.New(sqlerr.AmbiguousFunction, "operator is not unique: %s", what).
		WithHint("Could not choose a best candidate operator. You might need to add explicit type casts.")
}

// settle replaces polymorphic types by what they stand for and gives the result type.
func settle(c candidate, args []types.Type) (*Resolved, error) {
	elem, _ := polyElem(c.args, args, c.fn.Unify)
	if elem.Is(types.Record) {
		elem.Mod = recordFields(c.args, args)
	}
	r := &Resolved{Fn: c.fn, ArgType: make([]types.Type, len(args)), Ret: c.fn.Ret, Order: c.order, Spread: c.spread, Repeats: c.variadic}
	for i, w := range c.args {
		switch {
		case w.Is(types.Any):
			r.ArgType[i] = args[i]
			if args[i].Is(types.Unknown) && !c.fn.Untyped {
				r.ArgType[i] = types.Text
			}
		case !isPoly(w):
			r.ArgType[i] = w
			if w.Is(args[i]) || w.Is(types.Record) && args[i].IsRow() {
				r.ArgType[i] = args[i]
			}
		case elem == types.Type{}:
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown")
		case w.Is(types.AnyArray):
			if args[i].IsArray() && args[i].Elem().Is(elem) {
				r.ArgType[i] = args[i]
				continue
			}
			r.ArgType[i], _ = elem.Array()
		default:
			r.ArgType[i] = elem
		}
	}
	switch {
	case c.fn.RetFn != nil:
		r.Ret = c.fn.RetFn(r.ArgType)
	case c.fn.Ret.Is(types.AnyArray):
		r.Ret, _ = elem.Array()
	case isPoly(c.fn.Ret):
		r.Ret = elem
	}
	return r, nil
}

// recordFields is the modifier of the records among polymorphic arguments, which tells their fields; -1 where they are not all of one kind.
func recordFields(want, args []types.Type) int32 {
	mod := int32(-1)
	for i, w := range want {
		if !isPoly(w) || args[i].Is(types.Unknown) {
			continue
		}
		t := args[i]
		if t.IsArray() {
			t = t.Elem()
		}
		if mod >= 0 && t.Mod != mod {
			return -1
		}
		mod = t.Mod
	}
	return mod
}

func typeList(ts []types.Type) string {
	s := make([]string, len(ts))
	for i, t := range ts {
		s[i] = typeName(t)
	}
	return strings.Join(s, ", ")
}

func typeName(t types.Type) string {
	if t == (types.Type{}) {
		return ""
	}
	return t.Base().String()
}

// sameArgs finds the operator that takes just these types; nil: there is none.
func sameArgs(fs []*Func, ts []types.Type) *Func {
	for _, f := range fs {
		if len(f.Args) != len(ts) || f.Variadic || f.Defaults > 0 {
			continue
		}
		same := true
		for i, a := range f.Args {
			same = same && a.Is(ts[i])
		}
		if same {
			return f
		}
	}
	return nil
}
