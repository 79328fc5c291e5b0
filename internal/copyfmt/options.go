package copyfmt

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Format is the row format of a COPY.
type Format uint8

// The formats, by the names of the statement's FORMAT option.
const (
	Text Format = iota
	CSV
	Binary
)

// String is the format's name in SQL.
func (f Format) String() string { return [...]string{"text", "csv", "binary"}[f] }

// Code is the format code of CopyInResponse and CopyOutResponse: 1 for binary, else 0.
func (f Format) Code() int16 {
	if f == Binary {
		return 1
	}
	return 0
}

// Options are the options of a COPY statement that touch its bytes. Start from Defaults.
type Options struct {
	Format Format
	Delim  byte
	Null   string // what stands for NULL
	Header bool   // first line holds the column names
	Match  bool   // HEADER MATCH: the names that come in must be the columns' names
	Quote  byte   // csv only
	Escape byte   // csv only

	ForceQuoteAll bool
	ForceQuote    []bool // csv out, by column; nil: none
	ForceNotNull  []bool // csv in, by column: the null string is not looked for
	ForceNull     []bool // csv in, by column: the null string counts even when quoted
}

// Defaults are the options of FORMAT f when the statement says nothing else.
func Defaults(f Format) Options {
	switch f {
	case CSV:
		return Options{Format: CSV, Delim: ',', Quote: '"', Escape: '"'}
	case Binary:
		return Options{Format: Binary}
	default:
		return Options{Format: Text, Delim: '\t', Null: `\N`}
	}
}

// Check refuses what PostgreSQL refuses (0A000, 22023), in its words. Binary options are checked by the caller, who
// knows which were given.
func (o *Options) Check() error {
	if o.Format == Binary {
		return nil
	}
	if o.Delim == '\n' || o.Delim == '\r' {
		return sqlerr.New(sqlerr.InvalidParameterValue, "COPY delimiter cannot be newline or carriage return")
	}
	if strings.ContainsAny(o.Null, "\r\n") {
		return sqlerr.New(sqlerr.InvalidParameterValue, "COPY null representation cannot use newline or carriage return")
	}
	if o.Format == Text && strings.IndexByte("\\.abcdefghijklmnopqrstuvwxyz0123456789", o.Delim) >= 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "COPY delimiter cannot be \"%c\"", o.Delim)
	}
	if strings.IndexByte(o.Null, o.Delim) >= 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "COPY delimiter must not appear in the NULL specification")
	}
	if o.Format != CSV {
		return nil
	}
	if o.Delim == o.Quote {
		return sqlerr.New(sqlerr.InvalidParameterValue, "COPY delimiter and quote must be different")
	}
	if strings.IndexByte(o.Null, o.Quote) >= 0 {
		return sqlerr.New(sqlerr.FeatureNotSupported, "CSV quote character must not appear in the NULL specification")
	}
	return nil
}
