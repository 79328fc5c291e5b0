package format

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// csvDecoder reads records of fields. Without a header the fields are the stream's columns in their order. Fields after the last one that is
// wanted are not looked at.
type csvDecoder struct {
	rows
	o      csvOptions
	fields []int // column of rows that a field fills, -1: none; ends with the last wanted one
	names  []string
	all    int  // fields of a record
	quotes bool // the chunk has quotes
	buf    []byte
}

func newCSVDecoder(c Config) (*csvDecoder, error) {
	o, err := readCSVOptions(c.Options)
	if err != nil {
		return nil, err
	}
	d := &csvDecoder{rows: newRows(c), o: o}
	if c.Header != nil {
		d.fromHeader(c.Header)
		return d, nil
	}
	d.names = make([]string, len(c.Cols))
	for i, col := range c.Cols {
		d.names[i] = col.Name
	}
	d.fields = make([]int, len(c.Cols))
	for i := range d.fields {
		d.fields[i] = -1
	}
	for i, w := range c.Want {
		d.fields[w] = i
	}
	d.trim()
	return d, nil
}

// fromHeader settles which field fills which column by the names.
func (d *csvDecoder) fromHeader(line []byte) {
	d.names = d.Names(line)
	d.fields = make([]int, len(d.names))
	taken := make([]bool, len(d.cols))
	for pass := range 2 {
		for f, name := range d.names {
			if pass == 0 {
				d.fields[f] = -1
			}
			for i, col := range d.cols {
				if !taken[i] && d.fields[f] < 0 && (name == col.def.Name || pass == 1 && strings.ToLower(name) == col.def.Name) {
					d.fields[f], taken[i] = i, true
				}
			}
		}
	}
	d.trim()
}

// Names reads a header line.
func (d *csvDecoder) Names(line []byte) []string {
	line = bytes.TrimPrefix(bytes.TrimRight(line, "\r\n"), []byte("\xef\xbb\xbf"))
	d.quotes = true
	var names []string
	for at := 0; at <= len(line); {
		f, next, _, err := d.field(line, at)
		if err != nil {
			break
		}
		names = append(names, strings.TrimSpace(string(f)))
		at = next
	}
	return names
}

func (d *csvDecoder) trim() {
	d.all = len(d.fields)
	for len(d.fields) > 0 && d.fields[len(d.fields)-1] < 0 {
		d.fields = d.fields[:len(d.fields)-1]
	}
}

// Decode reads csv records; see Decoder.
func (d *csvDecoder) Decode(chunk []byte, emit func(*types.Batch) error) error {
	d.quotes = bytes.IndexByte(chunk, d.o.quote) >= 0
	odd := bytes.IndexByte(chunk, 0) >= 0 || !utf8.Valid(chunk)
	for at := 0; at < len(chunk); {
		from := at
		end := d.recordEnd(chunk, at)
		at = end + 1
		line := bytes.TrimSuffix(chunk[from:end], []byte{'\r'})
		if len(line) == 0 && len(d.names) > 1 {
			continue
		}
		if !d.open || d.n == d.cap {
			if err := d.flush(emit); err != nil {
				return err
			}
		}
		d.begin(chunk[from:])
		if err := d.record(line, odd); err != nil {
			if err := d.bad(line, err, from); err != nil {
				return err
			}
		}
	}
	return d.flush(emit)
}

// recordEnd finds the end of the record at from: the line end, or where values may go over several lines, the one outside quotes.
func (d *csvDecoder) recordEnd(chunk []byte, from int) int {
	end := from
	quotes := 0
	for {
		n := bytes.IndexByte(chunk[end:], '\n')
		if n < 0 {
			return len(chunk)
		}
		if !d.o.multiline || !d.quotes {
			return end + n
		}
		quotes += bytes.Count(chunk[end:end+n], []byte{d.o.quote})
		if d.o.escape != d.o.quote {
			quotes -= bytes.Count(chunk[end:end+n], []byte{d.o.escape, d.o.quote})
		}
		if end += n; quotes%2 == 0 {
			return end
		}
		end++
	}
}

func (d *csvDecoder) record(l []byte, odd bool) error {
	if odd {
		if err := types.CheckUTF8(l); err != nil {
			return err
		}
	}
	at := 0
	for f, col := range d.fields {
		if at > len(l) {
			return sqlerr.New(sqlerr.BadCopyFileFormat, "missing data for column %q", d.names[f])
		}
		text, next, quoted, err := d.field(l, at)
		if err != nil {
			return err
		}
		at = next
		if col < 0 || !quoted && string(text) == d.o.null {
			continue // end puts the null
		}
		c := d.cols[col]
		c.last = d.n
		if c.kind == kindText {
			c.setText(d.n, text)
		} else if err := c.setString(d.n, text); err != nil {
			return inField(c, err)
		}
		d.put++
	}
	if len(d.fields) == d.all && at <= len(l) && d.all > 0 {
		return sqlerr.New(sqlerr.BadCopyFileFormat, "extra data after last expected column")
	}
	return d.end()
}

// field reads the field at i; next is where the next one begins, past the end of l after the last.
func (d *csvDecoder) field(l []byte, i int) (text []byte, next int, quoted bool, err error) {
	if !d.quotes || i == len(l) || l[i] != d.o.quote {
		n := bytes.IndexByte(l[i:], d.o.delim)
		if n < 0 {
			return l[i:], len(l) + 1, false, nil
		}
		return l[i : i+n], i + n + 1, false, nil
	}
	d.buf = d.buf[:0]
	for i++; ; i++ {
		if i >= len(l) {
			return nil, i, true, sqlerr.New(sqlerr.BadCopyFileFormat, "unterminated CSV quoted field")
		}
		switch b := l[i]; {
		case b == d.o.escape && i+1 < len(l) && (l[i+1] == d.o.quote || l[i+1] == d.o.escape):
			i++
			d.buf = append(d.buf, l[i])
		case b != d.o.quote:
			d.buf = append(d.buf, b)
		case i+1 == len(l):
			return d.buf, i + 2, true, nil
		case l[i+1] == d.o.delim:
			return d.buf, i + 2, true, nil
		default:
			return nil, i, true, sqlerr.New(sqlerr.BadCopyFileFormat, "unexpected data after a quoted CSV field")
		}
	}
}
