package state

import (
	"bytes"
	"errors"
	"runtime"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// manyKeys is how many keys of a GetMany are worth a goroutine.
const manyKeys = 512

// GetMany gives copies of the values of keys, which must ascend; nil for a key that is not there. Large lists are read on all CPUs.
func (s *Store) GetMany(keys [][]byte) ([][]byte, error) {
	out := make([][]byte, len(keys))
	workers := min(runtime.GOMAXPROCS(0), 1+len(keys)/manyKeys)
	per := (len(keys) + workers - 1) / workers
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		from, to := min(w*per, len(keys)), min((w+1)*per, len(keys))
		if w == workers-1 {
			errs[w] = s.getPart(keys[from:to], out[from:to])
			break
		}
		group.Go(func() { errs[w] = s.getPart(keys[from:to], out[from:to]) })
	}
	group.Wait()
	return out, errors.Join(errs...)
}

// getPart reads ascending keys with one iterator, which goes forward only.
func (s *Store) getPart(keys, out [][]byte) error {
	if len(keys) == 0 {
		return nil
	}
	last := keys[len(keys)-1]
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: keys[0], UpperBound: append(bytes.Clone(last), 0)})
	if err != nil {
		return err
	}
	var room []byte
	for i, k := range keys {
		if !it.SeekGE(k) || !bytes.Equal(it.Key(), k) {
			if err := it.Error(); err != nil {
				return errors.Join(err, it.Close())
			}
			continue
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return errors.Join(err, it.Close())
		}
		if len(room)+len(v) > cap(room) {
			room = make([]byte, 0, max(len(v), 1<<16))
		}
		at := len(room)
		room = append(room, v...)
		out[i] = room[at:len(room):len(room)]
	}
	return it.Close()
}

// ScanRange calls fn for the keys in [from, to) in order until it says that it wants no more; key and value are good during the call only.
func (s *Store) ScanRange(from, to []byte, fn func(key, value []byte) (more bool, err error)) error {
	err := s.scanRange(from, to, func(key, value []byte) error {
		more, err := fn(key, value)
		if err == nil && !more {
			return errEnough
		}
		return err
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

var errEnough = errors.New("enough")
