package pgcatalog

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// fixture is a catalog with one relation of each kind.
// asStored prints texts as they are.
type asStored struct{}

func (asStored) View(r *catalog.Relation, _ expr.DefStyle) string { return r.SQL }
func (asStored) Expr(_ *catalog.Relation, text string, _ types.Type, _ expr.DefStyle) string {
	return text
}
func (asStored) Type(*catalog.Relation, string) types.Type                    { return types.Text }
func (asStored) Key(_ *catalog.Relation, text string, _ expr.DefStyle) string { return text }
func (asStored) Value(text string, _ types.Type, _ expr.DefStyle) string      { return text }

func fixture() *Env {
	c := catalog.New(Relations())
	c.PutSchema(&catalog.Schema{OID: 16380, Name: "Extra", Comment: "more"})
	num := types.Type{OID: types.Numeric.OID, Mod: types.NumericMod(10, 2)}
	c.Put(&catalog.Relation{OID: 16384, Schema: "public", Name: "bids", Kind: catalog.Stream, Comment: "all bids", Options: catalog.Options{{Key: "connector", Value: "kafka"}},
		Columns: []catalog.Column{{Name: "at", Type: types.TimestampTZ, NotNull: true}, {Name: "price", Type: num, Comment: "in euro"}, {Name: "_offset", Type: types.Int8, Hidden: true}}})
	c.Put(&catalog.Relation{OID: 16385, Schema: "public", Name: "items", Kind: catalog.Table, Primary: []int{0, 2}, PrimaryName: "items_pkey",
		Uniques: []catalog.Unique{{Name: "items_Name_key", Cols: []int{3}}}, Checks: []catalog.Check{{Name: "items_qty_check", SQL: "qty > 0"}},
		Columns: []catalog.Column{{Name: "id", Type: types.Int4, NotNull: true, Identity: "always"}, {Name: "gone", Type: types.Text, Dropped: true},
			{Name: "qty", Type: types.Int8, NotNull: true, Default: "1"}, {Name: "Name", Type: types.Type{OID: types.Varchar.OID, Mod: 24}},
			{Name: "twice", Type: types.Int8, Generated: "qty * 2"}, {Name: "tags", Type: textArray}}})
	c.Put(&catalog.Relation{OID: 16386, Schema: "Extra", Name: "orders", Kind: catalog.Table,
		Foreign: []catalog.ForeignKey{{Name: "orders_item_fkey", Cols: []int{0, 1}, Table: 16385, RefCols: []int{0, 2}, OnDelete: "cascade"}},
		Columns: []catalog.Column{{Name: "item", Type: types.Int4}, {Name: "qty", Type: types.Int8}}})
	c.Put(&catalog.Relation{OID: 16387, Schema: "public", Name: "v", Kind: catalog.View, SQL: "SELECT price FROM bids", Deps: []uint32{16384}, Columns: []catalog.Column{{Name: "price", Type: num}}})
	c.Put(&catalog.Relation{OID: 16388, Schema: "public", Name: "m", Kind: catalog.MatView, SQL: "SELECT count(*) AS n FROM v", Deps: []uint32{16387}, Columns: []catalog.Column{{Name: "n", Type: types.Int8}}})
	c.Put(&catalog.Relation{OID: 16389, Schema: "public", Name: "mem", Kind: catalog.Sink, Options: catalog.Options{{Key: "connector", Value: "memory"}}, Columns: []catalog.Column{{Name: "n", Type: types.Int8}}})
	c.Put(&catalog.Relation{OID: 16390, Schema: "public", Name: "out", Kind: catalog.Sink, Options: catalog.Options{{Key: "connector", Value: "file"}}, Columns: []catalog.Column{{Name: "n", Type: types.Int8}}})
	return &Env{Catalog: c, User: "ann", Database: "shop", SearchPath: []string{"public"}, Now: time.Unix(0, 0), Printer: asStored{}, Live: func(string) [][]any { return nil }}
}

func load(t *testing.T, e *Env, name string) (*table, *types.Batch) {
	t.Helper()
	rel := e.Catalog.Lookup(strings.Split(name, "."), nil)
	if rel == nil {
		t.Fatalf("no relation %s", name)
	}
	b, err := Rows(rel, e)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return byOID()[rel.OID], b
}

