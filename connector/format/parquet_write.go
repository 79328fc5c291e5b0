package format

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// groupRows is how many rows a row group gets at most.
const groupRows = 1 << 17

// ParquetWriter writes one parquet file.
type ParquetWriter struct {
	w      *pqarrow.FileWriter
	schema *arrow.Schema
	cols   []catalog.Column
}

// NewParquetWriter begins a file on w. Types that parquet has no counterpart for here (numeric, interval, uuid, timetz) are written as text.
// codec is none, gzip or zstd.
func NewParquetWriter(w io.Writer, cols []catalog.Column, codec string) (*ParquetWriter, error) {
	var fields []arrow.Field
	for _, c := range cols {
		t := c.Type.Arrow()
		if asText(c.Type) {
			t = arrow.BinaryTypes.String
		}
		fields = append(fields, arrow.Field{Name: c.Name, Type: t, Nullable: true})
	}
	comp := map[string]compress.Compression{"none": compress.Codecs.Uncompressed, "gzip": compress.Codecs.Gzip}
	chosen, ok := comp[codec]
	if !ok {
		chosen = compress.Codecs.Zstd
	}
	p := &ParquetWriter{schema: arrow.NewSchema(fields, nil), cols: cols}
	var err error
	p.w, err = pqarrow.NewFileWriter(p.schema, w, parquet.NewWriterProperties(parquet.WithCompression(chosen), parquet.WithMaxRowGroupLength(groupRows)), pqarrow.DefaultWriterProps())
	return p, err
}

func asText(t types.Type) bool {
	if t.IsArray() {
		t = t.Elem()
	}
	switch t.OID {
	case types.Numeric.OID, types.Interval.OID, types.UUID.OID, types.TimeTZ.OID, types.Inet.OID, types.CIDR.OID, types.MACAddr.OID:
		return true
	}
	return t.OID >= types.FirstUserOID
}

// Write appends the rows of b. Errors: 0A000 for arrays of several dimensions or with another lower bound than 1.
func (p *ParquetWriter) Write(b *types.Batch) error {
	cols := make([]arrow.Array, len(b.Cols))
	for i, a := range b.Cols {
		if cols[i] = a; asText(p.cols[i].Type) {
			cols[i] = textOf(a, p.cols[i].Type)
		}
		if hasShapes(a) {
			return sqlerr.New(sqlerr.FeatureNotSupported, "column %s: arrays of more than one dimension cannot be written to Parquet", p.cols[i].Name).
				WithHint("Write them as text or as JSON: cast the column to text, or use to_json.")
		}
	}
	return p.w.WriteBuffered(array.NewRecord(p.schema, cols, int64(b.N)))
}

// hasShapes says whether a column has an array that is not one-dimensional from 1 on.
func hasShapes(a arrow.Array) bool {
	for i := 0; types.ShapeColumn(a) != nil && i < a.Len(); i++ {
		if len(types.ShapeBytes(a, i)) > 0 {
			return true
		}
	}
	return false
}

// Close writes the end of the file.
func (p *ParquetWriter) Close() error { return p.w.Close() }

func textOf(a arrow.Array, t types.Type) arrow.Array {
	b := array.NewStringBuilder(types.Mem)
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
		} else {
			b.BinaryBuilder.Append(types.AppendText(nil, a, i, t, nil))
		}
	}
	return b.NewArray()
}
