package format

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// textEncoder writes the one column's text, a line a row.
type textEncoder struct {
	typ types.Type
}

func newTextEncoder(cols []catalog.Column) (*textEncoder, error) {
	if len(cols) != 1 {
		return nil, sqlerr.New(sqlerr.InvalidParameterValue, "format text writes exactly one column").WithHint("Use format json or csv for more.")
	}
	return &textEncoder{cols[0].Type}, nil
}

func (e *textEncoder) Header() []byte { return nil }

// Append writes the rows of b; see Encoder.
func (e *textEncoder) Append(dst []byte, b *types.Batch) []byte {
	for i := range b.N {
		if b.Cols[0].IsValid(i) {
			dst = types.AppendText(dst, b.Cols[0], i, e.typ, nil)
		}
		dst = append(dst, '\n')
	}
	return dst
}
