package pgcatalog

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// infoCharacterSets is information_schema.character_sets: the one character set.
var infoCharacterSets = info("character_sets", 13250, infoCharacterSetsRows, []col{
	{"character_set_catalog", types.Name}, {"character_set_schema", types.Name}, {"character_set_name", types.Name},
	{"character_repertoire", types.Name}, {"form_of_use", types.Name}, {"default_collate_catalog", types.Name},
	{"default_collate_schema", types.Name}, {"default_collate_name", types.Name},
})

func infoCharacterSetsRows(e *Env) [][]any {
	return [][]any{{nil, nil, "UTF8", "UCS", "UTF8", e.Database, catalog.PgCatalog, "C"}}
}
