package engine

import (
	"context"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// Temporary tables live in a schema of their session, which is first in its search path, and is never written to the store's catalog.
const tempPrefix = "pg_temp_"

func isTemp(schema string) bool { return strings.HasPrefix(schema, tempPrefix) }

// newTempName is newName for a temporary table or view: it stands in the session's own schema.
func (s *session) newTempName(names []string, pos ast.Pos) (schema, name string, err error) {
	name = names[len(names)-1]
	if len(names) > 1 && names[len(names)-2] != "pg_temp" {
		return "", "", sqlerr.New(sqlerr.InvalidTableDefinition, "cannot create temporary relation in non-temporary schema").At(int(pos))
	}
	if s.temp == "" {
		s.temp = tempPrefix + itoa(int64(s.info.PID))
		schema := &catalog.Schema{OID: s.eng.cat.NextOID(), Name: s.temp}
		s.eng.cat.PutSchema(schema)
		s.cat().PutSchema(schema)
	}
	return s.temp, name, nil
}

// dropTemp drops the temporary tables at the end of the session.
func (s *session) dropTemp() {
	if s.temp == "" {
		return
	}
	s.begin()
	for _, r := range s.cat().Relations() {
		if r.Schema == s.temp && s.cat().ByOID(r.OID) == r {
			s.eng.logIf(s.dropObjects(context.Background(), true, object{rel: r}), "drop", r)
		}
	}
	if err := s.commit(context.Background()); err != nil {
		s.eng.log.Warn("cannot drop temporary tables", "schema", s.temp, "error", err)
	}
	s.eng.cat.RemoveSchema(s.temp)
}

// noTemp refuses an object that outlives the session over a temporary table.
func (s *session) noTemp(rel *catalog.Relation) error {
	for _, oid := range rel.Deps {
		if r := s.cat().ByOID(oid); r != nil && isTemp(r.Schema) && !isTemp(rel.Schema) {
			return sqlerr.New(sqlerr.FeatureNotSupported, "a %s must not use temporary tables or views", rel.Kind).WithHint("Create it as a temporary view.")
		}
	}
	return nil
}
