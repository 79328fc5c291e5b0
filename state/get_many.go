package state

import (
	"bytes"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// manyKeys is how many keys of a GetMany are worth a goroutine.
const manyKeys = 512

// GetMany gives copies of the values of keys, which must ascend; nil for a key that is not there. Large lists are read on all CPUs.
func (s *Store) GetMany(keys [][]byte) ([][]byte, error) {
	out := make([][]byte, len(keys))
	err := inParts(len(keys), func(_, from, to int) error { return s.getPart(keys[from:to], out[from:to]) })
	return out, err
}

// GetPrefixes gives copies of all keys with one of the prefixes, which must ascend, none the beginning of another, and of their values, in order. Large lists are read on all CPUs.
func (s *Store) GetPrefixes(prefixes [][]byte) (keys, values [][]byte, err error) {
	parts := make([]prefixPart, runtime.GOMAXPROCS(0))
	err = inParts(len(prefixes), func(w, from, to int) error { return parts[w].read(s, prefixes[from:to]) })
	for _, p := range parts {
		keys, values = append(keys, p.keys...), append(values, p.values...)
	}
	return keys, values, err
}

// inParts calls fn with parts of 0..n-1, on all CPUs where n is large; w numbers the parts.
func inParts(n int, fn func(w, from, to int) error) error {
	workers := min(runtime.GOMAXPROCS(0), 1+n/manyKeys)
	per := (n + workers - 1) / workers
	errs := make([]error, workers)
	var group sync.WaitGroup
	for w := range workers {
		from, to := min(w*per, n), min((w+1)*per, n)
		switch {
		case from == to:
		case w == workers-1:
			errs[w] = fn(w, from, to)
		default:
			group.Go(func() { errs[w] = fn(w, from, to) })
		}
	}
	group.Wait()
	return errors.Join(errs...)
}

// room is memory for copies, in large pieces.
type room []byte

func (r *room) copy(v []byte) []byte {
	if len(*r)+len(v) > cap(*r) {
		*r = make([]byte, 0, max(len(v), 1<<16))
	}
	at := len(*r)
	*r = append(*r, v...)
	return (*r)[at:len(*r):len(*r)]
}

// getPart reads ascending keys with one iterator, which goes forward only, and asks the filters of the tables before it reads them.
func (s *Store) getPart(keys, out [][]byte) error {
	last := keys[len(keys)-1]
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: keys[0], UpperBound: append(bytes.Clone(last), 0)})
	if err != nil {
		return err
	}
	var r room
	for i, k := range keys {
		if !it.SeekPrefixGE(k) || !bytes.Equal(it.Key(), k) {
			if err := it.Error(); err != nil {
				return errors.Join(err, it.Close())
			}
			continue
		}
		v, err := it.ValueAndErr()
		if err != nil {
			return errors.Join(err, it.Close())
		}
		out[i] = r.copy(v)
	}
	return it.Close()
}

// prefixPart is what one goroutine of GetPrefixes read.
type prefixPart struct {
	keys, values [][]byte
	room         room
}

func (p *prefixPart) read(s *Store, prefixes [][]byte) error {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: prefixes[0], UpperBound: prefixEnd(slices.Clone(prefixes[len(prefixes)-1]))})
	if err != nil {
		return err
	}
	for _, prefix := range prefixes {
		for ok := it.SeekGE(prefix); ok && bytes.HasPrefix(it.Key(), prefix); ok = it.Next() {
			v, err := it.ValueAndErr()
			if err != nil {
				return errors.Join(err, it.Close())
			}
			p.keys, p.values = append(p.keys, p.room.copy(it.Key())), append(p.values, p.room.copy(v))
		}
		if err := it.Error(); err != nil {
			return errors.Join(err, it.Close())
		}
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
