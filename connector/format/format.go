package format

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// batchRows is how many rows a decoder puts into a batch.
const batchRows = 8192

// Config is what a decoder is made from.
type Config struct {
	Cols    []catalog.Column // the stream's columns that the format carries, without hidden ones
	Want    []int            // columns of Cols, in the order wanted
	Options catalog.Options  // of the stream
	Header  []byte           // csv with header = true: the line with the names
	// OnBad takes a row that does not parse: its text, the reason, and its offset in the chunk. raw is good until it returns. It returns an
	// error to stop.
	OnBad func(raw []byte, reason string, offset int) error
}

// Decoder turns lines into batches. It belongs to one goroutine.
type Decoder interface {
	// Decode reads the lines of chunk; the last one may lack its line end. The batches belong to emit and share no memory with chunk.
	// Errors are those of emit and OnBad.
	Decode(chunk []byte, emit func(*types.Batch) error) error
}

// Encoder turns batches into bytes. It belongs to one goroutine.
type Encoder interface {
	// Header is what stands at the beginning of each file, nil for most.
	Header() []byte
	// Append appends the rows of b, whose columns are those the encoder was made for.
	Append(dst []byte, b *types.Batch) []byte
}

// Names of the formats that decode lines.
var Names = []string{"json", "csv", "text"}

// NewDecoder makes the decoder of a format. Errors: 22023 for an unknown format or a bad option, 2201B for a bad pattern, 42P16 for columns
// that the format cannot fill.
func NewDecoder(name string, c Config) (Decoder, error) {
	switch name {
	case "json":
		return newJSONDecoder(c), nil
	case "csv":
		return newCSVDecoder(c)
	case "text":
		return newTextDecoder(c)
	}
	return nil, unknown(name)
}

// NewEncoder makes the encoder of a format. Errors: 22023.
func NewEncoder(name string, cols []catalog.Column, opts catalog.Options) (Encoder, error) {
	switch name {
	case "json":
		return newJSONEncoder(cols), nil
	case "csv":
		return newCSVEncoder(cols, opts)
	case "text":
		return newTextEncoder(cols)
	}
	return nil, unknown(name)
}

func unknown(name string) error {
	e := sqlerr.New(sqlerr.InvalidParameterValue, "unknown format %q", name).WithHint("Formats here: %s.", strings.Join(Names, ", "))
	e.Column = "format"
	return e
}
