// Package console is the sink that prints each trigger's rows as a table in psql's style.
package console

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/connector"
	"github.com/streamsqld/streamsqld/types"
)

// Def is the connector console, which prints to the standard output.
var Def = New(os.Stdout)

// width is how many characters of a text are shown with truncate.
const width = 20

// New makes the connector with another output; tables of several sinks are not mixed.
func New(w io.Writer) connector.Def {
	out := &output{w: w}
	return connector.Def{
		Name:      "console",
		Guarantee: "at most once",
		Doc:       "prints a table for each trigger",
		Options: []connector.OptionDef{
			{Name: "num_rows", Kind: "int", Sink: true, Doc: "rows shown of a trigger, default 20"},
			{Name: "truncate", Kind: "bool", Sink: true, Doc: "cut texts to 20 characters, default true"},
		},
		OpenSink: func(_ context.Context, c connector.SinkConfig) (connector.Sink, error) {
			s := &sink{out: out, rel: c.Rel, limit: max(connector.Int(c.Rel.Options, "num_rows", 20), 0), cut: connector.Bool(c.Rel.Options, "truncate", true)}
			for i, col := range c.Rel.Columns {
				if !col.Hidden && !col.Dropped {
					s.cols = append(s.cols, i)
				}
			}
			if c.Rel.Mode == "complete" {
				s.order = c.Order
			}
			return s, nil
		},
	}
}

// output is shared by the sinks.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

type sink struct {
	out   *output
	rel   *catalog.Relation
	cols  []int
	order []catalog.OrderCol
	limit int64
	cut   bool

	step  int64
	parts []connector.Changes
	rows  int64
}

// Write keeps the rows that will be shown; see connector.Sink.
func (s *sink) Write(_ context.Context, n int64, c connector.Changes) error {
	if s.step != n {
		s.step, s.parts, s.rows = n, nil, 0
	}
	if s.rows < s.limit || len(s.order) > 0 || len(s.parts) == 0 {
		s.parts = append(s.parts, c)
	}
	s.rows += int64(c.Batch.N)
	return nil
}

func (s *sink) Stage(context.Context, int64) error   { return nil }
func (s *sink) Abandon(context.Context, int64) error { s.parts = nil; return nil }
func (s *sink) TakesDeletes() bool                   { return true }
func (s *sink) Close() error                         { return nil }

// Publish prints the step; see connector.Sink.
func (s *sink) Publish(_ context.Context, n int64) error {
	if s.step != n || s.parts == nil {
		return nil
	}
	text := s.table()
	s.parts = nil
	s.out.mu.Lock()
	defer s.out.mu.Unlock()
	_, err := io.WriteString(s.out.w, text)
	return err
}

// place is a row of a part.
type place struct{ part, row int }

// shown gives the rows to show, in their order.
func (s *sink) shown() []place {
	var rows []place
	for p, c := range s.parts {
		for i := range c.Batch.N {
			if len(s.order) == 0 && int64(len(rows)) >= s.limit {
				return rows
			}
			rows = append(rows, place{p, i})
		}
	}
	var cmps []types.Comparer
	for _, o := range s.order {
		cmps = append(cmps, types.NewComparer(s.rel.Columns[o.Col].Type))
	}
	slices.SortStableFunc(rows, func(a, b place) int {
		for k, o := range s.order {
			x, y := s.parts[a.part].Batch.Cols[o.Col], s.parts[b.part].Batch.Cols[o.Col]
			if nx, ny := x.IsNull(a.row), y.IsNull(b.row); nx || ny {
				if nx != ny {
					if nx == o.NullsFirst {
						return -1
					}
					return 1
				}
				continue
			}
			c := cmps[k](x, a.row, y, b.row)
			if o.Desc {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return 0
	})
	return rows[:min(int64(len(rows)), s.limit)]
}

// table is the text that is printed.
func (s *sink) table() string {
	var head []string
	var right []bool
	ops := slices.ContainsFunc(s.parts, func(c connector.Changes) bool { return c.Ops != nil })
	if ops {
		head, right = append(head, "_op"), append(right, false)
	}
	for _, c := range s.cols {
		head = append(head, s.rel.Columns[c].Name)
		right = append(right, s.rel.Columns[c].Type.Category() == types.CatNumeric)
	}
	var rows [][]string
	for _, p := range s.shown() {
		var row []string
		c := s.parts[p.part]
		if ops {
			op := connector.Insert
			if c.Ops != nil {
				op = c.Ops[p.row]
			}
			row = append(row, op.String())
		}
		for _, k := range s.cols {
			row = append(row, s.value(c.Batch, k, p.row))
		}
		rows = append(rows, row)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "-- batch %d of %s\n", s.step, s.rel.Name)
	layOut(&b, head, right, rows)
	switch n := int64(len(rows)); {
	case n < s.rows:
		fmt.Fprintf(&b, "(%d rows, the first %d are shown)\n\n", s.rows, n)
	case n == 1:
		b.WriteString("(1 row)\n\n")
	default:
		fmt.Fprintf(&b, "(%d rows)\n\n", n)
	}
	return b.String()
}

// value is the text of a value; line breaks would break the table.
func (s *sink) value(b *types.Batch, col, row int) string {
	a, t := b.Cols[col], s.rel.Columns[col].Type
	if a.IsNull(row) {
		return ""
	}
	v := strings.NewReplacer("\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(string(types.AppendText(nil, a, row, t, nil)))
	if s.cut && (t.Category() == types.CatString || t.Is(types.JSON) || t.Is(types.JSONB)) && utf8.RuneCountInString(v) > width {
		v = string([]rune(v)[:width-3]) + "..."
	}
	return v
}

// layOut writes head and rows in columns.
func layOut(b *strings.Builder, head []string, right []bool, rows [][]string) {
	wide := make([]int, len(head))
	for _, row := range append([][]string{head}, rows...) {
		for i, v := range row {
			wide[i] = max(wide[i], utf8.RuneCountInString(v))
		}
	}
	for i, h := range head {
		left := (wide[i] - utf8.RuneCountInString(h)) / 2
		bar := "|"
		if i == 0 {
			bar = ""
		}
		fmt.Fprintf(b, "%s %s%s%s ", bar, strings.Repeat(" ", left), h, strings.Repeat(" ", wide[i]-left-utf8.RuneCountInString(h)))
	}
	b.WriteByte('\n')
	for i := range head {
		if i > 0 {
			b.WriteByte('+')
		}
		b.WriteString(strings.Repeat("-", wide[i]+2))
	}
	b.WriteByte('\n')
	for _, row := range rows {
		for i, v := range row {
			pad := strings.Repeat(" ", wide[i]-utf8.RuneCountInString(v))
			switch {
			case right[i]:
				v = pad + v
			case i < len(row)-1:
				v += pad
			}
			if i > 0 {
				b.WriteString(" | ")
			} else {
				b.WriteByte(' ')
			}
			b.WriteString(v)
		}
		b.WriteByte('\n')
	}
}
