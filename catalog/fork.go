package catalog

import (
	"maps"
	"slices"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// objects are what a transaction may change.
type objects struct {
	rels    map[uint32]*Relation
	funcs   map[uint32]*Function
	types   map[uint32]*UserType
	schemas map[string]*Schema
	notes   map[uint32]*Note
}

func (c *Catalog) objects() objects {
	return objects{maps.Clone(c.byOID), maps.Clone(c.funcs), maps.Clone(c.types), maps.Clone(c.schemas), maps.Clone(c.notes)}
}

// Fork gives a catalog of its own to a transaction: what is changed in it is seen by nobody else until Merge.
func (c *Catalog) Fork() *Catalog {
	c.mu.RLock()
	defer c.mu.RUnlock()
	was, now := c.objects(), c.objects()
	f := &Catalog{next: c.next, byOID: now.rels, funcs: now.funcs, types: now.types, schemas: now.schemas, notes: now.notes, system: c.system, was: &was, version: c.version,
		byName: maps.Clone(c.byName), named: maps.Clone(c.named), typed: maps.Clone(c.typed)}
	return f
}

// changes calls f for each key whose value differs.
func changes[K comparable, V any](was, now map[K]*V, f func(key K, was, now *V)) {
	for k, n := range now {
		if w := was[k]; w != n {
			f(k, w, n)
		}
	}
	for k, w := range was {
		if now[k] == nil {
			f(k, w, nil)
		}
	}
}

// CheckMerge says whether what was changed in the fork f can be merged: nobody else has changed the same objects, taken their names, or dropped what they
// read, or made what reads those that are dropped. Errors: 40001, 42P07, 42710, 42P06.
func (c *Catalog) CheckMerge(f *Catalog) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var err error
	fail := func(code, format string, args ...any) {
		if err == nil {
			err = sqlerr.New(code, format, args...)
		}
	}
	lost := func(ok bool) {
		if !ok {
			fail(sqlerr.SerializationFailure, "could not serialize access due to concurrent update")
		}
	}
	changes(f.was.rels, f.byOID, func(oid uint32, was, now *Relation) {
		if lost(c.byOID[oid] == was || c.byOID[oid] == now); now == nil {
			for _, r := range c.byOID {
				lost(!slices.Contains(r.Deps, oid) || f.was.rels[r.OID] != nil)
			}
			return
		}
		for _, dep := range now.Deps {
			lost(c.unchanged(f, dep))
		}
		if o := c.byName[now.FullName()]; o != nil && o.OID != oid && f.byOID[o.OID] == nil {
			fail(sqlerr.DuplicateTable, "relation %q already exists", now.Name)
		}
		lost(c.schemas[now.Schema] != nil || f.was.schemas[now.Schema] == nil)
	})
	changes(f.was.funcs, f.funcs, func(oid uint32, was, now *Function) { lost(c.funcs[oid] == was || c.funcs[oid] == now) })
	changes(f.was.types, f.types, func(oid uint32, was, now *UserType) {
		if lost(c.types[oid] == was || c.types[oid] == now); now == nil {
			return
		}
		if o := c.typed[now.FullName()]; o != nil && o.OID != oid && f.types[o.OID] == nil {
			fail(sqlerr.DuplicateObject, "type %q already exists", now.Name)
		}
	})
	changes(f.was.schemas, f.schemas, func(name string, was, now *Schema) {
		if c.schemas[name] != was && c.schemas[name] != now {
			fail(sqlerr.DuplicateSchema, "schema %q already exists", name)
		}
	})
	return err
}

// unchanged says whether what a relation of the fork f reads still is what it was when the fork began; what the fork itself made or changed is.
func (c *Catalog) unchanged(f *Catalog, oid uint32) bool {
	switch was := f.was.rels[oid]; {
	case was != nil && f.byOID[oid] == was:
		now := c.byOID[oid]
		return now == was || now != nil && now.FullName() == was.FullName() && slices.Equal(now.Columns, was.Columns)
	case f.was.funcs[oid] != nil:
		return c.funcs[oid] != nil
	case f.was.types[oid] != nil:
		return c.types[oid] != nil
	}
	return true
}

// Merge makes what was changed in the fork f visible.
func (c *Catalog) Merge(f *Catalog) {
	c.mu.Lock()
	defer c.mu.Unlock()
	changes(f.was.schemas, f.schemas, func(name string, _, now *Schema) {
		if c.schemas[name] = now; now == nil {
			delete(c.schemas, name)
		}
	})
	changes(f.was.rels, f.byOID, func(oid uint32, _, now *Relation) {
		if old := c.byOID[oid]; old != nil {
			delete(c.byOID, oid)
			if c.byName[old.FullName()] == old {
				delete(c.byName, old.FullName())
			}
		}
		if now != nil {
			c.put(now)
		}
	})
	changes(f.was.types, f.types, func(oid uint32, _, now *UserType) {
		if old := c.types[oid]; old != nil {
			delete(c.types, oid)
			if c.typed[old.FullName()] == old {
				delete(c.typed, old.FullName())
			}
		}
		if now != nil {
			c.putType(now)
		}
	})
	changes(f.was.funcs, f.funcs, func(oid uint32, _, now *Function) {
		if now != nil {
			c.putFunction(now)
		} else {
			c.takeFunction(oid)
		}
	})
	changes(f.was.notes, f.notes, func(oid uint32, _, now *Note) { c.notes[oid] = now })
	c.changed()
}

// changed gives the catalog a version that no catalog of the process had.
func (c *Catalog) changed() { c.version = versions.Add(1) }
