package stream

import (
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/state"
)

// pagedRunner is a Runner whose operators can keep their state in an exec.Cold.
type pagedRunner interface {
	Page(c exec.Cold) error
	Evict(limit int64)
}

// coldVersion is the version of the form in which operators keep their state by key. Since 2 joins and multisets do, since 3 OVER and sessions. A later one is not read.
const coldVersion = 3

// coldRecord says which operators of a query keep their state by key; an operator's number is its place in Ops.
type coldRecord struct {
	Version int
	Ops     []string
}

// coldState is a query's exec.Cold. A nil one stands for a query that keeps all its state in memory.
type coldState struct {
	store *state.Store
	oid   uint32
	rec   coldRecord
	limit int64 // bytes of memory; 0: no limit, and no operator begins to keep its state here
	fresh bool  // an operator began, and that is not committed
	size  int   // bytes of the last save
	batch *state.Batch
	err   error
}

func coldKey(oid uint32) []byte { return binary.BigEndian.AppendUint32([]byte{'p'}, oid) }

// NoLimit is the value of state_memory that bounds nothing; so is none given.
const NoLimit = "none"

// stateMemory is the option state_memory; 0: none.
func stateMemory(rel *catalog.Relation) (int64, error) {
	v, ok := rel.Options.Get("state_memory")
	if !ok || strings.EqualFold(v, NoLimit) {
		return 0, nil
	}
	n, err := connector.ParseSize(v)
	if err != nil {
		return 0, err
	}
	return max(n, 1), nil
}

// openCold makes the operators keep their state by key that do so already or, where the query has the option state_memory, can.
func openCold(st *state.Store, rel *catalog.Relation, r exec.Runner) (*coldState, error) {
	p, ok := r.(pagedRunner)
	if !ok {
		return nil, nil
	}
	limit, err := stateMemory(rel)
	if err != nil {
		return nil, err
	}
	c := &coldState{store: st, oid: rel.Stored(), limit: limit, rec: coldRecord{Version: coldVersion}}
	found, err := getJSON(st, queryKey(c.oid, 'p'), &c.rec)
	if err != nil || !found && limit == 0 {
		return nil, err
	}
	if c.rec.Version > coldVersion {
		return nil, sqlerr.New(sqlerr.DataCorrupted, "the state by key has version %d, which this server does not know", c.rec.Version).
			WithHint("It knows versions up to %d. Run the server that wrote it.", coldVersion)
	}
	return c, p.Page(c)
}

// load brings the stored state into the new runner, and puts what an operator had in memory into the store by key where that is new.
func (c *core) load() (err error) {
	if c.saver.cold, err = openCold(c.store, c.q.Rel, c.runner); err != nil {
		return err
	}
	if err := c.saver.load(c.store, c.runner, ""); err != nil {
		return err
	}
	if cold := c.saver.cold; cold != nil && cold.fresh && c.rec.Step > 0 {
		b, err := c.saver.write(c.store, c.runner, c.rec.Step, true)
		if err != nil {
			return err
		}
		if err := b.Commit(true); err != nil {
			return err
		}
		cold.evict(c.runner)
	}
	return nil
}

// Area is part of exec.Cold.
func (c *coldState) Area(op string) ([]byte, bool) {
	n := slices.Index(c.rec.Ops, op)
	stored := n >= 0
	if !stored {
		if c.limit == 0 {
			return nil, false
		}
		n, c.fresh = len(c.rec.Ops), true
		c.rec.Version, c.rec.Ops = coldVersion, append(c.rec.Ops, op)
	}
	return binary.BigEndian.AppendUint16(coldKey(c.oid), uint16(n)), stored
}

// Get is part of exec.Cold.
func (c *coldState) Get(keys [][]byte) ([][]byte, error) { return c.store.GetMany(keys) }

// GetPrefixes is part of exec.Cold.
func (c *coldState) GetPrefixes(prefixes [][]byte) (keys, values [][]byte, err error) {
	return c.store.GetPrefixes(prefixes)
}

// Scan is part of exec.Cold.
func (c *coldState) Scan(from, to []byte, fn func(key, value []byte) (bool, error)) error {
	return c.store.ScanRange(from, to, fn)
}

// Set is part of exec.Cold.
func (c *coldState) Set(key, value []byte) { c.note(c.batch.Set(key, value)) }

// Delete is part of exec.Cold.
func (c *coldState) Delete(key []byte) { c.note(c.batch.Delete(key)) }

// DeleteRange is part of exec.Cold.
func (c *coldState) DeleteRange(from, to []byte) { c.note(c.batch.DeleteRange(from, to)) }

func (c *coldState) note(err error) {
	if c.err == nil {
		c.err = err
	}
}

// begin makes the batch that takes what the operators set; nil: they set nothing.
func (c *coldState) begin() *state.Batch {
	if c == nil {
		return nil
	}
	c.batch, c.err = c.store.NewLargeBatch(c.size), nil
	return c.batch
}

// end completes what begin began; the batch belongs to the caller.
func (c *coldState) end() error {
	if c.fresh {
		j, err := json.Marshal(c.rec)
		c.note(err)
		c.note(c.batch.Set(queryKey(c.oid, 'p'), j))
		c.fresh = false
	}
	c.size, c.batch = c.batch.Len(), nil
	return c.err
}

// evict holds the memory of the operators' state to the limit.
func (c *coldState) evict(r exec.Runner) {
	if c != nil && c.limit > 0 {
		r.(pagedRunner).Evict(c.limit)
	}
}
