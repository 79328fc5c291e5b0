package optimizer

import (
	"time"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/plan"
	"github.com/streamsqld/streamsqld/types"
)

// match settles MATCH_RECOGNIZE: in append mode rows are judged in the order of the event time, when the watermark has passed them.
func (a *analysis) match(n *plan.Match) (plan.Node, *props, error) {
	in := a.props[n.In]
	c := *n
	switch a.mode {
	case plan.Complete:
		return nil, nil, sqlerr.New(sqlerr.FeatureNotSupported, "output mode complete is not possible with MATCH_RECOGNIZE").At(n.Pos).
			WithHint("Use output_mode = 'append' (with a watermark on the ORDER BY column) or 'update'.")
	case plan.Append:
		return a.matchAppend(&c, in)
	}
	if len(c.Order) > 0 && in.appendOnly && !c.Order[0].Desc {
		if t, ok := in.times[c.Order[0].Col]; ok && !t.nullable && t.close.Months == 0 {
			c.Late, c.Close = true, t.close.Micros+int64(t.close.Days)*microsPerDay
		}
	}
	p := &props{source: in.source}
	p.why = noAppend(n.Pos, "Use output_mode = 'update'.", "matches can still change")
	a.grows(n.Pos, "MATCH_RECOGNIZE")
	return &c, p, nil
}

func (a *analysis) matchAppend(c *plan.Match, in *props) (plan.Node, *props, error) {
	if !in.appendOnly {
		return nil, nil, in.why
	}
	if len(c.Order) == 0 {
		return nil, nil, noAppend(c.Pos, "Write ORDER BY with the event time first, or use output_mode = 'update'.", "MATCH_RECOGNIZE has no ORDER BY")
	}
	k := c.Order[0]
	t, ok := in.times[k.Col]
	switch {
	case !ok || t.nullable || t.close.Months != 0:
		return nil, nil, noAppend(c.Pos, "Declare WATERMARK FOR the column in CREATE STREAM and write it first in ORDER BY, or use output_mode = 'update'.",
			"matches become final by a watermark, and the first ORDER BY column %q of MATCH_RECOGNIZE has none", c.In.Schema()[k.Col].Name)
	case k.Desc:
		return nil, nil, noAppend(c.Pos, "Order by the event time ascending, or use output_mode = 'update'.", "MATCH_RECOGNIZE orders by the event time descending")
	case c.Pattern.Has("end"):
		return nil, nil, noAppend(c.Pos, "Leave $ out of PATTERN, or use output_mode = 'update'.", "the pattern asks for the last row of a partition, and a stream has none")
	}
	c.OnClose, c.Late, c.Close = true, true, t.close.Micros+int64(t.close.Days)*microsPerDay
	name := c.In.Schema()[k.Col].Name
	p := &props{appendOnly: true, source: in.source, times: map[int]timeCol{}}
	if c.Within < 0 {
		a.fin.line("append: a match is final when the rows that decide it have %s < watermark(%s)", name, in.source)
		a.fin.Notices = append(a.fin.Notices, Notice{"the state of the MATCH_RECOGNIZE can grow for ever: a match may stay unfinished", "Bound the match with WITHIN INTERVAL '...' after PATTERN."})
		return c, p, nil
	}
	a.fin.line("append: a match is final at the latest when its first %s + %s < watermark(%s)", name, time.Duration(c.Within)*time.Microsecond, in.source)
	if !looksAhead(c) {
		p.times = matchTimes(c, t)
	}
	return c, p, nil
}

// looksAhead says whether a match waits for rows behind its last one.
func looksAhead(c *plan.Match) bool {
	for _, v := range c.Navs {
		if v.Shift > 0 {
			return true
		}
	}
	return false
}

// matchTimes are the output columns with the time of a row of the match: it is handed on before the watermark passes its first row by the limit.
func matchTimes(c *plan.Match, t timeCol) map[int]timeCol {
	t.close = types.IntervalValue{Micros: c.Close + c.Within}
	out := map[int]timeCol{}
	for i, o := range c.Out {
		if o >= 0 {
			if o == c.Order[0].Col && c.AllRows {
				out[i] = t
			}
			continue
		}
		x, ok := c.Measures[-o-1].(*expr.Column)
		if !ok {
			continue
		}
		if v := c.Navs[x.Idx]; v.Kind == "value" && v.Col == c.Order[0].Col && v.Shift == 0 {
			out[i] = t
		}
	}
	return out
}
