package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// catalogFuncs are what clients' catalog statements call.
func catalogFuncs() []*Func {
	X, O, B, I, N := types.Text, types.OID, types.Bool, types.Int4, types.Name
	s1 := func(f *Func) *Func { return vol(Stable, f) }
	described := func(ctx *Ctx, oid, class uint32, sub int32) (string, error) {
		if ctx.Catalog == nil {
			return "", errNull
		}
		return orNull(ctx.Catalog.Description(oid, class, sub))
	}
	catalogOID := map[string]uint32{"pg_class": 1259, "pg_type": 1247, "pg_proc": 1255, "pg_namespace": 2615, "pg_database": 1262, "pg_constraint": 2606, "pg_attribute": 1249,
		"pg_authid": 1260, "pg_roles": 1260}
	visible := func(name string) *Func {
		return s1(p1(name, O, B, func(uint32) bool { return true }, "whether it is found without its schema"))
	}
	fs := []*Func{
		{Name: "format_type", Args: args(O, I), Ret: X, CalledOnNull: true, Vol: Stable, Kernel: formatType, Doc: "name of a type with its modifier"},
		s1(f1("pg_table_is_visible", O, B, func(ctx *Ctx, oid uint32) (bool, error) {
			if ctx.Catalog == nil {
				return false, errNull
			}
			v, ok := ctx.Catalog.RelationVisible(oid, searchPath(ctx))
			if !ok {
				return false, errNull
			}
			return v, nil
		}, "whether a relation is found without its schema")),
		visible("pg_type_is_visible"), functionVisible(), visible("pg_operator_is_visible"), visible("pg_collation_is_visible"),
		visible("pg_conversion_is_visible"), visible("pg_opclass_is_visible"), visible("pg_opfamily_is_visible"), visible("pg_statistics_obj_is_visible"),
		visible("pg_ts_config_is_visible"), visible("pg_ts_dict_is_visible"), visible("pg_ts_parser_is_visible"), visible("pg_ts_template_is_visible"),
		s1(f0("getdatabaseencoding", N, func(*Ctx) (string, error) { return "UTF8", nil }, "name of the encoding of the database")),
		s1(f1("pg_get_userbyid", O, N, func(ctx *Ctx, oid uint32) (string, error) {
			if oid == ownerOID && ctx.Session != nil {
				return ctx.Session.User(), nil
			}
			return "unknown (OID=" + regOut(ctx, types.OID, oid) + ")", nil
		}, "name of a role")),
		s1(f2("obj_description", O, N, X, func(ctx *Ctx, oid uint32, class string) (string, error) {
			return described(ctx, oid, catalogOID[class], 0)
		}, "comment on an object")),
		s1(f1("obj_description", O, X, func(ctx *Ctx, oid uint32) (string, error) { return described(ctx, oid, 0, 0) }, "comment on an object")),
		s1(f2("shobj_description", O, N, X, func(ctx *Ctx, oid uint32, class string) (string, error) {
			return described(ctx, oid, catalogOID[class], 0)
		}, "comment on a shared object")),
		s1(f2("col_description", O, I, X, func(ctx *Ctx, oid uint32, n int32) (string, error) { return described(ctx, oid, 1259, n) }, "comment on a column")),
		s1(p1("pg_encoding_to_char", I, N, func(n int32) string { return pick(n == 6, "UTF8", "") }, "name of an encoding")),
		s1(p1("pg_char_to_encoding", N, I, func(s string) int32 { return pickInt(s == "UTF8", 6, -1) }, "number of an encoding")),
		s1(f1("to_regclass", X, types.RegClass, toReg(types.RegClass), "relation of a name")),
		s1(f1("to_regtype", X, types.RegType, toReg(types.RegType), "type of a name")),
		s1(f1("to_regnamespace", X, types.RegNS, toReg(types.RegNS), "schema of a name")),
		s1(f1("to_regrole", X, types.RegRole, toReg(types.RegRole), "role of a name")),
		s1(f1("to_regprocedure", X, types.RegProcedure, toReg(types.RegProcedure), "function of a name and types of arguments")),
		s1(f1("to_regproc", X, types.RegProc, toReg(types.RegProc), "function of a name")),
		{Name: "pg_relation_is_publishable", Args: args(types.RegClass), Ret: B, Vol: Stable, Kernel: constKernel(B, false), Doc: "always false"},
		s1(p1("pg_size_pretty", types.Int8, X, sizePretty, "size as people read it")),
		s1(p1("pg_cancel_backend", I, B, func(int32) bool { return false }, "always false: use CancelRequest")),
		s1(p1("pg_terminate_backend", I, B, func(int32) bool { return false }, "always false")),
		s1(p1("pg_tablespace_location", O, X, func(uint32) string { return "" }, "always empty")),
	}
	for _, name := range []string{"pg_table_size", "pg_relation_size", "pg_total_relation_size", "pg_indexes_size"} {
		fs = append(fs, s1(p1(name, types.RegClass, types.Int8, func(uint32) int64 { return 0 }, "size of a relation on disk: not known, 0")))
	}
	fs = append(fs, s1(p1("pg_database_size", N, types.Int8, func(string) int64 { return 0 }, "size of a database: not known, 0")),
		s1(p1("pg_tablespace_size", O, types.Int8, func(uint32) int64 { return 0 }, "size of a tablespace: not known, 0")),
		s1(p1("pg_database_size", O, types.Int8, func(uint32) int64 { return 0 }, "size of a database: not known, 0")))
	return append(append(fs, definitionFuncs()...), privilegeFuncs()...)
}

