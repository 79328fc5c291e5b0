package socket

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/conformance"
	"github.com/streamsqld/streamsqld/types"
)

// serve hands each text to one connection after another and closes it.
func serve(t *testing.T, texts ...string) *net.TCPAddr {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for _, text := range texts {
			c, err := l.Accept()
			if err != nil {
				return
			}
			for _, part := range strings.SplitAfter(text, "^") {
				fmt.Fprint(c, strings.TrimSuffix(part, "^"))
				time.Sleep(5 * time.Millisecond)
			}
			c.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr)
}

func TestReceive(t *testing.T) {
	for _, c := range []struct {
		opts, want, bad string
		cols            []catalog.Column
		texts           []string
	}{
		{"", "hello world, two, , last, again", "", []catalog.Column{{Name: "value", Type: types.Text}}, []string{"hello ^world\r\ntwo\n\nla^st", "again\n"}},
		{"format=json", "1, 2", "line 2 x", []catalog.Column{{Name: "id", Type: types.Int8}}, []string{"{\"id\":1}\nx\n", "{\"id\":2}"}},
		{"format=csv header=true", "a|1, b|2", "line 2 ,x", []catalog.Column{{Name: "name", Type: types.Text}, {Name: "id", Type: types.Int4}}, []string{"ID,name\n1,a\n", "name,ID^\n,x\nb,2\n"}},
	} {
		addr := serve(t, c.texts...)
		rel := &catalog.Relation{Name: "s", Columns: c.cols, Options: catalog.Options{{Key: "host", Value: "127.0.0.1"}, {Key: "port", Value: fmt.Sprint(addr.Port)}}}
		for _, o := range strings.Fields(c.opts) {
			k, v, _ := strings.Cut(o, "=")
			rel.Options = append(rel.Options, catalog.Option{Key: k, Value: v})
		}
		r, err := open(context.Background(), connector.SourceConfig{Rel: rel})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		var got, bad []string
		err = r.Run(ctx, func(b *types.Batch) error {
			got = append(got, conformance.Rows(b, rel, conformance.All(rel))...)
			if len(got) >= len(strings.Split(c.want, ", ")) {
				cancel()
			}
			return nil
		}, func(b connector.Bad) error {
			_, where, _ := strings.Cut(b.Source, " ")
			bad = append(bad, where+" "+b.Raw)
			return nil
		})
		cancel()
		if !errors.Is(err, context.Canceled) || strings.Join(got, ", ") != c.want || strings.Join(bad, ", ") != c.bad {
			t.Errorf("%s: got %q, bad %q, %v", c.opts, got, bad, err)
		}
	}
}

func TestStops(t *testing.T) {
	addr := serve(t, "x\n")
	rel := &catalog.Relation{Columns: []catalog.Column{{Name: "value", Type: types.Text}}, Options: catalog.Options{{Key: "host", Value: "127.0.0.1"}, {Key: "port", Value: fmt.Sprint(addr.Port)}}}
	r, err := open(context.Background(), connector.SourceConfig{Rel: rel})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	if err := r.Run(context.Background(), func(*types.Batch) error { return full }, nil); !errors.Is(err, full) {
		t.Error(err)
	}
}
