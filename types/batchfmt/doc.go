// Package batchfmt is the stored form of batches, for logs, tables, commits and what operators put into temporary files.
//
// A batch is its number of rows and columns, its weights, then each column by itself, so that a reader can skip columns. A column is its
// layout, flags, the length of its payload before and after compression, and the payload: validity bits, offsets and values as they lie
// in Arrow, each padded to 8 bytes, so that decoding copies once and points into the copy; or packed (packed.go). A payload may lie
// apart, in a place of the caller's; then the column's least and greatest value stand for it (ranges.go).
//
// The form is stable: what an older server wrote is read.
package batchfmt
