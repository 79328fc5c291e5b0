package engine

import (
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/ast"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// createFunction runs CREATE FUNCTION and CREATE AGGREGATE.
func (s *session) createFunction(st *ast.CreateFunction, text string, w ResultWriter) error {
	s.eng.ddl.Lock()
	defer s.eng.ddl.Unlock()
	schema, name, err := s.newName(st.Names, st.Pos)
	if err != nil {
		return err
	}
	check, _ := s.Setting("check_function_bodies")
	f, err := sql.BindFunction(st, text, schema, check != "off", s.env(nil))
	if err != nil {
		return err
	}
	f.Created = s.now()
	var old *catalog.Function
	for _, g := range s.cat().FunctionsNamed(schema, name) {
		if g.SameArgs(f.ArgTypes()) {
			old = g
		}
	}
	if old != nil {
		if !st.OrReplace {
			return sqlerr.New(sqlerr.DuplicateFunction, "function %q already exists with same argument types", name)
		}
		if err := replaceable(old, f); err != nil {
			return err
		}
		f.OID, f.Comment = old.OID, old.Comment
	} else {
		f.OID = s.cat().NextOID()
	}
	if f.Language == "wasm" {
		if err := s.addModule(f); err != nil {
			return sqlerr.AtDefault(err, int(st.BodyPos))
		}
	}
	s.putFunction(f)
	return w.Complete("CREATE " + strings.ToUpper(f.Kind()))
}

// replaceable is PostgreSQL's rule for CREATE OR REPLACE FUNCTION: what callers see stays.
func replaceable(old, f *catalog.Function) error {
	if old.Aggregate != f.Aggregate {
		return sqlerr.New(sqlerr.WrongObjectType, "cannot change routine kind").WithDetail("%q is a %s.", old.Name, old.Kind())
	}
	bad := func(format string, args ...any) error {
		return sqlerr.New(sqlerr.InvalidFunctionDefinition, format, args...).WithHint("Use DROP %s %s first.", strings.ToUpper(old.Kind()), old.Signature())
	}
	if !old.Returns.Is(f.Returns) || old.SetOf != f.SetOf || old.RowOf != f.RowOf {
		return bad("cannot change return type of existing function")
	}
	if len(old.Cols) != len(f.Cols) {
		return bad("cannot change return type of existing function")
	}
	for i, c := range old.Cols {
		if c.Name != f.Cols[i].Name || !c.Type.Is(f.Cols[i].Type) {
			return sqlerr.From(bad("cannot change return type of existing function")).WithDetail("Row type defined by OUT parameters is different.")
		}
	}
	for i, a := range old.Args {
		if a.Name != "" && a.Name != f.Args[i].Name {
			return bad("cannot change name of input parameter %q", a.Name)
		}
		if a.Default != "" && f.Args[i].Default == "" {
			return bad("cannot remove parameter defaults from existing function")
		}
	}
	return nil
}

// putFunction makes f visible in this transaction's catalog at once and durable at its commit.
func (s *session) putFunction(f *catalog.Function) {
	cat, tx := s.changing()
	old := cat.Function(f.OID)
	cat.PutFunction(f)
	tx.undo = append(tx.undo, func() {
		cat.RemoveFunction(f)
		if old != nil {
			cat.PutFunction(old)
		}
	})
	tx.catalog = append(tx.catalog, func(b *state.Batch) error {
		if cat.Function(f.OID) != f {
			return nil // changed again, or dropped, in the same transaction
		}
		return cat.WriteFunction(b, f)
	})
}

func (s *session) removeFunction(f *catalog.Function) {
	cat, tx := s.changing()
	cat.RemoveFunction(f)
	tx.undo = append(tx.undo, func() { cat.PutFunction(f) })
	tx.catalog = append(tx.catalog, func(b *state.Batch) error { return cat.WriteDropFunction(b, f) })
}

// findFunction finds the function that a statement names, nil where there is none and missing says that this is no error.
func (s *session) findFunction(kind string, names []string, sig *ast.FuncSig, pos int, missing bool) (*catalog.Function, error) {
	name, schemas := names[len(names)-1], s.SearchPath()
	if len(names) > 1 {
		schemas = names[len(names)-2 : len(names)-1]
		if s.cat().Schema(schemas[0]) == nil && !missing {
			return nil, sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", schemas[0])
		}
	}
	var want []types.Type
	if sig != nil {
		for _, a := range sig.Args {
			t, err := sql.ResolveTypeName(a.Type, s.env(nil))
			if err != nil {
				return nil, err
			}
			if a.Mode != "out" {
				want = append(want, t)
			}
		}
	}
	var found []*catalog.Function
	for _, schema := range schemas {
		for _, f := range s.cat().FunctionsNamed(schema, name) {
			if sig == nil || sig.Star || f.SameArgs(want) {
				found = append(found, f)
			}
		}
	}
	full := strings.Join(names, ".")
	switch {
	case len(found) == 0 && missing:
		list := make([]string, len(want))
		for i, t := range want {
			list[i] = "pg_catalog." + t.Info().Name
		}
		s.notice("NOTICE", sqlerr.SuccessfulCompletion, "", "%s %s(%s) does not exist, skipping", kind, full, strings.Join(list, ","))
		return nil, nil
	case len(found) == 0 && sig == nil:
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "could not find a %s named %q", kind, full)
	case len(found) == 0:
		return nil, sqlerr.New(sqlerr.UndefinedFunction, "%s %s(%s) does not exist", kind, full, catalog.TypeList(want))
	case len(found) > 1 && (sig == nil || sig.Star):
		return nil, sqlerr.New(sqlerr.AmbiguousFunction, "%s name %q is not unique", kind, full).
			WithHint("Specify the argument list to select the %s unambiguously.", kind)
	}
	f := found[0]
	switch {
	case kind == "routine", kind == f.Kind():
		return f, nil
	case kind == "function":
		return nil, sqlerr.New(sqlerr.WrongObjectType, "%q is an aggregate function", f.Name).WithHint("Use DROP AGGREGATE to drop aggregate functions.")
	}
	return nil, sqlerr.New(sqlerr.WrongObjectType, "function %s is not %s", f.Signature(), map[string]string{"aggregate": "an aggregate", "procedure": "a procedure"}[kind])
}

