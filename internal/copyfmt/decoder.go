package copyfmt

import (
	"fmt"
	"io"
	"unsafe"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Column is a column that COPY fills.
type Column struct {
	Name string
	Type types.Type
}

// Decoder reads batches out of COPY data. Errors carry where they were found: `COPY t, line 3, column a: "x"`.
type Decoder struct {
	table string
	cols  []Column
	o     *Options
	f     *types.Format
	lines lineReader
	split splitter
	bin   binaryReader
	began bool
	err   error // what every further Next gives
	build []array.Builder
	hot   []hot
}

// hot is the builder of a column that is filled without package types; at most one is set.
type hot struct {
	text *array.StringBuilder
	i64  *array.Int64Builder
	i32  *array.Int32Builder
}

// NewDecoder reads r, which holds rows of these columns of table; f is the session's format for values as text.
func NewDecoder(r io.Reader, table string, cols []Column, o *Options, f *types.Format) *Decoder {
	d := &Decoder{table: table, cols: cols, o: o, f: f}
	d.lines = lineReader{r: r, o: o}
	d.split.o = o
	d.bin = binaryReader{r: r}
	for _, c := range cols {
		b := types.NewBuilder(c.Type)
		var h hot
		switch {
		case c.Type == types.Text || c.Type == types.Varchar:
			h.text = b.(*array.StringBuilder)
		case c.Type.Is(types.Int8):
			h.i64 = b.(*array.Int64Builder)
		case c.Type.Is(types.Int4):
			h.i32 = b.(*array.Int32Builder)
		}
		d.build, d.hot = append(d.build, b), append(d.hot, h)
	}
	return d
}

// Next gives the next rows, at most max; io.EOF after the last. An error ends the data: rows read before it in the same call are
// lost, as a failed COPY leaves nothing.
func (d *Decoder) Next(max int) (*types.Batch, error) {
	if d.err != nil {
		return nil, d.err
	}
	n := 0
	for ; n < max && d.err == nil; n++ {
		d.err = d.row()
		if d.err != nil {
			break
		}
	}
	if d.err != nil && d.err != io.EOF || n == 0 {
		return nil, d.err
	}
	b := &types.Batch{N: n, Cols: make([]arrow.Array, len(d.build))}
	for i, col := range d.build {
		b.Cols[i] = col.NewArray()
	}
	return b, nil
}

// row reads one row into the builders.
func (d *Decoder) row() error {
	if d.o.Format == Binary {
		return d.binaryRow()
	}
	if !d.began {
		d.began = true
		if d.o.Header {
			if err := d.header(); err != nil {
				return err
			}
		}
	}
	rec, err := d.lines.next()
	if err != nil {
		return d.where(err, "")
	}
	fields, err := d.split.split(rec)
	if err != nil {
		return d.where(err, line(rec))
	}
	if len(fields) > len(d.cols) {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "extra data after last expected column"), line(rec))
	}
	for k := range fields {
		if err := d.value(k, &fields[k]); err != nil {
			return d.where(err, fmt.Sprintf(", column %s: %s", d.cols[k].Name, quoted(fields[k].val)))
		}
	}
	if len(fields) < len(d.cols) {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "missing data for column \"%s\"", d.cols[len(fields)].Name), line(rec))
	}
	return nil
}

// value appends a field to column k.
func (d *Decoder) value(k int, f *field) error {
	if f.null && (f.quoted || d.o.ForceNotNull == nil || !d.o.ForceNotNull[k]) {
		d.build[k].AppendNull()
		return nil
	}
	h := &d.hot[k]
	switch {
	case h.text != nil:
		h.text.BinaryBuilder.Append(f.val)
		return nil
	case h.i64 != nil:
		if v, ok := parseInt(f.val); ok {
			h.i64.Append(v)
			return nil
		}
	case h.i32 != nil:
		if v, ok := parseInt(f.val); ok && int64(int32(v)) == v {
			h.i32.Append(int32(v))
			return nil
		}
	}
	return types.ParseText(d.build[k], unsafe.String(unsafe.SliceData(f.val), len(f.val)), d.cols[k].Type, d.f)
}

// parseInt reads up to 18 digits with a minus; all else is left to package types.
func parseInt(b []byte) (v int64, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, ch := range b {
		if ch -= '0'; ch > 9 {
			return 0, false
		}
		v = v*10 + int64(ch)
	}
	if neg {
		v = -v
	}
	return v, true
}

// header reads the header line and, with HEADER MATCH, compares it.
func (d *Decoder) header() error {
	rec, err := d.lines.next()
	if err != nil {
		return d.where(err, "")
	}
	if !d.o.Match {
		return nil
	}
	fields, err := d.split.split(rec)
	if err != nil {
		return d.where(err, line(rec))
	}
	if len(fields) != len(d.cols) {
		return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "wrong number of fields in header line: got %d, expected %d", len(fields), len(d.cols)), line(rec))
	}
	for k := range fields {
		got := string(fields[k].val)
		if fields[k].null {
			return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "column name mismatch in header line field %d: got null value (\"%s\"), expected \"%s\"", k+1, got, d.cols[k].Name), line(rec))
		}
		if got != d.cols[k].Name {
			return d.where(sqlerr.New(sqlerr.BadCopyFileFormat, "column name mismatch in header line field %d: got \"%s\", expected \"%s\"", k+1, got, d.cols[k].Name), line(rec))
		}
	}
	return nil
}

// where adds table, line and what follows to err, whose own Where may be the rest of that.
func (d *Decoder) where(err error, rest string) error {
	if err == io.EOF {
		return err
	}
	e := *sqlerr.From(err)
	e.Where = fmt.Sprintf("COPY %s, line %d%s%s", d.table, d.lines.line, rest, e.Where)
	e.Pos = 0
	return &e
}

func line(rec []byte) string { return ": " + quoted(rec) }

// quoted is b in quotes, cut after 100 bytes as PostgreSQL does.
func quoted(b []byte) string {
	if len(b) > 100 {
		n := 100
		for n > 0 && b[n]&0xc0 == 0x80 {
			n--
		}
		return `"` + string(b[:n]) + `..."`
	}
	return `"` + string(b) + `"`
}
