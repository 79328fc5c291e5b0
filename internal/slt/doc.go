// Package slt runs sqllogictest files over the PostgreSQL protocol.
//
// A file is a list of records, each set apart by blank lines (parse.go):
//
//	statement ok | statement error REGEX | statement count N | statement notice REGEX
//	SQL
//
//	query TYPES [rowsort|valuesort|nosort] [LABEL] [retry N backoff DURATION] | query error REGEX
//	SQL
//	----
//	one row a line
//
//	copy | copy error REGEX         connection NAME     (of the next record)
//	COPY t FROM STDIN               sleep DURATION      include FILE
//	                                skipif NAME, onlyif NAME, hash-threshold N, halt
//	lines of data                   system ok, and a line for the shell
//
// TYPES has one letter a column: T text, I integer, R real, B boolean, or ? for any. Values are compared as the server prints them, with runs of blanks
// taken as one; NULL is NULL and an empty text (empty). $__TEST_DIR__ stands for a directory of the file's own.
//
// REGEX of an error is looked for in "CODE: message", followed by lines DETAIL, HINT and AT: what stands at the error's position in the
// statement. So a SQLSTATE alone is a good pattern, and so is (?s)42601.*AT: FORM.
//
// A query with retry is asked again until its result is as expected: for what becomes true soon.
package slt
