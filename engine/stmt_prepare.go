package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/types"
)

// prepare runs PREPARE.
func (s *session) prepare(st *ast.Prepare, source string, w ResultWriter) error {
	if s.stmts[st.Name] != nil {
		return sqlerr.New(sqlerr.DuplicatePreparedStatement, "prepared statement %q already exists", st.Name)
	}
	params := make([]types.Type, len(st.Types))
	for i, t := range st.Types {
		var err error
		if params[i], err = sql.ResolvePlainType(t, s.env(nil)); err != nil {
			return err
		}
	}
	p, err := s.analyze(st.Stmt, st.SQL, params)
	if err != nil {
		return err
	}
	p.name, p.at, p.bySQL, p.source = st.Name, s.eng.clock(), true, source
	s.stmts[st.Name] = p
	return w.Complete("PREPARE")
}

func (s *session) describeExecute(st *ast.Execute) ([]Column, error) {
	p, err := s.prepared(st.Name)
	if err != nil {
		return nil, err
	}
	return p.cols, s.refresh(p)
}

// executeArgs computes the arguments of EXECUTE.
func (s *session) executeArgs(st *ast.Execute, p *prepared) ([]expr.Vec, error) {
	if len(st.Args) != len(p.params) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "wrong number of parameters for prepared statement %q", st.Name).WithDetail("Expected %d parameters but got %d.", len(p.params), len(st.Args))
	}
	args := make([]expr.Vec, len(st.Args))
	for i, a := range st.Args {
		x, err := sql.BindExpr(a, nil, s.env(nil))
		if err != nil {
			return nil, err
		}
		if x, err = expr.NewCast(x, p.params[i], 'a', a.Offset()); err != nil {
			return nil, err
		}
		v, err := expr.EvalArray(s.exprCtx(nil), x, &types.Batch{N: 1})
		if err != nil {
			return nil, err
		}
		args[i] = expr.Vec{Arr: v, Const: true}
	}
	return args, nil
}

func (s *session) openExecute(ctx context.Context, st *ast.Execute, _ string) (*rowSource, error) {
	p, err := s.prepared(st.Name)
	if err != nil {
		return nil, err
	}
	if err := s.checkReadOnly(p.stmt); err != nil {
		return nil, err
	}
	args, err := s.executeArgs(st, p)
	if err != nil {
		return nil, err
	}
	return s.open(ctx, p, args)
}

// executePrepared runs EXECUTE of a statement without rows.
func (s *session) executePrepared(ctx context.Context, st *ast.Execute, _ string, w ResultWriter) error {
	p, err := s.prepared(st.Name)
	if err != nil {
		return err
	}
	args, err := s.executeArgs(st, p)
	if err != nil {
		return err
	}
	return s.run(ctx, p, args, nil, w)
}

// deallocate runs DEALLOCATE.
func (s *session) deallocate(st *ast.Deallocate, w ResultWriter) error {
	if st.All {
		s.stmts = map[string]*prepared{}
		return w.Complete("DEALLOCATE ALL")
	}
	if _, err := s.prepared(st.Name); err != nil {
		return err
	}
	delete(s.stmts, st.Name)
	return w.Complete("DEALLOCATE")
}
