package connector

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

func TestCheckOptions(t *testing.T) {
	d := &Def{Name: "tap", OpenSource: func(context.Context, SourceConfig) (Source, error) { return nil, nil }, Options: []OptionDef{
		{Name: "path", Kind: "string", Required: true, Source: true, Sink: true, Doc: "where"},
		{Name: "every", Kind: "duration", Source: true}, {Name: "size", Kind: "size", Source: true}, {Name: "n", Kind: "int", Source: true},
		{Name: "mode", Kind: "enum", Enum: []string{"a", "b"}, Source: true}, {Name: "out", Kind: "bool", Sink: true}, {Name: "soon", Kind: "bool", Source: true, Later: true}}}
	for _, c := range []struct{ opts, column, want string }{
		{"connector=tap path=x every=5s size=64MB n=-3 mode=B", "", ""},
		{"n=1", "path", `needs option "path"`},
		{"path=x out=true", "out", `has no option "out"`},
		{"path=x every=soon", "every", `invalid value for option "every"`},
		{"path=x size=much", "size", `invalid value for option "size"`},
		{"path=x n=1.5", "n", `invalid value for option "n"`},
		{"path=x mode=c", "mode", `invalid value for option "mode"`},
	} {
		var opts catalog.Options
		for _, f := range strings.Fields(c.opts) {
			k, v, _ := strings.Cut(f, "=")
			opts = append(opts, catalog.Option{Key: k, Value: v})
		}
		err := CheckOptions(d, opts, false)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.opts, err)
			}
			continue
		}
		e := sqlerr.From(err)
		if e.Code != "22023" || e.Column != c.column || !strings.Contains(e.Message, c.want) {
			t.Errorf("%s: %v (%s, %s)", c.opts, e, e.Code, e.Column)
		}
	}
	if e := sqlerr.From(CheckOptions(d, catalog.Options{{Key: "soon", Value: "true"}}, false)); e.Code != "0A000" || e.Column != "soon" {
		t.Errorf("later: %v", e)
	}
	if e := sqlerr.From(CheckOptions(d, nil, true)); e.Column != "connector" {
		t.Errorf("sink: %v", e)
	}
}

func TestParse(t *testing.T) {
	for v, want := range map[string]time.Duration{"5 seconds": 5 * time.Second, "100ms": 100 * time.Millisecond, "1 day": 24 * time.Hour, "-1 second": -1} {
		if d, err := ParseDuration(v); want >= 0 && (err != nil || d != want) || want < 0 && err == nil {
			t.Errorf("%s: %v %v", v, d, err)
		}
	}
	for v, want := range map[string]int64{"64MB": 64 << 20, "512 kB": 512 << 10, "1GiB": 1 << 30, "10": 10, "1.5k": 1536, "x": -1, "": -1, "-1": -1} {
		if n, err := ParseSize(v); want >= 0 && (err != nil || n != want) || want < 0 && err == nil {
			t.Errorf("%s: %v %v", v, n, err)
		}
	}
}
