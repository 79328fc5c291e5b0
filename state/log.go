package state

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/streamsqld/streamsqld/types"
	"github.com/streamsqld/streamsqld/types/batchfmt"
)

const (
	maxChunkRows = 16384
	// Chunks are merged when this many of a size class lie side by side at the end of the log.
	mergeFanIn = 64
)

// Log keeps a stream's rows as columnar chunks by sequence number; the first row is number 0. It implements Changelog: version v is the
// state after v rows. It is safe for many goroutines.
type Log struct {
	notifier
	s   *Store
	oid uint32
	ts  []types.Type

	mu     sync.Mutex // held by the one writer from the numbering of its rows until they are visible
	end    atomic.Int64
	oldest atomic.Int64

	tailMu    sync.RWMutex
	tail      []logChunk // the newest chunks, decoded, without a gap up to end
	tailBytes int64

	queueMu sync.Mutex
	queue   []*appendReq
	groupMu sync.Mutex // held by the leader of a group commit
}

type logChunk struct {
	start int64
	at    int64 // when it was appended, µs
	b     *types.Batch
	bytes int64
	times []appended // where it was merged
}

func (c *logChunk) end() int64 { return c.start + int64(c.b.N) }

type appendReq struct {
	b    *types.Batch
	done bool
	err  error
}

// OpenLog opens the log of relation oid whose columns have types ts; a log that was never written is empty.
func OpenLog(s *Store, oid uint32, ts []types.Type) (*Log, error) {
	l := &Log{s: s, oid: oid, ts: ts}
	meta, err := s.Get(oidKey(prefixLogMeta, oid))
	if err != nil {
		return nil, err
	}
	if len(meta) == 16 {
		l.oldest.Store(int64(binary.BigEndian.Uint64(meta)))
		l.end.Store(int64(binary.BigEndian.Uint64(meta[8:])))
	}
	prefix := oidKey(prefixLog, oid)
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: prefixEnd(prefix)})
	if err != nil {
		return nil, err
	}
	defer it.Close()
	if it.Last() {
		_, s, err := openChunk(it.Value())
		if err != nil {
			return nil, err
		}
		l.end.Store(keyNumber(it.Key()) + int64(s.Rows()))
	}
	return l, it.Error()
}

func openChunk(v []byte) (at int64, s *batchfmt.Stored, err error) {
	at, n := binary.Varint(v)
	if n <= 0 {
		return 0, nil, batchfmt.ErrDamaged
	}
	s, _, err = batchfmt.Open(v[n:])
	return at, s, err
}

// Types are the types of the columns.
func (l *Log) Types() []types.Type { return l.ts }

// Append adds rows; they are durable and visible when it returns. Appends that run side by side share one synced write.
func (l *Log) Append(ctx context.Context, b *types.Batch) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if b.N == 0 {
		return nil
	}
	r := &appendReq{b: b}
	l.queueMu.Lock()
	l.queue = append(l.queue, r)
	l.queueMu.Unlock()
	l.groupMu.Lock()
	defer l.groupMu.Unlock()
	if r.done {
		return r.err
	}
	l.queueMu.Lock()
	group := l.queue
	l.queue = nil
	l.queueMu.Unlock()
	batch := l.s.NewBatch()
	var err error
	for _, g := range group {
		if e := l.AppendTo(batch, g.b); e != nil {
			err = e
		}
	}
	if err == nil {
		err = batch.Commit(true)
	}
	for _, g := range group {
		g.done, g.err = true, err
	}
	return err
}

// AppendTo adds rows when the batch commits, for transactions over several relations. They get their numbers then.
func (l *Log) AppendTo(batch *Batch, b *types.Batch) error {
	if len(b.Cols) != len(l.ts) {
		return fmt.Errorf("state: a batch of %d columns for a log of %d", len(b.Cols), len(l.ts))
	}
	for i := range batch.parts {
		if a, ok := batch.parts[i].rel.(*logAppend); ok && a.l == l {
			a.rows = append(a.rows, b)
			return nil
		}
	}
	a := &logAppend{l: l, rows: []*types.Batch{b}}
	batch.parts = append(batch.parts, part{oid: l.oid, rel: a, lock: l.mu.Lock, write: a.write, publish: a.publish, unlock: a.finish})
	return nil
}

// logAppend is a log's share of a batch.
type logAppend struct {
	l      *Log
	rows   []*types.Batch
	chunks []logChunk
}

