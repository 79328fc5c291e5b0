// Package memory names the sink that keeps every row in the server itself, as a table of the sink's name with the system columns _batch_id and
// _op. Package stream writes these rows in the step's own commit, so there is no connector.Sink behind it.
package memory

import (
	"context"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Def is the connector memory.
var Def = connector.Def{
	Name: "memory",
	OpenSink: func(context.Context, connector.SinkConfig) (connector.Sink, error) {
		return nil, sqlerr.New(sqlerr.InternalError, "the memory sink is kept by the server and is not opened")
	},
	Guarantee: "exactly once",
	Doc:       "every row, as a table of the sink's name with _batch_id and _op",
}
