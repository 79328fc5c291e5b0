package engine

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// keyIndex finds the row of a primary key as the transaction sees it: its own writes before the table's version.
type keyIndex struct {
	rel     *catalog.Relation
	table   *state.Table
	version int64
	ts      []types.Type // of the key columns
	own     map[uint64][]keyRow
}

// keyRow is a key that the transaction wrote; alive is false where it deleted the row.
type keyRow struct {
	*probe
	row   int
	alive bool
}

// probe is a batch of whole rows with the hashes of their keys.
type probe struct {
	batch *types.Batch
	key   []arrow.Array
	hash  []uint64
}

// keyIndex makes the index of rel over the transaction's writes so far.
func (s *session) keyIndex(rel *catalog.Relation) (*keyIndex, error) {
	t, err := s.eng.mgr.Table(rel)
	if err != nil {
		return nil, err
	}
	k := &keyIndex{rel: rel, table: t, version: s.eng.pin(s.begin(), rel, t), own: map[uint64][]keyRow{}}
	for _, c := range rel.Primary {
		k.ts = append(k.ts, rel.Columns[c].Type)
	}
	if w := s.tx.writes[rel.OID]; w != nil {
		for _, b := range w.batches {
			p := k.probe(b)
			for i := 0; i < b.N; i++ {
				k.set(p, i, b.Weight(i) > 0)
			}
		}
	}
	return k, nil
}

func (k *keyIndex) probe(b *types.Batch) *probe {
	p := &probe{batch: b, key: b.Project(k.rel.Primary).Cols, hash: make([]uint64, b.N)}
	types.HashCols(p.key, k.ts, b.N, p.hash)
	return p
}

// find gives the row that has the key of row i; ok is false where there is none.
func (k *keyIndex) find(p *probe, i int) (found *types.Batch, row int, ok bool) {
	for _, r := range k.own[p.hash[i]] {
		if types.RowsEqual(r.key, r.row, p.key, i, k.ts) {
			return r.batch, r.row, r.alive
		}
	}
	return k.table.Lookup(p.key, i, k.version)
}

// set notes what became of the key of row i.
func (k *keyIndex) set(p *probe, i int, alive bool) {
	rows := k.own[p.hash[i]]
	for j, r := range rows {
		if types.RowsEqual(r.key, r.row, p.key, i, k.ts) {
			rows[j] = keyRow{p, i, alive}
			return
		}
	}
	k.own[p.hash[i]] = append(rows, keyRow{p, i, alive})
}
