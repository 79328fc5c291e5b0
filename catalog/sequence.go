package catalog

import "github.com/streamsqld/streamsqld/types"

// SeqDef is what CREATE SEQUENCE said: how a sequence counts, and the column that owns it.
type SeqDef struct {
	Type      types.Type
	Start     int64
	Increment int64
	Min, Max  int64
	Cache     int64
	Cycle     bool
	Table     uint32 // OID of the table of the owning column; 0: none
	Column    int    // the owning column
	Identity  bool   // it numbers an identity column
}

// SequenceColumns are the columns of a sequence read as a table.
func SequenceColumns() []Column {
	return []Column{{Name: "last_value", Type: types.Int8, NotNull: true}, {Name: "log_cnt", Type: types.Int8, NotNull: true},
		{Name: "is_called", Type: types.Bool, NotNull: true}}
}

// SequenceOf finds the sequence that a column owns; nil: there is none.
func (c *Catalog) SequenceOf(table uint32, column int) *Relation {
	for _, r := range c.Relations() {
		if r.Kind == Sequence && r.Seq.Table == table && r.Seq.Column == column {
			return r
		}
	}
	return nil
}

// OwnedSequences lists the sequences that columns of a table own.
func (c *Catalog) OwnedSequences(table uint32) []*Relation {
	var out []*Relation
	for _, r := range c.Relations() {
		if r.Kind == Sequence && r.Seq.Table == table {
			out = append(out, r)
		}
	}
	return out
}
