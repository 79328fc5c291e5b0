package optimizer

import "github.com/streamsqld/streamsqld/catalog"

// Options are what a plan is made with beside the query.
type Options struct {
	Off   map[string]bool // rules that are left out
	Stats Stats           // nil: nothing is known
}

// Stats tells what is known of the rows of a relation; nil: nothing.
type Stats interface {
	Of(rel *catalog.Relation) *catalog.TableStats
}
