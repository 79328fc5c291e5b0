// Package engine executes statements: sessions, settings, transactions, prepared statements, portals and cursors, and one file for
// each kind of statement (stmt_*.go), listed in dispatch.go.
//
// One statement's way: the wire calls Session.Query or Parse/Bind/Execute (session_api.go) → package sql/parser makes the tree →
// package sql binds it against the catalog → package optimizer rewrites it → package exec runs it over what package stream and
// state give to read. Statements that return rows become a rowSource (rows.go), which either pushes its batches straight to the client or
// feeds a cursor that is fetched from; the others run to their command tag.
package engine