// alterFunction runs ALTER FUNCTION.
func (s *session) alterFunction(st *ast.Alter, w ResultWriter) error {
	f, err := s.findFunction(st.Kind, st.Names, st.Args, int(st.Pos), false)
	if err != nil {
		return err
	}
	n := *f
	switch st.Action {
	case "rename":
		n.Name = st.NewName
	case "set schema":
		if s.cat().Schema(st.NewName) == nil {
			return sqlerr.New(sqlerr.InvalidSchemaName, "schema %q does not exist", st.NewName)
		}
		n.Schema = st.NewName
	case "owner":
	case "clauses":
		if _, err := sql.AlterFunction(&n, st.Options); err != nil {
			return err
		}
		s.putFunction(&n)
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "ALTER %s ... %s is not supported", strings.ToUpper(st.Kind), strings.ToUpper(st.Action)).At(int(st.Pos)).
			WithHint("Use CREATE OR REPLACE FUNCTION.")
	}
	if n.FullName() != f.FullName() {
		for _, g := range s.cat().FunctionsNamed(n.Schema, n.Name) {
			if g.SameArgs(n.ArgTypes()) {
				return sqlerr.New(sqlerr.DuplicateFunction, "function %s already exists in schema %q", n.Signature(), n.Schema)
			}
		}
		s.putFunction(&n)
	}
	return w.Complete("ALTER " + strings.ToUpper(st.Kind))
}

// commentFunction runs COMMENT ON FUNCTION.
func (s *session) commentFunction(st *ast.Comment) error {
	f, err := s.findFunction(st.Kind, st.Names, st.Args, int(st.Pos), false)
	if err != nil {
		return err
	}
	n := *f
	n.Comment = st.Text
	s.putFunction(&n)
	return nil
}
