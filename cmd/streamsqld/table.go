package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/engine"
	"github.com/streamsqld/streamsqld/internal/copyfmt"
	"github.com/streamsqld/streamsqld/types"
)

// printer is an engine.ResultWriter that prints results as psql does.
type printer struct {
	out     io.Writer
	quiet   bool // no command tags
	cols    []engine.Column
	format  *types.Format
	rows    [][]string
	copying *copyfmt.Encoder
	buf     []byte
}

// Columns begins a table.
func (p *printer) Columns(cols []engine.Column, f *types.Format) error {
	p.cols, p.format, p.rows, p.copying = cols, f, nil, nil
	return nil
}

// Batch keeps rows for the table; rows of COPY TO STDOUT are written at once.
func (p *printer) Batch(b *types.Batch) error {
	if p.copying != nil {
		return p.copyRows(b)
	}
	for r := 0; r < b.N; r++ {
		row := make([]string, len(p.cols))
		for c := range p.cols {
			row[c] = cellText(b.Cols[c], r, p.cols[c].Type, p.format)
		}
		p.rows = append(p.rows, row)
	}
	return nil
}

func cellText(a arrow.Array, r int, t types.Type, f *types.Format) string {
	if a.IsNull(r) {
		return ""
	}
	if s, ok := a.(*array.String); ok {
		return s.Value(r)
	}
	return string(types.AppendText(nil, a, r, t, f))
}

func (p *printer) copyRows(b *types.Batch) error {
	var err error
	if p.buf, err = p.copying.AppendBatch(p.buf[:0], b); err != nil {
		return err
	}
	_, err = p.out.Write(p.buf)
	return err
}

// Flush prints the rows that are there: a live query goes on afterwards.
func (p *printer) Flush() error {
	if len(p.rows) == 0 {
		return nil
	}
	err := writeTable(p.out, p.cols, p.rows)
	p.rows = nil
	return err
}

// CopyIn reads the data of COPY FROM STDIN from standard input.
func (p *printer) CopyIn(copyfmt.Format, int) (io.Reader, error) { return os.Stdin, nil }

// CopyOut begins COPY TO STDOUT.
func (p *printer) CopyOut(cols []engine.Column, o *copyfmt.Options, f *types.Format) error {
	ts := make([]types.Type, len(cols))
	names := make([]string, len(cols))
	for i, c := range cols {
		ts[i], names[i] = c.Type, c.Name
	}
	p.copying = copyfmt.NewEncoder(ts, o, f)
	if !o.Header {
		return nil
	}
	_, err := p.out.Write(p.copying.AppendHeader(nil, names))
	return err
}

// Notice prints to standard error.
func (p *printer) Notice(n engine.Notice) error {
	fmt.Fprintf(os.Stderr, "%s:  %s\n", n.Severity, n.Message)
	if n.Hint != "" {
		fmt.Fprintf(os.Stderr, "HINT:  %s\n", n.Hint)
	}
	return nil
}

// Complete ends a statement: the table, or its tag.
func (p *printer) Complete(tag string) error {
	cols, rows, copied := p.cols, p.rows, p.copying != nil
	p.cols, p.rows, p.copying = nil, nil, nil
	switch {
	case copied:
		return nil
	case cols != nil:
		return writeTable(p.out, cols, rows)
	case p.quiet:
		return nil
	}
	_, err := fmt.Fprintln(p.out, tag)
	return err
}

// Suspended implements engine.ResultWriter; a script has no portals.
func (p *printer) Suspended() error { return nil }

// Empty ends an empty statement.
func (p *printer) Empty() error { return nil }

// writeTable prints rows in psql's aligned format.
func writeTable(w io.Writer, cols []engine.Column, rows [][]string) error {
	width := make([]int, len(cols))
	for c := range cols {
		width[c] = utf8.RuneCountInString(cols[c].Name)
		for _, r := range rows {
			for _, line := range strings.Split(r[c], "\n") {
				width[c] = max(width[c], utf8.RuneCountInString(line))
			}
		}
	}
	var b strings.Builder
	for c := range cols {
		pad := width[c] - utf8.RuneCountInString(cols[c].Name)
		cell(&b, c, len(cols), strings.Repeat(" ", pad/2)+cols[c].Name+strings.Repeat(" ", pad-pad/2))
	}
	for c := range cols {
		if c > 0 {
			b.WriteByte('+')
		}
		b.WriteString(strings.Repeat("-", width[c]+2))
	}
	b.WriteByte('\n')
	for _, r := range rows {
		writeRow(&b, cols, width, r)
	}
	plural := "s"
	if len(rows) == 1 {
		plural = ""
	}
	fmt.Fprintf(&b, "(%d row%s)\n\n", len(rows), plural)
	_, err := io.WriteString(w, b.String())
	return err
}

func cell(b *strings.Builder, c, n int, text string) {
	if c > 0 {
		b.WriteByte('|')
	}
	b.WriteByte(' ')
	if c == n-1 {
		b.WriteString(strings.TrimRight(text, " "))
		b.WriteByte('\n')
		return
	}
	b.WriteString(text + " ")
}

// writeRow prints one row, over several lines where a value has some.
func writeRow(b *strings.Builder, cols []engine.Column, width []int, row []string) {
	lines, n := make([][]string, len(row)), 1
	for c := range row {
		lines[c] = strings.Split(row[c], "\n")
		n = max(n, len(lines[c]))
	}
	for l := 0; l < n; l++ {
		for c := range cols {
			text := ""
			if l < len(lines[c]) {
				text = lines[c][l]
			}
			pad := strings.Repeat(" ", width[c]-utf8.RuneCountInString(text))
			if cols[c].Type.Category() == 'N' {
				text = pad + text
			} else {
				text += pad
			}
			cell(b, c, len(cols), text)
		}
	}
}
