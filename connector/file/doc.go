// Package file reads rows from files and writes them to files.
//
// As a source it watches a directory (with the directories below it), a glob, or one file. A listing finds new files, in the order of
// their modification time and then their name, and writes them down with the number and size they got, durably, before anything reads
// them; from then on a file is (number, size). So a position is the number of a file and a byte in it, and the same range gives the same
// rows for ever. A file is taken once, under its path, with the bytes that it had when it was found: what is appended later, or written
// over it, is not seen. Write a file under a name that begins with "." or "_" and rename it when it is complete; such names are not looked at.
//
// A range of positions becomes splits of some megabytes, cut at line ends, that are read side by side. Compressed files (.gz, .zst) and
// csv with multiline = true are one split each; parquet gives one for each row group.
//
// As a sink it is exactly once: see sink.go.
package file
