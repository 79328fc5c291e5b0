// Package colenc writes the values of Arrow columns as PostgreSQL's text and binary forms, for DataRow and COPY.
//
// A Column is bound to one column of a batch at a time and then appends the value of any row to a buffer. The everyday
// types (integers, text, boolean, timestamps) have code of their own here; the others go through package types. A Column
// keeps what helps the next batch: the time zone's offset and the last day it wrote.
package colenc
