package exec

import (
	"os"
	"sync"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// spillParts is into how many files an operator parts the rows that it cannot hold, and spillDepth how often these are parted again.
const (
	spillParts = 16
	spillDepth = 7
)

// spillFile keeps batches on disk, in the order in which they were written. It has no name in its directory, where the system allows that.
type spillFile struct {
	f     *os.File
	types []types.Type
	ends  []int64 // of the batches written
	next  int     // the batch that read gives
	buf   []byte
}

// spillFile makes a file for rows of these types, which the run removes at its end.
func (st *run) spillFile(ts []types.Type) (*spillFile, error) {
	f, err := os.CreateTemp(st.spillDir, "spill-*")
	if err != nil {
		return nil, spillFailed(err)
	}
	st.spills.add(f)
	os.Remove(f.Name())
	return &spillFile{f: f, types: ts}, nil
}

// spills are the files of a run, its shards' included.
type spills struct {
	sync.Mutex
	files []*os.File
}

func (s *spills) add(f *os.File) {
	s.Lock()
	defer s.Unlock()
	s.files = append(s.files, f)
}

// end closes and removes the files.
func (s *spills) end() {
	for _, f := range s.files {
		f.Close()
		os.Remove(f.Name())
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
	if s.buf, err = types.EncodeBatch(s.buf[:0], b, s.types, false); err != nil {
		return err
	}
	if _, err := s.f.Write(s.buf); err != nil {
		return spillFailed(err)
	}
	at := int64(0)
	if n := len(s.ends); n > 0 {
		at = s.ends[n-1]
	}
	s.ends = append(s.ends, at+int64(len(s.buf)))
	return nil
}

// read gives the next batch; nil: there is none.
func (s *spillFile) read() (*types.Batch, error) {
	if s.next == len(s.ends) {
		return nil, nil
	}
	at := int64(0)
	if s.next > 0 {
		at = s.ends[s.next-1]
	}
	data := make([]byte, s.ends[s.next]-at)
	if _, err := s.f.ReadAt(data, at); err != nil {
		return nil, spillFailed(err)
	}
	s.next++
	return types.DecodeBatch(data)
}

// spillSet is rows parted by the hash of their keys.
type spillSet struct {
	types []types.Type
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
			var err error
			if s.files[p], err = st.spillFile(s.types); err != nil {
				return err
			}
		}
		if err := s.files[p].write(types.TakeBatch(b, rows)); err != nil {
			return err
		}
	}
	return nil
}

// spillPart is the file of a hash.
func spillPart(hash uint64, depth int) int { return int(hash >> (4 * depth) & (spillParts - 1)) }

// over says that an operator that could spill holds too much.
func (b *budget) over(s Stateful) bool {
	_, bytes := s.Size()
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
