package format

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/pqarrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

var flatColumns = []catalog.Column{
	{Name: "n", Type: types.Int8}, {Name: "few", Type: types.Int8}, {Name: "i", Type: types.Int4}, {Name: "d", Type: types.Date}, {Name: "f", Type: types.Float8},
	{Name: "r", Type: types.Float4}, {Name: "ts", Type: types.TimestampTZ}, {Name: "s", Type: types.Text}, {Name: "same", Type: types.Int8}, {Name: "away", Type: types.Text},
}

// writeFlat writes a file of rows with some NULLs by arrow's writer.
func writeFlat(t *testing.T, path string, rnd *rand.Rand, rows int, nulls float64, props ...parquet.WriterProperty) {
	var fields []arrow.Field
	for _, c := range flatColumns[:len(flatColumns)-1] {
		fields = append(fields, arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: nulls >= 0})
	}
	b := array.NewRecordBuilder(types.Mem, arrow.NewSchema(fields, nil))
	for i := range rows {
		for k, f := range fields {
			v := rnd.Int63n(1 << 40)
			if k == 1 {
				v = rnd.Int63n(40) - 20
			}
			switch fb := b.Field(k).(type) {
			case *array.Int64Builder:
				if k == 8 {
					v = int64(i / 5000)
				}
				fb.Append(v)
			case *array.Int32Builder:
				fb.Append(int32(v))
			case *array.Date32Builder:
				fb.Append(arrow.Date32(v % 20000))
			case *array.Float64Builder:
				fb.Append(float64(v) / 3)
			case *array.Float32Builder:
				fb.Append(float32(v % 77))
			case *array.TimestampBuilder:
				fb.Append(arrow.Timestamp(v))
			case *array.StringBuilder:
				fb.Append(strings.Repeat("x", int(v%9)) + fmt.Sprint(v%3000))
			default:
				t.Fatal(f.Type)
			}
		}
	}
	rec := b.NewRecord()
	cols := rec.Columns()
	if nulls > 0 { // every column again, with NULLs
		for k, c := range cols {
			idx := make([]int32, rows)
			for i := range idx {
				if idx[i] = int32(i); i%9000 < 6000 && rnd.Float64() < nulls {
					idx[i] = -1
				}
			}
			cols[k] = types.Take(c, idx)
		}
		rec = array.NewRecord(rec.Schema(), cols, int64(rows))
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w, err := pqarrow.NewFileWriter(rec.Schema(), f, parquet.NewWriterProperties(props...), pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(rec); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestParquetFlat reads files in our own way and by the library: the same rows, whichever are chosen.
func TestParquetFlat(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewSource(seed))
	path := filepath.Join(t.TempDir(), "f.parquet")
	for n, codec := range []compress.Compression{compress.Codecs.Snappy, compress.Codecs.Zstd, compress.Codecs.Uncompressed} {
		for _, dict := range []bool{false, true} {
			for _, version := range []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2} {
				nulls := []float64{-1, 0, 0.01, 0.7}[rnd.Intn(4)]
				name := fmt.Sprintf("%s dict=%v v%d nulls=%v", codec, dict, version+1, nulls)
				writeFlat(t, path, rnd, 5000+rnd.Intn(25000), nulls, parquet.WithCompression(codec), parquet.WithDictionaryDefault(dict), parquet.WithDataPageVersion(version),
					parquet.WithDataPageSize(int64(1000<<rnd.Intn(10))), parquet.WithDictionaryPageSizeLimit(int64(2000<<(5*n))))
				t.Run(name, func(t *testing.T) { compareFlat(t, path, rnd) })
			}
		}
	}
}

