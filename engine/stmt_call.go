package engine

import (
	"context"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// procedure is something that CALL can call. Arguments are texts.
type procedure struct {
	name string
	args []string // names of the arguments, for errors
	opt  int      // so many of the last may be left out
	cols []Column // of its result row; nil: none
	run  func(s *session, ctx context.Context, args []string) ([]string, error)
}

var procedures = []procedure{
	{name: "run_trigger", args: []string{"name"}, run: (*session).runTrigger},
	{name: "await_termination", args: []string{"name", "timeout"}, opt: 1, cols: []Column{{Name: "terminated", Type: types.Bool}}, run: (*session).awaitTermination},
}

func findProcedure(c *ast.Call) (*procedure, error) {
	name := c.Name[len(c.Name)-1]
	if len(c.Name) == 2 && c.Name[0] == catalog.StreamSQL || len(c.Name) == 1 {
		for i := range procedures {
			if procedures[i].name == name {
				return &procedures[i], nil
			}
		}
	}
	return nil, sqlerr.New(sqlerr.UndefinedFunction, "procedure %s does not exist", strings.Join(c.Name, ".")).At(c.Offset()).
		WithHint("Procedures: streamsql.run_trigger(name), streamsql.await_termination(name, timeout).")
}

func describeCall(st *ast.CallStmt) ([]Column, error) {
	p, err := findProcedure(st.Call)
	if err != nil {
		return nil, err
	}
	return p.cols, nil
}

// callArgs evaluates the arguments of CALL, positional or by name, as texts.
func (s *session) callArgs(p *procedure, c *ast.Call) ([]string, error) {
	if len(c.Args) > len(p.args) || len(c.Args) < len(p.args)-p.opt {
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "procedure streamsql.%s takes the arguments (%s)", p.name, strings.Join(p.args, ", ")).At(c.Offset())
	}
	args := make([]string, len(p.args))
	for i, a := range c.Args {
		at := i
		if i < len(c.ArgNames) && c.ArgNames[i] != "" {
			at = -1
			for j, n := range p.args {
				if n == c.ArgNames[i] {
					at = j
				}
			}
			if at < 0 {
				return nil, sqlerr.New(sqlerr.UndefinedFunction, "procedure streamsql.%s has no argument %q", p.name, c.ArgNames[i]).At(a.Offset())
			}
		}
		x, err := sql.BindExpr(a, nil, s.env(nil))
		if err != nil {
			return nil, err
		}
		if x, err = expr.NewCast(x, types.Text, 'e', a.Offset()); err != nil {
			return nil, err
		}
		v, err := expr.EvalArray(s.exprCtx(nil), x, &types.Batch{N: 1})
		if err != nil {
			return nil, err
		}
		if v.IsNull(0) {
			return nil, sqlerr.New(sqlerr.NullValueNotAllowed, "argument %q must not be null", p.args[at]).At(a.Offset())
		}
		args[at] = v.(*array.String).Value(0)
	}
	return args, nil
}

// openCall runs CALL of a procedure with a result row.
func (s *session) openCall(ctx context.Context, st *ast.CallStmt, _ string) (*rowSource, error) {
	p, err := findProcedure(st.Call)
	if err != nil {
		return nil, err
	}
	args, err := s.callArgs(p, st.Call)
	if err != nil {
		return nil, err
	}
	return &rowSource{cols: p.cols, tag: func(int64) string { return "CALL" }, run: func(ctx context.Context, emit func(*types.Batch) error) error {
		row, err := p.run(s, ctx, args)
		if err != nil {
			return err
		}
		b := &types.Batch{N: 1}
		for i, c := range p.cols {
			bld := types.NewBuilder(c.Type)
			if err := types.ParseText(bld, row[i], c.Type, s.format()); err != nil {
				return err
			}
			b.Cols = append(b.Cols, bld.NewArray())
		}
		return emit(b)
	}}, nil
}

// call runs CALL of a procedure without one.
func (s *session) call(ctx context.Context, st *ast.CallStmt, _ string, w ResultWriter) error {
	p, err := findProcedure(st.Call)
	if err != nil {
		return err
	}
	args, err := s.callArgs(p, st.Call)
	if err != nil {
		return err
	}
	if err := s.commitBefore(ctx); err != nil {
		return err
	}
	if _, err := p.run(s, ctx, args); err != nil {
		return err
	}
	return w.Complete("CALL")
}

// queryNamed finds a continuous query by a name as text, resolved by search_path.
func (s *session) queryNamed(name string) (*catalog.Relation, error) {
	names, err := splitName(name)
	if err != nil {
		return nil, err
	}
	rel, err := s.cat().Resolve(names, s.SearchPath())
	if err != nil {
		return nil, err
	}
	if !rel.IsQuery() {
		return nil, sqlerr.New(sqlerr.WrongObjectType, "%q is not a continuous query", name).WithHint("A materialized view or a sink is one; SHOW QUERIES lists them.")
	}
	return rel, nil
}

func (s *session) runTrigger(ctx context.Context, args []string) ([]string, error) {
	rel, err := s.queryNamed(args[0])
	if err != nil {
		return nil, err
	}
	now, err := s.triggerClock()
	if err != nil {
		return nil, err
	}
	return nil, s.eng.mgr.RunTrigger(ctx, rel.OID, now)
}

func (s *session) awaitTermination(ctx context.Context, args []string) ([]string, error) {
	rel, err := s.queryNamed(args[0])
	if err != nil {
		return nil, err
	}
	timeout := time.Duration(-1)
	if args[1] != "" {
		if timeout, err = parseInterval(args[1]); err != nil {
			return nil, err
		}
	}
	done, err := s.eng.mgr.Await(ctx, rel.OID, timeout)
	if err != nil {
		return nil, err
	}
	if done {
		return []string{"true"}, nil
	}
	return []string{"false"}, nil
}

// commitBefore commits what stood before FLUSH or CALL in the same simple query, so that the continuous queries see it. In a transaction block it is
// the user who commits.
func (s *session) commitBefore(ctx context.Context) error {
	if err := s.endImplicit(ctx); err != nil {
		return err
	}
	s.begin()
	return nil
}

// flush runs FLUSH.
func (s *session) flush(ctx context.Context, st *ast.Flush, w ResultWriter) error {
	if err := s.commitBefore(ctx); err != nil {
		return err
	}
	var oids []uint32
	if len(st.Names) > 0 {
		rel, err := s.cat().Resolve(st.Names, s.SearchPath())
		if err != nil {
			return sqlerr.AtDefault(err, int(st.Pos))
		}
		oids = []uint32{rel.OID}
		if !rel.IsQuery() { // of an input: all that read it
			oids = oids[:0]
			for _, d := range s.dependents(rel) {
				if d.IsQuery() {
					oids = append(oids, d.OID)
				}
			}
			if len(oids) == 0 {
				return w.Complete("FLUSH")
			}
		}
	}
	if err := s.eng.mgr.Flush(ctx, oids); err != nil {
		return err
	}
	return w.Complete("FLUSH")
}

// splitName takes a dotted name apart, by SQL's rules for case and quotes.
func splitName(name string) ([]string, error) {
	x, err := parser.ParseExpr(name)
	if err != nil {
		return nil, sqlerr.New(sqlerr.InvalidName, "invalid name syntax: %q", name)
	}
	if c, ok := x.(*ast.ColumnRef); ok && !c.Star {
		return c.Names, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidName, "invalid name syntax: %q", name)
}
