package engine

import (
	"context"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// createSink runs CREATE SINK.
func (s *session) createSink(ctx context.Context, st *ast.CreateSink, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	schema, name, err := s.newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	old := s.cat().Lookup([]string{schema, name}, nil)
	replace := old != nil && st.OrReplace && old.Kind == catalog.Sink
	if !replace {
		if skip, err := s.taken(schema, name, st.IfNotExists); err != nil {
			return err
		} else if skip {
			return w.Complete("CREATE SINK")
		}
	}
	rel := &catalog.Relation{Schema: schema, Name: name, Kind: catalog.Sink, SQL: st.SQL, SearchPath: s.SearchPath(), Created: s.now()}
	if rel.Options, err = s.eng.readOptions(st.Options, queryOptions, true); err != nil {
		return err
	}
	if rel.Connector() == "" {
		return sqlerr.New(sqlerr.InvalidParameterValue, "a sink needs a connector").At(int(st.Pos)).WithHint("WITH (connector = ...): one of %s.", s.eng.connectorNames(true))
	}
	query, at, err := s.sinkQuery(st, text)
	if err != nil {
		return err
	}
	base := int(st.SQLPos)
	if st.From != nil {
		rel.From, rel.SQL, base = s.cat().Lookup(st.From, s.SearchPath()).OID, at, int(st.Pos)
	}
	if err := s.defineQuery(rel, query, at, nil, base, plan.Append, optionPositions(st.Options)); err != nil {
		return err
	}
	if replace {
		if err := s.redefine(ctx, old, rel, int(st.Pos)); err != nil {
			return err
		}
		return w.Complete("CREATE SINK")
	}
	if isMemorySink(rel) {
		rel.Columns = append(rel.Columns, memoryColumns()...)
	}
	return startError(s.launch(ctx, rel, w, "CREATE SINK"), st.Options)
}

// sinkQuery is the query of a sink and the text that it stands in: of CREATE SINK ... FROM all columns of the relation.
func (s *session) sinkQuery(st *ast.CreateSink, text string) (*ast.Query, string, error) {
	if st.From == nil {
		return st.Query, text, nil
	}
	from, err := s.cat().Resolve(st.From, s.SearchPath())
	if err != nil {
		return nil, "", sqlerr.AtDefault(err, int(st.Pos))
	}
	text = "SELECT * FROM " + quoteName(from, parser.QuoteIdent)
	query, err := parser.ParseQuery(text)
	return query, text, err
}
