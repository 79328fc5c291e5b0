package exec

import (
	"fmt"
	"hash/fnv"

	"github.com/streamsqld/streamsqld/sql/plan"
)

// NameHash is the part of an operator's name that comes from its own definition, between the kind and, where there are several, its number.
func NameHash(n plan.Node) string {
	h := fnv.New32a()
	h.Write([]byte(n.Explain()))
	return fmt.Sprintf("%08x", h.Sum32())
}
