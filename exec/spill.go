package exec

import (
	"os"
	"sync"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
	"github.com/streamsqld/streamsqld/types/batchfmt"
)

// spillParts is into how many files an operator parts the rows that it cannot hold, and spillDepth how often these are parted again.
const (
	spillParts = 16
	spillDepth = 7
)

// spillFile keeps batches on disk, in the order in which they were written: a part of the run's temporary file.
type spillFile struct {
	spills *spills
	places []spillPlace // of the batches written
	next   int          // the batch that read gives
	buf    []byte
}

type spillPlace struct{ from, to int64 }

// spillFile makes a place for rows.
func (st *run) spillFile() *spillFile { return &spillFile{spills: st.spills} }

// spills is the temporary file of a run, its shards' included: one for all that they cannot hold, since many small ones cost more than their contents. It has no name
// in its directory, where the system allows that. What was read stays on disk until the run ends.
type spills struct {
	dir string
	sync.Mutex
	f   *os.File // nil: nothing was written
	end int64
}

// put writes data.
func (s *spills) put(data []byte) (spillPlace, error) {
	f, at, err := s.room(int64(len(data)))
	if err == nil {
		_, err = f.WriteAt(data, at)
	}
	if err != nil {
		return spillPlace{}, spillFailed(err)
	}
	return spillPlace{at, at + int64(len(data))}, nil
}

func (s *spills) room(n int64) (f *os.File, at int64, err error) {
	s.Lock()
	defer s.Unlock()
	if s.f == nil {
		if s.f, err = os.CreateTemp(s.dir, "spill-*"); err != nil {
			return nil, 0, err
		}
		os.Remove(s.f.Name())
	}
	at, s.end = s.end, s.end+n
	return s.f, at, nil
}

// close gives the file back.
func (s *spills) close() {
	if s.f != nil {
		s.f.Close()
		os.Remove(s.f.Name())
	}
}

func spillFailed(err error) error {
	return sqlerr.New(sqlerr.DiskFull, "could not use a temporary file: %v", err).WithHint("Free some space, or raise work_mem.")
}

// write appends a batch.
func (s *spillFile) write(b *types.Batch) error {
	if b.N == 0 {
		return nil
	}
	var err error
	if s.buf, err = batchfmt.AppendPlain(s.buf[:0], b); err != nil {
		return err
	}
	p, err := s.spills.put(s.buf)
	s.places = append(s.places, p)
	return err
}

// read gives the next batch; nil: there is none.
func (s *spillFile) read() (*types.Batch, error) {
	if s.next == len(s.places) {
		return nil, nil
	}
	p := s.places[s.next]
	data := make([]byte, p.to-p.from)
	if _, err := s.spills.f.ReadAt(data, p.from); err != nil {
		return nil, spillFailed(err)
	}
	s.next++
	b, _, err := batchfmt.Decode(data, nil)
	return b, err
}

// spillSet is rows parted by the hash of their keys.
type spillSet struct {
	depth int
	files [spillParts]*spillFile
}

// write puts rows of b into the files of their hashes.
func (s *spillSet) write(st *run, b *types.Batch, rows []int32, hashes []uint64) error {
	var parts [spillParts][]int32
	for _, r := range rows {
		p := spillPart(hashes[r], s.depth)
		parts[p] = append(parts[p], r)
	}
	for p, rows := range parts {
		if len(rows) == 0 {
			continue
		}
		if s.files[p] == nil {
			s.files[p] = st.spillFile()
		}
		if err := s.files[p].write(types.TakeBatch(b, rows)); err != nil {
			return err
		}
	}
	return nil
}

// spillPart is the file of a hash.
func spillPart(hash uint64, depth int) int { return int(hash >> (4 * depth) & (spillParts - 1)) }

// spillFloor is what an operator that reads back what was spilled may hold in any case: a file for less is no help.
const spillFloor = 16 << 10

// over says that an operator that could spill holds too much; its rows were spilled depth times before.
func (b *budget) over(s Stateful, depth int) bool {
	_, bytes := s.Size()
	if depth > 0 && bytes <= spillFloor {
		return false
	}
	return b.limit > 0 && b.used+bytes > b.limit
}

// mayHold bounds what an operator keeps besides the rows that it spills: state of groups that goes on growing. Beyond it is error 53200.
func (b *budget) mayHold(s Stateful) error {
	_, bytes := s.Size()
	if b.limit <= 0 || b.used+bytes <= 2*b.limit+16<<20 {
		return nil
	}
	return b.take(bytes)
}
