// Package blackhole is the sink that takes everything and keeps nothing, for measuring.
package blackhole

import (
	"context"

	"github.com/streamsqld/streamsqld/connector"
)

// Def is the connector blackhole.
var Def = connector.Def{
	Name:      "blackhole",
	OpenSink:  func(context.Context, connector.SinkConfig) (connector.Sink, error) { return sink{}, nil },
	Guarantee: "exactly once",
	Doc:       "takes every row and keeps none",
}

type sink struct{}

func (sink) Write(context.Context, int64, connector.Changes) error { return nil }
func (sink) Stage(context.Context, int64) error                    { return nil }
func (sink) Publish(context.Context, int64) error                  { return nil }
func (sink) Abandon(context.Context, int64) error                  { return nil }
func (sink) TakesDeletes() bool                                    { return true }
func (sink) Close() error                                          { return nil }