// TestRows prints columns of the rows about the user's objects: "rows pg_catalog.pg_class where=relnamespace in=2200,16380", then the names of columns.
func TestRows(t *testing.T) {
	e := fixture()
	datadriven.RunTest(t, "testdata/rows.txt", func(t *testing.T, d *datadriven.TestData) string {
		tab, b := load(t, e, d.CmdArgs[0].Key)
		f := types.UTCFormat(0)
		text := func(name string, row int) string {
			i := position(tab.cols, name)
			if i < 0 {
				d.Fatalf(t, "no column %q", name)
			}
			if b.Cols[i].IsNull(row) {
				return "NULL"
			}
			return string(types.AppendText(nil, b.Cols[i], row, tab.cols[i].typ, f))
		}
		var out strings.Builder
		for row := range b.N {
			keep := true
			for _, a := range d.CmdArgs[1:] {
				found := false
				for _, v := range a.Vals {
					found = found || text(a.Key, row) == v
				}
				keep = keep && found
			}
			if !keep {
				continue
			}
			var cells []string
			for _, name := range strings.Fields(d.Input) {
				cells = append(cells, text(name, row))
			}
			fmt.Fprintln(&out, strings.Join(cells, " | "))
		}
		return out.String()
	})
}

// TestColumns compares names, order and types of the columns with PostgreSQL 15.18 (testdata/columns.txt).
func TestColumns(t *testing.T) {
	golden, err := os.ReadFile("testdata/columns.txt")
	if err != nil {
		t.Fatal(err)
	}
	domains := map[string]string{"d.sql_identifier": "name", "d.character_data": "varchar", "d.cardinal_number": "int4", "d.yes_or_no": "varchar", "d.time_stamp": "timestamptz"}
	want := map[string]string{}
	for line := range strings.Lines(string(golden)) {
		w := strings.Fields(line)
		for i, c := range w[3:] {
			name, typ, _ := strings.Cut(c, ":")
			if d := domains[typ]; d != "" {
				typ = d
			}
			if typ != "anyarray" && !knownType(typ) || typ == "anyarray" {
				typ = "text"
			}
			w[i+3] = name + ":" + typ
		}
		want[w[0]] = strings.Join(w[1:], " ")
	}
	for _, tab := range tables {
		if tab.schema == catalog.StreamSQL {
			continue
		}
		kind := "r"
		if tab.view {
			kind = "v"
		}
		got := []string{kind, strconv.Itoa(int(tab.oid))}
		for _, c := range tab.cols {
			got = append(got, c.name+":"+c.typ.Info().Name)
		}
		if g, w := strings.Join(got, " "), want[tab.schema+"."+tab.name]; g != w {
			t.Errorf("%s.%s:\n got %s\nwant %s", tab.schema, tab.name, g, w)
		}
	}
}

func knownType(name string) bool {
	for _, in := range types.All() {
		if in.Name == name {
			return true
		}
	}
	return false
}

// TestWhole makes the rows of every table; those made here are as long as the table and their key, where there is one, is unique.
func TestWhole(t *testing.T) {
	e := fixture()
	e.views = views()
	seen := map[uint32]bool{}
	for _, tab := range tables {
		if seen[tab.oid] {
			t.Errorf("%s: OID %d is taken", tab.name, tab.oid)
		}
		seen[tab.oid] = true
		load(t, e, tab.schema+"."+tab.name)
		if tab.rows == nil {
			continue
		}
		oids := map[string]bool{}
		for _, r := range tab.rows(e) {
			if len(r) != len(tab.cols) {
				t.Fatalf("%s: a row of %d values for %d columns: %v", tab.name, len(r), len(tab.cols), r)
			}
			if i := position(tab.cols, "oid"); i >= 0 {
				k := fmt.Sprint(r[i])
				if oids[k] {
					t.Errorf("%s: oid %s twice", tab.name, k)
				}
				oids[k] = true
			}
		}
	}
}

