package engine

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// keyIndex finds the row of a unique key as the transaction sees it: its own writes before the table's version. A key with a NULL in it has no row.
type keyIndex struct {
	rel     *catalog.Relation
	key     catalog.Unique
	primary bool
	table   *state.Table
	version int64
	of      *state.SideKey
	ts      []types.Type // of the keys
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

// keysOf lists the unique keys of a table, the primary one first.
func keysOf(rel *catalog.Relation) []catalog.Unique {
	var out []catalog.Unique
	if len(rel.Primary) > 0 {
		out = append(out, catalog.Unique{Name: rel.PrimaryName, Cols: rel.Primary})
	}
	return append(out, rel.Uniques...)
}

// keyIndexes makes the indexes of all unique keys of rel.
func (s *session) keyIndexes(rel *catalog.Relation) ([]*keyIndex, error) {
	var out []*keyIndex
	for _, u := range keysOf(rel) {
		if u.Deferrable { // checked at the end, by foreignChecks
			continue
		}
		k, err := s.keyIndex(rel, u)
		if err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// keyIndex makes the index of a unique key of rel over the transaction's writes so far.
func (s *session) keyIndex(rel *catalog.Relation, u catalog.Unique) (*keyIndex, error) {
	t, err := s.eng.mgr.Table(rel)
	if err != nil {
		return nil, err
	}
	k := &keyIndex{rel: rel, key: u, table: t, version: s.eng.pin(s.begin(), rel, t), own: map[uint64][]keyRow{}}
	k.primary = len(rel.Primary) > 0 && len(u.Cols) > 0 && &u.Cols[0] == &rel.Primary[0]
	if k.of, err = s.eng.sideKey(rel, u); err != nil {
		return nil, err
	}
	k.ts = k.of.Ts
	if w := s.tx.writes[rel.OID]; w != nil {
		for _, b := range w.batches {
			p, err := k.probe(b)
			if err != nil {
				return nil, err
			}
			for i := 0; i < b.N; i++ {
				k.set(p, i, b.Weight(i) > 0)
			}
		}
	}
	return k, nil
}

// probe computes the keys of b's rows.
func (k *keyIndex) probe(b *types.Batch) (*probe, error) {
	if k.of.Of == nil {
		return k.probeKey(b, b.Project(k.of.Cols).Cols), nil
	}
	key, err := k.of.Of(b)
	if err != nil {
		return nil, err
	}
	return k.probeKey(b, key), nil
}

// probeKey looks for keys that stand in columns of their own.
func (k *keyIndex) probeKey(b *types.Batch, key []arrow.Array) *probe {
	p := &probe{batch: b, key: key, hash: make([]uint64, b.N)}
	types.HashCols(p.key, k.ts, b.N, p.hash)
	return p
}

// find gives the row that has the key of row i; ok is false where there is none.
func (k *keyIndex) find(p *probe, i int) (found *types.Batch, row int, ok bool, err error) {
	if k.apart(p, i) {
		return nil, 0, false, nil
	}
	for _, r := range k.own[p.hash[i]] {
		if types.RowsEqual(r.key, r.row, p.key, i, k.ts) {
			return r.batch, r.row, r.alive, nil
		}
	}
	return lookupKey(k.table, k.of, k.primary, p.key, i, k.version)
}

// lookupKey finds a committed row by a unique key.
func lookupKey(t *state.Table, of *state.SideKey, primary bool, key []arrow.Array, i int, version int64) (found *types.Batch, row int, ok bool, err error) {
	if primary {
		found, row, ok = t.Lookup(key, i, version)
		return found, row, ok, nil
	}
	err = t.LookupKey(of, key, i, version, func(b *types.Batch, r int) bool {
		found, row, ok = b, r, true
		return false
	})
	return found, row, ok, err
}

// apart says whether key i equals no other, because of a NULL in it.
func (k *keyIndex) apart(p *probe, i int) bool { return !k.key.NotDistinct && p.null(i) }

func (p *probe) null(i int) bool {
	for _, c := range p.key {
		if c.IsNull(i) {
			return true
		}
	}
	return false
}

func (p *probe) allNull(i int) bool {
	for _, c := range p.key {
		if !c.IsNull(i) {
			return false
		}
	}
	return true
}

// set notes what became of the key of row i.
func (k *keyIndex) set(p *probe, i int, alive bool) {
	if k.apart(p, i) {
		return
	}
	rows := k.own[p.hash[i]]
	for j, r := range rows {
		if types.RowsEqual(r.key, r.row, p.key, i, k.ts) {
			rows[j] = keyRow{p, i, alive}
			return
		}
	}
	k.own[p.hash[i]] = append(rows, keyRow{p, i, alive})
}

// add notes the keys of new rows; one that is there is 23505.
func (k *keyIndex) add(full *types.Batch) error {
	p, err := k.probe(full)
	if err != nil {
		return err
	}
	for i := 0; i < full.N; i++ {
		_, _, taken, err := k.find(p, i)
		if err != nil {
			return err
		}
		if taken {
			return errDuplicate(k.rel, k.key, k.ts, p.key, i)
		}
		k.set(p, i, true)
	}
	return nil
}

// remove notes that the keys of rows are gone.
func (k *keyIndex) remove(old *types.Batch) error {
	p, err := k.probe(old)
	if err != nil {
		return err
	}
	for i := 0; i < old.N; i++ {
		k.set(p, i, false)
	}
	return nil
}
