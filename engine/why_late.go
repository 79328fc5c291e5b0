package engine

import (
	"fmt"
	"strings"

	"github.com/streamsqld/streamsqld/exec"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// drop is a late row that an operator dropped in a batch.
type drop struct {
	batch int64
	by    plan.Node
}

func (d drop) String() string {
	return fmt.Sprintf("dropped in batch %d by the operator %s", d.batch, d.by.Explain())
}

// lateAt finds a row among the late rows that were kept of an operator: each one that is equal to it.
func (t *tracer) lateAt(n plan.Node, b *types.Batch, schema plan.Schema) (out []drop) {
	if t.onTime {
		return nil
	}
	row := rowJSON(b, 0, schema, t.f)
	for k := range t.late {
		d := &t.late[k]
		if d.Schema == nil || !strings.Contains(d.Op, exec.NameHash(n)) {
			continue
		}
		for i := 0; i < d.Rows.N; i++ {
			if rowJSON(d.Rows, i, d.Schema, t.f) == row {
				out = append(out, drop{d.Step, n})
			}
		}
	}
	return out
}

// equalRows are the rows of a source that such late rows were found for, by their values, in the order in which they came.
type equalRows map[string]*equals

type equals struct {
	answers [][]string
	row     *types.Batch
	late    []drop
}

func (e equalRows) add(answer []string, row *types.Batch, late []drop) {
	if e[answer[1]] == nil {
		e[answer[1]] = &equals{row: row, late: late}
	}
	e[answer[1]].answers = append(e[answer[1]].answers, answer)
}

// settleEqual tells the rows that were in time from equal ones that were late: those came last.
func (t *tracer) settleEqual(rows equalRows, scan *plan.Scan, way []step) error {
	for _, e := range rows {
		inTime := max(0, len(e.answers)-len(e.late))
		for i, a := range e.answers[inTime:] {
			a[3] = e.late[i].String()
		}
		if inTime == 0 {
			continue
		}
		t.onTime = true
		fate, reason, _, err := t.follow(scan, e.row.Project(scan.Cols), way)
		t.onTime = false
		if err != nil {
			return err
		}
		for _, a := range e.answers[:inTime] {
			a[2], a[3] = fate, reason
		}
	}
	return nil
}
