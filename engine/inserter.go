package engine

import (
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/types"
)

// inserter takes rows into a relation: it completes them (package sql knows how), numbers identity columns, and keeps the key unique.
type inserter struct {
	s    *session
	rel  *catalog.Relation
	row  *sql.Row
	ctx  *expr.Ctx
	keys []*keyIndex    // of its unique keys
	refs *foreignChecks // nil: none
	// where is a condition over whole rows, which insert takes; nil: none
	where expr.Expr
}

// newInserter makes an inserter for batches with the given columns of rel.
func (s *session) newInserter(rel *catalog.Relation, given []int, args []expr.Vec) (*inserter, error) {
	row, err := sql.BindRow(rel, given, s.env(nil))
	if err != nil {
		return nil, err
	}
	return s.inserterOf(row, args)
}

func (s *session) inserterOf(row *sql.Row, args []expr.Vec) (*inserter, error) {
	in := &inserter{s: s, rel: row.Rel, row: row, ctx: s.exprCtx(args)}
	if row.Rel.Kind == catalog.Table {
		var err error
		if in.keys, err = s.keyIndexes(row.Rel); err != nil {
			return nil, err
		}
		in.refs = s.foreignChecks(row.Rel)
	}
	return in, nil
}

// complete makes whole, checked rows of given ones.
func (in *inserter) complete(b *types.Batch) (*types.Batch, error) {
	full, err := in.row.Complete(in.ctx, b)
	if err != nil {
		return nil, err
	}
	return full, in.row.Check(in.ctx, full)
}

// insert completes rows and puts those that where leaves into the transaction, and says how many; a key that exists is 23505.
func (in *inserter) insert(b *types.Batch) (int, error) {
	full, err := in.row.Complete(in.ctx, b)
	if err == nil && in.where != nil {
		full, err = filterRows(in.ctx, in.where, full)
	}
	if err == nil {
		err = in.row.Check(in.ctx, full)
	}
	if err != nil {
		return 0, err
	}
	return full.N, in.add(full)
}

// filterRows keeps the rows for which cond is true.
func filterRows(ctx *expr.Ctx, cond expr.Expr, b *types.Batch) (*types.Batch, error) {
	v, err := expr.EvalArray(ctx, cond, b)
	if err != nil {
		return nil, err
	}
	ok := v.(*array.Boolean)
	var rows []int32
	for i := range b.N {
		if !ok.IsNull(i) && ok.Value(i) {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == b.N {
		return b, nil
	}
	return types.TakeBatch(b, rows), nil
}

// add puts whole rows into the transaction.
func (in *inserter) add(full *types.Batch) error {
	for _, k := range in.keys {
		if err := k.add(full); err != nil {
			return err
		}
	}
	if in.refs != nil {
		in.refs.came = append(in.refs.came, full)
	}
	in.s.tx.write(in.rel).add(full)
	return nil
}

// rowText prints the given columns of a row for a message.
func rowText(rel *catalog.Relation, b *types.Batch, r int, cols []int) string {
	f := types.UTCFormat(0)
	var parts []string
	for _, c := range cols {
		if b.Cols[c].IsNull(r) {
			parts = append(parts, "null")
			continue
		}
		parts = append(parts, string(types.AppendText(nil, b.Cols[c], r, rel.Columns[c].Type, f)))
	}
	return strings.Join(parts, ", ")
}

// writable finds the relation of a COPY FROM, and refuses what takes no rows.
func (s *session) writable(names []string, what string, pos int) (*catalog.Relation, error) {
	rel, err := s.cat().Resolve(names, s.SearchPath())
	if err != nil {
		return nil, sqlerr.AtDefault(err, pos)
	}
	return rel, checkWritable(rel, what, pos)
}

// checkWritable refuses writes to what takes none.
func checkWritable(rel *catalog.Relation, what string, pos int) error {
	switch rel.Kind {
	case catalog.Table:
		return nil
	case catalog.Stream:
		if rel.Connector() == "" {
			return nil
		}
		return sqlerr.New(sqlerr.WrongObjectType, "cannot insert into stream %q: its rows come from connector %q", rel.Name, rel.Connector()).At(pos).
			WithHint("A stream without a connector takes INSERT and COPY.")
	case catalog.MatView:
		return sqlerr.New(sqlerr.WrongObjectType, "cannot change materialized view %q", rel.Name).At(pos).WithHint("Its rows follow from its query; change what it reads.")
	case catalog.View:
		return sqlerr.New(sqlerr.ObjectNotInPrerequisiteState, "cannot insert into view %q", rel.Name).At(pos).WithHint("Insert into the table or stream that it reads.")
	case catalog.System:
		return sqlerr.New(sqlerr.InsufficientPrivilege, "permission denied: %q is a system catalog", rel.Name).At(pos)
	}
	return sqlerr.New(sqlerr.WrongObjectType, "cannot %s %s %q", strings.ToLower(what), rel.Kind, rel.Name).At(pos)
}
