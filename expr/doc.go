// Package expr is the bound scalar expression, its vectorised evaluation, and the registries of functions and aggregates.
//
// The binder makes an Expr tree whose types are settled: every implicit conversion is a node in it. Operators evaluate it
// once per batch: Eval takes a Batch and gives a column. Constants stay one row long (Vec.Const), so a kernel can take the
// short way. A function or aggregate is one entry of an explicit list in registry.go, which names its signature, null rule,
// volatility, kernel and doc line; its code is in fn_<family>.go or agg_<name>.go. Operators such as + or || are functions
// too, registered under their symbol.
//
// Semantics are PostgreSQL 15's: three-valued logic, overflow errors 22003, division by zero 22012, exact numeric.
package expr
