package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// UserType is a type that a user made. It must not change once it is put into the catalog.
type UserType struct {
	OID     uint32
	Array   uint32 // OID of the array type over it
	Schema  string
	Name    string
	Kind    byte          // types.KindEnum ...
	Labels  []types.Label `json:",omitempty"` // of an enum, in their order
	Attrs   []Column      `json:",omitempty"` // of a composite type
	Rel     uint32        `json:",omitempty"` // of a composite type: the OID of its row in pg_class
	Base    types.Type    // of a domain; with its modifier
	Parent  uint32        `json:",omitempty"` // of a domain over another one
	NotNull bool          `json:",omitempty"` // of a domain
	Default string        `json:",omitempty"` // of a domain: SQL text; "" none
	Checks  []Check       `json:",omitempty"` // of a domain: over VALUE
	Comment string        `json:",omitempty"`
	Created int64         // µs since 1970
}

// FullName is schema.name, unquoted.
func (t *UserType) FullName() string { return t.Schema + "." + t.Name }

// Type is t as columns have it.
func (t *UserType) Type() types.Type { return types.Type{OID: t.OID, Mod: -1} }

// ArrayType is the type of arrays of t.
func (t *UserType) ArrayType() types.Type { return types.Type{OID: t.Array, Mod: -1} }

// Domains are the domain with this OID and those that it stands on, itself first.
func (c *Catalog) Domains(oid uint32) []*UserType {
	var out []*UserType
	for t := c.UserType(oid); t != nil && t.Kind == types.KindDomain; t = c.UserType(t.Parent) {
		out = append(out, t)
	}
	return out
}

// Word is the word for what t is: type, domain.
func (t *UserType) Word() string {
	if t.Kind == types.KindDomain {
		return "domain"
	}
	return "type"
}

func (c *Catalog) putType(t *UserType) {
	if old := c.types[t.OID]; old != nil {
		delete(c.typed, old.FullName())
	}
	c.types[t.OID] = t
	c.typed[t.FullName()] = t
	last := max(t.OID, t.Array, t.Rel)
	for _, l := range t.Labels {
		last = max(last, l.OID)
	}
	c.next = max(c.next, last+1)
	u := &types.User{Kind: t.Kind, Schema: t.Schema, Labels: t.Labels, Base: t.Base}
	for _, a := range t.Attrs {
		if !a.Dropped {
			u.Fields = append(u.Fields, types.Field{Name: a.Name, Type: a.Type})
		}
	}
	types.Register(t.Type(), t.Array, t.Name, u)
	c.changed()
}

// PutType makes t visible, in place of an older one of its OID.
func (c *Catalog) PutType(t *UserType) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.putType(t)
}

// RemoveType makes t invisible.
func (c *Catalog) RemoveType(t *UserType) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.types, t.OID)
	delete(c.typed, t.FullName())
	c.changed()
}

func typeKey(oid uint32) []byte { return fmt.Appendf(nil, "c/t/%010d", oid) }

// WriteType puts the stored form of t into w, and WriteDropType its removal.
func (c *Catalog) WriteType(w Writer, t *UserType) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	return w.Set(typeKey(t.OID), b)
}

func (c *Catalog) WriteDropType(w Writer, t *UserType) error { return w.Delete(typeKey(t.OID)) }

// UserType gives a user's type by its OID, nil: there is none.
func (c *Catalog) UserType(oid uint32) *UserType {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.types[oid]
}

// UserTypes lists the users' types by OID.
func (c *Catalog) UserTypes() []*UserType {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*UserType, 0, len(c.types))
	for _, t := range c.types {
		out = append(out, t)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].OID < out[j].OID })
	return out
}

// FindUserType finds a user's type by its name, nil where there is none.
func (c *Catalog) FindUserType(names, searchPath []string) *UserType {
	c.mu.RLock()
	defer c.mu.RUnlock()
	name, schemas := names[len(names)-1], searchPath
	if len(names) > 1 {
		schemas = names[len(names)-2 : len(names)-1]
	}
	for _, s := range schemas {
		if t := c.typed[s+"."+name]; t != nil {
			return t
		}
	}
	return nil
}

// FindType finds a type, built in or a user's, by its name: of one or two parts as in pg_type, _name for the array over a user's.
func (c *Catalog) FindType(names, searchPath []string) (types.Type, bool) {
	name := names[len(names)-1]
	if len(names) == 1 && (!slices.Contains(searchPath, PgCatalog) || searchPath[0] == PgCatalog) || len(names) > 1 && names[len(names)-2] == PgCatalog {
		if t, ok := types.Lookup(name); ok {
			return t, true
		}
	}
	if t := c.FindUserType(names, searchPath); t != nil {
		return t.Type(), true
	}
	if r := c.Lookup(names, searchPath); r != nil {
		return r.RowType(), true
	}
	if elem, ok := strings.CutPrefix(name, "_"); ok {
		if t, ok := c.FindType(append(slices.Clone(names[:len(names)-1]), elem), searchPath); ok && t.OID >= types.FirstUserOID {
			return t.Array()
		}
	}
	if len(names) == 1 && slices.Contains(searchPath, PgCatalog) {
		return types.Lookup(name)
	}
	return types.Type{}, false
}
