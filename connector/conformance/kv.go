package conformance

import (
	"slices"
	"strings"
	"sync"
)

// KV is a connector.KV in memory. The zero value is empty.
type KV struct {
	mu sync.Mutex
	m  map[string][]byte
}

// Get gives the value of key, nil where it is not there.
func (k *KV) Get(key string) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.m[key], nil
}

// Set keeps a copy of value.
func (k *KV) Set(key string, value []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.m == nil {
		k.m = map[string][]byte{}
	}
	k.m[key] = slices.Clone(value)
	return nil
}

// Scan calls fn with the keys of the prefix in their order.
func (k *KV) Scan(prefix string, fn func(key string, value []byte) error) error {
	k.mu.Lock()
	var keys []string
	for key := range k.m {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	k.mu.Unlock()
	slices.Sort(keys)
	for _, key := range keys {
		v, _ := k.Get(key)
		if err := fn(key, v); err != nil {
			return err
		}
	}
	return nil
}
