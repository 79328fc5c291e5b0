package state

import (
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// CrashFS is a file system in memory for crash simulations: before its nth change (a write, a sync, a rename ...) it takes a copy of what a machine
// would find on its disk after losing power there: all that was synced, and a random part of the rest. The program goes on in
// the old one until it looks at Crashed.
type CrashFS struct {
	FS
	mem     *vfs.MemFS
	at      atomic.Int64
	n       atomic.Int64
	rng     *rand.Rand
	onCrash func()
	mu      sync.Mutex
	clone   *vfs.MemFS
}

// NewCrashFS makes an empty file system. It crashes after CrashAfter; onCrash is called then, if it isn't nil.
func NewCrashFS(rng *rand.Rand, onCrash func()) *CrashFS {
	return crashFS(vfs.NewCrashableMem(), rng, onCrash)
}

func crashFS(mem *vfs.MemFS, rng *rand.Rand, onCrash func()) *CrashFS {
	return &CrashFS{FS: mem, mem: mem, rng: rng, onCrash: onCrash}
}

// CrashAfter sets the crash before the nth change from now.
func (f *CrashFS) CrashAfter(n int64) { f.at.Store(f.n.Load() + n) }

// Changes is the number of changes so far.
func (f *CrashFS) Changes() int64 { return f.n.Load() }

// Crashed is the file system as it is found after the crash; nil while there was none. It crashes again only after CrashAfter.
func (f *CrashFS) Crashed(onCrash func()) *CrashFS {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.clone == nil {
		return nil
	}
	return crashFS(f.clone, f.rng, onCrash)
}

func (f *CrashFS) change() {
	if f.n.Add(1) != f.at.Load() {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.onCrash != nil {
		f.onCrash()
	}
	f.clone = f.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: []int{0, 50, 100}[f.rng.IntN(3)], RNG: f.rng})
}

// crashFile counts the changes of a file.
type crashFile struct {
	vfs.File
	fs *CrashFS
}

func (c crashFile) Write(p []byte) (int, error) {
	c.fs.change()
	return c.File.Write(p)
}

func (c crashFile) WriteAt(p []byte, off int64) (int, error) {
	c.fs.change()
	return c.File.WriteAt(p, off)
}

func (c crashFile) Sync() error {
	c.fs.change()
	return c.File.Sync()
}

func (c crashFile) SyncData() error {
	c.fs.change()
	return c.File.SyncData()
}

func (c crashFile) SyncTo(n int64) (bool, error) {
	c.fs.change()
	return c.File.SyncTo(n)
}

func (f *CrashFS) wrap(file vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return crashFile{file, f}, nil
}

// Create implements FS.
func (f *CrashFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f.change()
	return f.wrap(f.FS.Create(name, c))
}

// ReuseForWrite implements FS.
func (f *CrashFS) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f.change()
	return f.wrap(f.FS.ReuseForWrite(old, name, c))
}

// OpenReadWrite implements FS.
func (f *CrashFS) OpenReadWrite(name string, c vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return f.wrap(f.FS.OpenReadWrite(name, c, opts...))
}

// OpenDir implements FS.
func (f *CrashFS) OpenDir(name string) (vfs.File, error) { return f.wrap(f.FS.OpenDir(name)) }

// Link implements FS.
func (f *CrashFS) Link(old, name string) error {
	f.change()
	return f.FS.Link(old, name)
}

// Remove implements FS.
func (f *CrashFS) Remove(name string) error {
	f.change()
	return f.FS.Remove(name)
}

// RemoveAll implements FS.
func (f *CrashFS) RemoveAll(name string) error {
	f.change()
	return f.FS.RemoveAll(name)
}

// Rename implements FS.
func (f *CrashFS) Rename(old, name string) error {
	f.change()
	return f.FS.Rename(old, name)
}

// MkdirAll implements FS.
func (f *CrashFS) MkdirAll(dir string, perm os.FileMode) error {
	f.change()
	return f.FS.MkdirAll(dir, perm)
}

// WriteFile makes a file with the given content, synced, and then its directory's entry, synced.
func WriteFile(f FS, dir, name string, content []byte) error {
	file, err := f.Create(f.PathJoin(dir, name), vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return err
	}
	if err := file.Sync(); err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	return SyncDir(f, dir)
}

// SyncDir makes the entries of a directory durable.
func SyncDir(f FS, dir string) error {
	d, err := f.OpenDir(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return err
	}
	return d.Close()
}
