package state

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// reserve is disk space that is set aside, so that a full disk is seen before a commit fails in its middle, which ends the store. When a write finds no space, the
// reserve is given up, the write is done again, and commits of rows are refused until there is room for a reserve again. What frees space, such as
// DROP TABLE, still commits.
type reserve struct {
	fs   FS
	dir  string
	size uint64
	full atomic.Bool

	mu    sync.Mutex
	tried time.Time
}

// reserveShare is the part of the free space that is set aside at most.
const reserveShare = 8

// set puts the space aside; false: there is not room for it.
func (r *reserve) set() bool {
	use, err := r.fs.GetDiskUsage(r.dir)
	if err != nil || use.AvailBytes < reserveShare*r.size {
		return false
	}
	f, err := r.fs.Create(r.path(), vfs.WriteCategoryUnspecified)
	if err != nil {
		return false
	}
	if err = f.Preallocate(0, int64(r.size)); err == nil {
		err = f.Sync()
	}
	if f.Close() != nil || err != nil {
		_ = r.fs.Remove(r.path())
		return false
	}
	return true
}

func (r *reserve) path() string { return r.fs.PathJoin(r.dir, "reserve") }

// watched is the file system for the store: one that gives the reserve up.
func (r *reserve) watched() FS {
	return vfs.OnDiskFull(r.fs, func() {
		r.full.Store(true)
		_ = r.fs.Remove(r.path())
	})
}

// check refuses while the disk is full; it looks again once a second.
func (r *reserve) check() error {
	if r == nil || !r.full.Load() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); now.Sub(r.tried) > time.Second {
		r.tried = now
		if r.set() {
			r.full.Store(false)
			return nil
		}
	}
	return sqlerr.New(sqlerr.DiskFull, "could not write to the data directory: no space left on device").
		WithHint("Free disk space, for example by DROP; queries that failed go on with ALTER ... RESUME.")
}

// newReserve sets aside up to size bytes, less where the disk is small.
func newReserve(fs FS, dir string, size int64) *reserve {
	r := &reserve{fs: fs, dir: dir, size: uint64(size)}
	if err := fs.MkdirAll(dir, 0o755); err != nil {
		return r
	}
	_ = fs.Remove(r.path())
	if use, err := fs.GetDiskUsage(dir); err == nil {
		r.size = min(r.size, use.AvailBytes/reserveShare)
	}
	r.full.Store(r.size > 0 && !r.set())
	return r
}
