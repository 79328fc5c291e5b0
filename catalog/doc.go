// Package catalog knows what exists: schemas, streams, tables, views, materialized views, sinks, indexes, functions.
//
// A Relation is immutable once it is in the catalog; a change replaces it. The catalog lives in memory and in the server's
// store under the prefix "c/": every change is written through a Writer, so that it commits together with whatever belongs to it.
// Package pgcatalog shows all this as pg_catalog, information_schema and the schema streamsql.
package catalog
