package nexmark

import (
	"context"
	"slices"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

// Def is the connector nexmark.
var Def = connector.Def{
	Name:       "nexmark",
	OpenSource: openSource,
	Infer:      infer,
	Doc:        "the events of the Nexmark benchmark, always the same for a seed",
	Options: []connector.OptionDef{
		{Name: "table", Kind: "enum", Enum: []string{"person", "auction", "bid"}, Required: true, Source: true, Doc: "person, auction or bid"},
		{Name: "events_per_second", Kind: "int", Source: true, Doc: "pace by the clock, of all three tables together; 0, the default: as fast as possible"},
		{Name: "seed", Kind: "int", Source: true, Doc: "default 42"},
		{Name: "limit", Kind: "int", Source: true, Doc: "events of all three tables together, then it ends; default: no end"},
		{Name: "first_event_rate", Kind: "int", Source: true, Doc: "events in a second of event time, default 100"},
		{Name: "start_time", Kind: "string", Source: true, Doc: "event time of the first event, default 2015-07-15"},
	},
}

func tableOf(o catalog.Options) (*table, error) {
	name := strings.ToLower(connector.String(o, "table", ""))
	if i := slices.IndexFunc(tables, func(t *table) bool { return t.name == name }); i >= 0 {
		return tables[i], nil
	}
	return nil, optionError("table", "it must be one of person, auction, bid")
}

// infer gives the table's columns, with a watermark of four seconds.
func infer(_ context.Context, o catalog.Options) ([]catalog.Column, *catalog.Watermark, error) {
	t, err := tableOf(o)
	if err != nil {
		return nil, nil, err
	}
	return slices.Clone(t.cols), &catalog.Watermark{Column: t.time, Delay: 4 * types.Second, SQL: "date_time - INTERVAL '4 seconds'"}, nil
}
