package exec

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// The chunks of a join, by tag:
//
//	l, r    rows of the left and the right side: number, columns, weight [, weight of its partners]
//	l-, r-  numbers of rows that went
var joinTags = [2]string{"l", "r"}

// SaveDelta gives the rows that went and those that came or changed.
func (j *join) SaveDelta() ([]Chunk, error) {
	if j.page != nil {
		return nil, j.savePages()
	}
	var out []Chunk
	for port, s := range j.side {
		var live, gone []uint32
		for _, e := range s.unsaved {
			s.flags[e] &^= rowUnsaved
			if s.rows.tab.live[e] {
				live = append(live, e)
			} else {
				gone = append(gone, e)
			}
		}
		s.unsaved = nil
		for part := range slices.Chunk(gone, chunkRows) {
			out = append(out, Chunk{j.name, joinTags[port] + "-", &types.Batch{N: len(part), Cols: []arrow.Array{rowNumbers(part)}}})
		}
		out = j.rowChunks(out, port, live)
	}
	return out, nil
}

// SaveAll gives all rows.
func (j *join) SaveAll() ([]Chunk, error) {
	if j.page != nil {
		return nil, j.savePages()
	}
	var out []Chunk
	for port, s := range j.side {
		for _, e := range s.unsaved {
			s.flags[e] &^= rowUnsaved
		}
		s.unsaved = nil
		out = j.rowChunks(out, port, s.rows.tab.all())
	}
	return out, nil
}

func rowNumbers(rows []uint32) arrow.Array {
	v := make([]int32, len(rows))
	for i, e := range rows {
		v[i] = int32(e)
	}
	return types.Int32Array(v, nil, 0)
}

func (j *join) rowChunks(out []Chunk, port int, rows []uint32) []Chunk {
	for part := range slices.Chunk(rows, chunkRows) {
		cols := append([]arrow.Array{rowNumbers(part)}, j.storedCols(port, part)...)
		out = append(out, Chunk{j.name, joinTags[port], &types.Batch{N: len(part), Cols: cols}})
	}
	return out
}

func pick(v []int64, rows []uint32) []int64 {
	out := make([]int64, len(rows))
	for i, e := range rows {
		out[i] = v[e]
	}
	return out
}

// Load takes a chunk.
func (j *join) Load(c Chunk) error {
	for port, tag := range joinTags {
		switch c.Tag {
		case tag + "-":
			for _, e := range types.Int32s(c.Batch.Cols[0]) {
				j.unload(port, uint32(e))
			}
			return nil
		case tag:
			return j.loadRows(port, c.Batch)
		}
	}
	return sqlerr.New(sqlerr.DataCorrupted, "unknown state chunk %q of operator %s", c.Tag, j.name)
}

// unload takes a row out if it is there.
func (j *join) unload(port int, e uint32) {
	s := j.side[port]
	if int(e) < s.rows.cap() && s.rows.tab.live[e] {
		j.remove(port, e)
	}
}

func (j *join) loadRows(port int, b *types.Batch) error {
	s := j.side[port]
	n := len(s.types)
	if len(b.Cols) < n+2 {
		return sqlerr.New(sqlerr.DataCorrupted, "the stored state of operator %s has %d columns", j.name, len(b.Cols))
	}
	ec := &expr.Ctx{}
	if j.ctx != nil {
		ec = j.ctx()
	}
	cols := b.Cols[1 : n+1]
	keys, err := evalCols(ec, s.keys, &types.Batch{N: b.N, Cols: cols})
	if err != nil {
		return err
	}
	ids := make([]uint32, b.N)
	for i, e := range types.Int32s(b.Cols[0]) {
		ids[i] = uint32(e)
		j.unload(port, ids[i])
	}
	gids := make([]uint32, b.N)
	j.keys.insert(keys, gids)
	j.growKeys()
	s.rows.put(ids, cols)
	s.growRows()
	j.page.growRows(port, s.rows.cap())
	w := types.Int64s(b.Cols[n+1])
	for i, e := range ids {
		s.rows.w[e] = w[i]
		s.weight[gids[i]] += w[i]
		s.link(e, gids[i])
		if j.byRow && s.tracked {
			s.partners[e] = types.Int64s(b.Cols[n+2])[i]
		}
		if s.expiry != nil {
			s.expiry.add(e, s.expires(e))
		}
	}
	return nil
}

// Loaded makes what follows from the rows.
func (j *join) Loaded() error {
	for port, s := range j.side {
		s.rows.settle()
		if s.tracked && !j.byRow {
			for g, w := range j.side[1-port].weight {
				s.found[g] = w > 0
			}
		}
		for _, e := range s.unsaved {
			s.flags[e] &^= rowUnsaved
		}
		s.unsaved = nil
		if j.page != nil {
			j.enterAll(port)
		}
	}
	if j.nullSafe {
		j.loadNotIn()
	}
	for _, s := range j.side {
		if !s.tracked || s.waiting {
			continue
		}
		for _, e := range s.rows.tab.all() {
			if j.asof == nil {
				s.out[e] = j.standing(s, e)
			} else if j.outer || s.partners[e] > 0 {
				s.out[e] = s.rows.w[e]
			}
		}
	}
	return nil
}

func (j *join) loadNotIn() {
	for g, w := range j.side[1].weight {
		j.notIn.rows += w
		if w != 0 && j.isNullKey(uint32(g)) {
			j.notIn.nulls += w
		}
	}
	j.notIn.was = j.notIn.state()
}

// Size is the number of rows of both sides and about their bytes.
func (j *join) Size() (rows, bytes int64) {
	bytes = j.keys.memory() + j.heldSize
	for _, s := range j.side {
		rows += int64(s.rows.tab.n)
		bytes += s.memory()
	}
	if j.page != nil {
		bytes = 0
		for port, p := range j.page.side {
			rows += p.away
			bytes += p.bytesOf(p.away + int64(j.side[port].rows.tab.n))
		}
	}
	return rows, bytes
}
