package format

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// textDecoder gives each line as the one column, or, with option pattern, fills the columns from the named groups of a regular expression.
type textDecoder struct {
	rows
	pattern *regexp.Regexp
	groups  []int // of the columns of rows
}

func newTextDecoder(c Config) (*textDecoder, error) {
	d := &textDecoder{rows: newRows(c)}
	p, ok := c.Options.Get("pattern")
	if !ok {
		if len(c.Cols) != 1 || c.Cols[0].Type.Category() != types.CatString {
			return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "format text fills one column of type text").
				WithHint("Declare one column (value text), or give the option pattern, a regular expression with named groups for the columns.")
		}
		return d, nil
	}
	var err error
	if d.pattern, err = regexp.Compile(p); err != nil {
		e := sqlerr.New(sqlerr.InvalidRegularExpression, "invalid regular expression in option \"pattern\": %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		e.Column = "pattern"
		return nil, e
	}
	for _, col := range d.cols {
		g := d.pattern.SubexpIndex(col.def.Name)
		for i, name := range d.pattern.SubexpNames() {
			if g < 0 && name != "" && strings.ToLower(name) == col.def.Name {
				g = i
			}
		}
		if g < 0 && col.def.NotNull && col.def.Default == "" && col.def.Generated == "" {
			return nil, badOption("pattern", "it has no group named "+col.def.Name+"; write (?P<"+col.def.Name+">...)")
		}
		d.groups = append(d.groups, g)
	}
	return d, nil
}

// Decode reads lines of text; see Decoder.
func (d *textDecoder) Decode(chunk []byte, emit func(*types.Batch) error) error {
	odd := bytes.IndexByte(chunk, 0) >= 0 || !utf8.Valid(chunk)
	for at := 0; at < len(chunk); {
		from, end := at, bytes.IndexByte(chunk[at:], '\n')
		if end < 0 {
			end = len(chunk) - at
		}
		line := bytes.TrimSuffix(chunk[at:at+end], []byte{'\r'})
		at += end + 1
		if !d.open || d.n == d.cap {
			if err := d.flush(emit); err != nil {
				return err
			}
		}
		d.begin(chunk[from:])
		if err := d.line(line, odd); err != nil {
			if err := d.bad(line, err, from); err != nil {
				return err
			}
		}
	}
	return d.flush(emit)
}

func (d *textDecoder) line(l []byte, odd bool) error {
	if odd {
		if err := types.CheckUTF8(l); err != nil {
			return err
		}
	}
	if d.pattern == nil {
		for _, c := range d.cols {
			c.last = d.n
			if err := c.setString(d.n, l); err != nil {
				return inField(c, err)
			}
			d.put++
		}
		return d.end()
	}
	m := d.pattern.FindSubmatchIndex(l)
	if m == nil {
		return sqlerr.New(sqlerr.InvalidTextRepresentation, "the line does not match the pattern")
	}
	for i, c := range d.cols {
		g := d.groups[i]
		if g < 0 || m[2*g] < 0 {
			continue
		}
		c.last = d.n
		if err := c.setString(d.n, l[m[2*g]:m[2*g+1]]); err != nil {
			return inField(c, err)
		}
		d.put++
	}
	return d.end()
}
