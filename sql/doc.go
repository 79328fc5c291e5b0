// Package sql binds: it turns the syntax tree of package ast into the logical plan of package plan, with every name, type, overload and
// conversion settled by PostgreSQL's rules.
//
// A query's way: BindQuery makes a binder and binds FROM (from.go, join.go) into a plan node and a scope: what may be named, each column
// with the expression that reads it from the node. Expressions are bound over the scope (expr.go, ops.go, call.go). What cannot be computed
// over the rows of FROM, an aggregate, a window function, a set-returning function, a correlated sub-select, or a column of an
// outer query, leaves a mark in the expression: a parameter with a negative number (mark.go). The stages of a SELECT (select.go) then
// put the operators over the node one by one and replace the marks by their columns. Correlated sub-selects become joins
// (decorrelate.go).
//
// Every error has a SQLSTATE, PostgreSQL's wording and the position in the statement's text.
package sql
