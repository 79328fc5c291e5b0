// Package deparse prints queries and expressions that the catalog keeps as text, as PostgreSQL's catalog functions show them: names
// resolved, * written out, conversions visible, brackets where PostgreSQL puts them, in the plain and in the pretty form.
//
// A text is parsed and bound once more with a trace (sql.Trace), which tells the types of its nodes. From the tree and the trace the
// analyzer (analyze.go, from.go, expr.go, call.go) makes a tree of its own (node.go), in which each column knows its item of FROM and
// each conversion is a node. The printer (print_*.go) gives the items names that do not clash (names.go) and writes the text. What
// PostgreSQL does not know (windows over time, MATCH_RECOGNIZE, EMIT) is printed so that it can be read again.
//
// The text in the catalog stays the source: a printed one is only shown.
package deparse
