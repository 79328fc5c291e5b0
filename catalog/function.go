package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// FuncArg is an input argument of a function.
type FuncArg struct {
	Name     string // "": none
	Type     types.Type
	Default  string `json:",omitempty"` // SQL text; "" none
	Variadic bool   `json:",omitempty"` // the last one, an array that gathers the rest
	InOut    bool   `json:",omitempty"` // a result column, too
}

// FuncCol is a result column of a function with OUT arguments or RETURNS TABLE, or of a table's row type.
type FuncCol struct {
	Name string
	Type types.Type
}

// Function is a function or aggregate that a user made. It must not change once it is put into the catalog.
type Function struct {
	OID        uint32
	Schema     string
	Name       string
	Aggregate  bool `json:",omitempty"`
	Args       []FuncArg
	Returns    types.Type
	SetOf      bool      `json:",omitempty"`
	Cols       []FuncCol `json:",omitempty"` // more than a single value; of OUT arguments and RETURNS TABLE also a single one
	Table      bool      `json:",omitempty"` // RETURNS TABLE
	RowOf      uint32    `json:",omitempty"` // the relation whose rows it returns
	Language   string    // "sql", "wasm"
	Volatility byte      // as provolatile: i, s, v
	Strict     bool      `json:",omitempty"`
	Leakproof  bool      `json:",omitempty"`
	Parallel   byte      // as proparallel: s, r, u
	Cost, Rows string    `json:",omitempty"` // as written; "" not at all
	Body       string    // SQL text, or of wasm the name of the module (its hash)
	Return     bool      `json:",omitempty"` // Body is the expression of RETURN
	SearchPath []string  // the search path at CREATE, under which the body is read
	Options    Options   `json:",omitempty"`
	Deps       []uint32  `json:",omitempty"` // relations and functions that the body of RETURN names
	Comment    string    `json:",omitempty"`
	Created    int64     // µs since 1970
}

// FullName is schema.name, unquoted.
func (f *Function) FullName() string { return f.Schema + "." + f.Name }

// ArgTypes are the types of the input arguments.
func (f *Function) ArgTypes() []types.Type {
	out := make([]types.Type, len(f.Args))
	for i, a := range f.Args {
		out[i] = a.Type
	}
	return out
}

// Signature is name(types), as errors name a function.
func (f *Function) Signature() string { return f.Name + "(" + TypeList(f.ArgTypes()) + ")" }

// Kind is the word for what f is: function, aggregate.
func (f *Function) Kind() string {
	if f.Aggregate {
		return "aggregate"
	}
	return "function"
}

// TypeList is the types with commas between them.
func TypeList(ts []types.Type) string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = t.Base().String()
	}
	return strings.Join(out, ", ")
}

// SameArgs says whether f takes exactly these types.
func (f *Function) SameArgs(ts []types.Type) bool {
	return slices.EqualFunc(f.ArgTypes(), ts, func(a, b types.Type) bool { return a.Is(b) })
}

func (c *Catalog) putFunction(f *Function) {
	c.takeFunction(f.OID)
	c.funcs[f.OID] = f
	list := append(slices.Clone(c.named[f.FullName()]), f)
	sort.Slice(list, func(i, j int) bool { return list[i].OID < list[j].OID })
	c.named[f.FullName()] = list
	c.next = max(c.next, f.OID+1)
	c.changed()
}

// takeFunction makes room: lists that readers may hold are not changed.
func (c *Catalog) takeFunction(oid uint32) {
	old := c.funcs[oid]
	if old == nil {
		return
	}
	delete(c.funcs, oid)
	c.named[old.FullName()] = slices.DeleteFunc(slices.Clone(c.named[old.FullName()]), func(f *Function) bool { return f.OID == oid })
}

// PutFunction makes f visible, in place of an older one of its OID.
func (c *Catalog) PutFunction(f *Function) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.putFunction(f)
}

// RemoveFunction makes f invisible.
func (c *Catalog) RemoveFunction(f *Function) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.takeFunction(f.OID)
	c.changed()
}

func funcKey(oid uint32) []byte { return fmt.Appendf(nil, "c/f/%010d", oid) }

// WriteFunction puts the stored form of f into w, and WriteDropFunction its removal.
func (c *Catalog) WriteFunction(w Writer, f *Function) error {
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return w.Set(funcKey(f.OID), b)
}

func (c *Catalog) WriteDropFunction(w Writer, f *Function) error { return w.Delete(funcKey(f.OID)) }

// Function gives a function by its OID, nil: there is none.
func (c *Catalog) Function(oid uint32) *Function {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.funcs[oid]
}

// FunctionsNamed lists the overloads of a name in a schema. The caller must not change the list.
func (c *Catalog) FunctionsNamed(schema, name string) []*Function {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.named[schema+"."+name]
}

// Functions lists the user's functions by OID.
func (c *Catalog) Functions() []*Function {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*Function, 0, len(c.funcs))
	for _, f := range c.funcs {
		out = append(out, f)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].OID < out[j].OID })
	return out
}

// FunctionsOver lists the functions that depend on a relation: by the body of RETURN, or by its rows as their result.
func (c *Catalog) FunctionsOver(oid uint32) []*Function {
	return slices.DeleteFunc(c.Functions(), func(f *Function) bool { return f.RowOf != oid && !slices.Contains(f.Deps, oid) })
}
