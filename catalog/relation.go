package catalog

import (
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// Kind says what a relation is.
type Kind string

const (
	Stream   Kind = "stream"
	Table    Kind = "table"
	View     Kind = "view"
	MatView  Kind = "materialized view"
	Sink     Kind = "sink"
	Sequence Kind = "sequence"
	System   Kind = "system" // a virtual table of pg_catalog, information_schema or streamsql
	State    Kind = "state"  // an operator's state, read by state_rows; it is in no catalog
	Given    Kind = "given"  // rows that a statement has at hand; it is in no catalog
)

// Option is one key and value of a WITH list, in the order written.
type Option struct{ Key, Value string }

// Options are the WITH list of an object.
type Options []Option

// Get gives the value of key; ok is false where it was not given.
func (o Options) Get(key string) (value string, ok bool) {
	for _, x := range o {
		if x.Key == key {
			return x.Value, true
		}
	}
	return "", false
}

// With gives o with key set to value.
func (o Options) With(key, value string) Options {
	n := make(Options, 0, len(o)+1)
	for _, x := range o {
		if x.Key != key {
			n = append(n, x)
		}
	}
	return append(n, Option{key, value})
}

// Column is a column of a relation.
type Column struct {
	Name      string
	Type      types.Type
	Domain    uint32 `json:",omitempty"` // the domain over Type that it was declared with
	NotNull   bool
	Default   string // SQL text of the default; "" none
	Generated string // SQL text of GENERATED ALWAYS AS (...) STORED; "" none
	Identity  string // "", "always", "by default"
	// Hidden columns (the file source's _file_name and _file_mtime, a memory sink's _batch_id and _op) are readable by name and not in *.
	Hidden  bool
	Comment string
	Dropped bool
	Store   *ColumnStore `json:",omitempty"` // what ALTER COLUMN said of its storage
}

// ColumnStore is how PostgreSQL would store a column. The server keeps it for the catalogs; it has no effect here.
type ColumnStore struct {
	Statistics  *int    `json:",omitempty"`
	Storage     string  `json:",omitempty"` // pg_attribute.attstorage
	Compression string  `json:",omitempty"` // pg_attribute.attcompression
	Params      Options `json:",omitempty"` // pg_attribute.attoptions
}

// TableStore is how PostgreSQL would store a table and its indexes. The server keeps it for the catalogs; it has no effect here.
type TableStore struct {
	Params   Options            `json:",omitempty"` // storage parameters
	Indexes  map[string]Options `json:",omitempty"` // those of indexes, by name
	Unlogged bool               `json:",omitempty"`
	Cluster  string             `json:",omitempty"` // the index that CLUSTER goes by
	Replica  string             `json:",omitempty"` // replica identity: "", "full", "nothing", or "index " and its name
}

// Watermark is WATERMARK FOR column AS column - delay.
type Watermark struct {
	Column int   // index into Columns
	Delay  int64 // µs; months and days of the interval are counted as 30 days and 24 hours
	SQL    string
}

// Check is a CHECK constraint.
type Check struct {
	Name, SQL string
	Shown     string `json:",omitempty"` // SQL as the catalog shows it; "": as written
	NotValid  bool   `json:",omitempty"` // rows from before it were not looked at
	Comment   string `json:",omitempty"` // of a domain's
}

// Unique is a UNIQUE constraint or index.
type Unique struct {
	Name  string
	Cols  []int     // nil: over expressions or a part of the rows, as Def says
	Index bool      // made by CREATE UNIQUE INDEX
	Def   *IndexDef `json:",omitempty"` // nil: ascending over Cols
	// PrimaryKey: it is the primary key, a deferrable one. Rows are not stored by it.
	PrimaryKey  bool `json:",omitempty"`
	NotDistinct bool `json:",omitempty"` // NULLs equal each other
	// Deferrable and Deferred are as in ForeignKey; the check of a deferrable key comes at the end of the statement, or of the transaction.
	Deferrable bool `json:",omitempty"`
	Deferred   bool `json:",omitempty"`
}

// Index is a plain index. The storage makes it when a query first asks for it.
type Index struct {
	Name string
	Cols []int     // nil: over expressions or a part of the rows, which no query uses
	SQL  string    // the CREATE INDEX statement
	Def  *IndexDef `json:",omitempty"` // nil: ascending over Cols
}

// IndexDef is what CREATE INDEX says besides plain columns.
type IndexDef struct {
	Keys    []IndexKey
	Include []int  `json:",omitempty"`
	Where   string `json:",omitempty"` // SQL text of the condition of a partial index
	Shown   string `json:",omitempty"` // Where as the catalog shows it
	Method  string `json:",omitempty"` // "": btree
}

// IndexKey is one key of an index.
type IndexKey struct {
	Col        int    // -1: an expression
	SQL        string `json:",omitempty"` // text of the expression
	Name       string // what the index calls it: the column, or the function, when it was made
	Shown      string `json:",omitempty"` // SQL as the catalog shows it
	Desc       bool   `json:",omitempty"`
	NullsFirst bool   `json:",omitempty"`
}

// Plain says whether an index is over columns of all rows.
func (d *IndexDef) Plain() bool {
	return d == nil || d.Where == "" && !slices.ContainsFunc(d.Keys, func(k IndexKey) bool { return k.Col < 0 })
}

// ForeignKey is a FOREIGN KEY constraint.
type ForeignKey struct {
	Name     string
	Cols     []int
	Table    uint32
	RefCols  []int
	OnDelete string
	OnUpdate string
	Full     bool `json:",omitempty"` // MATCH FULL: all columns are NULL or none
	// Deferrable: SET CONSTRAINTS can put its check off until the transaction ends; Deferred: that is so from the beginning.
	Deferrable bool `json:",omitempty"`
	Deferred   bool `json:",omitempty"`
	NotValid   bool `json:",omitempty"` // rows from before it were not looked at
}

// Relation is a stream, table, view, materialized view or sink.
type Relation struct {
	OID     uint32
	Schema  string
	Name    string
	Kind    Kind
	Columns []Column
	Options Options // as written, keys lower case

	Watermark   *Watermark // of a stream
	Primary     []int      // primary key columns of a table
	PrimaryName string
	Uniques     []Unique
	Checks      []Check
	Foreign     []ForeignKey
	Indexes     []Index
	Seq         *SeqDef // of a sequence
	Storage     uint32  // of a table that was rewritten: the number under which its rows are stored; 0: OID

	Store *TableStore `json:",omitempty"` // what CREATE and ALTER said of its storage
	Stats *TableStats `json:",omitempty"` // from ANALYZE; nil: it never ran

	// Of views, materialized views and sinks:
	SQL        string      // the defining query's text, with the column names it was bound with
	SearchPath []string    // the search path at CREATE
	Deps       []uint32    // relations it reads
	Functions  []*Function `json:",omitempty"` // the user's functions it calls, directly or not, as they were at CREATE
	// Saw is how many columns, dropped ones among them, a relation had when the text was bound, where it has got more since, by OID: the text's * means those.
	Saw     map[uint32]int `json:",omitempty"`
	Mode    string         // output mode: append, update, complete
	Trigger string         // the trigger option, "default" where none
	Key     []int          // columns that identify a result row (group keys, primary key); empty: the whole row
	Single  bool           // the result never has more than one row (a global aggregate)
	Times   []TimeCol      // of an append-mode view: the columns that carry event time, for the queries that read it
	Order   []OrderCol     // outermost ORDER BY, for complete mode
	From    uint32         // of CREATE SINK ... FROM: the relation; else 0
	Paused  bool           // PAUSE survives a restart
	// Planned is what was known at CREATE of the relations that it reads, by OID, and decided the order of its joins; nil: nothing did.
	Planned map[uint32]*TableStats `json:",omitempty"`

	AsTable bool // a stream declared as a table, APPEND ONLY
	Comment string
	// Comments are those on constraints ("constraint x") and indexes ("index x").
	Comments map[string]string `json:",omitempty"`
	Created  int64             // µs since 1970
}

// TimeCol is a column of an append-mode result that carries event time: once its value plus Close (µs) is not later than the view's watermark, no more rows
// with that value come. Where Every is not 0, all values are From plus a multiple of it (µs).
type TimeCol struct {
	Col         int
	Close       int64
	Every, From int64
}

// OrderCol is one column of a result's order.
type OrderCol struct {
	Col        int
	Desc       bool
	NullsFirst bool
}

// PrimaryKey are the columns of the primary key, which may be deferrable; nil: there is none.
func (r *Relation) PrimaryKey() []int {
	for _, u := range r.Uniques {
		if u.PrimaryKey {
			return u.Cols
		}
	}
	return r.Primary
}

// ChangeKey are the columns under which a row that goes and one that comes are an update; empty: there is one row at most; nil: there are none.
func (r *Relation) ChangeKey() []int {
	switch {
	case r.Kind == Table && len(r.Primary) > 0:
		return r.Primary
	case r.Single:
		return []int{}
	case len(r.Key) > 0:
		return r.Key
	}
	return nil
}

// FullName is schema.name, unquoted.
func (r *Relation) FullName() string { return r.Schema + "." + r.Name }

// Column finds a column by name; -1: there is none.
func (r *Relation) Column(name string) int {
	for i := range r.Columns {
		if r.Columns[i].Name == name && !r.Columns[i].Dropped {
			return i
		}
	}
	return -1
}

// Connector is the connector option, "" for an in-server stream.
func (r *Relation) Connector() string {
	c, _ := r.Options.Get("connector")
	return strings.ToLower(c)
}

// Stored is the number under which the rows are stored.
func (r *Relation) Stored() uint32 {
	if r.Storage != 0 {
		return r.Storage
	}
	return r.OID
}

// IsQuery says whether a continuous query stands behind r.
func (r *Relation) IsQuery() bool { return r.Kind == MatView || r.Kind == Sink }

// Types are the types of the columns, hidden ones included.
func (r *Relation) Types() []types.Type {
	ts := make([]types.Type, len(r.Columns))
	for i, c := range r.Columns {
		ts[i] = c.Type
	}
	return ts
}
