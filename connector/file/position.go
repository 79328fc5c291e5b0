package file

import (
	"encoding/json"
	"fmt"

	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// position is a place: all files before File, and the first Byte bytes of it (of parquet: row groups; of compressed files: bytes of
// their content).
type position struct {
	File int64 `json:"file"`
	Byte int64 `json:"byte"`
}

func readPosition(p connector.Position) (pos position, err error) {
	if p == nil {
		return pos, nil
	}
	if err := json.Unmarshal(p, &pos); err != nil || pos.File < 0 || pos.Byte < 0 {
		return pos, sqlerr.New(sqlerr.DataCorrupted, "invalid position of a file source: %q", []byte(p))
	}
	return pos, nil
}

func (p position) encode() connector.Position {
	return fmt.Appendf(nil, `{"file":%d,"byte":%d}`, p.File, p.Byte)
}

func (p position) before(q position) bool {
	return p.File < q.File || p.File == q.File && p.Byte < q.Byte
}
