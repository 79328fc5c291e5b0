package sql

import (
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Env is what binding depends on besides the statement.
type Env struct {
	Catalog    *catalog.Catalog
	SearchPath []string
	Format     *types.Format // how literals are read; a continuous query's caller gives one in UTC
	ParamTypes []types.Type  // declared types of $1, $2 ...; OID 0 (or Unknown): to be inferred
	Continuous bool          // the query is to run incrementally: scalar sub-selects become joins
	// Frozen: the text is that of a stored continuous query, which calls Functions, with their bodies of its CREATE, and no others of users. Of a view's
	// text Functions are those that it calls, with today's bodies.
	Frozen    bool
	Functions []*catalog.Function
	// Uses, where it is not nil, takes what the names of the text stand for.
	Uses *Uses
	Saw  map[uint32]int // how many columns of a relation a stored text's * means; see catalog.Relation
	// Routines makes the functions that are not written in SQL; nil: there are none.
	Routines Routines
	// Trace, where it is not nil, is told what the nodes of the tree are.
	Trace *Trace
	// StateRows gives the relation that state_rows(query, operator) reads; nil: there is none here.
	StateRows func(query, operator string) (*catalog.Relation, error)
}

// Routines makes what runs of users' functions in other languages than SQL. For the same function it gives the same pointer.
type Routines interface {
	Func(f *catalog.Function) (*expr.Func, error)
	Agg(f *catalog.Function) (*expr.Agg, error)
}

// binder holds what is common to one statement.
type binder struct {
	env    *Env
	params []types.Type // OID 0: not settled
	used   []bool
	deps   map[uint32]bool
	marks  []mark
	colPos map[*expr.Column]int // where a bound column stands in the text, for 42803
	nested int                  // nesting of views and sub-selects
	depth  int                  // nesting of expressions
	path   []string             // search path: a view's own inside it
	ctes   *cteScope
	works  int      // recursive queries so far
	places []string // around the text at hand, where a recursive query may not be read
	gives  int      // relations of given rows so far
	withs  []*With
	reads  []*With // the items of WITH that the statement at hand reads
	// noChange: WITH must not change rows here
	noChange bool

	uses    *Uses                // of the text that is bound; nil: not wanted
	saw     map[uint32]int       // of the text that is bound: that of a view inside it
	stored  *[]*catalog.Function // the users' functions that names may mean in a stored text; nil: those of the catalog
	called  []*catalog.Function  // the users' functions called so far
	funcs   map[uint32]*expr.Func
	bodies  map[string]*expr.Func // by function and argument types
	inside  *frame
	inlined int // nesting of inlined functions
	// marksPresence: outer joins have a column that tells whether a side is there; needsPresence: the query asks for it.
	marksPresence, needsPresence bool
	// checking: the body of a function is bound for CREATE FUNCTION only
	checking bool
}

// How deeply queries, and expressions, may be nested.
const (
	maxNested = 200
	maxDepth  = 20000
)

func newBinder(env *Env) *binder {
	b := &binder{env: env, deps: map[uint32]bool{}, colPos: map[*expr.Column]int{}, path: env.SearchPath, funcs: map[uint32]*expr.Func{}, saw: env.Saw, uses: env.Uses}
	if env.Frozen || env.Functions != nil {
		b.stored = &env.Functions
	}
	for _, t := range env.ParamTypes {
		if t.Is(types.Unknown) {
			t = types.Type{}
		}
		b.params = append(b.params, t)
		b.used = append(b.used, true)
	}
	return b
}

// BindQuery binds a query. text is the statement's text, kept in the plan. One whose WITH changes rows is refused.
func BindQuery(q *ast.Query, text string, env *Env) (*plan.Query, error) {
	pq, with, err := BindSelect(q, text, env)
	if err == nil && len(with) > 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a data-modifying statement in WITH is not supported here").At(q.Pos.Offset())
	}
	return pq, err
}

// BindSelect binds a query, and the statements in its WITH clause that change rows.
func BindSelect(q *ast.Query, text string, env *Env) (*plan.Query, []*With, error) {
	b := newBinder(env)
	out, err := b.query(q, nil, false)
	if b.needsPresence {
		b = newBinder(env)
		b.marksPresence = true
		out, err = b.query(q, nil, false)
	}
	if err != nil {
		return nil, nil, err
	}
	pq := &plan.Query{Root: out.node, EmitClose: q.EmitClose, EmitPos: q.EmitPos.Offset(), Hidden: out.hidden, Text: text, Deps: b.depList(), Functions: b.called}
	pq.Params, err = b.paramList()
	return pq, b.withs, err
}

