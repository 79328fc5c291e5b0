package file

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

// hidden are the system columns of a stream over files.
var hidden = []catalog.Column{
	{Name: "_file_name", Type: types.Text, Hidden: true},
	{Name: "_file_mtime", Type: types.TimestampTZ, Hidden: true},
}

// Def is the connector file.
var Def = connector.Def{
	Name:       "file",
	OpenSource: openSource,
	OpenSink:   openSink,
	Infer:      infer,
	Hidden:     hidden,
	Guarantee:  "exactly once",
	Doc:        "files of a directory, as they come; result files that become visible as a whole",
	Options: []connector.OptionDef{
		{Name: "path", Kind: "string", Required: true, Source: true, Sink: true, Doc: "a directory, a glob or a file on the server's machine"},
		{Name: "format", Kind: "enum", Enum: []string{"json", "csv", "text", "parquet"}, Source: true, Sink: true, Doc: "default json"},
		{Name: "infer_schema", Kind: "bool", Source: true, Doc: "take the columns from the first file, when none are declared"},
		{Name: "latest_first", Kind: "bool", Source: true, Doc: "of the files that are there the newest come first"},
		{Name: "max_file_age", Kind: "duration", Source: true, Doc: "a new file that is so much older than the newest one taken is left out; of those that are there at first all are taken, and all where latest_first stands with a limit"},
		{Name: "file_name_only", Kind: "bool", Source: true, Doc: "files of the same name are the same file, in whatever directory: the first one found is taken"},
		{Name: "header", Kind: "bool", Source: true, Sink: true, Doc: "csv: the first line has the names of the columns"},
		{Name: "delimiter", Kind: "string", Source: true, Sink: true, Doc: "csv: default ','"},
		{Name: "quote", Kind: "string", Source: true, Sink: true, Doc: `csv: default '"'`},
		{Name: "escape", Kind: "string", Source: true, Sink: true, Doc: "csv: default the quote"},
		{Name: "null", Kind: "string", Source: true, Sink: true, Doc: "csv: what stands for NULL, default nothing"},
		{Name: "multiline", Kind: "bool", Source: true, Doc: "csv: values in quotes may go over several lines; a file is then read by one worker"},
		{Name: "pattern", Kind: "string", Source: true, Doc: "text: a regular expression whose named groups fill the columns"},
		{Name: "partition_by", Kind: "list", Source: true, Sink: true, Doc: "columns that become directories column=value; of a stream those that are in no file, but come from directories"},
		{Name: "roll_size", Kind: "size", Sink: true, Doc: "begin a new file at this size, default 128MB"},
		{Name: "roll_interval", Kind: "duration", Sink: true, Doc: "begin a new file after this time; every trigger makes files of its own anyway"},
		{Name: "compression", Kind: "enum", Enum: []string{"none", "gzip", "zstd"}, Sink: true, Doc: "default none; parquet: default zstd"},
	},
}

func formatOf(o catalog.Options) string {
	return strings.ToLower(connector.String(o, "format", "json"))
}