func pickInt(cond bool, yes, no int32) int32 {
	if cond {
		return yes
	}
	return no
}

// toReg looks a name up and gives NULL where there is nothing.
func toReg(t types.Type) func(*Ctx, string) (uint32, error) {
	return func(ctx *Ctx, s string) (uint32, error) {
		oid, err := regIn(ctx, t, s)
		if err != nil {
			return 0, errNull
		}
		return oid, nil
	}
}

func formatType(ctx *Ctx, n int, vs []Vec) (Vec, error) {
	oid := read[uint32](vs[0])
	return write(types.Text, n, andValid(n, vs[0]), func(i int) (string, error) {
		t, ok := types.ByOID(oid(i))
		switch {
		case oid(i) == 0:
			return "-", nil
		case !ok:
			return "???", nil
		}
		if !vs[1].IsNull(i) {
			t.Mod = values[int32](vs[1].Arr)[vs[1].Idx(i)]
		}
		return typeText(ctx, t), nil
	})
}

// FunctionCatalog is what a Catalog may know of functions besides.
type FunctionCatalog interface {
	FunctionOIDs(name string, path []string) []uint32
	FunctionVisible(oid uint32, path []string) bool
	FunctionName(oid uint32) (string, bool)
	FunctionTypes(oid uint32) ([]types.Type, bool)
	FunctionArguments(oid uint32) (string, bool)
	FunctionIdentity(oid uint32) (string, bool)
	FunctionResult(oid uint32) (string, bool)
	FunctionDef(oid uint32) (string, bool)
}

// function makes a lookup of a function's OID; NULL where the Catalog knows no functions.
func function(name string, get func(FunctionCatalog, uint32) (string, bool), doc string) *Func {
	return vol(Stable, f1(name, types.OID, types.Text, func(ctx *Ctx, oid uint32) (string, error) {
		if c, ok := ctx.Catalog.(FunctionCatalog); ok {
			return orNull(get(c, oid))
		}
		return "", errNull
	}, doc))
}

// functionVisible is pg_function_is_visible.
func functionVisible() *Func {
	return vol(Stable, f1("pg_function_is_visible", types.OID, types.Bool, func(ctx *Ctx, oid uint32) (bool, error) {
		c, ok := ctx.Catalog.(FunctionCatalog)
		return !ok || c.FunctionVisible(oid, searchPath(ctx)), nil
	}, "whether the name is found without a schema"))
}

