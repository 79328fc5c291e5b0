package engine

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/state"
	"github.com/streamsqld/streamsqld/types"
)

// manyKeys: where an index is asked for more than one key for so many rows, reading all rows is quicker.
const manyKeys = 10

// givenKeys are what a join knows of the rows that it needs: n keys in columns.
type givenKeys struct {
	cols []arrow.Array
	n    int
}

// keyed opens a scan that is told when its join knows the keys.
func (r *queryRun) keyed(ctx context.Context, scan *plan.Scan) (exec.Input, error) {
	log, err := r.sess.eng.changelog(scan.Rel)
	if err != nil {
		return exec.Input{}, err
	}
	all := *scan
	all.Lookup = nil
	t, is := log.(*state.Table)
	if !is {
		splits, err := r.read(ctx, &all)
		return exec.Input{Splits: splits}, err
	}
	release, err := t.Pin(r.sess.eng.pin(r.tx, scan.Rel, log))
	if err != nil {
		return exec.Input{}, err
	}
	r.releases = append(r.releases, release)
	return exec.Input{ByKeys: func(cols []arrow.Array, n int) ([]types.Split, error) {
		if n < 0 || int64(n)*manyKeys > t.Rows() {
			return r.read(ctx, &all)
		}
		ts := make([]types.Type, len(cols))
		for i, c := range scan.Lookup.Cols {
			ts[i] = scan.Rel.Columns[c].Type
		}
		cols, n = distinctKeys(cols, ts)
		some := *scan
		r.given = map[*plan.Scan]givenKeys{&some: {cols, n}}
		return r.read(ctx, &some)
	}}, nil
}
