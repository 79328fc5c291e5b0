package file

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/conformance"
	"github.com/streamsqld/streamsqld/connector/format"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func sinkRelation(mode string, opts ...string) *catalog.Relation {
	r := relation(opts...)
	r.Columns, r.Kind, r.Mode, r.Created = append(r.Columns[:2:2], catalog.Column{Name: "day", Type: types.Date}), catalog.Sink, mode, 77
	return r
}

func sinkRows(rel *catalog.Relation, lines string) *types.Batch {
	d, _ := format.NewDecoder("json", format.Config{Cols: rel.Columns, Want: []int{0, 1, 2}})
	var out *types.Batch
	if err := d.Decode([]byte(lines), func(b *types.Batch) error { out = b; return nil }); err != nil {
		panic(err)
	}
	return out
}

// stepRows gives six rows of step n on two days and without one.
func stepRows(rel *catalog.Relation) func(n int64) *types.Batch {
	return func(n int64) *types.Batch {
		var b strings.Builder
		for i := range 6 {
			fmt.Fprintf(&b, `{"id":%d,"name":"n/%d","day":%s}`+"\n", n*10+int64(i), i, []string{`"2026-01-01"`, `"2026-01-02"`, "null"}[i%3])
		}
		return sinkRows(rel, b.String())
	}
}

