package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// createView runs CREATE VIEW and CREATE MATERIALIZED VIEW.
func (s *session) createView(ctx context.Context, st *ast.CreateView, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	kind, tag := catalog.View, "CREATE VIEW"
	if st.Materialized {
		kind, tag = catalog.MatView, "CREATE MATERIALIZED VIEW"
	}
	newName := s.newName
	if st.Temp {
		newName = s.newTempName
	}
	if st.NoData {
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "WITH NO DATA has no effect: a materialized view is kept up to date from the beginning")
	}
	schema, name, err := newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	rel := &catalog.Relation{Schema: schema, Name: name, Kind: kind, SQL: st.SQL, SearchPath: s.SearchPath(), Created: s.now()}
	old := s.cat().Lookup([]string{schema, name}, nil)
	replace := old != nil && st.OrReplace && old.Kind == kind
	if replace {
		if kind == catalog.View {
			rel.OID = old.OID
		}
	} else if old != nil && st.OrReplace {
		return sqlerr.New(sqlerr.FeatureNotSupported, "%s %q cannot be replaced yet", old.Kind, name).At(int(st.Pos)).WithHint("Drop it and create it again.")
	} else if skip, err := s.taken(schema, name, st.IfNotExists); err != nil {
		return err
	} else if skip {
		return w.Complete(tag)
	}
	if kind == catalog.View {
		return s.createPlainView(rel, st, text, w)
	}
	for _, o := range st.Options {
		if o.Key == "connector" {
			return sqlerr.New(sqlerr.InvalidParameterValue, "a materialized view has no connector, its result stays in the server").At(int(o.Pos)).
				WithHint("CREATE SINK %s WITH (connector = '%s', ...) AS ... sends a result out of the server.", name, o.Value)
		}
	}
	if rel.Options, err = s.eng.readOptions(st.Options, queryOptions, false); err != nil {
		return err
	}
	if err := s.defineQuery(rel, st.Query, text, st.Cols, int(st.SQLPos), plan.Update, optionPositions(st.Options)); err != nil {
		return err
	}
	if err := s.noTemp(rel); err != nil {
		return err
	}
	if replace {
		if err := s.redefine(ctx, old, rel, int(st.Pos)); err != nil {
			return err
		}
		return w.Complete(tag)
	}
	return startError(s.launch(ctx, rel, w, tag), st.Options)
}

// startError gives an error of start_from its position.
func startError(err error, list []ast.Option) error {
	if p, ok := optionPositions(list)["start_from"]; ok && err != nil && strings.Contains(err.Error(), "start_from") {
		return sqlerr.AtDefault(err, p)
	}
	return err
}

func optionPositions(list []ast.Option) map[string]int {
	m := map[string]int{}
	for _, o := range list {
		m[o.Key] = int(o.Pos)
	}
	return m
}

func (s *session) createPlainView(rel *catalog.Relation, st *ast.CreateView, text string, w ResultWriter) error {
	if err := viewOptions(rel, st); err != nil {
		return err
	}
	if sql.Modifies(st.Query) {
		return sqlerr.New(sqlerr.FeatureNotSupported, "views must not contain data-modifying statements in WITH")
	}
	q, err := sql.BindQuery(st.Query, text, s.env(nil))
	if err != nil {
		return err
	}
	if rel.Columns, err = viewColumns(q, st.Cols); err != nil {
		return err
	}
	rel.Deps, rel.Functions = q.Deps, q.Functions
	if err := s.noTemp(rel); err != nil {
		return err
	}
	if sql.CheckOption(rel) != "" {
		if err := sql.Updatable(rel, s.env(nil)); err != nil {
			return err
		}
	}
	if rel.OID == 0 {
		rel.OID, err = s.newOID()
		if err != nil {
			return err
		}
	} else if err := sameOrMore(s.cat().ByOID(rel.OID).Columns, rel.Columns); err != nil {
		return err
	}
	s.put(rel)
	return w.Complete("CREATE VIEW")
}

// viewOptions takes the options of a plain view.
func viewOptions(rel *catalog.Relation, st *ast.CreateView) error {
	for _, o := range st.Options {
		switch v := strings.ToLower(o.Value); {
		case o.Key != "check_option":
			return sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized option %q", o.Key).At(int(o.Pos)).WithHint("A view takes check_option only; a continuous query is CREATE MATERIALIZED VIEW.")
		case v != "local" && v != "cascaded":
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for enum option \"check_option\": %s", o.Value).WithDetail("Valid values are \"local\" and \"cascaded\".")
		default:
			rel.Options = rel.Options.With(o.Key, v)
		}
	}
	return nil
}

// sameOrMore is PostgreSQL's rule for CREATE OR REPLACE VIEW: old columns stay, new ones may come behind.
func sameOrMore(old, now []catalog.Column) error {
	if len(now) < len(old) {
		return sqlerr.New(sqlerr.InvalidTableDefinition, "cannot drop columns from view")
	}
	for i := range old {
		if old[i].Name != now[i].Name {
			return sqlerr.New(sqlerr.InvalidTableDefinition, "cannot change name of view column %q to %q", old[i].Name, now[i].Name)
		}
		if old[i].Type != now[i].Type {
			return sqlerr.New(sqlerr.InvalidTableDefinition, "cannot change data type of view column %q from %s to %s", old[i].Name, old[i].Type, now[i].Type)
		}
	}
	return nil
}

// viewColumns are the columns of a view over q, renamed by names.
func viewColumns(q *plan.Query, names []string) ([]catalog.Column, error) {
	rc := resultColumns(q)
	if len(names) > len(rc) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "CREATE VIEW specifies more column names than columns")
	}
	seen := map[string]bool{}
	cols := make([]catalog.Column, len(rc))
	for i, c := range rc {
		if i < len(names) {
			c.Name = names[i]
		}
		if seen[c.Name] {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column %q specified more than once", c.Name)
		}
		if c.Type.Is(types.Record) || c.Type.IsArray() && c.Type.Elem().Is(types.Record) {
			return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "column %q has pseudo-type %s", c.Name, c.Type)
		}
		seen[c.Name] = true
		cols[i] = catalog.Column{Name: c.Name, Type: c.Type}
	}
	return cols, nil
}

// quoteName prints schema.name for use in SQL.
func quoteName(r *catalog.Relation, quote func(string) string) string {
	return strings.Join([]string{quote(r.Schema), quote(r.Name)}, ".")
}
