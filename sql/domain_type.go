package sql

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// Domain is what values of a domain must meet, the domains below it included.
type Domain struct {
	Type    types.Type // the domain
	NotNull bool
	Checks  []CheckExpr // over one column, of the type below
}

// BindDomain binds the constraints of a domain.
func BindDomain(oid uint32, env *Env) (*Domain, error) {
	d := &Domain{Type: types.Type{OID: oid, Mod: -1}}
	chain := env.Catalog.Domains(oid)
	for i := len(chain) - 1; i >= 0; i-- {
		t := chain[i]
		d.NotNull = d.NotNull || t.NotNull
		for _, c := range t.Checks {
			a, err := parser.ParseExpr(c.SQL)
			if err != nil {
				return nil, unplaced(err)
			}
			x, err := BindDomainCheck(a, t.Base, env)
			if err != nil {
				return nil, unplaced(err)
			}
			d.Checks = append(d.Checks, CheckExpr{Name: c.Name, X: x})
		}
	}
	return d, nil
}

// BindDomainCheck binds a CHECK of a domain over base, which names the value VALUE.
func BindDomainCheck(a ast.Expr, base types.Type, env *Env) (expr.Expr, error) {
	return bindCheck(a, plan.Schema{{Name: "value", Type: base}}, env)
}

// Check tests n values. Errors: 23502, 23514.
func (d *Domain) Check(ctx *expr.Ctx, v expr.Vec, n int) error {
	if d.NotNull && v.Arr.NullN() > 0 {
		return sqlerr.New(sqlerr.NotNullViolation, "domain %s does not allow null values", d.Type)
	}
	if len(d.Checks) == 0 {
		return nil
	}
	b := &types.Batch{N: n, Cols: []arrow.Array{v.Array(n)}}
	for _, c := range d.Checks {
		ok, err := c.X.Eval(ctx, b)
		if err != nil {
			return err
		}
		if firstFalse(ok, n) >= 0 {
			e := sqlerr.New(sqlerr.CheckViolation, "value for domain %s violates check constraint %q", d.Type, c.Name)
			e.Constraint = c.Name
			return e
		}
	}
	return nil
}

// castDomain is x::domain: the cast to the type below, and the check.
func (b *binder) castDomain(a *ast.Cast, t, base types.Type, s *scope) (expr.Expr, error) {
	x, err := b.expr(a.X, s)
	if err != nil {
		return nil, err
	}
	pos := a.Offset()
	if isUnknown(x) {
		pos = loc(a.X)
	}
	if x, err = b.cast(x, base, 'e', pos); err != nil {
		return nil, err
	}
	d, err := BindDomain(t.OID, b.env)
	if err != nil || !d.NotNull && len(d.Checks) == 0 {
		return x, err
	}
	fn := &expr.Func{Name: t.Info().Name, Args: []types.Type{base}, Ret: base, CalledOnNull: true, Vol: expr.Stable, Doc: "check of a domain",
		Kernel: func(ctx *expr.Ctx, n int, vs []expr.Vec) (expr.Vec, error) { return vs[0], d.Check(ctx, vs[0], n) }}
	return &expr.Call{Fn: fn, Args: []expr.Expr{x}, Typ: base, Pos: -1}, nil
}

// domainDefault is c with the default of its domain.
func domainDefault(c *catalog.Column, env *Env) *catalog.Column {
	for _, t := range env.Catalog.Domains(c.Domain) {
		if t.Default != "" {
			n := *c
			n.Default = t.Default
			return &n
		}
	}
	return c
}
