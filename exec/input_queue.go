package exec

import "github.com/streamsqld/streamsqld/types"

// inputQueue keeps input of an operator until enough of it is there for one read of a Cold to serve many rows.
type inputQueue struct {
	waiting [2][]*types.Batch // by port
	rows    int
}

// pageRows is how many rows of input are taken together at most.
const pageRows = 1 << 19

// hold keeps b; ready: enough is there.
func (q *inputQueue) hold(port int, b *types.Batch) (ready bool) {
	q.waiting[port], q.rows = append(q.waiting[port], b), q.rows+b.N
	return q.rows >= pageRows
}

// drain hands what waits to push.
func (q *inputQueue) drain(push func(port int, b *types.Batch) error) error {
	if q.rows == 0 {
		return nil
	}
	q.rows = 0
	for port, bs := range q.waiting {
		if len(bs) == 0 {
			continue
		}
		q.waiting[port] = nil
		b, err := types.ConcatBatches(bs)
		if err != nil {
			return err
		}
		if err := push(port, b); err != nil {
			return err
		}
	}
	return nil
}
