package engine

import (
	"context"
	"slices"

	"github.com/streamsqld/streamsqld/expr"
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

// describeDML binds a change of rows for its parameters and result columns.
func (s *session) describeDML(st ast.Stmt, params []types.Type) ([]types.Type, []Column, error) {
	st, err := s.currentOf(st)
	if err != nil {
		return nil, nil, err
	}
	x, err := sql.BindChange(st, s.env(params))
	if err != nil {
		return nil, nil, err
	}
	return x.Common().Params, returningColumns(x.Common().Returning), nil
}

// dmlResult is what a changing statement did.
type dmlResult struct {
	verb     string // INSERT 0, UPDATE, DELETE, MERGE
	rows     int64
	ret      *sql.Returning
	out      []*types.Batch // the rows for RETURNING, with all columns of the relation, then those of FROM or USING
	returned []*types.Batch // the rows of RETURNING
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
	if err := s.autocommit(ctx); err != nil {
		return nil, err
	}
	return s.withTag(fixedRows(returningColumns(d.ret), d.returned...), d.tag()), nil
}

// changeRows runs INSERT, UPDATE, DELETE or MERGE into the transaction.
func (s *session) changeRows(ctx context.Context, p *prepared, args []expr.Vec) (*dmlResult, error) {
	tx := s.begin()
	fresh := tx.fresh()
	for n := 0; ; n++ {
		d, err := s.changeOnce(ctx, p, args)
		if err == nil || !s.eng.again(tx, fresh, n) {
			return d, err
		}
	}
}

func (s *session) changeOnce(ctx context.Context, p *prepared, args []expr.Vec) (*dmlResult, error) {
	st, err := s.currentOf(p.stmt)
	if err != nil {
		return nil, err
	}
	x, err := sql.BindChange(st, s.env(p.params))
	if err != nil {
		return nil, err
	}
	with := x.Common().With
	s.lockTables(changed(x, with)...)
	c := s.change(args, with)
	defer c.end()
	return c.main(ctx, x)
}

// rowsOf runs a bound source of a changing statement and gives its rows.
func (s *session) rowsOf(ctx context.Context, root plan.Node, args []expr.Vec) ([]*types.Batch, error) {
	q, _ := optimizer.OptimizeTrace(&plan.Query{Root: root}, s.planOptions())
	out, _, err := s.collect(ctx, q, args)
	return out, err
}

func (c *changing) insertRows(ctx context.Context, x *sql.Insert) (*dmlResult, error) {
	in, err := c.inserter(x.Row)
	if err != nil {
		return nil, err
	}
	given := []*types.Batch{x.Rows}
	if x.Rows == nil {
		if given, err = c.s.rowsOf(ctx, x.Source, c.args); err != nil {
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
			full, err = in.upsert(ctx, full, x.Conflict)
		} else {
			err = in.add(full)
		}
		if err != nil {
			return nil, err
		}
		d.rows += int64(full.N)
		d.out = append(d.out, full)
	}
	return d, nil
}

// inserter makes an inserter whose foreign keys are checked at the end of the statement.
func (c *changing) inserter(row *sql.Row) (*inserter, error) {
	in, err := c.s.inserterOf(row, c.args)
	if err == nil && in.refs != nil {
		c.refs = append(c.refs, in.refs)
	}
	return in, err
}

func (c *changing) deleteRows(ctx context.Context, x *sql.Delete) (*dmlResult, error) {
	all, err := c.s.rowsOf(ctx, x.Source, c.args)
	if err != nil {
		return nil, err
	}
	d := &dmlResult{verb: "DELETE", ret: x.Returning}
	seen, err := c.seenRows(ctx, x.Rel, x.Source)
	if err != nil {
		return nil, err
	}
	refs := c.s.foreignChecks(x.Rel)
	if refs != nil {
		c.refs = append(c.refs, refs)
	}
	n := len(x.Rel.Columns)
	for _, b := range all {
		old, from := seen.first(&types.Batch{N: b.N, Cols: b.Cols[:n:n]}, &types.Batch{N: b.N, Cols: b.Cols[n:]})
		if err := c.s.awaitRows(x.Rel, old, refs != nil && len(refs.referrers) > 0); err != nil {
			return nil, err
		}
		c.s.tx.write(x.Rel).add(minus(old))
		d.rows += int64(old.N)
		if refs != nil {
			refs.gone = append(refs.gone, old)
		}
		d.out = append(d.out, &types.Batch{N: old.N, Cols: slices.Concat(old.Cols, from.Cols)})
	}
	return d, nil
}

func (c *changing) updateRows(ctx context.Context, x *sql.Update) (*dmlResult, error) {
	pairs, err := c.s.rowsOf(ctx, x.Source, c.args)
	if err != nil {
		return nil, err
	}
	in, err := c.inserter(x.Row)
	if err != nil {
		return nil, err
	}
	if in.refs != nil {
		in.refs.pairs = true
	}
	d := &dmlResult{verb: "UPDATE", ret: x.Returning}
	seen, err := c.seenRows(ctx, x.Rel, x.Source)
	if err != nil {
		return nil, err
	}
	n := len(x.Rel.Columns)
	var news []*types.Batch
	for _, p := range pairs {
		old, rest := seen.first(&types.Batch{N: p.N, Cols: p.Cols[:n:n]}, &types.Batch{N: p.N, Cols: slices.Clone(p.Cols[n:])})
		now := &types.Batch{N: rest.N, Cols: rest.Cols[:n:n]}
		if err := in.replace(old, now); err != nil {
			return nil, err
		}
		news = append(news, now)
		d.rows += int64(now.N)
		d.out = append(d.out, rest)
	}
	for _, now := range news {
		if err := in.add(now); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// replace takes old rows out and completes and checks those that come instead, which the caller adds.
func (in *inserter) replace(old, now *types.Batch) error {
	if err := in.row.Generate(in.ctx, now); err != nil {
		return err
	}
	if err := in.row.Check(in.ctx, now); err != nil {
		return err
	}
	return in.remove(old, now)
}

// keysGo says whether rows go to whose keys others may refer; now are the rows in their places, nil: none.
func (in *inserter) keysGo(old, now *types.Batch) bool {
	if in.refs == nil || len(in.refs.referrers) == 0 {
		return false
	}
	if now == nil {
		return true
	}
	for _, c := range uniqueColumns(in.rel) {
		same := types.NewComparer(in.rel.Columns[c].Type)
		for i := range old.N {
			a, b := old.Cols[c], now.Cols[c]
			if a.IsNull(i) != b.IsNull(i) || !a.IsNull(i) && same(a, i, b, i) != 0 {
				return true
			}
		}
	}
	return false
}

// remove takes whole rows out; now as in keysGo.
func (in *inserter) remove(old, now *types.Batch) error {
	if err := in.s.awaitRows(in.rel, old, in.keysGo(old, now)); err != nil {
		return err
	}
	for _, k := range in.keys {
		if err := k.remove(old); err != nil {
			return err
		}
	}
	if in.refs != nil {
		in.refs.gone = append(in.refs.gone, old)
	}
	in.s.tx.write(in.rel).add(minus(old))
	return nil
}

// minus is b with every row going.
func minus(b *types.Batch) *types.Batch {
	w := make([]int64, b.N)
	for i := range w {
		w[i] = -1
	}
	return &types.Batch{N: b.N, Cols: b.Cols, W: w}
}
