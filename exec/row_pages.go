package exec

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// rowPages ties rows, of which a key may have many, to a Cold. A row lies under (prefix, 'r', side, hash of its key, number of the row), so that the rows of a key are
// read together and each is written alone; where rows expire there is (prefix, 't', side, time, hash, number) too, without a value. Under (prefix, 'm', side)
// lie counts. Numbers are never used again.
type rowPages struct {
	coldCounts
	cold       Cold
	rows, meta []byte
	times      []byte // nil: rows don't expire
	dts        []arrow.DataType

	next   int64    // number of the next row
	number []uint64 // by row in memory
	stored []bool   // by row in memory: it lies in the Cold
	gone   []storedRow
	isGone map[uint64]bool // numbers of gone

	soonest      int64 // time of the first row in the Cold, where soonestKnown; never: there is none
	soonestKnown bool
	buf, value   []byte
}

// storedRow is the place of a row in a Cold.
type storedRow struct {
	ts     int64 // 0 where rows don't expire
	hash   uint64
	number uint64
}

func newRowPages(c Cold, prefix []byte, side byte, timed bool, dts []arrow.DataType) *rowPages {
	area := func(kind byte) []byte { return append(slices.Clone(prefix), kind, side) }
	p := &rowPages{cold: c, rows: area('r'), meta: area('m'), dts: dts, isGone: map[uint64]bool{}}
	if timed {
		p.times = area('t')
	}
	return p
}

// open reads the counts.
func (p *rowPages) open() error {
	return readCounts(p.cold, p.meta, &p.away, &p.saved, &p.bytes, &p.next)
}

// enter gives a row that came new its number.
func (p *rowPages) enter(e uint32) {
	p.number[e], p.stored[e] = uint64(p.next), false
	p.next++
}

func (p *rowPages) grow(n int) {
	p.number, p.stored = resize(p.number, n), resize(p.stored, n)
}

// remove notes that a row went.
func (p *rowPages) remove(e uint32, ts int64, hash uint64) {
	if p.stored[e] {
		p.drop(storedRow{ts, hash, p.number[e]})
		p.stored[e] = false
	}
}

func (p *rowPages) drop(r storedRow) {
	p.gone = append(p.gone, r)
	p.isGone[r.number] = true
}

// fetched are rows that were read.
type fetched struct {
	cols    []arrow.Array
	n       int
	numbers []uint64
}

// fetch reads the rows of keys by their hashes, which ascend, but for those that went since the last save.
func (p *rowPages) fetch(hashes []uint64) (fetched, error) {
	w := len(p.rows) + 8
	p.buf = slices.Grow(p.buf[:0], w*len(hashes))
	prefixes := make([][]byte, len(hashes))
	for i, h := range hashes {
		p.buf = binary.BigEndian.AppendUint64(append(p.buf, p.rows...), h)
		prefixes[i] = p.buf[i*w : (i+1)*w : (i+1)*w]
	}
	keys, values, err := p.cold.GetPrefixes(prefixes)
	if err != nil {
		return fetched{}, err
	}
	f, r := fetched{}, newRowReader(p.dts)
	for i, k := range keys {
		number := binary.BigEndian.Uint64(k[len(k)-8:])
		if p.isGone[number] {
			continue
		}
		if _, err := r.read(values[i]); err != nil {
			return f, err
		}
		f.numbers = append(f.numbers, number)
	}
	p.reads += int64(r.n)
	if f.n = r.n; f.n > 0 {
		f.cols = r.arrays()
	}
	return f, nil
}

// load notes that a row that was read is in memory now.
func (p *rowPages) load(e uint32, number uint64) {
	p.number[e], p.stored[e] = number, true
	p.away--
}

// forget notes that a row is in the Cold only.
func (p *rowPages) forget(e uint32) {
	p.stored[e] = false
	p.away++
}

