package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/optimizer"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// returningColumns are the result columns of a RETURNING list; nil: none.
func returningColumns(r *sql.Returning) []Column {
	if r == nil {
		return nil
	}
	cols := make([]Column, len(r.Cols))
	for i, c := range r.Cols {
		cols[i] = Column{Name: c.Name, Type: c.Type, TableOID: c.Rel, AttNum: uint16(c.Att)}
	}
	return cols
}

// describeDML binds INSERT, UPDATE or DELETE for its parameters and result columns.
func (s *session) describeDML(st ast.Stmt, _ string, params []types.Type) ([]types.Type, []Column, error) {
	env := s.env(params)
	switch st := st.(type) {
	case *ast.Insert:
		x, err := sql.BindInsert(st, env)
		if err != nil {
			return nil, nil, err
		}
		return x.Params, returningColumns(x.Returning), nil
	case *ast.Update:
		x, err := sql.BindUpdate(st, env)
		if err != nil {
			return nil, nil, err
		}
		return x.Params, returningColumns(x.Returning), nil
	case *ast.Delete:
		x, err := sql.BindDelete(st, env)
		if err != nil {
			return nil, nil, err
		}
		return x.Params, returningColumns(x.Returning), nil
	}
	return nil, nil, nil
}

// dmlResult is what a changing statement did.
type dmlResult struct {
	verb string // INSERT 0, UPDATE, DELETE
	rows int64
	ret  *sql.Returning
	out  []*types.Batch // the rows for RETURNING, with all columns of the relation
}

func (d *dmlResult) tag() string { return d.verb + " " + itoa(d.rows) }

// runDML runs a changing statement without RETURNING.
func (s *session) runDML(ctx context.Context, p *prepared, args []expr.Vec, w ResultWriter) error {
	d, err := s.changeRows(ctx, p, args)
	if err != nil {
		return err
	}
	if err := s.autocommit(ctx); err != nil {
		return err
	}
	return w.Complete(d.tag())
}

// openReturning runs a changing statement and gives the rows of its RETURNING list.
func (s *session) openReturning(ctx context.Context, p *prepared, args []expr.Vec) (*rowSource, error) {
	d, err := s.changeRows(ctx, p, args)
	if err != nil {
		return nil, err
	}
	ec := s.exprCtx(args)
	var out []*types.Batch
	for _, b := range d.out {
		r := &types.Batch{N: b.N}
		for _, x := range d.ret.Items {
			col, err := expr.EvalArray(ec, x, b)
			if err != nil {
				return nil, err
			}
			r.Cols = append(r.Cols, col)
		}
		out = append(out, r)
	}
	if err := s.autocommit(ctx); err != nil {
		return nil, err
	}
	return s.withTag(fixedRows(returningColumns(d.ret), out...), d.tag()), nil
}

// changeRows runs INSERT, UPDATE or DELETE into the transaction.
func (s *session) changeRows(ctx context.Context, p *prepared, args []expr.Vec) (*dmlResult, error) {
	env := s.env(p.params)
	switch st := p.stmt.(type) {
	case *ast.Insert:
		x, err := sql.BindInsert(st, env)
		if err != nil {
			return nil, err
		}
		if err := checkWritable(x.Rel, "insert into", int(st.Pos)); err != nil {
			return nil, err
		}
		s.lockTable(x.Rel)
		return s.insertRows(ctx, x, args)
	case *ast.Update:
		x, err := sql.BindUpdate(st, env)
		if err != nil {
			return nil, err
		}
		s.lockTable(x.Rel)
		return s.updateRows(ctx, x, args)
	case *ast.Delete:
		x, err := sql.BindDelete(st, env)
		if err != nil {
			return nil, err
		}
		s.lockTable(x.Rel)
		return s.deleteRows(ctx, x, args)
	}
	return nil, sqlerr.New(sqlerr.InternalError, "%T changes no rows", p.stmt)
}

// rowsOf runs a bound source of a changing statement and gives its rows.
func (s *session) rowsOf(ctx context.Context, root plan.Node, args []expr.Vec) ([]*types.Batch, error) {
	q, err := optimizer.Optimize(&plan.Query{Root: root})
	if err != nil {
		return nil, err
	}
	out, _, err := s.collect(ctx, q, args)
	return out, err
}

func (s *session) insertRows(ctx context.Context, x *sql.Insert, args []expr.Vec) (*dmlResult, error) {
	in, err := s.inserterOf(x.Row, args)
	if err != nil {
		return nil, err
	}
	given := []*types.Batch{x.Rows}
	if x.Rows == nil {
		if given, err = s.rowsOf(ctx, x.Source, args); err != nil {
			return nil, err
		}
	}
	d := &dmlResult{verb: "INSERT 0", ret: x.Returning}
	for _, b := range given {
		full, err := in.complete(b)
		if err != nil {
			return nil, err
		}
		if x.Conflict != nil {
			full, err = in.upsert(full, x.Conflict)
		} else {
			err = in.add(full)
		}
		if err != nil {
			return nil, err
		}
		d.rows += int64(full.N)
		if d.ret != nil {
			d.out = append(d.out, full)
		}
	}
	return d, in.refs.finish(ctx)
}

