// Package ast is the syntax tree of streamsqld's SQL: what the parser makes of the client's text and what the
// binder reads. It knows names and structure, no types and no catalog.
//
// Queries and expressions come from the TiDB parser and its islands (package sql/front turns both into this tree);
// every other statement comes from the recursive-descent parser over the same tokens. Pos fields are 0-based byte offsets in
// the client's text of the statement; they go into errors by sqlerr.Error.At.
package ast
