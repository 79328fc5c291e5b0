package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// pgProc is pg_catalog.pg_proc: the functions and aggregates.
var pgProc = pg("pg_proc", 1255, false, procRows, []col{
	{"oid", types.OID}, {"proname", types.Name}, {"pronamespace", types.OID}, {"proowner", types.OID}, {"prolang", types.OID},
	{"procost", types.Float4}, {"prorows", types.Float4}, {"provariadic", types.OID}, {"prosupport", types.RegProc},
	{"prokind", types.Char}, {"prosecdef", types.Bool}, {"proleakproof", types.Bool}, {"proisstrict", types.Bool},
	{"proretset", types.Bool}, {"provolatile", types.Char}, {"proparallel", types.Char}, {"pronargs", types.Int2},
	{"pronargdefaults", types.Int2}, {"prorettype", types.OID}, {"proargtypes", types.OIDVector}, {"proallargtypes", oidArray},
	{"proargmodes", charArray}, {"proargnames", textArray}, {"proargdefaults", types.PgNodeTree}, {"protrftypes", oidArray},
	{"prosrc", types.Text}, {"probin", types.Text}, {"prosqlbody", types.PgNodeTree}, {"proconfig", textArray}, {"proacl", aclArray},
})

func procRows(e *Env) [][]any {
	var rows [][]any
	for _, p := range allProcs(e.Catalog) {
		args := make([]string, len(p.args))
		for i, t := range p.args {
			args[i] = strconv.FormatUint(uint64(t.OID), 10)
		}
		variadic, perRow := uint32(0), 0
		if p.variadic {
			variadic = p.args[len(p.args)-1].OID
			if t := p.args[len(p.args)-1]; t.IsArray() {
				variadic = t.Elem().OID
			}
		}
		if p.set {
			perRow = 1000
		}
		var allTypes, modes, names any
		if p.out != nil {
			allTypes, modes, names = p.outArrays(args)
		}
		if p.user != nil {
			rows = append(rows, userProcRow(e, &p, args, variadic, perRow))
			continue
		}
		rows = append(rows, []any{p.oid, p.name, pgCatalogOID, owner, internalLanguage, 1, perRow, variadic, 0, string(p.kind), false, false, p.strict, p.set,
			string(p.vol), "s", len(args), p.defaults, p.ret.OID, strings.Join(args, " "), allTypes, modes, names, nil, nil, p.name, nil, nil, nil, nil})
	}
	return rows
}

// outArrays are proallargtypes, proargmodes and proargnames of a function with more than one result column.
func (p *proc) outArrays(args []string) (allTypes, modes, names string) {
	ts := append([]string(nil), args...)
	ms, ns := make([]string, len(args)), make([]string, len(args))
	for i := range args {
		ms[i], ns[i] = "i", `""`
	}
	for _, c := range p.out {
		ts, ms, ns = append(ts, strconv.FormatUint(uint64(c.Type.OID), 10)), append(ms, "o"), append(ns, c.Name)
	}
	list := func(s []string) string { return "{" + strings.Join(s, ",") + "}" }
	return list(ts), list(ms), list(ns)
}

// userProcRow is the row of a user's function.
func userProcRow(e *Env, p *proc, args []string, variadic uint32, perRow int) []any {
	f := p.user
	allTypes, modes, names := argArrays(f)
	language, cost, source, body := sqlLanguage, any(100), any(f.Body), any(nil)
	if f.Language == "wasm" {
		language = wasmLanguage
	}
	if f.Cost != "" {
		cost = f.Cost
	}
	rows := any(perRow)
	if f.Rows != "" {
		rows = f.Rows
	}
	if f.Return {
		source, body = "", "RETURN "+f.Body
	}
	var defaults []string
	for _, a := range f.Args {
		if a.Default != "" {
			defaults = append(defaults, a.Default)
		}
	}
	var defs any
	if defaults != nil {
		defs = strings.Join(defaults, ", ")
	}
	return []any{p.oid, p.name, namespaceOID(e, f.Schema), owner, language, cost, rows, variadic, 0, string(p.kind), false, f.Leakproof, p.strict, p.set,
		string(p.vol), string(f.Parallel), len(args), p.defaults, p.ret.OID, strings.Join(args, " "), allTypes, modes, names, defs, nil, source, nil, body, nil, nil}
}
