package pgcatalog

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// firstProc is the first OID of functions that PostgreSQL does not have.
const firstProc = 10000

// proc is a function or aggregate as pg_proc shows it.
type proc struct {
	oid      uint32
	name     string
	args     []types.Type
	ret      types.Type
	out      []expr.SetCol
	kind     byte // f function, a aggregate
	vol      byte
	strict   bool
	set      bool
	variadic bool
	defaults int
	doc      string
	user     *catalog.Function // nil: of the server
}

// procs lists the functions and aggregates of package expr, without operators, and the functions that rows of pg_type and pg_cast name. Those that
// PostgreSQL has, too, have its OIDs.
var procs = sync.OnceValue(func() []proc {
	known := map[string]uint32{}
	for _, r := range procData() {
		n, _ := strconv.ParseUint(r[0].(string), 10, 32)
		known[r[1].(string)+" "+r[3].(string)] = uint32(n)
	}
	var out []proc
	used := map[uint32]bool{}
	add := func(p proc) {
		args := make([]string, len(p.args))
		for i, t := range p.args {
			args[i] = strconv.FormatUint(uint64(t.OID), 10)
		}
		p.oid = known[p.name+" "+strings.Join(args, " ")]
		if p.oid == 0 || used[p.oid] {
			p.oid = firstProc + uint32(len(out))
		}
		used[p.oid] = true
		out = append(out, p)
	}
	for _, f := range expr.Funcs() {
		if !expr.IsOperator(f.Name) {
			add(proc{name: f.Name, args: f.Args, ret: f.Ret, out: f.RetCols, kind: 'f', vol: byte(f.Vol), strict: !f.CalledOnNull, set: f.Set != nil,
				variadic: f.Variadic, defaults: f.Defaults, doc: f.Doc})
		}
	}
	for _, a := range expr.Aggs() {
		add(proc{name: a.Name, args: a.Args, ret: a.Ret, kind: 'a', vol: 'i', variadic: a.Variadic, doc: a.Doc})
	}
	for _, r := range procData() {
		if p, ok := ioProc(r); ok && !used[p.oid] {
			used[p.oid] = true
			out = append(out, p)
		}
	}
	return out
})

// procData is oid, name, result, arguments and whether it is shown although it cannot be called: functions of types and casts.
var procData = static("pg_proc.tsv")

// ioProc makes the row of a function of a type or cast; an argument or result that is no type of the server is shown as unknown.
func ioProc(r []any) (proc, bool) {
	if r[4] != "t" {
		return proc{}, false
	}
	typ := func(s string) types.Type {
		n, _ := strconv.ParseUint(s, 10, 32)
		if t, ok := types.ByOID(uint32(n)); ok {
			return t
		}
		return types.Unknown
	}
	oid, _ := strconv.ParseUint(r[0].(string), 10, 32)
	p := proc{oid: uint32(oid), name: r[1].(string), ret: typ(r[2].(string)), kind: 'f', vol: 'i', strict: true}
	for _, a := range strings.Fields(r[3].(string)) {
		p.args = append(p.args, typ(a))
	}
	return p, true
}

// specificName is information_schema's name of one overload.
func (p *proc) specificName() string { return fmt.Sprintf("%s_%d", p.name, p.oid) }

var procsByOID = sync.OnceValue(func() map[uint32]*proc {
	m := map[uint32]*proc{}
	list := procs()
	for i := range list {
		m[list[i].oid] = &list[i]
	}
	return m
})

// FunctionOIDs are the overloads of a name, which may have a schema before it.
func FunctionOIDs(c *catalog.Catalog, name string, path []string) []uint32 {
	var out []uint32
	schema, plain, qualified := strings.Cut(name, ".")
	if !qualified {
		plain = name
	}
	for _, p := range allProcs(c) {
		if p.name == plain && (qualified && p.schema() == schema || !qualified && (p.user == nil || slices.Contains(path, p.user.Schema))) {
			out = append(out, p.oid)
		}
	}
	return out
}

// FunctionName is the name of the function of this OID.
func FunctionName(c *catalog.Catalog, oid uint32) (string, bool) {
	p := procByOID(c, oid)
	if p == nil {
		return "", false
	}
	return p.name, true
}

// FunctionTypes are the types of a function's arguments.
func FunctionTypes(c *catalog.Catalog, oid uint32) ([]types.Type, bool) {
	p := procByOID(c, oid)
	if p == nil {
		return nil, false
	}
	return p.args, true
}

// FunctionVisible says whether a function is found by its name alone.
func FunctionVisible(c *catalog.Catalog, oid uint32, path []string) bool {
	f := c.Function(oid)
	return f == nil || slices.Contains(path, f.Schema)
}

// FunctionArguments is what pg_get_function_arguments answers, or with identity pg_get_function_identity_arguments.
func (t Texts) FunctionArguments(oid uint32, identity bool) (string, bool) {
	p := procByOID(t.Catalog, oid)
	if p == nil {
		return "", false
	}
	if p.user != nil {
		return t.arguments(p.user, identity), true
	}
	var out []string
	for i, typ := range p.args {
		s := typ.String()
		if p.variadic && i == len(p.args)-1 {
			s = "VARIADIC " + s
		}
		out = append(out, s)
	}
	for _, c := range p.out {
		out = append(out, "OUT "+quote(c.Name)+" "+c.Type.String())
	}
	return strings.Join(out, ", "), true
}

// FunctionResult is what pg_get_function_result answers.
func FunctionResult(c *catalog.Catalog, oid uint32) (string, bool) {
	p := procByOID(c, oid)
	if p == nil {
		return "", false
	}
	if p.user != nil {
		return result(c, p.user), true
	}
	if p.set {
		return "SETOF " + p.ret.String(), true
	}
	return p.ret.String(), true
}

// FunctionDoc is the description of a function.
func FunctionDoc(c *catalog.Catalog, oid uint32) (string, bool) {
	p := procByOID(c, oid)
	if p == nil {
		return "", false
	}
	return p.doc, p.doc != ""
}
