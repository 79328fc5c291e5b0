package stream

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"

	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// What a query keeps in the store, by the number under which it is stored (catalog.Relation.Stored):
//
//	q oid 'c'        its last committed step: number, positions, watermarks
//	q oid 'l'        the step that was begun last, for sinks outside the server
//	q oid 's'        its status, where it is stopped or failed
//	q oid 'p'        which operators keep their state by key
//	o oid step n     operator state: chunk n of what step saved, whole or changed; whole where the step is the oldest
//	p oid number key state of such an operator by key; the keys and values are its own
//	k oid key        a connector's own
//	r oid 'l' n      the n-th batch of late rows of a query; 'd': the n-th dead letter of a query or of a stream

func queryKey(oid uint32, part byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{'q'}, oid), part)
}

func operatorKey(oid uint32, step int64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32([]byte{'o'}, oid), uint64(step))
}

// record is a query's last committed step.
type record struct {
	Format    int // of the operators' state; 0: written before formats were numbered, which is 1
	Step      int64
	At        int64 // its processing time, µs
	Watermark int64
	Sources   map[string]sourceRecord
	Start     map[string][]byte `json:",omitempty"` // where start_from made it begin, by source
	Total     totals
}

// stateFormat is the version of the operators' chunks that this server writes. It goes up with any change after which an older server would read them wrongly, or this one older
// ones; what is read here, testdata/state has in all versions.
const stateFormat = 1

// known says whether the server can read what a query stored.
func (r *record) known() error {
	if r.Format <= stateFormat {
		return nil
	}
	return sqlerr.New(sqlerr.DataCorrupted, "the state has version %d, which this server does not know", r.Format).
		WithHint("It knows versions up to %d. Run the server that wrote the state, or a newer one.", stateFormat)
}

// totals counts the rows of all steps.
type totals struct{ In, Out, Late int64 }

type sourceRecord struct {
	Pos   []byte
	Track *tracker `json:",omitempty"`
	// Rel is the relation whose changes after Pos must be kept; 0 for a connector's source.
	Rel uint32 `json:",omitempty"`
}

// begun is the log entry of a step: from it the step can be repeated exactly.
type begun struct {
	Step int64
	Now  int64
	To   map[string][]byte
}

// storedStatus is a status that outlives the process.
type storedStatus struct {
	Status      Status
	Error, Code string
}

func getJSON(s *state.Store, key []byte, v any) (bool, error) {
	b, err := s.Get(key)
	if err != nil || b == nil {
		return false, err
	}
	return true, json.Unmarshal(b, v)
}

func setJSON(b *state.Batch, key []byte, v any) error {
	j, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return b.Set(key, j)
}

// saver decides when a query's operator state is written whole, and writes it.
type saver struct {
	oid   uint32
	whole int64 // size of the last whole state
	tail  int64 // size of the changes since
	from  int64 // size of changes below which no whole state is written
	begun bool  // a whole state stands in the store
	cold  *coldState
}

// saveOverhead is what a chunk costs beside its bytes.
const saveOverhead = 512

// save makes the step's batch, with the runner's state after the step in it.
func (s *saver) save(st *state.Store, r exec.Runner, step int64) (*state.Batch, error) {
	return s.write(st, r, step, s.begun && s.tail > s.whole+s.from)
}

// write is save with the choice made: whole or what changed.
func (s *saver) write(st *state.Store, r exec.Runner, step int64, all bool) (b *state.Batch, err error) {
	if b = s.cold.begin(); b != nil {
		defer func() {
			if err = errors.Join(err, s.cold.end()); err != nil {
				b.Close()
				b = nil
			}
		}()
	}
	var chunks []exec.Chunk
	if all {
		chunks, err = r.SaveAll()
	} else {
		chunks, err = r.SaveDelta()
	}
	if err != nil {
		return b, err
	}
	values, size, err := encodeChunks(chunks)
	if err != nil {
		return b, err
	}
	if b == nil {
		b = st.NewLargeBatch(size + len(values)*32)
		defer func() {
			if err != nil {
				b.Close()
				b = nil
			}
		}()
	}
	if all {
		if err := b.DeleteRange(operatorKey(s.oid, 0), operatorKey(s.oid, step+1)); err != nil {
			return b, err
		}
		s.whole, s.tail = int64(size), 0
	} else {
		s.tail += int64(size + len(values)*saveOverhead)
	}
	for i, v := range values {
		if err := b.Set(binary.BigEndian.AppendUint32(operatorKey(s.oid, step), uint32(i)), v); err != nil {
			return b, err
		}
		values[i] = nil
	}
	s.begun = true
	return b, nil
}

// encodeChunks gives the stored form of each chunk and the bytes of all; the chunks' rows are let go. It works on all CPUs.
func encodeChunks(chunks []exec.Chunk) (values [][]byte, size int, err error) {
	values = make([][]byte, len(chunks))
	errs := make([]error, len(chunks))
	var next atomic.Int64
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(chunks)) {
		group.Go(func() {
			var v []byte
			for i := int(next.Add(1)) - 1; i < len(chunks); i = int(next.Add(1)) - 1 {
				v, errs[i] = appendChunk(v[:0], &chunks[i])
				values[i] = bytes.Clone(v)
				chunks[i].Batch = nil
			}
		})
	}
	group.Wait()
	for _, v := range values {
		size += len(v)
	}
	return values, size, errors.Join(errs...)
}

func appendChunk(v []byte, c *exec.Chunk) ([]byte, error) {
	v = append(binary.AppendUvarint(v, uint64(len(c.Op))), c.Op...)
	v = append(binary.AppendUvarint(v, uint64(len(c.Tag))), c.Tag...)
	v, err := batchfmt.Append(v, c.Batch)
	if err != nil {
		return nil, fmt.Errorf("state of operator %s: %w", c.Op, err)
	}
	return v, nil
}

// load brings the stored state into a new runner; only, where it is not empty, is the one operator that gets it.
func (s *saver) load(st *state.Store, r exec.Runner, only string) error {
	var chunks []exec.Chunk
	prefix := operatorKey(s.oid, 0)[:5]
	err := st.Scan(prefix, func(_, v []byte) error {
		op, v, ok1 := cutString(v)
		tag, v, ok2 := cutString(v)
		if !ok1 || !ok2 {
			return errors.New("stream: stored operator state is damaged")
		}
		if only != "" && op != only {
			return nil
		}
		b, _, err := batchfmt.Decode(v, nil)
		chunks = append(chunks, exec.Chunk{Op: op, Tag: tag, Batch: b})
		s.tail += int64(len(v)) + saveOverhead
		return err
	})
	s.begun = true
	if err != nil || len(chunks) == 0 {
		return err
	}
	return r.Load(chunks)
}

func cutString(v []byte) (string, []byte, bool) {
	n, k := binary.Uvarint(v)
	if k <= 0 || n > uint64(len(v)-k) {
		return "", nil, false
	}
	return string(v[k : k+int(n)]), v[k+int(n):], true
}
