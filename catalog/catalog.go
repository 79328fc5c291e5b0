package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Writer takes the writes of a change; a batch of the state store is one. The change counts once the batch is committed.
type Writer interface {
	Set(key, value []byte) error
	Delete(key []byte) error
}

// FirstOID is the first OID of user objects, as in PostgreSQL.
const FirstOID = types.FirstUserOID

// lastOID is the highest OID that any catalog of the process has given out or read: package types knows types by their OIDs, so no two
// catalogs may give the same one to different types.
var lastOID atomic.Uint32

// versions counts the changes of all catalogs of the process.
var versions atomic.Uint64

// Schemas that always exist.
const (
	Public     = "public"
	PgCatalog  = "pg_catalog"
	InfoSchema = "information_schema"
	StreamSQL  = "streamsql"
)

// Schema is a namespace.
type Schema struct {
	OID     uint32
	Name    string
	Comment string
}

// Catalog is safe for use by many goroutines. Readers see whole changes.
type Catalog struct {
	mu      sync.RWMutex
	next    uint32
	byOID   map[uint32]*Relation
	byName  map[string]*Relation // schema "." name
	schemas map[string]*Schema
	system  map[string]*Relation // virtual tables, by schema "." name
	funcs   map[uint32]*Function
	named   map[string][]*Function // overloads by schema "." name, in the order of their OIDs
	types   map[uint32]*UserType
	typed   map[string]*UserType // schema "." name
	notes   map[uint32]*Note     // comments on databases and roles, by OID
	version uint64
	was     *objects // of a fork: what it began with
}

// New makes an empty catalog with the built-in schemas and the given virtual tables.
func New(system []*Relation) *Catalog {
	c := &Catalog{next: FirstOID, byOID: map[uint32]*Relation{}, byName: map[string]*Relation{}, schemas: map[string]*Schema{}, system: map[string]*Relation{},
		funcs: map[uint32]*Function{}, named: map[string][]*Function{}, types: map[uint32]*UserType{}, typed: map[string]*UserType{}, notes: map[uint32]*Note{}}
	for oid, n := range map[uint32]string{2200: Public, 11: PgCatalog, 13000: InfoSchema, 13001: StreamSQL} {
		c.schemas[n] = &Schema{OID: oid, Name: n}
	}
	for _, r := range system {
		c.system[r.FullName()] = r
		c.byOID[r.OID] = r
		registerRow(r)
	}
	return c
}

// Load takes one stored entry (of the prefix "c/") in at start.
func (c *Catalog) Load(key, value []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case strings.HasPrefix(string(key), "c/r/"):
		r := new(Relation)
		if err := json.Unmarshal(value, r); err != nil {
			return fmt.Errorf("catalog entry %q: %w", key, err)
		}
		c.put(r)
	case strings.HasPrefix(string(key), "c/f/"):
		f := new(Function)
		if err := json.Unmarshal(value, f); err != nil {
			return fmt.Errorf("catalog entry %q: %w", key, err)
		}
		c.putFunction(f)
	case strings.HasPrefix(string(key), "c/t/"):
		t := new(UserType)
		if err := json.Unmarshal(value, t); err != nil {
			return fmt.Errorf("catalog entry %q: %w", key, err)
		}
		c.putType(t)
	case strings.HasPrefix(string(key), "c/n/"):
		n := new(Note)
		if err := json.Unmarshal(value, n); err != nil {
			return fmt.Errorf("catalog entry %q: %w", key, err)
		}
		c.notes[n.OID] = n
	case strings.HasPrefix(string(key), "c/s/"):
		s := new(Schema)
		if err := json.Unmarshal(value, s); err != nil {
			return fmt.Errorf("catalog entry %q: %w", key, err)
		}
		c.schemas[s.Name] = s
		c.next = max(c.next, s.OID+1)
	}
	return nil
}

func (c *Catalog) put(r *Relation) {
	if old := c.byOID[r.OID]; old != nil && c.byName[old.FullName()] == old {
		delete(c.byName, old.FullName())
	}
	c.byOID[r.OID] = r
	c.byName[r.FullName()] = r
	registerRow(r)
	c.next = max(c.next, r.OID+1, r.Storage+1)
	c.changed()
}

