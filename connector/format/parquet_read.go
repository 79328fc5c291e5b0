package format

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Parquet is an open parquet file.
type Parquet struct {
	*ParquetMeta
	path string
	src  *os.File
	size int64
}

// ParquetMeta is what a file says of itself. Nobody changes it.
type ParquetMeta struct {
	meta   *metadata.FileMetaData
	schema *arrow.Schema
}

// parquetRows is how many rows are read at a time: each batch costs the reader some work for each column.
const parquetRows = 32768

// OpenParquet opens a file; m is what is known of it already, or nil. Errors: 58P01, 58030, 22P04 for what is not parquet.
func OpenParquet(path string, m *ParquetMeta) (*Parquet, error) {
	src, err := os.Open(path)
	if err != nil {
		return nil, sqlerr.Wrap(err, sqlerr.UndefinedFile, "could not open %q: %v", path, err)
	}
	p := &Parquet{ParquetMeta: m, path: path, src: src}
	if err := p.open(); err != nil {
		src.Close()
		return nil, badParquet(path, err)
	}
	return p, nil
}

func (p *Parquet) open() error {
	info, err := p.src.Stat()
	if err != nil {
		return err
	}
	if p.size = info.Size(); p.ParquetMeta != nil {
		return nil
	}
	f, err := file.NewParquetReader(p.src)
	if err != nil {
		return err
	}
	p.ParquetMeta = &ParquetMeta{meta: f.MetaData()}
	p.schema, err = pqarrow.FromParquet(p.meta.Schema, &pqarrow.ArrowReadProperties{}, p.meta.KeyValueMetadata())
	return err
}

func badParquet(path string, err error) error {
	return sqlerr.Wrap(err, sqlerr.BadCopyFileFormat, "could not read %q as parquet: %v", path, err)
}

// Close closes the file.
func (p *Parquet) Close() error { return p.src.Close() }

// Groups is the number of row groups.
func (p *Parquet) Groups() int { return len(p.meta.GetRowGroups()) }

// GroupRows is the number of rows of a row group.
func (p *Parquet) GroupRows(g int) int64 { return p.meta.RowGroup(g).NumRows() }

// ParquetColumns gives the columns of a file as a stream would have them.
func ParquetColumns(path string) ([]catalog.Column, error) {
	p, err := OpenParquet(path, nil)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	var cols []catalog.Column
	for _, f := range p.schema.Fields() {
		cols = append(cols, catalog.Column{Name: strings.ToLower(f.Name), Type: typeOf(f.Type)})
	}
	return cols, nil
}

func typeOf(t arrow.DataType) types.Type {
	switch t.ID() {
	case arrow.BOOL:
		return types.Bool
	case arrow.INT8, arrow.UINT8, arrow.INT16:
		return types.Int2
	case arrow.UINT16, arrow.INT32:
		return types.Int4
	case arrow.UINT32, arrow.INT64:
		return types.Int8
	case arrow.UINT64, arrow.DECIMAL128, arrow.DECIMAL256:
		return types.Numeric
	case arrow.FLOAT32, arrow.FLOAT16:
		return types.Float4
	case arrow.FLOAT64:
		return types.Float8
	case arrow.DATE32, arrow.DATE64:
		return types.Date
	case arrow.TIME32, arrow.TIME64:
		return types.Time
	case arrow.BINARY, arrow.LARGE_BINARY, arrow.FIXED_SIZE_BINARY:
		return types.Bytea
	case arrow.TIMESTAMP:
		if t.(*arrow.TimestampType).TimeZone == "" {
			return types.Timestamp
		}
		return types.TimestampTZ
	case arrow.LIST:
		if a, ok := typeOf(t.(*arrow.ListType).Elem()).Array(); ok {
			return a
		}
	case arrow.STRUCT, arrow.MAP:
		return types.JSONB
	}
	return types.Text
}

// Read hands on the rows of a row group that r wants, with the columns c.Want of c.Cols, which are found by name. A column that the file lacks is null;
// a value that does not fit its column goes to no OnBad but ends the reading. Errors: 22P04, 42804, those of r and emit.
func (p *Parquet) Read(ctx context.Context, group int, c Config, r *types.Reading, emit func(*types.Batch) error) error {
	fields := make([]int, len(c.Want)) // -1: not in the file
	some := false
	for i, w := range c.Want {
		fields[i] = p.field(c.Cols[w].Name)
		some = some || fields[i] >= 0
	}
	if r.May != nil && !r.May(p.ranges(group, c, fields)) {
		return nil
	}
	if !some {
		return p.readNone(group, c, chosen(r, emit))
	}
	g, err := p.flat(group, c, fields, r)
	if err == nil && g != nil {
		err = g.run(ctx, p.GroupRows(group), emit)
		g.done()
	} else if err == nil {
		return p.readAny(ctx, group, c, fields, chosen(r, emit))
	}
	if errors.Is(err, errPage) {
		return badParquet(p.path, err)
	}
	return err
}

// chosen is emit of the rows that r picks.
func chosen(r *types.Reading, emit func(*types.Batch) error) func(*types.Batch) error {
	if r.Pick == nil {
		return emit
	}
	return func(b *types.Batch) error {
		b, err := r.Choose(b)
		if err != nil || b.N == 0 {
			return err
		}
		return emit(b)
	}
}