// definitionFuncs give the SQL of catalog objects.
func definitionFuncs() []*Func {
	X, O, B, I := types.Text, types.OID, types.Bool, types.Int4
	style := func(ctx *Ctx, pretty bool, wrap int32) DefStyle {
		return DefStyle{Path: searchPath(ctx), Pretty: pretty, Wrap: int(wrap), Format: ctx.Format}
	}
	view := func(ctx *Ctx, oid uint32, pretty bool, wrap int32) (string, error) {
		if ctx.Catalog == nil {
			return "", errNull
		}
		return orNull(ctx.Catalog.ViewDef(oid, style(ctx, pretty, wrap)))
	}
	viewOf := func(ctx *Ctx, name string, pretty bool) (string, error) {
		oid, err := regIn(ctx, types.RegClass, name)
		if err != nil {
			return "", err
		}
		return view(ctx, oid, pretty, 0)
	}
	constraint := func(ctx *Ctx, oid uint32, pretty bool) (string, error) {
		if ctx.Catalog == nil {
			return "", errNull
		}
		return orNull(ctx.Catalog.ConstraintDef(oid, style(ctx, pretty, 0)))
	}
	index := func(ctx *Ctx, oid uint32, col int32, pretty bool) (string, error) {
		if ctx.Catalog == nil {
			return "", errNull
		}
		return orNull(ctx.Catalog.IndexDef(oid, int(col), style(ctx, pretty, 0)))
	}
	rule := func(ctx *Ctx, oid uint32, pretty bool) (string, error) {
		if ctx.Catalog == nil {
			return "", errNull
		}
		return orNull(ctx.Catalog.RuleDef(oid, style(ctx, pretty, 0)))
	}
	expression := func(ctx *Ctx, s string, rel uint32, pretty bool) (string, error) {
		if ctx.Catalog == nil || !pretty {
			return s, nil
		}
		return orNull(ctx.Catalog.Expression(s, rel, style(ctx, pretty, 0)))
	}
	null1 := func(name string) *Func {
		return vol(Stable, f1(name, O, X, func(*Ctx, uint32) (string, error) { return "", errNull }, "always NULL"))
	}
	fs := []*Func{
		f1("pg_get_viewdef", O, X, func(ctx *Ctx, o uint32) (string, error) { return view(ctx, o, false, 0) }, "SQL of a view"),
		f2("pg_get_viewdef", O, B, X, func(ctx *Ctx, o uint32, pretty bool) (string, error) { return view(ctx, o, pretty, 0) }, "SQL of a view"),
		f2("pg_get_viewdef", O, I, X, func(ctx *Ctx, o uint32, wrap int32) (string, error) { return view(ctx, o, true, wrap) }, "SQL of a view"),
		f1("pg_get_viewdef", X, X, func(ctx *Ctx, name string) (string, error) { return viewOf(ctx, name, false) }, "SQL of a view"),
		f2("pg_get_viewdef", X, B, X, viewOf, "SQL of a view"),
		f1("pg_get_constraintdef", O, X, func(ctx *Ctx, o uint32) (string, error) { return constraint(ctx, o, false) }, "SQL of a constraint"),
		f2("pg_get_constraintdef", O, B, X, constraint, "SQL of a constraint"),
		f1("pg_get_indexdef", O, X, func(ctx *Ctx, o uint32) (string, error) { return index(ctx, o, 0, false) }, "SQL of an index"),
		f3("pg_get_indexdef", O, I, B, X, index, "SQL of an index or its column"),
		f2("pg_get_expr", types.PgNodeTree, O, X, func(_ *Ctx, s string, _ uint32) (string, error) { return s, nil }, "SQL of an expression"),
		f3("pg_get_expr", types.PgNodeTree, O, B, X, expression, "SQL of an expression"),
		null1("pg_get_triggerdef"), null1("pg_get_statisticsobjdef_columns"), null1("pg_get_partkeydef"),
		function("pg_get_function_result", FunctionCatalog.FunctionResult, "result type of a function"),
		function("pg_get_function_arguments", FunctionCatalog.FunctionArguments, "arguments of a function"),
		function("pg_get_function_identity_arguments", FunctionCatalog.FunctionIdentity, "arguments of a function"),
		function("pg_get_functiondef", FunctionCatalog.FunctionDef, "CREATE statement of a user's function"),
		null1("pg_get_function_sqlbody"), null1("pg_get_partition_constraintdef"),
		f2("pg_get_triggerdef", O, B, X, func(*Ctx, uint32, bool) (string, error) { return "", errNull }, "always NULL"),
		f1("pg_get_ruledef", O, X, func(ctx *Ctx, o uint32) (string, error) { return rule(ctx, o, false) }, "SQL of the rule of a view"),
		f2("pg_get_ruledef", O, B, X, rule, "SQL of the rule of a view"),
	}
	for _, f := range fs {
		f.Vol = Stable
	}
	words := &Func{Name: "pg_get_keywords", Ret: types.Record, Vol: Stable, Doc: "reserved words of SQL",
		RetCols: []SetCol{{"word", X}, {"catcode", types.Char}, {"barelabel", B}, {"catdesc", X}, {"baredesc", X}}, Set: keywords}
	ancestors := &Func{Name: "pg_partition_ancestors", Args: args(types.RegClass), Ret: types.RegClass, Vol: Stable, Set: noAncestors, Doc: "partitioned tables above a relation: none"}
	return append(fs, words, ancestors)
}

