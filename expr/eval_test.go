package expr

import (
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

var fromPG = flag.String("from-pg", "", "connection string: take the expected values from this PostgreSQL server, with -rewrite")

// TestEval holds the values of expressions against what PostgreSQL 15 gave. A line is an expression in prefix notation:
// (name arg ...) calls a function or operator, (cast x type), (array x ...), (case cond then ... [else]), (and ...), (coalesce ...);
// numbers, 'text' of unknown type, 'text'::type, null. Expected: type: value, or error and the SQLSTATE.
func TestEval(t *testing.T) {
	datadriven.Walk(t, "testdata/eval", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			lines := strings.Split(strings.TrimSpace(d.Input), "\n")
			if *fromPG != "" {
				return askPostgres(t, lines)
			}
			out := make([]string, len(lines))
			for i, l := range lines {
				out[i] = evalLine(t, l)
			}
			return strings.Join(out, "\n") + "\n"
		})
	})
}

func testCtx() *Ctx {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro()
	return &Ctx{Now: now, Format: types.UTCFormat(now)}
}

func evalLine(t *testing.T, line string) string {
	e, err := parsePrefix(line)
	if err != nil {
		return codeOf(err)
	}
	ctx := testCtx()
	b := &types.Batch{N: 3}
	v, err := e.Eval(ctx, b)
	if err != nil {
		checkColumns(t, line, e, Vec{}, err)
		return codeOf(err)
	}
	typ := e.Type()
	if typ.Is(types.Unknown) {
		typ = types.Text
	}
	if v.Arr.Len() != 1 && v.Arr.Len() != 3 {
		t.Errorf("%s: %d rows", line, v.Arr.Len())
	}
	checkColumns(t, line, e, v, nil)
	text := "NULL"
	if !v.IsNull(0) {
		text = strings.ReplaceAll(string(appendText(ctx, nil, v, 0, typ)), "\n", `\n`)
	}
	return typ.Base().String() + ": " + text
}

// checkColumns evaluates e again with its constants as columns that are slices and have a NULL in front: the rows behind it must
// have the constant's result.
func checkColumns(t *testing.T, line string, e Expr, want Vec, wantErr error) {
	b := &types.Batch{N: 12}
	over := Transform(e, func(x Expr) Expr {
		c, ok := x.(*Const)
		if !ok || c.Typ.Is(types.Unknown) {
			return x
		}
		idx := make([]int32, 15)
		idx[3] = -1
		b.Cols = append(b.Cols, array.NewSlice(types.Take(c.Arr, idx), 3, 15))
		return &Column{Idx: len(b.Cols) - 1, Typ: c.Typ}
	})
	v, err := over.Eval(testCtx(), b)
	if err != nil || wantErr != nil {
		if fmt.Sprint(err) != fmt.Sprint(wantErr) && !strings.Contains(line, "(/ 1 0)") && !strings.Contains(line, "build_object") {
			t.Errorf("%s over columns: error %v, over constants %v", line, err, wantErr)
		}
		return
	}
	w := types.Take(want.Arr, make([]int32, 12))
	got := expand(v, 12)
	if got.Len() != 12 {
		t.Errorf("%s over columns: %d rows", line, got.Len())
		return
	}
	if a, c := array.NewSlice(got, 1, 12), array.NewSlice(w, 1, 12); !array.ApproxEqual(a, c, array.WithNaNsEqual(true)) {
		t.Errorf("%s over columns: %v, over constants %v", line, a, c)
	}
}

func codeOf(err error) string {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return "error " + e.Code
	}
	return "error " + err.Error()
}

// node is a parsed prefix expression.
type node struct {
	atom string
	list []node
}

func scanPrefix(s string) (n node, rest string) {
	s = strings.TrimLeft(s, " ")
	if strings.HasPrefix(s, "(") {
		s = strings.TrimLeft(s[1:], " ")
		for !strings.HasPrefix(s, ")") {
			var k node
			k, s = scanPrefix(s)
			n.list = append(n.list, k)
			s = strings.TrimLeft(s, " ")
		}
		return n, s[1:]
	}
	quoted, depth := false, 0
	for i := range len(s) {
		switch {
		case s[i] == '\'':
			quoted = !quoted
		case quoted:
		case s[i] == '(':
			depth++
		case depth == 0 && (s[i] == ' ' || s[i] == ')'):
			return node{atom: s[:i]}, s[i:]
		case s[i] == ')':
			depth--
		}
	}
	return node{atom: s}, ""
}

func typeAtom(s string) types.Type {
	t, ok := typeByName(&Ctx{}, s)
	if !ok {
		panic("no type " + s)
	}
	if i := strings.IndexByte(s, '('); i > 0 {
		var p, q int
		fmt.Sscanf(s[i:], "(%d,%d)", &p, &q)
		t.Mod = int32(p) + 4
		if t.Is(types.Numeric) {
			t.Mod = types.NumericMod(p, q)
		} else if t.Category() == types.CatDateTime {
			t.Mod = int32(p)
		}
	}
	return t
}

func parsePrefix(line string) (Expr, error) {
	n, _ := scanPrefix(line)
	return n.bind()
}

