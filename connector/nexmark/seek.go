package nexmark

import (
	"context"
	"strconv"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Seek begins at an event by its number, over all three tables; see connector.Seeker.
func (s *source) Seek(_ context.Context, to connector.SeekTo) (connector.Position, error) {
	if to.Offset < 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a nexmark stream cannot be read from a time on").WithHint("Start from the number of an event, or use a WHERE clause.")
	}
	return connector.Position(strconv.FormatInt(to.Offset, 10)), nil
}