// noAncestors: no relation is a partition.
func noAncestors(*Ctx, int, []Vec) ([]arrow.Array, []int32, error) {
	return []arrow.Array{types.Nulls(types.RegClass, 0)}, nil, nil
}

func keywords(_ *Ctx, n int, _ []Vec) ([]arrow.Array, []int32, error) {
	word, code, desc, bare := newTextLists(0, nil), newTextLists(0, nil), newTextLists(0, nil), newTextLists(0, nil)
	var rows []int32
	for i := range n {
		for w := range reserved {
			word.add(w)
			code.add("R")
			desc.add("reserved")
			bare.add("can be bare label")
			rows = append(rows, int32(i))
		}
	}
	yes := newBool(len(rows), allBits(len(rows)), nil)
	return []arrow.Array{word.elements(), code.elements(), yes, desc.elements(), bare.elements()}, rows, nil
}

// privilegeFuncs answer that everything is allowed: who may connect may do all.
func privilegeFuncs() []*Func {
	var fs []*Func
	X, O, N := types.Text, types.OID, types.Name
	add := func(name string, as ...types.Type) {
		fs = append(fs, &Func{Name: name, Args: as, Ret: types.Bool, Vol: Stable, Safe: true, Kernel: allTrue, Doc: "whether it is allowed: always"})
	}
	for _, what := range []string{"table", "any_column", "schema", "database", "function", "sequence", "type", "language", "tablespace", "server", "foreign_data_wrapper"} {
		name := "has_" + what + "_privilege"
		for _, obj := range []types.Type{X, O} {
			add(name, obj, X)
			add(name, N, obj, X)
			add(name, O, obj, X)
		}
	}
	for _, col := range []types.Type{X, types.Int2} {
		for _, obj := range []types.Type{X, O} {
			add("has_column_privilege", obj, col, X)
			add("has_column_privilege", N, obj, col, X)
		}
	}
	for _, role := range []types.Type{N, O} {
		add("pg_has_role", role, X)
		add("pg_has_role", N, role, X)
		add("pg_has_role", O, role, X)
	}
	return fs
}

func allTrue(_ *Ctx, n int, vs []Vec) (Vec, error) {
	return Vec{Arr: newBool(n, allBits(n), andValid(n, vs...))}, nil
}
