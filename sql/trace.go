package sql

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Trace is what a binder notes about the nodes of the tree that it binds, for those who print the tree again. With one, sub-selects are
// bound where they stand.
type Trace struct {
	Types map[ast.Expr]types.Type     // of expressions; Unknown for literals without a type
	Calls map[*ast.Call]*TracedCall   // of functions and aggregates
	Items map[ast.TableRef][]plan.Col // the columns of functions, windows and patterns in FROM, after their alias
}

// TracedCall is what a call was resolved to.
type TracedCall struct {
	ArgType []types.Type
	Any     []bool // arguments that are taken as they are, literals without a type, too
	Ret     types.Type
	User    *catalog.Function // nil: a function of the server
}

// NewTrace makes an empty trace.
func NewTrace() *Trace {
	return &Trace{Types: map[ast.Expr]types.Type{}, Calls: map[*ast.Call]*TracedCall{}, Items: map[ast.TableRef][]plan.Col{}}
}

// expr notes the type of an expression.
func (t *Trace) expr(a ast.Expr, x expr.Expr) {
	if t != nil {
		t.Types[a] = x.Type()
	}
}

// call notes what a call was resolved to; declared are the arguments of the function, order their places by the call's (nil: the same).
func (t *Trace) call(a *ast.Call, declared []types.Type, order []int, args []types.Type, ret types.Type, user *catalog.Function) {
	if t == nil {
		return
	}
	c := &TracedCall{ArgType: args, Ret: ret, User: user, Any: make([]bool, len(args))}
	for i := range args {
		k := min(i, len(declared)-1)
		if order != nil {
			k = order[i]
		}
		c.Any[i] = k >= 0 && declared[k].Is(types.Any)
	}
	t.Calls[a] = c
}

// item notes the columns of an item of FROM.
func (t *Trace) item(ref ast.TableRef, it *fromItem) {
	if t == nil || it == nil {
		return
	}
	var cols []plan.Col
	for _, c := range it.cols {
		cols = append(cols, plan.Col{Name: c.name, Type: c.x.Type(), Hidden: c.hidden})
	}
	t.Items[ref] = cols
}

// same notes that a function in FROM was bound as a query.
func (t *Trace) same(ref ast.TableRef, d *ast.Derived) {
	if t != nil {
		t.Items[ref] = t.Items[d]
	}
}

// TraceExpr binds an expression over the columns of a relation (nil: there are none), for env.Trace.
func TraceExpr(x ast.Expr, rel *catalog.Relation, env *Env) error {
	b := newBinder(env)
	s := &scope{}
	if rel != nil {
		cols := columnSchema(rel.Columns)
		for i := range cols {
			cols[i].Table = rel.Name
		}
		s = schemaScope(cols)
	}
	_, err := b.scalar(x, s, "")
	return err
}