func (s *session) deleteRows(ctx context.Context, x *sql.Delete, args []expr.Vec) (*dmlResult, error) {
	old, err := s.rowsOf(ctx, x.Source, args)
	if err != nil {
		return nil, err
	}
	d := &dmlResult{verb: "DELETE", ret: x.Returning}
	seen, err := s.seenRows(ctx, x.Rel, x.Source, args)
	if err != nil {
		return nil, err
	}
	refs := s.foreignChecks(x.Rel)
	for _, b := range old {
		b, _ = seen.first(b, nil)
		s.tx.write(x.Rel).add(minus(b))
		d.rows += int64(b.N)
		if refs != nil {
			refs.gone = append(refs.gone, b)
		}
		if d.ret != nil {
			d.out = append(d.out, b)
		}
	}
	return d, refs.finish(ctx)
}

func (s *session) updateRows(ctx context.Context, x *sql.Update, args []expr.Vec) (*dmlResult, error) {
	pairs, err := s.rowsOf(ctx, x.Source, args)
	if err != nil {
		return nil, err
	}
	in, err := s.inserterOf(x.Row, args)
	if err != nil {
		return nil, err
	}
	d := &dmlResult{verb: "UPDATE", ret: x.Returning}
	seen, err := s.seenRows(ctx, x.Rel, x.Source, args)
	if err != nil {
		return nil, err
	}
	n := len(x.Rel.Columns)
	var news []*types.Batch
	for _, p := range pairs {
		old, now := seen.first(&types.Batch{N: p.N, Cols: p.Cols[:n]}, &types.Batch{N: p.N, Cols: append(p.Cols[:0:0], p.Cols[n:]...)})
		if err := x.Row.Generate(in.ctx, now); err != nil {
			return nil, err
		}
		if err := x.Row.Check(in.ctx, now); err != nil {
			return nil, err
		}
		in.remove(old)
		news = append(news, now)
		d.rows += int64(now.N)
	}
	for _, now := range news {
		if err := in.add(now); err != nil {
			return nil, err
		}
	}
	if d.ret != nil {
		d.out = news
	}
	if in.refs != nil {
		in.refs.pairs = true
	}
	return d, in.refs.finish(ctx)
}

// remove takes whole rows out.
func (in *inserter) remove(old *types.Batch) {
	for _, k := range in.keys {
		k.remove(old)
	}
	if in.refs != nil {
		in.refs.gone = append(in.refs.gone, old)
	}
	in.s.tx.write(in.rel).add(minus(old))
}

// minus is b with every row going.
func minus(b *types.Batch) *types.Batch {
	w := make([]int64, b.N)
	for i := range w {
		w[i] = -1
	}
	return &types.Batch{N: b.N, Cols: b.Cols, W: w}
}

// truncate runs TRUNCATE.
func (s *session) truncate(ctx context.Context, st *ast.Truncate, w ResultWriter) error {
	if st.Cascade {
		st = s.withReferrers(st)
	}
	for i, names := range st.Names {
		pos := st.NamePos[i]
		del := &ast.Delete{Pos: pos, Table: &ast.Table{Pos: pos, Names: names}}
		x, err := sql.BindDelete(del, s.env(nil))
		if err != nil {
			e := *sqlerr.From(err)
			if e.Code == sqlerr.FeatureNotSupported {
				e.Message = "cannot truncate stream \"" + names[len(names)-1] + "\""
			}
			return &e
		}
		s.lockTable(x.Rel)
		if err := s.truncatable(x.Rel, st); err != nil {
			return err
		}
		if _, err := s.deleteRows(ctx, x, nil); err != nil {
			return err
		}
		if st.Restart {
			for _, q := range s.eng.cat.OwnedSequences(x.Rel.OID) {
				if err := s.eng.sequences.restart(q, q.Seq.Start, false); err != nil {
					return err
				}
			}
		}
	}
	if err := s.autocommit(ctx); err != nil {
		return err
	}
	return w.Complete("TRUNCATE TABLE")
}

// truncatable refuses a table that others refer to, unless they are truncated too.
func (s *session) truncatable(rel *catalog.Relation, st *ast.Truncate) error {
	for _, r := range s.eng.referrers(rel) {
		with := r.rel.OID == rel.OID
		for _, names := range st.Names {
			o := s.eng.cat.Lookup(names, s.SearchPath())
			with = with || o != nil && o.OID == r.rel.OID
		}
		if !with {
			return sqlerr.New(sqlerr.FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint").
				WithDetail("Table %q references %q.", r.rel.Name, rel.Name).WithHint("Truncate table %q at the same time, or use TRUNCATE ... CASCADE.", r.rel.Name)
		}
	}
	return nil
}

// withReferrers adds the tables that refer to the truncated ones in front of them.
func (s *session) withReferrers(st *ast.Truncate) *ast.Truncate {
	out := *st
	for i := 0; i < len(out.Names); i++ {
		rel := s.eng.cat.Lookup(out.Names[i], s.SearchPath())
		if rel == nil {
			continue
		}
		for _, r := range s.eng.referrers(rel) {
			name := []string{r.rel.Schema, r.rel.Name}
			if !slices.ContainsFunc(out.Names, func(n []string) bool { o := s.eng.cat.Lookup(n, s.SearchPath()); return o != nil && o.OID == r.rel.OID }) {
				s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "truncate cascades to table %q", r.rel.Name)
				out.Names, out.NamePos = append(out.Names, name), append(out.NamePos, out.NamePos[i])
			}
		}
	}
	return &out
}
