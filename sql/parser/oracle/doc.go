// Package oracle compares the parser's trees with those of PostgreSQL's own grammar (go-pgquery, that grammar as
// WebAssembly). It is a module of its own, so that the server never depends on it:
//
//	cd sql/parser/oracle && go test ./... [-count-expr 40000] [-seed 1]
package oracle
