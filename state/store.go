package state

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// FS is the file system of a store; nil stands for the machine's own.
type FS = vfs.FS

// Options of a Store. The zero value is right for a server.
type Options struct {
	// CacheBytes bounds Pebble's block cache and its memory tables; it is filled only by use. 0: 64 MB, of which blocks have half while two memory tables are full.
	CacheBytes int64
	// MemTableBytes bounds one memory table; it starts at 256 kB and grows with use. 0: 16 MB.
	MemTableBytes uint64
	// Inline makes tables write their snapshots within the commit that makes them due, not beside it, and forget versions that are not
	// pinned at once: for tests that must not depend on time.
	Inline bool
	// LogCacheBytes bounds what each Log keeps decoded of its newest rows. 0: 8 MB.
	LogCacheBytes int64
	// History is how many versions a Table keeps readable for late followers at least. 0: 1,000.
	History int
	// SnapshotBytes is the size of a table's deltas below which no snapshot is worth its while. 0: 2 MB.
	SnapshotBytes int64
	// HistoryBytes bounds the bytes of that history. 0: 64 MB.
	HistoryBytes int64
	// ReserveBytes of the disk are set aside, so that a full disk refuses commits of rows with 53100 and does not end the store. 0: none.
	ReserveBytes int64
	// Fatal is called when the store can't go on: a commit failed in its middle. It must not return. nil: it panics.
	Fatal func(reason string)
}

func (o *Options) defaults() {
	set := func(p *int64, v int64) {
		if *p == 0 {
			*p = v
		}
	}
	set(&o.CacheBytes, 64<<20)
	set(&o.LogCacheBytes, 8<<20)
	set(&o.HistoryBytes, 64<<20)
	set(&o.SnapshotBytes, 2<<20)
	if o.MemTableBytes == 0 {
		o.MemTableBytes = 16 << 20
	}
	if o.History == 0 {
		o.History = 1000
	}
}

// Store is a server's Pebble database. It is safe for many goroutines.
type Store struct {
	db   *pebble.DB
	opts Options
	// pub is held while the effects of a committed batch become visible, so that View sees all relations of a transaction or none.
	pub sync.RWMutex
	// bg counts the background work (table snapshots) that Close waits for.
	bg      sync.WaitGroup
	closed  atomic.Bool
	reserve *reserve // nil: none
}

// Open opens or makes the store in dir. A store belongs to one process at a time; a second Open fails.
func Open(dir string, fs FS, opts Options) (*Store, error) {
	opts.defaults()
	if fs == nil {
		fs = vfs.Default
	}
	var room *reserve
	if opts.ReserveBytes > 0 {
		room = newReserve(fs, dir, opts.ReserveBytes)
		fs = room.watched()
	}
	cache := pebble.NewCache(opts.CacheBytes)
	defer cache.Unref()
	po := &pebble.Options{
		FS: fs, Cache: cache, MemTableSize: opts.MemTableBytes, FormatMajorVersion: pebble.FormatNewest,
		Logger: quiet{opts.Fatal}, MaxOpenFiles: 500,
	}
	// Scattered keys lie in one level each, most in the last one: filters spare the others a read. The last level is read without.
	for i := range po.Levels[:len(po.Levels)-1] {
		po.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	po.Levels[len(po.Levels)-1].FilterPolicy = pebble.NoFilterPolicy
	// What is large in the store is batches, which are compressed by column already.
	po.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionNone })
	db, err := pebble.Open(dir, po)
	if err != nil {
		return nil, fmt.Errorf("open the store in %s: %w", dir, err)
	}
	return &Store{db: db, opts: opts, reserve: room}, nil
}

// Close waits for background work and closes the store. Relations opened in it must not be used any more.
func (s *Store) Close() error {
	s.closed.Store(true)
	s.bg.Wait()
	return s.db.Close()
}

// View calls fn while no commit becomes visible: versions of several relations read in it belong together.
func (s *Store) View(fn func()) {
	s.pub.RLock()
	defer s.pub.RUnlock()
	fn()
}

// Get gives a copy of key's value; nil: not there.
func (s *Store) Get(key []byte) ([]byte, error) {
	v, c, err := s.db.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := append(make([]byte, 0, len(v)), v...)
	return out, c.Close()
}

// Set writes one key, synced when it returns.
func (s *Store) Set(key, value []byte) error { return s.db.Set(key, value, pebble.Sync) }

// Sync puts everything that was committed before the call on disk. Commits become durable in their order, so that one that is on disk has all
// earlier ones with it.
func (s *Store) Sync() error { return s.db.LogData(nil, pebble.Sync) }

// Scan calls fn for each key with the prefix in order; key and value are good during the call only. An error of fn ends it.
func (s *Store) Scan(prefix []byte, fn func(key, value []byte) error) error {
	return s.scanRange(prefix, prefixEnd(prefix), fn)
}

func (s *Store) scanRange(from, to []byte, fn func(key, value []byte) error) error {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: from, UpperBound: to})
	if err != nil {
		return err
	}
	for ok := it.First(); ok; ok = it.Next() {
		v, err := it.ValueAndErr()
		if err == nil {
			err = fn(it.Key(), v)
		}
		if err != nil {
			return errors.Join(err, it.Close())
		}
	}
	return it.Close()
}

// Metrics are figures for the web page and the tests.
type Metrics struct {
	DiskBytes  uint64
	CacheBytes int64
	MemBytes   uint64
	Compaction int64
}

// Metrics gives the store's figures.
func (s *Store) Metrics() Metrics {
	m := s.db.Metrics()
	return Metrics{DiskBytes: m.DiskSpaceUsage(), CacheBytes: m.BlockCache.Size, MemBytes: m.MemTable.Size, Compaction: m.Compact.Count}
}

// prefixEnd is the first key after all keys with the prefix; nil: none.
func prefixEnd(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		end[i]++
		if end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// quiet drops Pebble's chatter; its errors come back from its calls.
type quiet struct{ fatal func(string) }

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (q quiet) Fatalf(format string, args ...any) {
	reason := fmt.Sprintf("state: "+format, args...)
	if q.fatal != nil {
		q.fatal(reason)
	}
	panic(reason)
}
