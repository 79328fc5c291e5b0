// Package copyfmt encodes and decodes the row formats of COPY: text, csv and binary.
//
// One COPY begins with Options, which the engine fills from the statement and checks with Options.Check. Going out, an
// Encoder appends the bytes of one row of a types.Batch at a time, column by column, to a buffer of the caller. Coming
// in, a Decoder reads bytes from an io.Reader and gives batches of the wanted column types; an error names table, line
// and column as PostgreSQL's CONTEXT line does.
package copyfmt
