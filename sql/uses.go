package sql

import (
	"github.com/streamsqld/streamsqld/catalog"
)

// Uses is what the names of a stored text stand for: of those that stand in the text itself, where they stand; not inside the views that it reads.
type Uses struct {
	Tables  map[int]*catalog.Relation // by the position of the name
	Columns map[uint32]map[int]bool   // the columns that are read, by relation, also by the functions that the text calls
	Rows    map[uint32]bool           // relations whose rows are read as one value
	rows    map[int]*catalog.Relation // such rows named with a schema, by position
}

// NewUses is an empty Uses, to be filled by binding a text.
func NewUses() *Uses {
	return &Uses{Tables: map[int]*catalog.Relation{}, Columns: map[uint32]map[int]bool{}, Rows: map[uint32]bool{}, rows: map[int]*catalog.Relation{}}
}

// inside is what the body of a function notes: no positions, which are those of another text.
func (u *Uses) inside() *Uses {
	if u == nil {
		return nil
	}
	return &Uses{Columns: u.Columns, Rows: u.Rows}
}

func (u *Uses) table(rel *catalog.Relation, pos int) {
	if u != nil && u.Tables != nil {
		u.Tables[pos] = rel
	}
}

func (u *Uses) column(c *scol) {
	if u == nil || c.rel == 0 || c.att <= 0 {
		return
	}
	if u.Columns[c.rel] == nil {
		u.Columns[c.rel] = map[int]bool{}
	}
	u.Columns[c.rel][int(c.att)-1] = true
}

func (u *Uses) row(src *source, names []string, pos int) {
	if u == nil || src.rel == nil {
		return
	}
	if u.Rows[src.rel.OID] = true; u.rows != nil && len(names) > 1 {
		u.rows[pos] = src.rel
	}
}
