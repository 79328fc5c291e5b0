package optimizer

import (
	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql"
)

// Options are what a plan is made with beside the query.
type Options struct {
	Off   map[string]bool // rules that are left out
	Stats Stats           // nil: nothing is known
}

// Stats tells what is known of the rows of a relation; nil: nothing.
type Stats interface {
	Of(rel *catalog.Relation) *catalog.TableStats
}

// Indexes tells the keys of the indexes over expressions and over a part of the rows, by name. Stats may implement it; else no query uses them.
type Indexes interface {
	IndexKeys(rel *catalog.Relation) map[string]*sql.IndexKeys
}
