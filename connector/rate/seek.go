package rate

import (
	"context"
	"strconv"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Seek begins at a row by its number; see connector.Seeker.
func (s *source) Seek(_ context.Context, to connector.SeekTo) (connector.Position, error) {
	if to.Offset < 0 {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "a rate stream cannot be read from a time on").WithHint("Start from the number of a row, or use a WHERE clause.")
	}
	return connector.Position(strconv.FormatInt(to.Offset, 10)), nil
}