func (b *binder) depList() []uint32 {
	out := make([]uint32, 0, len(b.deps))
	for oid := range b.deps {
		out = append(out, oid)
	}
	slices.Sort(out)
	return out
}

// paramList gives the settled parameter types; what nothing tells the type of is text, if it is used at all.
func (b *binder) paramList() ([]types.Type, error) {
	out := make([]types.Type, len(b.params))
	for i, t := range b.params {
		if t.OID == 0 {
			if !b.used[i] {
				return nil, sqlerr.New(sqlerr.IndeterminateDatatype, "could not determine data type of parameter $%d", i+1)
			}
			t = types.Text
		}
		out[i] = t
	}
	return out, nil
}

// param binds $N with the type known so far; in the body of a function it is an argument.
func (b *binder) param(p *ast.Param, s *scope) (expr.Expr, error) {
	if b.inside != nil {
		return b.argument(p, s)
	}
	if p.N < 1 || p.N > 65535 {
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", p.N).At(p.Offset())
	}
	for len(b.params) < p.N {
		b.params = append(b.params, types.Type{})
		b.used = append(b.used, false)
	}
	b.used[p.N-1] = true
	t := b.params[p.N-1]
	if t.OID == 0 {
		t = types.Unknown
	}
	return &expr.Param{N: p.N, Typ: t}, nil
}

// cast converts x in a context ('i', 'a', 'e'); a parameter without a type gets this one.
func (b *binder) cast(x expr.Expr, to types.Type, context byte, pos int) (expr.Expr, error) {
	if p, ok := x.(*expr.Param); ok && p.N > 0 && p.Typ.Is(types.Unknown) && !to.Is(types.Unknown) {
		have := b.params[p.N-1]
		if have.OID == 0 {
			b.params[p.N-1] = to.Base()
		} else if !have.Is(to) {
			return b.cast(&expr.Param{N: p.N, Typ: have}, to, context, pos)
		}
		p = &expr.Param{N: p.N, Typ: to.Base()}
		if to.Mod < 0 {
			return p, nil
		}
		x = p
	}
	return expr.NewCastFormat(x, to, context, pos, b.env.Format)
}

func isUnknown(x expr.Expr) bool { return x.Type().Is(types.Unknown) }

// notYet is the answer to what is not built.
func notYet(pos int, format string, args ...any) *sqlerr.Error {
	return sqlerr.New(sqlerr.FeatureNotSupported, format, args...).At(pos)
}

// BindExpr binds a scalar expression over the columns of a schema: a generated column, a CHECK, a condition of UPDATE. Columns may
// be qualified by their Table. Untyped literals stay Unknown.
func BindExpr(x ast.Expr, cols plan.Schema, env *Env) (expr.Expr, error) {
	b := newBinder(env)
	return b.scalar(x, schemaScope(cols), "")
}

// BindStandalone binds expressions without columns: arguments of CALL and EXECUTE. Untyped literals become text.
func BindStandalone(env *Env, clause string, xs ...ast.Expr) ([]expr.Expr, error) {
	b := newBinder(env)
	out := make([]expr.Expr, len(xs))
	for i, a := range xs {
		x, err := b.scalar(a, &scope{}, clause)
		if err != nil {
			return nil, err
		}
		if isUnknown(x) {
			if x, err = b.cast(x, types.Text, 'i', loc(a)); err != nil {
				return nil, err
			}
		}
		out[i] = x
	}
	return out, nil
}

// scalar binds an expression that must not leave marks behind: no aggregates, windows, set-returning functions, or correlated sub-selects.
func (b *binder) scalar(a ast.Expr, s *scope, clause string) (expr.Expr, error) {
	old := s.clause
	s.clause = clause
	if clause == "" {
		s.clause = "this context"
	}
	x, err := b.expr(a, s)
	s.clause = old
	if err != nil {
		return nil, err
	}
	return x, b.noSubMarks(x)
}
