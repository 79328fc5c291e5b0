// Package parser turns PostgreSQL text, and streamsqld's own statements, into the tree of package ast.
//
// One statement's way: lex.go cuts the text into PostgreSQL's tokens. A recursive walk over them (the parser type) reads the
// statement. What is not a query or an expression, it turns into the tree by itself (stmt_*.go). Queries and expressions are
// written out again as text for the TiDB parser (tidb.go): every identifier back-quoted, every operator and call
// an island. An island is a numbered record, and in the text a pseudo call `$7`(operands): the operands stay inside
// the query. So MySQL's precedence, functions and words never matter, and nothing reaches TiDB that it would
// understand otherwise than PostgreSQL. The operators are climbed with PostgreSQL's own precedence table (climb.go).
//
//	a::int                   `$1`(`a`)                                  a cast
//	a + b * c                `$2`(`a`, `$1`(`b`, `c`))                  two operators
//	FROM hop(t, ts, '1s')    (SELECT `$3`(`ts`, '1s')) AS `$4`          a window over t
//	a FULL JOIN b ON x       `a` AS `$5` STRAIGHT_JOIN `b` AS `$6` ON `$7`(x)
//
// TiDB's parser then owns clauses, joins, set operations, common table expressions, sub-selects, names and literals. All
// expressions of one statement go to it in one text, whose tree convert.go reads together with the islands. Positions come back
// through an offset map; literals are read from our own tokens, so that a number keeps its text.
//
// A statement's holes (hole.go) say where in the tree each of its expressions and queries belongs once they are converted.
// Plain literals, and the rows of INSERT ... VALUES that hold nothing else, never go through TiDB.
package parser
