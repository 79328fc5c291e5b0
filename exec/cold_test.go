package exec

import (
	"bytes"
	"maps"
	"slices"
	"strings"
)

// memCold is a Cold in memory; what is set shows after commit.
type memCold struct {
	m       map[string][]byte
	pending []func()
	areas   map[string]bool
}

func newMemCold() *memCold { return &memCold{m: map[string][]byte{}, areas: map[string]bool{}} }

func (c *memCold) Area(op string) ([]byte, bool) {
	was := c.areas[op]
	c.areas[op] = true
	return append([]byte(op), 0), was
}

func (c *memCold) Get(keys [][]byte) ([][]byte, error) {
	out := make([][]byte, len(keys))
	for i, k := range keys {
		if i > 0 && bytes.Compare(keys[i-1], k) >= 0 {
			panic("keys do not ascend")
		}
		out[i] = c.m[string(k)]
	}
	return out, nil
}

func (c *memCold) GetPrefixes(prefixes [][]byte) (keys, values [][]byte, err error) {
	all := slices.Sorted(maps.Keys(c.m))
	for i, p := range prefixes {
		if i > 0 && bytes.Compare(prefixes[i-1], p) >= 0 {
			panic("prefixes do not ascend")
		}
		for _, k := range all {
			if strings.HasPrefix(k, string(p)) {
				keys, values = append(keys, []byte(k)), append(values, c.m[k])
			}
		}
	}
	return keys, values, nil
}

func (c *memCold) Scan(from, to []byte, fn func(key, value []byte) (bool, error)) error {
	for _, k := range slices.Sorted(maps.Keys(c.m)) {
		if k < string(from) || k >= string(to) {
			continue
		}
		if more, err := fn([]byte(k), c.m[k]); err != nil || !more {
			return err
		}
	}
	return nil
}

// under is how many keys an operator has of a kind.
func (c *memCold) under(op, kind string) (n int) {
	for k := range c.m {
		if strings.HasPrefix(k, op+"\x00"+kind) {
			n++
		}
	}
	return n
}

func (c *memCold) Set(key, value []byte) {
	k, v := string(key), bytes.Clone(value)
	c.pending = append(c.pending, func() { c.m[k] = v })
}

func (c *memCold) Delete(key []byte) {
	k := string(key)
	c.pending = append(c.pending, func() { delete(c.m, k) })
}

func (c *memCold) DeleteRange(from, to []byte) {
	f, t := string(from), string(to)
	c.pending = append(c.pending, func() {
		maps.DeleteFunc(c.m, func(k string, _ []byte) bool { return k >= f && k < t })
	})
}

func (c *memCold) commit() {
	for _, f := range c.pending {
		f()
	}
	c.pending = nil
}
