package state

import (
	"encoding/binary"
	"slices"
	"syscall"
	"testing"
	"time"
)

// cpu is the processor time that the process has used.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	check(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkGetMany reads 1,000 keys that lie anywhere among millions, which came in no order: keys that are there, and keys that are not.
func BenchmarkGetMany(b *testing.B) {
	const n, step = 5_000_000, 250_000
	s, err := Open(b.TempDir(), nil, Options{})
	check(b, err)
	defer s.Close()
	key := func(i uint64) []byte {
		return binary.BigEndian.AppendUint64([]byte("p0000100r"), (i+1)*0x9E3779B97F4A7C15)
	}
	value := make([]byte, 24)
	for from := uint64(0); from < n; from += step {
		batch := s.NewLargeBatch(step * 64)
		for i := from; i < from+step; i++ {
			check(b, batch.Set(key(i), value))
		}
		check(b, batch.Commit(true))
	}
	for calm := 0; calm < 5; time.Sleep(100 * time.Millisecond) {
		if calm++; s.db.Metrics().Compact.NumInProgress > 0 {
			calm = 0
		}
	}
	for _, c := range []struct {
		name string
		from uint64
	}{{"there", 0}, {"absent", n}} {
		b.Run(c.name, func(b *testing.B) {
			at, begin := uint64(0), cpu(b)
			for b.Loop() {
				keys := make([][]byte, 1000)
				for i := range keys {
					keys[i] = key(c.from + (at+uint64(i))*7919%n)
				}
				at += 1000
				slices.SortFunc(keys, func(x, y []byte) int { return slices.Compare(x, y) })
				values, err := s.GetMany(keys)
				check(b, err)
				if (values[500] != nil) != (c.from == 0) {
					b.Fatal("wrong value")
				}
			}
			b.ReportMetric(float64((cpu(b)-begin).Microseconds())/float64(b.N)/1000, "cpu-ms/op")
		})
	}
	b.Log(s.db.Metrics().String())
}
