package exec

import "github.com/streamsqld/streamsqld/types"

// inputQueue keeps input of an operator until enough of it is there for one read of a Cold to serve many rows.
type inputQueue struct {
	waiting [2][]*types.Batch // by port
	rows    int
	bytes   int64
}

// So many rows of input, or bytes of it, are taken together at most.
const (
	pageRows  = 1 << 19
	pageBytes = 64 << 20
)

// hold keeps b; ready: enough is there.
func (q *inputQueue) hold(port int, b *types.Batch) (ready bool) {
	q.waiting[port], q.rows, q.bytes = append(q.waiting[port], b), q.rows+b.N, q.bytes+types.BatchBytes(b)
	return q.rows >= pageRows || q.bytes >= pageBytes
}

// drain hands what waits to push.
func (q *inputQueue) drain(push func(port int, b *types.Batch) error) error {
	if q.rows == 0 {
		return nil
	}
	q.rows, q.bytes = 0, 0
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
