package file

import (
	"context"
	"io"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// sampleSize is how much of the first file is looked at.
const sampleSize = 4 << 20

// infer takes the columns from the first file.
func infer(_ context.Context, opts catalog.Options) ([]catalog.Column, *catalog.Watermark, error) {
	name := formatOf(opts)
	_, pattern := opts.Get("pattern")
	if name == "text" && !pattern {
		cols, err := format.Infer(name, nil, opts)
		return cols, nil, err
	}
	if !connector.Bool(opts, "infer_schema", false) {
		return nil, nil, sqlerr.New(sqlerr.InvalidTableDefinition, "a stream over files needs columns").
			WithHint("Declare the columns, or set infer_schema = true to take them from the first file.")
	}
	path, _ := opts.Get("path")
	l, err := openList(path, false, noKV{})
	if err != nil {
		return nil, nil, err
	}
	files, _, err := l.refresh(takeAll)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range files {
		if e.Size == 0 {
			continue
		}
		if name == "parquet" {
			cols, err := format.ParquetColumns(e.Path)
			return inferDirs(cols, l.path, files), nil, err
		}
		in, err := openStream(e)
		if err != nil {
			return nil, nil, err
		}
		defer in.Close()
		sample, err := io.ReadAll(io.LimitReader(in, sampleSize))
		if err != nil {
			return nil, nil, readErr(e.Path, err)
		}
		cols, err := format.Infer(name, sample, opts)
		return inferDirs(cols, l.path, files), nil, err
	}
	return nil, nil, sqlerr.New(sqlerr.InvalidTableDefinition, "there is no file under %q to take the columns from", l.path).
		WithHint("Declare the columns, or put a first file there.")
}

// noKV keeps nothing.
type noKV struct{}

func (noKV) Get(string) ([]byte, error)                    { return nil, nil }
func (noKV) Set(string, []byte) error                      { return nil }
func (noKV) Scan(string, func(string, []byte) error) error { return nil }