// ranges are what the file says of the values of the wanted columns in a row group.
func (p *Parquet) ranges(group int, c Config, fields []int) []types.Range {
	out := make([]types.Range, len(fields))
	rg := p.meta.RowGroup(group)
	for i, f := range fields {
		if f < 0 {
			continue
		}
		typ, to, leaves := p.schema.Field(f).Type, c.Cols[c.Want[i]].Type, p.leaves(f)
		ts, isTime := typ.(*arrow.TimestampType)
		switch {
		case typ.ID() == arrow.INT64 && to.Is(types.Int8):
		case isTime && ts.Unit == arrow.Microsecond && to.Arrow().ID() == arrow.TIMESTAMP:
		default:
			continue
		}
		cc, err := rg.ColumnChunk(leaves[0])
		if err != nil {
			continue
		}
		s, err := cc.Statistics()
		if v, ok := s.(*metadata.Int64Statistics); ok && err == nil && v.HasMinMax() && v.HasNullCount() && v.NullCount() == 0 {
			out[i] = types.Range{Known: true, Min: v.Min(), Max: v.Max()}
		}
	}
	return out
}

// readAny is Read of columns of any form, of all rows.
func (p *Parquet) readAny(ctx context.Context, group int, c Config, at []int, emit func(*types.Batch) error) error {
	f, err := file.NewParquetReader(p.src, file.WithMetadata(p.meta))
	if err != nil {
		return badParquet(p.path, err)
	}
	r, err := pqarrow.NewFileReader(f, pqarrow.ArrowReadProperties{BatchSize: parquetRows}, types.Mem)
	if err != nil {
		return badParquet(p.path, err)
	}
	var leaves []int
	for i, f := range at {
		if f >= 0 && slices.Index(at, f) == i {
			leaves = append(leaves, p.leaves(f)...)
		}
	}
	rr, err := r.GetRecordReader(ctx, leaves, []int{group})
	if err != nil {
		return badParquet(p.path, err)
	}
	defer rr.Release()
	for rr.Next() {
		rec := rr.Record()
		b := &types.Batch{N: int(rec.NumRows()), Cols: make([]arrow.Array, len(c.Want))}
		for i, w := range c.Want {
			col := c.Cols[w]
			if at[i] < 0 {
				b.Cols[i] = types.Nulls(col.Type, b.N)
				continue
			}
			k := rec.Schema().FieldIndices(p.schema.Field(at[i]).Name)
			if b.Cols[i], err = convert(rec.Column(k[0]), col); err != nil {
				return err
			}
			b.Cols[i].Retain()
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	if err := rr.Err(); err != nil && err.Error() != "EOF" {
		return badParquet(p.path, err)
	}
	return nil
}

// readNone gives the rows of a group of which no column in the file is wanted.
func (p *Parquet) readNone(group int, c Config, emit func(*types.Batch) error) error {
	for left := p.GroupRows(group); left > 0; left -= batchRows {
		b := &types.Batch{N: int(min(left, batchRows))}
		for _, w := range c.Want {
			b.Cols = append(b.Cols, types.Nulls(c.Cols[w].Type, b.N))
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}

// field finds a column of the file by its name, else in another case; -1: there is none.
func (p *Parquet) field(name string) int {
	fold := -1
	for i, f := range p.schema.Fields() {
		if f.Name == name {
			return i
		}
		if fold < 0 && strings.ToLower(f.Name) == name {
			fold = i
		}
	}
	return fold
}

// leaves are the file's columns that make up a field.
func (p *Parquet) leaves(field int) []int {
	root := p.meta.Schema.Root().Field(field)
	var out []int
	for i := range p.meta.Schema.NumColumns() {
		if p.meta.Schema.ColumnRoot(i) == root {
			out = append(out, i)
		}
	}
	return out
}

// convert gives a column of the file in the layout of col's type.
func convert(a arrow.Array, col catalog.Column) (arrow.Array, error) {
	if ts, ok := a.DataType().(*arrow.TimestampType); ok && col.Type.Arrow().ID() == arrow.TIMESTAMP {
		if v := micros(types.Int64s(a), ts.Unit); a.Data().Offset() == 0 {
			return types.NewFixed(col.Type.Arrow(), v, a.NullBitmapBytes(), a.NullN()), nil
		}
	}
	if arrow.TypeEqual(a.DataType(), col.Type.Arrow()) && !col.Type.Is(types.Numeric) && col.Type.Mod < 0 {
		return a, nil
	}
	b := types.NewBuilder(col.Type)
	from, direct := typeOf(a.DataType()), arrow.TypeEqual(a.DataType(), typeOf(a.DataType()).Arrow())
	for i := range a.Len() {
		if a.IsNull(i) {
			b.AppendNull()
			continue
		}
		text := a.ValueStr(i)
		if direct && !from.Is(types.Numeric) {
			text = string(types.AppendText(nil, a, i, from, nil))
		} else if d, ok := a.(*array.Decimal128); ok {
			text = d.Value(i).ToString(d.DataType().(*arrow.Decimal128Type).Scale)
		}
		if err := types.ParseText(b, text, col.Type, nil); err != nil {
			return nil, sqlerr.Wrap(err, sqlerr.DatatypeMismatch, "column %q of the parquet file is %s and does not fit type %s: %v", col.Name, a.DataType(), col.Type, err)
		}
	}
	return b.NewArray(), nil
}

// micros gives timestamps of a unit in microseconds.
func micros(v []int64, unit arrow.TimeUnit) []int64 {
	if unit == arrow.Microsecond {
		return v
	}
	out := make([]int64, len(v))
	for i, x := range v {
		switch unit {
		case arrow.Second:
			out[i] = x * 1e6
		case arrow.Millisecond:
			out[i] = x * 1e3
		default:
			out[i] = x / 1e3
		}
	}
	return out
}
