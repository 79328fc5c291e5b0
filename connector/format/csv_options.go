package format

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// csvOptions are the options of csv, with COPY's names and defaults.
type csvOptions struct {
	header               bool
	delim, quote, escape byte
	null                 string
	multiline            bool
}

func readCSVOptions(opts catalog.Options) (o csvOptions, err error) {
	o = csvOptions{delim: ',', quote: '"'}
	o.header = isTrue(opts, "header")
	o.multiline = isTrue(opts, "multiline")
	o.null, _ = opts.Get("null")
	if o.delim, err = oneByte(opts, "delimiter", ','); err != nil {
		return o, err
	}
	if o.quote, err = oneByte(opts, "quote", '"'); err != nil {
		return o, err
	}
	if o.escape, err = oneByte(opts, "escape", o.quote); err != nil {
		return o, err
	}
	if o.quote == o.delim {
		return o, badOption("quote", "delimiter and quote must be different")
	}
	return o, nil
}

// Header says whether the first line of a file has the names of the columns.
func Header(name string, opts catalog.Options) bool { return name == "csv" && isTrue(opts, "header") }

// Whole says that a file cannot be cut at its line ends, because values may go over several lines.
func Whole(name string, opts catalog.Options) bool { return name == "csv" && isTrue(opts, "multiline") }

func isTrue(opts catalog.Options, key string) bool {
	v, _ := opts.Get(key)
	b, err := types.ParseBool(v)
	return err == nil && b
}

func oneByte(opts catalog.Options, key string, def byte) (byte, error) {
	v, ok := opts.Get(key)
	switch {
	case !ok:
		return def, nil
	case v == `\t`:
		return '\t', nil
	case len(v) == 1 && v[0] != '\n' && v[0] != '\r':
		return v[0], nil
	}
	return 0, badOption(key, "it must be a single one-byte character")
}

func badOption(key, reason string) error {
	e := sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for option %q: %s", key, reason)
	e.Column = key
	return e
}