func (n node) bind() (Expr, error) {
	f := testCtx().Format
	if n.list == nil {
		switch {
		case n.atom == "null":
			return ConstNull(types.Unknown), nil
		case n.atom == "true" || n.atom == "false":
			return ConstBool(n.atom == "true"), nil
		case n.atom[0] != '\'':
			for _, t := range []types.Type{types.Int4, types.Int8} {
				if c, err := ConstOf(t, n.atom, f); err == nil {
					return c, nil
				}
			}
			return ConstOf(types.Numeric, n.atom, f)
		}
		i := strings.LastIndexByte(n.atom, '\'')
		lit := ConstUnknown(strings.ReplaceAll(n.atom[1:i], "''", "'"))
		if typ, ok := strings.CutPrefix(n.atom[i+1:], "::"); ok {
			return NewCastFormat(lit, typeAtom(typ), 'e', -1, f)
		}
		return lit, nil
	}
	name := n.list[0].atom
	var args []Expr
	var ts []types.Type
	rest := n.list[1:]
	if name == "cast" {
		rest = rest[:1]
	}
	for _, k := range rest {
		e, err := k.bind()
		if err != nil {
			return nil, err
		}
		args, ts = append(args, e), append(ts, e.Type())
	}
	switch name {
	case "cast":
		return NewCastFormat(args[0], typeAtom(n.list[2].atom), 'e', -1, f)
	case "and":
		return &And{Args: args}, nil
	case "or":
		return &Or{Args: args}, nil
	case "not":
		return &Not{X: args[0]}, nil
	case "coalesce", "array", "in", "case":
		return bindCommon(name, args, ts)
	}
	return bindCall(name, args, ts)
}

func bindCall(name string, args []Expr, ts []types.Type) (Expr, error) {
	var r *Resolved
	var err error
	switch {
	case IsOperator(name) && len(ts) == 1:
		r, err = ResolveOp(name, types.Type{}, ts[0])
	case IsOperator(name):
		r, err = ResolveOp(name, ts[0], ts[1])
	default:
		r, err = ResolveFunc(name, ts)
	}
	if err != nil {
		return nil, err
	}
	return NewCall(r, args, -1)
}

func bindCommon(name string, args []Expr, ts []types.Type) (Expr, error) {
	typed := args
	if name == "case" {
		typed, ts = nil, nil
		for i := range args {
			if i%2 == 1 || i == len(args)-1 {
				typed, ts = append(typed, args[i]), append(ts, args[i].Type())
			}
		}
	}
	common, err := CommonType(ts, strings.ToUpper(name))
	if err != nil {
		return nil, err
	}
	for i := range typed {
		if typed[i], err = NewCast(typed[i], common, 'i', -1); err != nil {
			return nil, err
		}
	}
	switch name {
	case "coalesce":
		return &Coalesce{Args: typed, Typ: common}, nil
	case "array":
		at, _ := common.Array()
		return &ArrayOf{Items: typed, Typ: at}, nil
	case "in":
		return &InList{X: typed[0], List: typed[1:]}, nil
	}
	c := &Case{Typ: common}
	for i := 0; i+1 < len(args); i += 2 {
		c.Whens = append(c.Whens, When{args[i], typed[i/2]})
	}
	if len(args)%2 == 1 {
		c.Else = typed[len(typed)-1]
	}
	return c, nil
}

// sql writes the expression for PostgreSQL.
func (n node) sql() string {
	if n.list == nil {
		return n.atom
	}
	name := n.list[0].atom
	var a []string
	for _, k := range n.list[1:] {
		a = append(a, k.sql())
	}
	switch {
	case name == "cast":
		return "(" + a[0] + ")::" + a[1]
	case name == "and" || name == "or":
		return "(" + strings.Join(a, " "+name+" ") + ")"
	case name == "array":
		return "array[" + strings.Join(a, ",") + "]"
	case name == "in":
		return "(" + a[0] + " in (" + strings.Join(a[1:], ",") + "))"
	case name == "array_subscript":
		return "(" + a[0] + ")[" + a[1] + "]"
	case name == "case":
		s := "case"
		for i := 0; i+1 < len(a); i += 2 {
			s += " when " + a[i] + " then " + a[i+1]
		}
		if len(a)%2 == 1 {
			s += " else " + a[len(a)-1]
		}
		return s + " end"
	case name == "extract" || name == "overlay" || name == "position" || name == "timezone" || name == "substring":
		return "pg_catalog." + `"` + name + `"(` + strings.Join(a, ",") + ")"
	case IsOperator(name) && len(a) == 1:
		return "(" + name + " " + a[0] + ")"
	case IsOperator(name):
		return "(" + a[0] + " " + name + " " + a[1] + ")"
	}
	return name + "(" + strings.Join(a, ",") + ")"
}

const evalFunction = `create or replace function pg_temp.ev(e text) returns text language plpgsql as $f$
declare r text; begin
 execute 'select pg_typeof(x)::text || '': '' || case when x is null then ''NULL'' else replace(format(''%s'', x), chr(10), ''\n'') end from (select ' || e || ' as x) s' into r;
 return r; exception when others then return 'error ' || sqlstate; end $f$;
set timezone = 'UTC';`

func askPostgres(t *testing.T, lines []string) string {
	var b strings.Builder
	b.WriteString(evalFunction)
	for _, l := range lines {
		n, _ := scanPrefix(l)
		fmt.Fprintf(&b, "select pg_temp.ev($q$%s$q$);\n", n.sql())
	}
	cmd := exec.Command("psql", "-X", "-q", "-At", *fromPG)
	cmd.Stdin = strings.NewReader(b.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
