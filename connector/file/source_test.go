package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/conformance"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func relation(opts ...string) *catalog.Relation {
	r := &catalog.Relation{Name: "s", Columns: []catalog.Column{{Name: "id", Type: types.Int8}, {Name: "name", Type: types.Text}}}
	for _, o := range opts {
		k, v, _ := strings.Cut(o, "=")
		r.Options = append(r.Options, catalog.Option{Key: k, Value: v})
	}
	r.Columns = append(append(r.Columns, catalog.Column{Name: "twice", Type: types.Int8, Generated: "2 * id"}), hidden...)
	return r
}

// rowsOf writes n rows in a format, numbered from.
func rowsOf(name string, from, n int) []byte {
	var b bytes.Buffer
	for i := from; i < from+n; i++ {
		switch name {
		case "json":
			fmt.Fprintf(&b, `{"name":"n%d","id":%d}`+"\n", i, i)
		case "csv":
			fmt.Fprintf(&b, "%d,\"n,%d\"\r\n", i, i)
		default:
			fmt.Fprintf(&b, "%d n%d\n", i, i)
		}
	}
	return b.Bytes()
}

func write(t *testing.T, path string, b []byte, age time.Duration) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	when := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(-age)
	if err := os.Chtimes(path, when, when); err != nil {
		t.Fatal(err)
	}
}

func zip(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, _ = w.Write(b)
	w.Close()
	return z.Bytes()
}

func TestSourceConformance(t *testing.T) {
	for _, c := range []struct {
		name string
		opts []string
		head string
	}{
		{"json", nil, ""}, {"json", []string{"size=1"}, "\xef\xbb\xbf"}, {"csv", nil, ""}, {"csv", []string{"header=true"}, "ID,Name\r\n"},
		{"csv", []string{"multiline=true", "header=true"}, "id,name\n"}, {"text", []string{`pattern=^(?P<id>\d+) (?P<name>.*)$`}, ""},
	} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "b.x"), append([]byte(c.head), rowsOf(c.name, 0, 500)...), 3*time.Hour)
			write(t, filepath.Join(dir, "sub", "a.x.gz"), zip(append([]byte(c.head), rowsOf(c.name, 500, 300)...)), 2*time.Hour)
			last := append([]byte(c.head), rowsOf(c.name, 800, 21)...)
			write(t, filepath.Join(dir, "a.x"), bytes.TrimRight(last, "\r\n"), time.Hour)
			write(t, filepath.Join(dir, ".tmp"), []byte("half"), 0)
			write(t, filepath.Join(dir, "_work", "x"), []byte("half"), 0)
			rel := relation(append(c.opts, "path="+dir, "format="+c.name)...)
			rows := conformance.Source(t, rel, func(kv connector.KV) (connector.Source, error) {
				s, err := openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: kv})
				if err == nil {
					s.(*source).size = 97
				}
				return s, err
			})
			if len(rows) != 821 {
				t.Fatalf("%d rows", len(rows))
			}
			for i, r := range rows {
				if !strings.HasPrefix(r, fmt.Sprintf("%d|n", i)) {
					t.Fatalf("row %d is %s", i, r)
				}
			}
			if want := filepath.Join(dir, "a.x") + "|2025-12-31 23:00:00+00"; !strings.HasSuffix(rows[820], want) {
				t.Errorf("last row %s, want the end %s", rows[820], want)
			}
		})
	}
}

func TestSourceParquet(t *testing.T) {
	dir := t.TempDir()
	rel := relation("path="+dir, "format=parquet")
	for f := range 3 {
		var b bytes.Buffer
		w, err := format.NewParquetWriter(&b, rel.Columns[:2], "zstd")
		if err != nil {
			t.Fatal(err)
		}
		d, _ := format.NewDecoder("json", format.Config{Cols: rel.Columns[:2], Want: []int{0, 1}})
		if err := d.Decode(append(rowsOf("json", f*100, 100), "{}\n"...), w.Write); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, fmt.Sprint(f, ".parquet")), b.Bytes(), time.Duration(3-f)*time.Minute)
	}
	rows := conformance.Source(t, rel, func(kv connector.KV) (connector.Source, error) {
		return openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: kv})
	})
	if len(rows) != 303 || !strings.HasPrefix(rows[302], "NULL|NULL|NULL|") || !strings.HasPrefix(rows[201], "NULL") || !strings.HasPrefix(rows[301], "299|n299|NULL|/") {
		t.Errorf("%d rows, %q", len(rows), rows[300:])
	}
	cols, _, err := infer(context.Background(), append(rel.Options, catalog.Option{Key: "infer_schema", Value: "true"}))
	if err != nil || len(cols) != 2 || cols[0].Type != types.Int8 || cols[1].Type != types.Text {
		t.Errorf("%v %v", cols, err)
	}
}

