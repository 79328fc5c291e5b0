package format

import (
	"context"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/metadata"

	"github.com/streamsqld/streamsqld/types"
)

// flatRows is how many rows of columns without nesting are read at a time: few enough that they stay in the processor's cache.
const flatRows = 1 << 14

// flatGroup reads columns without nesting of a row group, in our own way: page by page into memory that is used again, and only the rows that count.
type flatGroup struct {
	c    Config
	at   []int // of the columns c.Want: which of cols; -1: not in the file
	cols []flatColumn
	bufs *flatBuffers
	own  types.Arena
	*types.Reading
}

// flatBuffers is memory for a group's columns: their bytes in the file, and those of a page.
type flatBuffers struct{ raw, page [][]byte }

var flatBuffersPool = sync.Pool{New: func() any { return &flatBuffers{} }}

// flat gives a reader of these fields of a group; nil: some are nested or written in a way that it does not know.
func (p *Parquet) flat(group int, c Config, fields []int, r *types.Reading) (*flatGroup, error) {
	rg := p.meta.RowGroup(group)
	g := &flatGroup{c: c, Reading: r, at: make([]int, len(fields)), bufs: flatBuffersPool.Get().(*flatBuffers)}
	known := map[int]int{}
	for i, f := range fields {
		if g.at[i] = -1; f < 0 {
			continue
		}
		k, ok := known[f]
		if !ok {
			leaves := p.leaves(f)
			if len(leaves) != 1 {
				return nil, nil
			}
			cc, err := rg.ColumnChunk(leaves[0])
			if err != nil {
				return nil, err
			}
			col, err := p.flatColumn(g, leaves[0], p.schema.Field(f).Type, cc)
			if col == nil || err != nil {
				return nil, err
			}
			k, known[f] = len(g.cols), len(g.cols)
			g.cols = append(g.cols, col)
		}
		g.at[i] = k
	}
	return g, nil
}

func (p *Parquet) flatColumn(g *flatGroup, leaf int, typ arrow.DataType, cc *metadata.ColumnChunkMetaData) (flatColumn, error) {
	d := p.meta.Schema.Column(leaf)
	if d.MaxRepetitionLevel() > 0 || d.MaxDefinitionLevel() > 1 || cc.FilePath() != "" || cc.CryptoMetadata() != nil {
		return nil, nil
	}
	pages := columnPages{optional: d.MaxDefinitionLevel() == 1}
	switch cc.Compression() {
	case compress.Codecs.Uncompressed:
	case compress.Codecs.Snappy:
		pages.snappy = true
	case compress.Codecs.Zstd:
		pages.zstd = true
	default:
		return nil, nil
	}
	for _, e := range cc.Encodings() {
		switch e {
		case parquet.Encodings.Plain, parquet.Encodings.PlainDict, parquet.Encodings.RLEDict, parquet.Encodings.RLE, parquet.Encodings.BitPacked:
		default:
			return nil, nil
		}
	}
	var col flatColumn
	var in *columnPages
	switch t := cc.Type(); {
	case t == parquet.Types.Int64 && typ.ID() == arrow.INT64, t == parquet.Types.Int64 && typ.ID() == arrow.TIMESTAMP, t == parquet.Types.Double && typ.ID() == arrow.FLOAT64:
		c := &fixedColumn[int64]{typ: typ, columnPages: pages}
		c.dict, in, col = c.takeDict, &c.columnPages, c
	case t == parquet.Types.Int32 && (typ.ID() == arrow.INT32 || typ.ID() == arrow.DATE32), t == parquet.Types.Float && typ.ID() == arrow.FLOAT32:
		c := &fixedColumn[int32]{typ: typ, columnPages: pages}
		c.dict, in, col = c.takeDict, &c.columnPages, c
	case t == parquet.Types.ByteArray && typ.ID() == arrow.STRING:
		c := &bytesColumn{typ: typ, columnPages: pages}
		c.dict, in, col = c.takeDict, &c.columnPages, c
	default:
		return nil, nil
	}
	return col, p.load(g, in, cc, len(g.cols))
}