// visible reads the directory as the source does.
func visible(t *testing.T, rel *catalog.Relation, dir string, partitioned bool) []string {
	in := *rel
	in.Columns = append(rel.Columns[:len(rel.Columns):len(rel.Columns)], hidden...)
	s, err := openSource(context.Background(), connector.SourceConfig{Rel: &in, KV: &conformance.KV{}})
	if err != nil {
		t.Fatal(err)
	}
	to, _, err := s.Latest(context.Background(), nil, connector.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	rows := conformance.Read(t, s, &in, nil, to, []int{0, 1, 2, 3})
	for i, r := range rows {
		f := strings.Split(r, "|")
		if partitioned {
			_, f[2], _ = strings.Cut(filepath.Base(filepath.Dir(f[3])), "day=")
			f[2] = strings.Replace(f[2], "__HIVE_DEFAULT_PARTITION__", "NULL", 1)
		}
		rows[i] = strings.Join(f[:3], "|")
	}
	return rows
}

func TestSinkConformance(t *testing.T) {
	for _, c := range []string{"append format=json", "append format=csv header=true", "append format=json compression=gzip", "append format=json compression=zstd roll_size=40", "append format=csv roll_interval=1us",
		"append format=parquet", "append format=json partition_by=day", "complete format=json", "complete format=parquet partition_by=day"} {
		t.Run(c, func(t *testing.T) {
			t.Parallel()
			f := strings.Fields(c)
			dir := t.TempDir()
			rel := sinkRelation(f[0], append(f[1:], "path="+dir)...)
			if c == "complete format=json" {
				rel.Mode = "complete"
			}
			conformance.Sink(t, conformance.SinkTest{Rel: rel, Rows: stepRows(rel),
				Open:    func() (connector.Sink, error) { return openSink(context.Background(), connector.SinkConfig{Rel: rel}) },
				Visible: func() []string { return visible(t, rel, dir, strings.Contains(c, "partition")) },
			})
		})
	}
}

// TestSinkFiles pins the names and what is in them.
func TestSinkFiles(t *testing.T) {
	dir := t.TempDir()
	rel := sinkRelation("append", "path="+dir, "format=csv", "header=true", "partition_by=day,name")
	s, err := openSink(context.Background(), connector.SinkConfig{Rel: rel})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	b := sinkRows(rel, `{"id":1,"name":"a/b","day":"2026-01-01"}`+"\n"+`{"id":2}`+"\n"+`{"id":3,"name":"a/b","day":"2026-01-01"}`+"\n")
	for _, f := range []func() error{
		func() error {
			return s.Write(ctx, 4, connector.Changes{Batch: b, Ops: []connector.Op{0, connector.Update, connector.Delete}})
		},
		func() error { return s.Stage(ctx, 4) }, func() error { return s.Publish(ctx, 4) }, func() error { return s.Stage(ctx, 5) }, func() error { return s.Publish(ctx, 5) },
	} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	_ = filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := os.ReadFile(p)
			rel, _ := filepath.Rel(dir, p)
			got = append(got, rel+": "+strings.ReplaceAll(string(b), "\n", ";"))
		}
		return err
	})
	sort.Strings(got)
	want := []string{
		`_streamsqld/25.log: {"step":4,"files":[{"path":"day=2026-01-01/name=a%2Fb/part-00000004-0-25.csv","rows":1,"bytes":5},{"path":"day=__HIVE_DEFAULT_PARTITION__/name=__HIVE_DEFAULT_PARTITION__/part-00000004-1-25.csv","rows":1,"bytes":5}]};`,
		"day=2026-01-01/name=a%2Fb/part-00000004-0-25.csv: id;1;",
		"day=__HIVE_DEFAULT_PARTITION__/name=__HIVE_DEFAULT_PARTITION__/part-00000004-1-25.csv: id;2;",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestSinkErrors(t *testing.T) {
	for opts, code := range map[string]string{"partition_by=x": "42703", "partition_by=id,name,day": "22023", "path=/proc/no": "58030", "path=s3://x": "0A000", "format=csv delimiter=xx": "22023"} {
		_, err := openSink(context.Background(), connector.SinkConfig{Rel: sinkRelation("append", append(strings.Fields(opts), "path="+t.TempDir())...)})
		if err == nil || sqlerr.From(err).Code != code {
			t.Errorf("%s: %v", opts, err)
		}
	}
}

// TestSinkCrashInPublish breaks off the publishing after one of two files, and a line of the log in its middle.
func TestSinkCrashInPublish(t *testing.T) {
	for _, mode := range []string{"append", "complete"} {
		dir := t.TempDir()
		rel := sinkRelation(mode, "path="+dir, "format=json", "roll_size=1")
		ctx := context.Background()
		open := func() *sink {
			s, err := openSink(ctx, connector.SinkConfig{Rel: rel})
			if err != nil {
				t.Fatal(err)
			}
			return s.(*sink)
		}
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		put := func(s *sink, n int64) {
			for i := range 2 {
				check(s.Write(ctx, n, connector.Changes{Batch: sinkRows(rel, fmt.Sprintf(`{"id":%d}`, n*10+int64(i)))}))
			}
			check(s.Stage(ctx, n))
		}
		s := open()
		put(s, 1)
		check(s.Publish(ctx, 1))
		put(s, 2)
		name := "part-00000002-0-25.json"
		check(os.Rename(filepath.Join(s.stepDir(2), name), filepath.Join(dir, name)))
		log, err := os.OpenFile(s.logPath(), os.O_APPEND|os.O_WRONLY, 0)
		check(err)
		_, err = log.WriteString(`{"step":2,"fi`)
		check(err)
		log.Close()
		s = open()
		check(s.Abandon(ctx, 2))
		check(s.Publish(ctx, 2))
		check(s.Publish(ctx, 2))
		want := map[string]string{"append": "10|NULL|NULL 11|NULL|NULL 20|NULL|NULL 21|NULL|NULL", "complete": "20|NULL|NULL 21|NULL|NULL"}[mode]
		got := visible(t, rel, dir, false)
		sort.Strings(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q", mode, got)
		}
		steps, _, err := s.readLog()
		check(err)
		if last := steps[len(steps)-1]; len(steps) != map[string]int{"append": 2, "complete": 1}[mode] || last.Step != 2 || len(last.Files) != 2 {
			t.Errorf("%s: log %+v", mode, steps)
		}
		if left, _ := os.ReadDir(s.staging()); len(left) != 0 {
			t.Errorf("%s: left in staging: %v", mode, left)
		}
	}
}
