package optimizer

import (
	"maps"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/sql/plan"
)

// temporal: a join with the version of a table that held at a time of the left row. A left row is final when the table's clock has passed its time, so that append mode
// hands it on once. The watermark of the left time bounds what is kept: without one every version and, in update mode, every left row stays.
func (a *analysis) temporal(n *plan.Join, p *props, l *props) {
	p.times = map[int]timeCol{}
	c, _ := n.AsOfTime.(*expr.Column)
	if c != nil {
		if t, ok := l.times[c.Idx]; ok {
			n.LTime, n.LClose = c.Idx, closeMicros(t)
			// A row comes, or is corrected, until the watermark reaches this time. Other times of the row may be over by then, unless this is the one that they are made of.
			if t.raw && n.LClose == rawClose.Micros {
				p.times = maps.Clone(l.times)
			} else {
				if n.LClose < rawClose.Micros {
					t.close = rawClose
				}
				p.times[c.Idx] = t
			}
		}
	}
	if n.LTime < 0 && !n.Keep {
		a.grows(n.Offset(), "join as of a time")
	}
	p.source = l.source
	if a.mode != plan.Append {
		p.appendOnly, p.why = false, noAppend(n.Pos, "Use output_mode = 'update'.", "a commit may still change the version that held")
		return
	}
	p.appendOnly, p.why = l.appendOnly, l.why
	a.fin.line("append: final when %s < the clock of the table", n.AsOfTime.String())
}