func (a *logAppend) write(batch *Batch) error {
	all, err := types.ConcatBatches(a.rows)
	if err != nil {
		return err
	}
	if all.W != nil {
		all = all.Plain()
	}
	at, seq := time.Now().UnixMicro(), a.l.end.Load()
	for from := 0; from < all.N; from += maxChunkRows {
		b := all
		if all.N > maxChunkRows {
			b = all.Slice(from, min(from+maxChunkRows, all.N))
		}
		c := logChunk{start: seq + int64(from), at: at, b: b, bytes: types.BatchBytes(b)}
		if err := a.l.put(batch, &c); err != nil {
			return err
		}
		a.chunks = append(a.chunks, c)
	}
	return nil
}

func (l *Log) put(batch *Batch, c *logChunk) error {
	var apart func(int, []byte) error
	if c.b.N >= mergeFanIn*mergeFanIn { // it is not merged any more
		apart = func(col int, payload []byte) error { return batch.Set(logColKey(l.oid, c.start, col), payload) }
	}
	v, err := batchfmt.AppendApart(binary.AppendVarint(nil, c.at), c.b, apart)
	if err != nil {
		return err
	}
	return batch.Set(logKey(l.oid, c.start), v)
}

func (a *logAppend) publish() {
	l := a.l
	l.tailMu.Lock()
	for _, c := range a.chunks {
		l.tail = append(l.tail, c)
		l.tailBytes += c.bytes
	}
	if n := len(l.tail); n > 0 {
		l.end.Store(l.tail[n-1].end())
	}
	l.trimTail()
	l.tailMu.Unlock()
	l.wake()
}

// trimTail drops the oldest decoded chunks above the cache's bound; the last one stays. tailMu is held.
func (l *Log) trimTail() {
	n := 0
	for l.tailBytes > l.s.opts.LogCacheBytes && n < len(l.tail)-1 {
		l.tailBytes -= l.tail[n].bytes
		n++
	}
	if n > 0 {
		l.tail = append([]logChunk(nil), l.tail[n:]...)
	}
}

// finish merges small chunks, so that many small appends don't stay many keys, and lets the next writer in. A failure to merge is
// none of the append's: the chunks stay as they are.
func (a *logAppend) finish() {
	defer a.l.mu.Unlock()
	if len(a.chunks) > 0 {
		_ = a.l.merge(mergeFanIn)
		_ = a.l.merge(mergeFanIn * mergeFanIn)
	}
}

// merge replaces the run of chunks with fewer than size rows at the end of the log by one, if there are enough of them. mu is held.
func (l *Log) merge(size int) error {
	first := len(l.tail)
	for first > 0 && l.tail[first-1].b.N < size {
		first--
	}
	run := l.tail[first:]
	if len(run) < mergeFanIn {
		return nil
	}
	bs := make([]*types.Batch, len(run))
	var times []appended
	for i := range run {
		bs[i] = run[i].b
		times = append(times, run[i].timesOf()...)
	}
	b, err := types.ConcatBatches(bs)
	if err != nil {
		return err
	}
	merged := logChunk{start: run[0].start, at: run[len(run)-1].at, b: b, bytes: types.BatchBytes(b), times: times}
	batch := l.s.NewBatch()
	for _, c := range run[1:] {
		if err := errors.Join(batch.Delete(logKey(l.oid, c.start)), batch.Delete(logTimesKey(l.oid, c.start))); err != nil {
			return err
		}
	}
	if err := batch.Set(logTimesKey(l.oid, merged.start), encodeTimes(times)); err != nil {
		return err
	}
	if err := l.put(batch, &merged); err != nil {
		return err
	}
	if err := batch.Commit(false); err != nil {
		return err
	}
	l.tailMu.Lock()
	defer l.tailMu.Unlock()
	tail := append(append(make([]logChunk, 0, first+1), l.tail[:first]...), merged)
	l.tail, l.tailBytes = tail, 0
	for i := range tail {
		l.tailBytes += tail[i].bytes
	}
	return nil
}

// tailAt is the decoded chunk that holds row seq.
func (l *Log) tailAt(seq int64) (logChunk, bool) {
	l.tailMu.RLock()
	defer l.tailMu.RUnlock()
	i := sort.Search(len(l.tail), func(i int) bool { return l.tail[i].end() > seq })
	if i == len(l.tail) || l.tail[i].start > seq {
		return logChunk{}, false
	}
	return l.tail[i], true
}