func TestSourceNewFiles(t *testing.T) {
	dir := t.TempDir()
	rel := relation("path=" + dir + "/*.json")
	kv := &conformance.KV{}
	s, err := openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: kv})
	if err != nil {
		t.Fatal(err)
	}
	read := func(from connector.Position) (connector.Position, int) {
		to, _, err := s.Latest(context.Background(), from, connector.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return to, len(conformance.Read(t, s, rel, from, to, []int{0}))
	}
	p, n := read(nil)
	if p != nil || n != 0 {
		t.Errorf("empty: %s %d", p, n)
	}
	write(t, filepath.Join(dir, "z.json"), rowsOf("json", 0, 5), 0)
	p, n = read(p)
	write(t, filepath.Join(dir, "a.json"), rowsOf("json", 5, 2), time.Hour) // older, but it came later
	write(t, filepath.Join(dir, "z.json"), rowsOf("json", 0, 50), 0)        // grows: not seen
	if err := s.Wait(context.Background(), p); err != nil {
		t.Error(err)
	}
	q, m := read(p)
	if n != 5 || m != 2 || len(conformance.Read(t, s, rel, nil, q, []int{0, 1})) != 7 {
		t.Errorf("%d %d", n, m)
	}
	if s.Lag(p) != 1 || s.Describe(q) != "2 files" {
		t.Errorf("%d %s", s.Lag(p), s.Describe(q))
	}
	if s, err = openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: kv}); err != nil {
		t.Fatal(err)
	}
	if r, k := read(q); string(r) != string(q) || k != 0 {
		t.Errorf("after a restart: %s %d", r, k)
	}
}

// A path may lead over a link.
func TestSourceLink(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real"), filepath.Join(dir, "link")
	write(t, filepath.Join(real, "a.json"), rowsOf("json", 0, 5), 0)
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, link + "/*.json", dir + "/li*"} {
		rel := relation("path=" + path)
		s, err := openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: &conformance.KV{}})
		if err != nil {
			t.Fatal(err)
		}
		to, _, err := s.Latest(context.Background(), nil, connector.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(conformance.Read(t, s, rel, nil, to, []int{0})); n != 5 {
			t.Errorf("%s: %d rows", path, n)
		}
	}
}

func TestSourceBadRows(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), []byte("{\"id\":1}\nx\n{\"id\":2}\n{\"id\":\"y\"}\n{\"id\":3}\n[]"), 0)
	write(t, filepath.Join(dir, "b.json.gz"), zip([]byte("{\"id\":1}\n\nx\n")), -time.Hour)
	rel := relation("path=" + dir)
	s, err := openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: &conformance.KV{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{1000, 10} {
		s.(*source).size = size
		to, _, _ := s.Latest(context.Background(), nil, connector.Limits{})
		var bad []string
		splits, err := s.Splits(context.Background(), nil, to, connector.Want{Cols: []int{0}, OnBad: func(b connector.Bad) error {
			bad = append(bad, filepath.Base(b.Source)+" "+b.Raw)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, sp := range splits {
			if err := sp.Read(context.Background(), func(*types.Batch) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if got := strings.Join(bad, ", "); got != `a.json:2 x, a.json:4 {"id":"y"}, a.json:6 [], b.json.gz:3 x` {
			t.Errorf("size %d: %s", size, got)
		}
	}
}

func TestSourceErrors(t *testing.T) {
	for _, c := range []struct{ opts, code string }{
		{"path=/no/such/place", "58P01"}, {"path=s3://bucket/x", "0A000"}, {"path=/ format=text", "42P16"}, {"path=/ format=csv delimiter=ab", "22023"},
		{"path=/ format=text pattern=(", "2201B"},
	} {
		rel := relation(strings.Fields(c.opts)...)
		_, err := openSource(context.Background(), connector.SourceConfig{Rel: rel, KV: &conformance.KV{}})
		if err == nil || sqlerr.From(err).Code != c.code {
			t.Errorf("%s: %v", c.opts, err)
		}
	}
}

func TestInfer(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ format, body, want string }{
		{"json", `{"auction":1,"dateTime":"2026-01-01T00:00:00Z","x":null,"price":1}` + "\n" + `{"auction":2,"price":1.5,"tags":["a"],"ok":true,"day":"2026-01-01","mixed":1}` + "\n" + `{"mixed":"x","x":"y"}`,
			"auction bigint, datetime timestamp with time zone, x text, price double precision, tags jsonb, ok boolean, day date, mixed text"},
		{"csv", "Id,when,v\n1,2026-01-01 00:00:00,\n2,2026-01-02,1e3\n", "id bigint, when timestamp with time zone, v double precision"},
		{"text", "x", "value text"},
	} {
		path := filepath.Join(dir, "f."+c.format)
		write(t, path, []byte(c.body), 0)
		cols, _, err := infer(context.Background(), relation("path="+path, "format="+c.format, "infer_schema=true", "header=true").Options)
		var got []string
		for _, col := range cols {
			got = append(got, col.Name+" "+col.Type.String())
		}
		if err != nil || strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %v %v", c.format, got, err)
		}
	}
}

func TestSourceShrunk(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.json")
	write(t, path, rowsOf("json", 0, 5), 0)
	s, err := openSource(context.Background(), connector.SourceConfig{Rel: relation("path=" + dir), KV: &conformance.KV{}})
	if err != nil {
		t.Fatal(err)
	}
	to, _, _ := s.Latest(context.Background(), nil, connector.Limits{})
	write(t, path, rowsOf("json", 0, 2), 0)
	splits, _ := s.Splits(context.Background(), nil, to, connector.Want{})
	if err := splits[0].Read(context.Background(), func(*types.Batch) error { return nil }); err == nil || sqlerr.From(err).Code != "XX001" {
		t.Error(err)
	}
}
