// Package state keeps rows, operator state, offsets and commits in one Pebble store per server.
//
//	Store    the Pebble database: batches, synced commits, prefixes
//	Log      a stream's rows: columnar chunks by sequence number; a position in it is an offset
//	Table    a relation that changes: its rows in memory in columns with versions (multi-version: readers see one version), found
//	         by key through a hash index; its changes as columnar deltas by version in the store, and snapshots that replace older deltas
//
// A Table stands behind CREATE TABLE (a version is a commit) and behind a materialized view (a version is a batch id). The delta of a
// version is the changelog: restart, cascaded queries and SUBSCRIBE since read the same bytes.
//
// Only this package imports Pebble.
package state
