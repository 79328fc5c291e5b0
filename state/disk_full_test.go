package state

import (
	"errors"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// smallDisk is a file system whose disk is full, but for what the reserve takes, as long as full is set.
type smallDisk struct {
	vfs.FS
	full *atomic.Bool
}

type smallFile struct {
	vfs.File
	fs smallDisk
}

func (s smallDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	if s.full.Load() {
		return vfs.DiskUsage{}, nil
	}
	return vfs.DiskUsage{AvailBytes: 1 << 30}, nil
}

func (s smallDisk) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := s.FS.Create(name, c)
	return smallFile{f, s}, err
}

func (f smallFile) Write(p []byte) (int, error) {
	if f.fs.full.Load() {
		if _, err := f.fs.Stat("db/reserve"); err == nil {
			return 0, syscall.ENOSPC
		}
	}
	return f.File.Write(p)
}

// TestDiskFull: the commit that finds the disk full succeeds out of the reserve, later ones of rows are refused, others are not, and all goes on when there is
// space.
func TestDiskFull(t *testing.T) {
	disk := smallDisk{vfs.NewMem(), new(atomic.Bool)}
	s, err := Open("db", disk, Options{ReserveBytes: 1 << 20, Fatal: func(reason string) { t.Error(reason) }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	tab, err := OpenTable(s, 1, []types.Type{types.Int8}, nil)
	if err != nil {
		t.Fatal(err)
	}
	commit := func() error {
		b := s.NewBatch()
		col := array.NewInt64Builder(types.Mem)
		col.Append(7)
		if err := tab.Apply(b, tab.Version()+1, &types.Batch{Cols: []arrow.Array{col.NewArray()}, N: 1}); err != nil {
			t.Fatal(err)
		}
		return b.Commit(true)
	}
	refused := func(err error) bool {
		var e *sqlerr.Error
		return errors.As(err, &e) && e.Code == sqlerr.DiskFull
	}
	if err := commit(); err != nil {
		t.Fatal(err)
	}
	disk.full.Store(true)
	if err := commit(); err != nil {
		t.Fatalf("the first commit on the full disk: %v", err)
	}
	if err := commit(); !refused(err) {
		t.Fatalf("the second one: %v", err)
	}
	if err := s.Set([]byte("k"), []byte("v")); err != nil {
		t.Fatalf("a write without rows: %v", err)
	}
	disk.full.Store(false)
	s.reserve.tried = time.Time{}
	if err := commit(); err != nil {
		t.Fatalf("with space again: %v", err)
	}
	if n := tab.Rows(); n != 3 {
		t.Errorf("%d rows, want 3", n)
	}
}