// TestReferences follows the OIDs in rows to the rows they name.
func TestReferences(t *testing.T) {
	e := fixture()
	e.views = views()
	for _, c := range []struct{ table, column, to string }{
		{"pg_class", "relnamespace", "pg_namespace"}, {"pg_class", "relam", "pg_am"}, {"pg_attribute", "attrelid", "pg_class"}, {"pg_attribute", "atttypid", "pg_type"},
		{"pg_attribute", "attcollation", "pg_collation"}, {"pg_attrdef", "adrelid", "pg_class"}, {"pg_index", "indexrelid", "pg_class"}, {"pg_index", "indrelid", "pg_class"},
		{"pg_constraint", "conrelid", "pg_class"}, {"pg_constraint", "conindid", "pg_class"}, {"pg_constraint", "confrelid", "pg_class"}, {"pg_proc", "prorettype", "pg_type"},
		{"pg_type", "typelem", "pg_type"}, {"pg_type", "typarray", "pg_type"}, {"pg_type", "typreceive", "pg_proc"}, {"pg_type", "typinput", "pg_proc"}, {"pg_proc", "prolang", "pg_language"},
		{"pg_rewrite", "ev_class", "pg_class"}, {"pg_cast", "castsource", "pg_type"}, {"pg_cast", "castfunc", "pg_proc"}, {"pg_operator", "oprresult", "pg_type"}, {"pg_database", "dattablespace", "pg_tablespace"},
	} {
		from, to := e.Catalog.Lookup([]string{c.table}, nil), e.Catalog.Lookup([]string{c.to}, nil)
		have := map[string]bool{"0": true}
		for _, r := range byOID()[to.OID].rows(e) {
			have[fmt.Sprint(r[0])] = true
		}
		tab := byOID()[from.OID]
		for _, r := range tab.rows(e) {
			if v := fmt.Sprint(r[position(tab.cols, c.column)]); !have[v] {
				t.Errorf("%s.%s: %s has no row %s: %v", c.table, c.column, c.to, v, r[:2])
			}
		}
	}
}

// TestDefinitions asks for the SQL of constraints, indexes and functions by the OIDs that the tables show.
func TestDefinitions(t *testing.T) {
	e := fixture()
	want := map[string]string{"items_pkey": "PRIMARY KEY (id, qty)", "items_Name_key": `UNIQUE ("Name")`, "items_qty_check": "CHECK (qty > 0)",
		"orders_item_fkey": "FOREIGN KEY (item, qty) REFERENCES items(id, qty) ON DELETE CASCADE"}
	for _, oid := range []uint32{16385, 16386} {
		for _, c := range Constraints(e.Catalog.ByOID(oid)) {
			if got, ok := e.texts().Constraint(c.OID); !ok || got != want[c.Name] {
				t.Errorf("%s: %q, want %q", c.Name, got, want[c.Name])
			}
			delete(want, c.Name)
		}
	}
	if len(want) > 0 {
		t.Errorf("not seen: %v", want)
	}
	key := indexes(e.Catalog.ByOID(16385))[1].OID
	for column, want := range map[int]string{0: `CREATE UNIQUE INDEX "items_Name_key" ON public.items USING btree ("Name")`, 1: `"Name"`} {
		if got, ok := e.texts().Index(key, column); !ok || got != want {
			t.Errorf("index column %d: %q, want %q", column, got, want)
		}
	}
	for _, oid := range []uint32{0, 16385, firstConstraint + 9<<24 + 16385, 1<<31 + 1} {
		if _, ok := e.texts().Constraint(oid); ok {
			t.Errorf("ConstraintDef(%d) answers", oid)
		}
		if _, ok := e.texts().Index(oid, 0); ok {
			t.Errorf("IndexDef(%d) answers", oid)
		}
	}
	const lengthText = 1317
	args, _ := e.texts().FunctionArguments(lengthText, false)
	ret, _ := FunctionResult(e.Catalog, lengthText)
	if name, ok := FunctionName(e.Catalog, lengthText); !ok || name != "length" || args != "text" || ret != "integer" {
		t.Errorf("function %d: %s(%s) %s", lengthText, name, args, ret)
	}
}

func BenchmarkAttributes(b *testing.B) {
	e := fixture()
	rel := e.Catalog.Lookup([]string{"pg_attribute"}, nil)
	for b.Loop() {
		if _, err := Rows(rel, e); err != nil {
			b.Fatal(err)
		}
	}
}
