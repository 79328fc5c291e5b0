// Package plan is the bound logical plan: relational operators over typed columns, with every name resolved.
//
// A plan is a directed acyclic graph of immutable nodes; a node that is read twice (a CTE) is the same pointer in both places, and
// the executor runs it once. Column references in a node's expressions are indexes into its input's Schema (for a Join: the
// left columns, then the right ones). Rewriting makes new nodes (WithInputs, WithExprs) and keeps sharing (Transform).
//
// Every node means what it means as a batch query and as a continuous one; Mode and the finality analysis (package
// optimizer) only add when its rows may be handed on and when its state may be forgotten.
package plan