func compareFlat(t *testing.T, path string, rnd *rand.Rand) {
	p, err := OpenParquet(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	c := Config{Cols: flatColumns}
	for range 3 + rnd.Intn(8) {
		c.Want = append(c.Want, rnd.Intn(len(flatColumns)))
	}
	c.Want[0] = 0
	fields := make([]int, len(c.Want))
	for i, w := range c.Want {
		fields[i] = p.field(flatColumns[w].Name)
	}
	for _, share := range []float64{1, 0.6, 0.001, 0} {
		for _, lend := range []bool{false, true} {
			pick := func(b *types.Batch) ([]int32, error) { // by the values, so that both readers choose the same
				rows := []int32{}
				for i, v := range types.Int64s(b.Cols[0]) {
					if b.Cols[0].IsNull(i) {
						v = 77
					}
					if share == 1 || float64(uint64(v)*0x9E3779B97F4A7C15>>40)/(1<<24) < share {
						rows = append(rows, int32(i))
					}
				}
				return rows, nil
			}
			r := &types.Reading{First: []int{0}, Pick: pick, Lend: lend}
			var got, want []string
			var held []*types.Batch
			g, err := p.flat(0, c, fields, r)
			if err != nil || g == nil {
				t.Fatalf("not read as flat: %v", err)
			}
			if err := g.run(context.Background(), p.GroupRows(0), func(b *types.Batch) error {
				if lend {
					got = append(got, rowTexts(b, c)...)
				} else {
					held = append(held, b)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			g.done()
			for _, b := range held {
				got = append(got, rowTexts(b, c)...)
			}
			if err := p.readAny(context.Background(), 0, c, fields, chosen(r, func(b *types.Batch) error { want = append(want, rowTexts(b, c)...); return nil })); err != nil {
				t.Fatal(err)
			}
			if len(got) != len(want) {
				t.Fatalf("share %v, lent %v: %d rows, want %d", share, lend, len(got), len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("share %v, lent %v, columns %v, row %d:\n%s\nwant\n%s", share, lend, c.Want, i, got[i], want[i])
				}
			}
		}
	}
}

func rowTexts(b *types.Batch, c Config) []string {
	out := make([]string, b.N)
	for i := range out {
		var s []byte
		for k, a := range b.Cols {
			if s = append(s, '|'); a.IsNull(i) {
				s = append(s, "NULL"...)
				continue
			}
			s = types.AppendText(s, a, i, c.Cols[c.Want[k]].Type, nil)
		}
		out[i] = string(s)
	}
	return out
}

// TestParquetFlatDamaged: whatever is changed in a file, the reader ends without harm.
func TestParquetFlatDamaged(t *testing.T) {
	seed := rand.Int63()
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewSource(seed))
	for _, codec := range []compress.Compression{compress.Codecs.Snappy, compress.Codecs.Zstd, compress.Codecs.Uncompressed} {
		for _, version := range []parquet.DataPageVersion{parquet.DataPageV1, parquet.DataPageV2} {
			damaged(t, rnd, parquet.WithCompression(codec), parquet.WithDictionaryDefault(true), parquet.WithDataPageSize(4000), parquet.WithDataPageVersion(version))
		}
	}
}

func damaged(t *testing.T, rnd *rand.Rand, props ...parquet.WriterProperty) {
	path := filepath.Join(t.TempDir(), "f.parquet")
	writeFlat(t, path, rnd, 3000, 0.1, props...)
	p, err := OpenParquet(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Cols: flatColumns, Want: []int{0, 1, 2, 4, 7, 8}}
	for range 300 {
		b := append([]byte(nil), whole...)
		for range 1 + rnd.Intn(20) {
			b[4+rnd.Intn(len(b)-2000)] = byte(rnd.Intn(256))
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		again, err := OpenParquet(path, p.ParquetMeta)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Read(context.Background(), 0, c, &types.Reading{Lend: true}, func(*types.Batch) error { return nil }); err != nil && !strings.Contains(err.Error(), "as parquet") {
			t.Fatal(err)
		}
		again.Close()
	}
	p.Close()
}

// TestPageHeaderNested: a header of structs in structs without end is no header.
func TestPageHeaderNested(t *testing.T) {
	if _, _, err := readPageHeader(bytes.Repeat([]byte{0x1c}, 1<<20)); err == nil {
		t.Fatal("a header of a million structs was read")
	}
}
