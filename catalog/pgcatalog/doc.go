// Package pgcatalog shows the catalog as clients expect it: the virtual tables of pg_catalog, information_schema and streamsql.
//
// A table is one file with its columns and a function that gives its rows; tables.go lists them. Rows are made anew for each
// query, from the catalog and, for what only the running server knows, from Env.Live.
package pgcatalog