// NextOID hands out an OID.
func (c *Catalog) NextOID() uint32 {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		last := lastOID.Load()
		oid := max(c.next, last+1)
		if lastOID.CompareAndSwap(last, oid) {
			c.next = oid + 1
			return oid
		}
	}
}

// Version grows with every change; plans made under an older version are bound again.
func (c *Catalog) Version() uint64 {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.version
}

func relKey(oid uint32) []byte { return fmt.Appendf(nil, "c/r/%010d", oid) }

// Write puts the stored form of r into w. The caller commits w and then calls Put.
func (c *Catalog) Write(w Writer, r *Relation) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return w.Set(relKey(r.OID), b)
}

// Put makes r visible, in place of an older relation of the same OID. r must not change any more.
func (c *Catalog) Put(r *Relation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(r)
}

// WriteDrop puts the removal of r into w. The caller commits w and then calls Remove.
func (c *Catalog) WriteDrop(w Writer, r *Relation) error { return w.Delete(relKey(r.OID)) }

// Remove makes r invisible.
func (c *Catalog) Remove(r *Relation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.byOID, r.OID)
	delete(c.byName, r.FullName())
	c.changed()
}

// WriteSchema, PutSchema, WriteDropSchema and RemoveSchema do the same for schemas.
func (c *Catalog) WriteSchema(w Writer, s *Schema) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return w.Set([]byte("c/s/"+s.Name), b)
}

func (c *Catalog) PutSchema(s *Schema) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.schemas[s.Name] = s
	c.changed()
}

func (c *Catalog) WriteDropSchema(w Writer, name string) error {
	return w.Delete([]byte("c/s/" + name))
}

func (c *Catalog) RemoveSchema(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.schemas, name)
	c.changed()
}

// Schema finds a schema by name, nil: there is none.
func (c *Catalog) Schema(name string) *Schema {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.schemas[name]
}

// Schemas lists the schemas by name.
func (c *Catalog) Schemas() []*Schema {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []*Schema
	for _, s := range c.schemas {
		out = append(out, s)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// ByOID gives a relation, nil: there is none.
func (c *Catalog) ByOID(oid uint32) *Relation {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byOID[oid]
}

// Lookup finds a relation by one, two or three name parts. Unqualified names are looked up in pg_catalog and then along the search path.
// It gives nil where there is none.
func (c *Catalog) Lookup(names []string, searchPath []string) *Relation {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if len(names) == 3 {
		names = names[1:]
	}
	get := func(schema, name string) *Relation {
		if r := c.byName[schema+"."+name]; r != nil {
			return r
		}
		return c.system[schema+"."+name]
	}
	if len(names) == 2 {
		return get(names[0], names[1])
	}
	if !slices.Contains(searchPath, PgCatalog) {
		if r := get(PgCatalog, names[0]); r != nil {
			return r
		}
	}
	for _, s := range searchPath {
		if r := get(s, names[0]); r != nil {
			return r
		}
	}
	return nil
}

// Resolve is Lookup with PostgreSQL's error 42P01.
func (c *Catalog) Resolve(names []string, searchPath []string) (*Relation, error) {
	if r := c.Lookup(names, searchPath); r != nil {
		return r, nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", strings.Join(names, "."))
}

// Relations lists user relations by OID.
func (c *Catalog) Relations() []*Relation {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*Relation, 0, len(c.byName))
	for _, r := range c.byName {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].OID < out[j].OID })
	return out
}

// SystemRelations lists the virtual tables by OID.
func (c *Catalog) SystemRelations() []*Relation {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*Relation, 0, len(c.system))
	for _, r := range c.system {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].OID < out[j].OID })
	return out
}

// Dependents lists the relations that read oid directly, by OID.
func (c *Catalog) Dependents(oid uint32) []*Relation {
	var out []*Relation
	for _, r := range c.Relations() {
		if slices.Contains(r.Deps, oid) {
			out = append(out, r)
		}
	}
	return out
}
