// Package builtin is the list of the connectors that the server has.
package builtin

import (
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/connector/blackhole"
	"github.com/streamsqld/streamsqld/connector/console"
	"github.com/streamsqld/streamsqld/connector/file"
	"github.com/streamsqld/streamsqld/connector/memory"
	"github.com/streamsqld/streamsqld/connector/nexmark"
	"github.com/streamsqld/streamsqld/connector/rate"
	"github.com/streamsqld/streamsqld/connector/socket"
)

// Connectors gives every connector; a new one is a line here.
func Connectors() []connector.Def {
	return []connector.Def{
		file.Def,
		socket.Def,
		rate.Def,
		nexmark.Def,
		console.Def,
		memory.Def,
		blackhole.Def,
	}
}
