package plan

import (
	"unsafe"

	"fmt"
	"time"

	"github.com/streamsqld/streamsqld/expr"
)

// Schema is the input's columns, window_start and window_end.
func (n *TimeWindow) Schema() Schema { return n.Cols }

// Inputs is the one input.
func (n *TimeWindow) Inputs() []Node { return unsafe.Slice(&n.In, 1) }

// WithInputs replaces the input.
func (n *TimeWindow) WithInputs(in []Node) Node {
	c := *n
	c.In = in[0]
	return &c
}

// Exprs is nil.
func (n *TimeWindow) Exprs() []expr.Expr { return nil }

// WithExprs gives n.
func (n *TimeWindow) WithExprs([]expr.Expr) Node { return n }

// Explain prints the function with its column and widths.
func (n *TimeWindow) Explain() string {
	s := fmt.Sprintf("TimeWindow %s on %s", n.Func, n.In.Schema()[n.Col].Name)
	if n.Func == "session" {
		s += fmt.Sprintf(" gap %s", micros(n.Gap))
	} else {
		s += fmt.Sprintf(" size %s", micros(n.Size))
	}
	if n.Slide != n.Size && n.Slide != 0 {
		s += fmt.Sprintf(" slide %s", micros(n.Slide))
	}
	if n.Origin != 0 {
		s += fmt.Sprintf(" offset %s", micros(n.Origin))
	}
	return s + finality(n.OnClose, n.Keep, nil)
}

func micros(us int64) time.Duration { return time.Duration(us) * time.Microsecond }

// Offset is the position of the function's name.
func (n *TimeWindow) Offset() int { return n.Pos }