// load reads a column's bytes from the file.
func (p *Parquet) load(g *flatGroup, in *columnPages, cc *metadata.ColumnChunkMetaData, k int) error {
	from := cc.DataPageOffset()
	if cc.HasDictionaryPage() && cc.DictionaryPageOffset() > 0 {
		from = min(from, cc.DictionaryPageOffset())
	}
	size := cc.TotalCompressedSize()
	if from < 0 || size < 0 || from > p.size || size > p.size-from {
		return errPage
	}
	for len(g.bufs.raw) <= k {
		g.bufs.raw, g.bufs.page = append(g.bufs.raw, nil), append(g.bufs.page, nil)
	}
	b := slices.Grow(g.bufs.raw[k][:0], int(size)+slack)[:int(size)+slack]
	g.bufs.raw[k], in.b, in.buf = b, b, g.bufs.page[k]
	if _, err := p.src.ReadAt(b[:size], from); err != nil {
		return badParquet(p.path, err)
	}
	return nil
}

// done gives the memory back.
func (g *flatGroup) done() {
	for k, c := range g.cols {
		g.bufs.page[k] = c.pages().buf
	}
	flatBuffersPool.Put(g.bufs)
}

func (c *columnPages) pages() *columnPages { return c }

// run hands on the rows that count, of n.
func (g *flatGroup) run(ctx context.Context, n int64, emit func(*types.Batch) error) error {
	for ; n > 0; n -= flatRows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		g.own.Reset()
		b, err := g.batch(int(min(n, flatRows)))
		if err != nil {
			return err
		}
		if b.N == 0 {
			continue
		}
		if err := emit(b); err != nil {
			return err
		}
	}
	return nil
}

// batch reads the rows that count of the next n.
func (g *flatGroup) batch(n int) (*types.Batch, error) {
	b := &types.Batch{N: n, Cols: make([]arrow.Array, len(g.at))}
	read := make([]arrow.Array, len(g.cols)) // what was read already
	var mem *types.Arena
	if g.Lend {
		mem = &g.own
	}
	var rows []int32
	if g.Pick != nil {
		first := &types.Batch{N: n}
		for _, i := range g.First {
			a, err := g.column(i, &g.own, n, nil, read)
			if err != nil {
				return nil, err
			}
			first.Cols = append(first.Cols, a)
		}
		var err error
		if rows, err = g.Pick(first); err != nil {
			return nil, err
		}
		if b.N = len(rows); b.N == 0 {
			for k, c := range g.cols {
				if read[k] == nil {
					if err := c.skip(n); err != nil {
						return nil, err
					}
				}
			}
			return b, nil
		}
		if b.N == n {
			rows = nil
		}
		for k, a := range read {
			if a != nil && rows != nil {
				read[k] = types.TakeTo(mem, a, rows)
			}
		}
	}
	for i := range g.at {
		var err error
		if b.Cols[i], err = g.column(i, mem, n, rows, read); err != nil {
			return nil, err
		}
	}
	if g.Pick != nil && rows == nil && !g.Lend {
		b = b.Own()
	}
	return b, nil
}

// column gives the i-th column that is wanted, of the next n rows or of some of them; read has what was read of them before.
func (g *flatGroup) column(i int, mem *types.Arena, n int, rows []int32, read []arrow.Array) (arrow.Array, error) {
	col, k := g.c.Cols[g.c.Want[i]], g.at[i]
	if k < 0 {
		if rows != nil {
			n = len(rows)
		}
		return types.Nulls(col.Type, n), nil
	}
	if read[k] == nil {
		var err error
		if read[k], err = g.cols[k].read(mem, n, rows); err != nil {
			return nil, err
		}
	}
	return convert(read[k], col)
}
