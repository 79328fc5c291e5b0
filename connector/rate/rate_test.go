package rate

import (
	"context"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/conformance"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

func TestConformance(t *testing.T) {
	cols, _, _ := Def.Infer(context.Background(), nil)
	rel := &catalog.Relation{Columns: cols, Options: catalog.Options{{Key: "rows_per_second", Value: "300"}}}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	opened := 0
	rows := conformance.Source(t, rel, func(kv connector.KV) (connector.Source, error) {
		opened++
		s, err := open(context.Background(), connector.SourceConfig{Rel: rel, KV: kv, Clock: func() time.Time { return now }})
		if opened == 1 {
			now = now.Add(2*time.Second + 5*time.Millisecond)
		}
		return s, err
	})
	if len(rows) != 601 || rows[0] != "2026-01-01 00:00:00+00|0" || rows[301] != "2026-01-01 00:00:01.003333+00|301" {
		t.Errorf("%d rows: %s, %s", len(rows), rows[0], rows[301])
	}
}

func TestErrors(t *testing.T) {
	rel := &catalog.Relation{Options: catalog.Options{{Key: "rows_per_second", Value: "0"}}}
	if _, err := open(context.Background(), connector.SourceConfig{Rel: rel}); err == nil || sqlerr.From(err).Column != "rows_per_second" {
		t.Error(err)
	}
	rel = &catalog.Relation{Columns: []catalog.Column{{Name: "x", Type: types.Text}}}
	if _, err := open(context.Background(), connector.SourceConfig{Rel: rel}); err == nil || sqlerr.From(err).Code != "42P16" {
		t.Error(err)
	}
}