func (p *rowPages) key(r storedRow) []byte {
	p.buf = binary.BigEndian.AppendUint64(append(p.buf[:0], p.rows...), r.hash)
	p.buf = binary.BigEndian.AppendUint64(p.buf, r.number)
	return p.buf
}

func (p *rowPages) timeKey(r storedRow) []byte {
	p.buf = binary.BigEndian.AppendUint64(append(p.buf[:0], p.times...), uint64(r.ts)^1<<63)
	p.buf = binary.BigEndian.AppendUint64(p.buf, r.hash)
	p.buf = binary.BigEndian.AppendUint64(p.buf, r.number)
	return p.buf
}

// save writes rows, which place gives with the columns to store, and takes away those that went. inMemory is how many rows memory holds.
func (p *rowPages) save(rows []uint32, place func(e uint32) storedRow, cols func(rows []uint32) ([]arrow.Array, error), inMemory int) error {
	for _, r := range p.gone {
		p.cold.Delete(p.key(r))
		if p.times != nil {
			p.cold.Delete(p.timeKey(r))
		}
	}
	if len(p.gone) > 0 {
		p.gone = p.gone[:0]
		clear(p.isGone)
	}
	for part := range slices.Chunk(rows, chunkRows) {
		stored, err := cols(part)
		if err != nil {
			return err
		}
		w := newRowWriter(stored)
		for i, e := range part {
			r := place(e)
			r.number = p.number[e]
			p.value = w.append(p.value[:0], i)
			k := p.key(r)
			p.bytes += int64(len(k) + len(p.value))
			p.cold.Set(k, p.value)
			if !p.stored[e] && p.times != nil {
				k := p.timeKey(r)
				p.bytes += int64(len(k))
				p.cold.Set(k, nil)
			}
			p.stored[e] = true
		}
		p.saved += int64(len(part))
		p.writes += int64(len(part))
	}
	p.soonestKnown = false
	p.value = appendCounts(p.value[:0], int64(inMemory)+p.away, p.saved, p.bytes, p.next)
	p.cold.Set(p.meta, p.value)
	return nil
}

// first is the earliest time of a row in the Cold; never: there is none.
func (p *rowPages) first() (int64, error) {
	if p.soonestKnown {
		return p.soonest, nil
	}
	p.soonest = never
	err := p.upTo(math.MaxInt64-1, func(r storedRow) bool {
		p.soonest = r.ts
		return false
	})
	p.soonestKnown = err == nil
	return p.soonest, err
}

// upTo calls fn for the rows in the Cold with times up to ts, the earliest first, until it says that it wants no more; not for those that went since the last save.
func (p *rowPages) upTo(ts int64, fn func(r storedRow) bool) error {
	to := binary.BigEndian.AppendUint64(slices.Clone(p.times), uint64(ts+1)^1<<63)
	at := len(p.times)
	return p.cold.Scan(p.times, to, func(key, _ []byte) (bool, error) {
		if len(key) != at+24 {
			return false, errColdRow
		}
		r := storedRow{int64(binary.BigEndian.Uint64(key[at:]) ^ 1<<63), binary.BigEndian.Uint64(key[at+8:]), binary.BigEndian.Uint64(key[at+16:])}
		return p.isGone[r.number] || fn(r), nil
	})
}

// each gives all rows of the Cold with their numbers, some at a time.
func (p *rowPages) each(fn func(numbers []uint64, cols []arrow.Array) error) error {
	r, numbers := newRowReader(p.dts), []uint64(nil)
	to := slices.Clone(p.rows)
	to[len(to)-1]++
	err := p.cold.Scan(p.rows, to, func(key, value []byte) (bool, error) {
		numbers = append(numbers, binary.BigEndian.Uint64(key[len(key)-8:]))
		if _, err := r.read(value); err != nil || r.n < outBatch {
			return true, err
		}
		err := fn(numbers, r.arrays())
		r, numbers = newRowReader(p.dts), nil
		return true, err
	})
	if err != nil || r.n == 0 {
		return err
	}
	return fn(numbers, r.arrays())
}
