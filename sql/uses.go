package sql

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
)

// Uses is what the names of a stored text stand for: of those that stand in the text itself, where they stand; not inside the views that it reads.
type Uses struct {
	Tables  map[int]*catalog.Relation // by the position of the name
	Columns map[uint32]map[int]bool   // the columns that are read, by relation, also by the functions that the text calls
	Reads   map[uint32]bool           // relations, functions and types that are named, also by the functions that the text calls
	Rows    map[uint32]bool           // relations whose rows are read as one value
	rows    map[int]*catalog.Relation // such rows named with a schema, by position
}

// NewUses is an empty Uses, to be filled by binding a text.
func NewUses() *Uses {
	return &Uses{Tables: map[int]*catalog.Relation{}, Columns: map[uint32]map[int]bool{}, Rows: map[uint32]bool{}, Reads: map[uint32]bool{}, rows: map[int]*catalog.Relation{}}
}

// inside is what the body of f notes: no positions, which are those of another text. What a body of RETURN names is that function's own concern.
func (u *Uses) inside(f *catalog.Function) *Uses {
	if u == nil {
		return nil
	}
	in := &Uses{Columns: u.Columns, Rows: u.Rows, Reads: u.Reads}
	if f.Return {
		in.Reads = map[uint32]bool{}
	}
	return in
}

// BodyUses is what the body of a function in SQL reads.
func BodyUses(f *catalog.Function, env *Env) (*Uses, error) {
	q, err := parseBody(f.Body, f.Return)
	if err != nil {
		return nil, err
	}
	b := newBinder(env)
	b.uses, b.checking = NewUses(), true
	u := b.uses
	c := &userCall{fn: f, ret: f.Returns}
	for i, a := range f.Args {
		c.args = append(c.args, &expr.Column{Idx: i, Name: a.Name, Typ: a.Type})
	}
	fs := c.scope()
	leave := b.enter(f, &frame{f, fs})
	defer leave()
	_, err = b.query(q, fs, true)
	return u, err
}

func (u *Uses) table(rel *catalog.Relation, pos int) {
	if u.read(rel.OID); u != nil && u.Tables != nil {
		u.Tables[pos] = rel
	}
}

// read notes that an object is named.
func (u *Uses) read(oid uint32) {
	if u != nil {
		u.Reads[oid] = true
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
