package state

import "github.com/cockroachdb/pebble/v2/vfs"

// NewMemory makes a file system in memory, for a store that is forgotten with its process.
func NewMemory() FS { return vfs.NewMem() }
