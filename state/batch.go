package state

import (
	"cmp"
	"slices"

	"github.com/cockroachdb/pebble/v2"
)

// Batch collects writes that commit together or not at all. It belongs to one goroutine. Relations take part in it by
// Log.AppendTo and Table.Apply: their rows become visible, all at once, when Commit succeeds.
type Batch struct {
	s     *Store
	b     *pebble.Batch
	parts []part
}

// part is a relation's share of a batch. lock is called in the order of the relations' OIDs, before write.
type part struct {
	oid     uint32
	rel     any // the relation's own record
	lock    func()
	write   func(b *Batch) error // puts keys into the batch; may be nil
	publish func()               // after the commit succeeded
	unlock  func()               // at the end in any case
}

// NewBatch makes an empty batch.
func (s *Store) NewBatch() *Batch { return &Batch{s: s, b: s.db.NewBatch()} }

// NewLargeBatch makes an empty batch with room for about so many bytes of keys and values.
func (s *Store) NewLargeBatch(bytes int) *Batch {
	return &Batch{s: s, b: s.db.NewBatchWithSize(bytes + bytes/16 + 1<<12)}
}

// Set writes a key; key and value are copied.
func (b *Batch) Set(key, value []byte) error { return b.b.Set(key, value, nil) }

// Delete removes a key.
func (b *Batch) Delete(key []byte) error { return b.b.Delete(key, nil) }

// DeleteRange removes the keys in [from, to).
func (b *Batch) DeleteRange(from, to []byte) error { return b.b.DeleteRange(from, to, nil) }

// DeletePrefix removes all keys with the prefix.
func (b *Batch) DeletePrefix(prefix []byte) error { return b.DeleteRange(prefix, prefixEnd(prefix)) }

// Len is the size of the batch in bytes, without the rows of AppendTo.
func (b *Batch) Len() int { return b.b.Len() }

// Commit writes the batch; with sync it is on disk when Commit returns. The batch is finished afterwards, also after an error,
// in which case nothing of it has become visible.
func (b *Batch) Commit(sync bool) (err error) {
	if len(b.parts) > 0 {
		if err := b.s.reserve.check(); err != nil {
			b.Close()
			return err
		}
	}
	slices.SortStableFunc(b.parts, func(x, y part) int { return cmp.Compare(x.oid, y.oid) })
	parts := b.parts
	for _, p := range parts {
		p.lock()
	}
	defer func() {
		for _, p := range parts {
			p.unlock()
		}
	}()
	for _, p := range parts {
		if p.write != nil {
			if err := p.write(b); err != nil {
				b.Close()
				return err
			}
		}
	}
	o := pebble.NoSync
	if sync {
		o = pebble.Sync
	}
	if err := b.b.Commit(o); err != nil {
		return err
	}
	b.s.pub.Lock()
	for _, p := range parts {
		p.publish()
	}
	b.s.pub.Unlock()
	return b.b.Close()
}

// Close throws an uncommitted batch away.
func (b *Batch) Close() {
	b.parts = nil
	_ = b.b.Close()
}
