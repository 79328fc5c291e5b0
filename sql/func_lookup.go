package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// builtinSchemas hold the functions of the server.
var builtinSchemas = []string{catalog.PgCatalog, catalog.StreamSQL, catalog.InfoSchema}

// callee is what the name of a call may mean.
type callee struct {
	name  string
	users []*catalog.Function // the user's functions that are visible, those that come first in the search path first
	only  bool                // the name is qualified by a user's schema: no function of the server is meant
}

// callee finds what a name may mean: the functions of the server and, along the search path, those of users.
func (b *binder) callee(a *ast.Call) (callee, error) {
	c := callee{name: a.Name[len(a.Name)-1]}
	if len(a.Name) == 1 {
		c.users = b.functions(c.name, b.path)
		return c, nil
	}
	schema := a.Name[len(a.Name)-2]
	if slices.Contains(builtinSchemas, schema) {
		return c, nil
	}
	c.users = b.functions(c.name, []string{schema})
	if len(c.users) == 0 && b.env.Catalog.Schema(schema) == nil {
		return c, sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", schema).At(a.Offset())
	}
	c.only = true
	return c, nil
}

// functions lists the user's functions of a name in schemas; of two with the same arguments the first one hides the other. Inside a stored query they
// are those of its CREATE: there is no other source then.
func (b *binder) functions(name string, schemas []string) []*catalog.Function {
	var out []*catalog.Function
	for _, schema := range schemas {
		list := b.env.Catalog.FunctionsNamed(schema, name)
		if b.stored != nil {
			list = nil
			for _, f := range *b.stored {
				if f.Schema == schema && f.Name == name {
					list = append(list, b.current(f))
				}
			}
		}
		for _, f := range list {
			if !slices.ContainsFunc(out, func(g *catalog.Function) bool { return g.SameArgs(f.ArgTypes()) }) {
				out = append(out, f)
			}
		}
	}
	return out
}

// current is the body that a stored name stands for: in a continuous query the one that it was created with, else today's.
func (b *binder) current(f *catalog.Function) *catalog.Function {
	if b.env.Frozen {
		for _, g := range b.env.Functions {
			if g.OID == f.OID {
				return g
			}
		}
	}
	if now := b.env.Catalog.Function(f.OID); now != nil && !b.env.Frozen {
		return now
	}
	return f
}

// overloads are the functions, without aggregates, that c may mean, to be resolved.
func (b *binder) overloads(c callee) []*expr.Func {
	var builtin, out []*expr.Func
	if !c.only && !expr.IsOperator(c.name) {
		builtin = expr.FuncsNamed(c.name)
	}
	for _, f := range c.users {
		hidden := slices.ContainsFunc(builtin, func(g *expr.Func) bool { return slices.EqualFunc(g.Args, f.ArgTypes(), types.Type.Is) })
		if !f.Aggregate && !hidden {
			out = append(out, b.userFunc(f))
		}
	}
	if out == nil {
		return builtin
	}
	return slices.Concat(builtin, out)
}

// userFunc is a user's function as the resolver and a call see it; the same one for the same function.
func (b *binder) userFunc(f *catalog.Function) *expr.Func {
	if x := b.funcs[f.OID]; x != nil {
		return x
	}
	x := &expr.Func{Name: f.Name, Args: f.ArgTypes(), Ret: f.Returns, CalledOnNull: !f.Strict, Vol: expr.Volatility(f.Volatility), OID: f.OID}
	for _, a := range f.Args {
		x.ArgNames = append(x.ArgNames, a.Name)
		x.Variadic = x.Variadic || a.Variadic
		if a.Default != "" {
			x.Defaults++
		}
	}
	b.funcs[f.OID] = x
	return x
}

// userOf is the user's function behind a resolved one, nil where it is built in.
func (c callee) userOf(f *expr.Func) *catalog.Function {
	if f.OID == 0 {
		return nil
	}
	i := slices.IndexFunc(c.users, func(u *catalog.Function) bool { return u.OID == f.OID })
	return c.users[i]
}

// shape is a call with bound arguments.
func shape(a *ast.Call, c callee, args []expr.Expr) expr.Shape {
	s := expr.Shape{Name: c.name, Args: exprTypes(args), Variadic: a.Variadic, Casts: !c.only}
	if slices.ContainsFunc(a.ArgNames, func(n string) bool { return n != "" }) {
		s.Names = a.ArgNames
	}
	return s
}

// use notes that the query calls f.
func (b *binder) use(f *catalog.Function) {
	b.uses.read(f.OID)
	if !slices.ContainsFunc(b.called, func(g *catalog.Function) bool { return g.OID == f.OID }) {
		b.called = append(b.called, f)
	}
}

// Calls says whether an expression of a stored text may call f: it has a call of that name.
func Calls(text string, f *catalog.Function) bool {
	tree, err := parser.ParseExpr(text)
	if err != nil {
		return false
	}
	found := false
	WalkTree(tree, func(node any) {
		if a, ok := node.(*ast.Call); ok && a.Name[len(a.Name)-1] == f.Name {
			found = found || len(a.Args) <= len(f.Args) || len(f.Args) > 0 && f.Args[len(f.Args)-1].Variadic
		}
	})
	return found
}
