package pgcatalog

import "github.com/streamsqld/streamsqld/types"

// infoInformationSchemaCatalogName is information_schema.information_schema_catalog_name: the name of the database.
var infoInformationSchemaCatalogName = info("information_schema_catalog_name", 13227, infoCatalogNameRows, []col{
	{"catalog_name", types.Name},
})

func infoCatalogNameRows(e *Env) [][]any { return [][]any{{e.Database}} }
