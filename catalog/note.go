package catalog

import (
	"encoding/json"
	"fmt"
)

// Note is the comment on an object that is no relation of the catalog: the database, a role. Class is the OID of its catalog.
type Note struct {
	Class, OID uint32
	Text       string
}

// Note gives the comment on an object of a class, "": there is none.
func (c *Catalog) Note(class, oid uint32) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if n := c.notes[oid]; n != nil && n.Class == class {
		return n.Text
	}
	return ""
}

// PutNote makes n visible in place of an older comment on its object, and gives that, nil: there was none.
func (c *Catalog) PutNote(n *Note) (old *Note) {
	c.mu.Lock()
	defer c.mu.Unlock()
	old = c.notes[n.OID]
	c.notes[n.OID] = n
	c.changed()
	return old
}

// WriteNote puts the stored form of n into w.
func (c *Catalog) WriteNote(w Writer, n *Note) error {
	b, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return w.Set(fmt.Appendf(nil, "c/n/%010d", n.OID), b)
}
