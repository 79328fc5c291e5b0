package engine

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/stream"
	"github.com/streamsqld/streamsqld/types"
)

// alterAs runs ALTER MATERIALIZED VIEW | SINK ... AS: the options stay, the query is another.
func (s *session) alterAs(ctx context.Context, rel *catalog.Relation, st *ast.Alter, text string) error {
	if !rel.IsQuery() {
		return sqlerr.New(sqlerr.FeatureNotSupported, "ALTER %s ... AS is not supported", strings.ToUpper(st.Kind)).At(int(st.Pos)).
			WithHint("CREATE OR REPLACE VIEW changes the query of a view.")
	}
	n := *rel
	n.SQL, n.SearchPath, n.From, n.Watermark, n.Saw = st.SQL, s.SearchPath(), 0, nil, nil
	if err := s.defineQuery(&n, st.Query, text, nil, int(st.SQLPos), plan.Mode(rel.Mode), nil); err != nil {
		return err
	}
	return s.redefine(ctx, rel, &n, int(st.Pos))
}

// redefine puts a query with another definition in the place of rel. It is computed from the beginning of its sources while rel goes on, and so are, over it, the
// queries that read rel; then all change places in one commit. What stands in the way leaves everything as it was.
func (s *session) redefine(ctx context.Context, rel, n *catalog.Relation, pos int) error {
	if s.tx != nil && s.tx.block {
		return sqlerr.New(sqlerr.ActiveSQLTransaction, "the query of a %s cannot be changed inside a transaction block", rel.Kind).At(pos)
	}
	if rel.Connector() != n.Connector() || rel.Kind == catalog.Sink && rel.Connector() != "memory" {
		return sqlerr.New(sqlerr.FeatureNotSupported, "the query of a sink with connector %q cannot be changed", rel.Connector()).At(pos).
			WithDetail("What it sent out of the server can't be taken back.").WithHint("Drop the sink, and create another with its own target.")
	}
	if isMemorySink(n) && n.Column("_batch_id") < 0 {
		n.Columns = append(n.Columns, memoryColumns()...)
	}
	if err := sameOrMore(visibleColumns(rel), visibleColumns(n)); err != nil {
		return sqlerr.AtDefault(err, pos)
	}
	deps, err := s.followers(rel, pos)
	if err != nil {
		return err
	}
	n.OID, n.Created, n.Comment = rel.OID, rel.Created, rel.Comment
	if err := s.exchange(ctx, rel, n); err != nil {
		return err
	}
	for _, d := range deps {
		nd, err := s.followed(d, rel, n, pos)
		switch {
		case err != nil:
			return err
		case d.IsQuery():
			err = s.exchange(ctx, d, nd)
		case nd.Saw != nil:
			s.put(nd)
		}
		if err != nil {
			return err
		}
	}
	return s.autocommit(ctx)
}

// storedEnv is what a stored query is bound with: the functions as they were at its CREATE, and no columns that came later to what it reads.
func (e *Engine) storedEnv(cat *catalog.Catalog, rel *catalog.Relation) *sql.Env {
	env := e.continuousEnv(cat, rel.SearchPath)
	env.Frozen, env.Functions, env.Saw = true, rel.Functions, rel.Saw
	return env
}

// streamQuery makes of a stored relation what the manager runs.
func (e *Engine) streamQuery(cat *catalog.Catalog, rel *catalog.Relation) (*stream.Query, error) {
	ast, err := parser.ParseQuery(rel.SQL)
	if err != nil {
		return nil, err
	}
	q, _, err := e.bindContinuous(ast, rel.SQL, e.storedEnv(cat, rel), plan.Mode(rel.Mode), rel.Options, plannedStats(rel.Planned))
	if err != nil {
		return nil, err
	}
	return &stream.Query{Rel: rel, Plan: q, Build: e.builder(q, rel, false)}, nil
}

func isMemorySink(rel *catalog.Relation) bool {
	return rel.Kind == catalog.Sink && rel.Connector() == "memory"
}

// memoryColumns are the system columns of a memory sink.
func memoryColumns() []catalog.Column {
	return []catalog.Column{{Name: "_batch_id", Type: types.Int8, Hidden: true}, {Name: "_op", Type: types.Text, Hidden: true}}
}

func visibleColumns(rel *catalog.Relation) []catalog.Column {
	var out []catalog.Column
	for _, c := range rel.Columns {
		if !c.Hidden {
			out = append(out, c)
		}
	}
	return out
}

// changeable are the options of a query that can be changed while its state is kept.
var changeable = []string{"trigger", "max_rows_per_trigger", "parallelism", "min_parallelism", "max_parallelism", "late_rows", "state_memory"}

// alterOptions runs ALTER MATERIALIZED VIEW | SINK ... SET (...): the query goes on from its last commit.
func (s *session) alterOptions(rel, n *catalog.Relation, st *ast.Alter) error {
	hint := "Options that can be changed: " + strings.Join(changeable, ", ") + "."
	for _, o := range st.Options {
		def := findOption(queryOptions, o.Key)
		if def == nil {
			return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized option %q", o.Key).At(int(o.Pos)).WithHint("%s", hint)
		}
		if !slices.Contains(changeable, o.Key) {
			return sqlerr.New(sqlerr.FeatureNotSupported, "option %q cannot be changed", o.Key).At(int(o.Pos)).WithHint("%s", hint)
		}
		if def.check != nil {
			if err := def.check(o.Value); err != nil {
				return optionError(err, o)
			}
		}
		n.Options = n.Options.With(o.Key, o.Value)
		if o.Key == "trigger" {
			n.Trigger = o.Value
		}
	}
	if _, err := parallelism(n.Options); err != nil {
		return sqlerr.AtDefault(err, int(st.Options[0].Pos))
	}
	q, err := s.eng.streamQuery(s.cat(), n)
	if err != nil {
		return err
	}
	was, err := s.eng.streamQuery(s.cat(), rel)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(st.Options, func(o ast.Option) bool { return o.Key == "state_memory" }) {
		if err := s.noticeUnpaged(n, q.Plan); err != nil {
			return err
		}
	}
	s.put(n)
	s.tx.undo = append(s.tx.undo, func() { s.eng.logIf(s.eng.mgr.Reconfigure(was), "set back", rel) })
	return s.eng.mgr.Reconfigure(q)
}
