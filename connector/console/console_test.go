package console

import (
	"context"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

func batch(t *testing.T, ids, names string) *types.Batch {
	b := &types.Batch{}
	for _, c := range []struct {
		typ  types.Type
		text string
	}{{types.Int8, ids}, {types.Text, names}} {
		build := types.NewBuilder(c.typ)
		for _, v := range strings.Split(c.text, ",") {
			if v == "NULL" {
				build.AppendNull()
			} else if err := types.ParseText(build, v, c.typ, nil); err != nil {
				t.Fatal(err)
			}
		}
		a := build.NewArray()
		b.Cols, b.N = append(b.Cols, arrow.Array(a)), a.Len()
	}
	return b
}

func TestConsole(t *testing.T) {
	cols := []catalog.Column{{Name: "id", Type: types.Int8}, {Name: "name", Type: types.Text}}
	for _, c := range []struct {
		name, mode string
		opts       catalog.Options
		order      []catalog.OrderCol
		parts      []connector.Changes
		want       string
	}{
		{"append", "append", nil, nil, []connector.Changes{{Batch: batch(t, "1,200,NULL", "a,a name that is far too long,NULL")}, {Batch: batch(t, "4", "é\n")}},
			"-- batch 7 of s\n id  |         name         \n-----+----------------------\n   1 | a\n 200 | a name that is fa...\n     | \n   4 | é\\n\n(4 rows)\n\n"},
		{"limit", "append", catalog.Options{{Key: "num_rows", Value: "1"}, {Key: "truncate", Value: "false"}}, nil, []connector.Changes{{Batch: batch(t, "1,2", "a name that is far too long,b")}},
			"-- batch 7 of s\n id |            name             \n----+-----------------------------\n  1 | a name that is far too long\n(2 rows, the first 1 are shown)\n\n"},
		{"ops", "update", nil, nil, []connector.Changes{{Batch: batch(t, "1", "b"), Ops: []connector.Op{connector.Update}}},
			"-- batch 7 of s\n  _op   | id | name \n--------+----+------\n update |  1 | b\n(1 row)\n\n"},
		{"order", "complete", catalog.Options{{Key: "num_rows", Value: "2"}}, []catalog.OrderCol{{Col: 0, Desc: true}}, []connector.Changes{{Batch: batch(t, "1,3,2", "a,b,c")}},
			"-- batch 7 of s\n id | name \n----+------\n  3 | b\n  2 | c\n(3 rows, the first 2 are shown)\n\n"},
		{"nothing", "append", nil, nil, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			d := New(&out)
			s, err := d.OpenSink(context.Background(), connector.SinkConfig{Rel: &catalog.Relation{Name: "s", Columns: cols, Mode: c.mode, Options: c.opts}, Order: c.order})
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range c.parts {
				if err := s.Write(context.Background(), 7, p); err != nil {
					t.Fatal(err)
				}
			}
			for range 2 {
				if err := s.Publish(context.Background(), 7); err != nil {
					t.Fatal(err)
				}
			}
			if out.String() != c.want {
				t.Errorf("got\n%s\nwant\n%s", out.String(), c.want)
			}
		})
	}
}
