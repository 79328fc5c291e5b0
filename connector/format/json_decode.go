package format

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// jsonDecoder reads lines of JSON objects, one walk over each, straight into the columns. What stands between the values (brackets, keys,
// blanks) is mostly the same from row to row, so it keeps the literals of the rows before, in their order, and compares them as a whole; a
// key is only scanned and looked up where that fails.
type jsonDecoder struct {
	rows
	names map[string]int // key to column of rows, -1: not wanted; grows with the unknown keys seen
	folds map[string]int // lower-case names
	steps []jsonStep
	esc   bool   // the chunk has a backslash
	buf   []byte // for unescaping
}

// jsonStep is the text between two values: from the end of one to the beginning of the next.
type jsonStep struct {
	lit   string
	col   int
	first bool // it opens the line
}

// at says whether the step stands at i of l, with something behind it.
func (s *jsonStep) at(l []byte, i int) bool {
	return len(l)-i > len(s.lit) && s.first == (i == 0) && string(l[i:i+len(s.lit)]) == s.lit
}

// Bounds of what is remembered.
const (
	maxSteps = 64
	maxNames = 4096
	maxDepth = 1000
)

func newJSONDecoder(c Config) *jsonDecoder {
	d := &jsonDecoder{rows: newRows(c), names: map[string]int{}, folds: map[string]int{}}
	for i, col := range d.cols {
		d.names[col.def.Name] = i
	}
	for i := len(c.Cols) - 1; i >= 0; i-- {
		if _, ok := d.names[c.Cols[i].Name]; !ok {
			d.names[c.Cols[i].Name] = -1
		}
	}
	for name, i := range d.names {
		if name == strings.ToLower(name) {
			d.folds[name] = i
		}
	}
	return d
}

// Decode reads lines of JSON objects; see Decoder.
func (d *jsonDecoder) Decode(chunk []byte, emit func(*types.Batch) error) error {
	d.esc = bytes.IndexByte(chunk, '\\') >= 0
	odd := bytes.IndexByte(chunk, 0) >= 0 || !utf8.Valid(chunk)
	for at := 0; at < len(chunk); {
		end := bytes.IndexByte(chunk[at:], '\n')
		next := at + end + 1
		if end < 0 {
			end = len(chunk) - at
			next = len(chunk)
		}
		line := chunk[at : at+end]
		from := at
		at = next
		if len(line) <= 1 && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if !d.open || d.n == d.cap {
			if err := d.flush(emit); err != nil {
				return err
			}
		}
		d.begin(chunk[from:])
		err := d.line(line, odd)
		if err == errBlank {
			continue
		}
		if err != nil {
			if err := d.bad(line, err, from); err != nil {
				return err
			}
		}
	}
	return d.flush(emit)
}

var errBlank = sqlerr.New(sqlerr.InternalError, "blank line")

func (d *jsonDecoder) line(l []byte, odd bool) error {
	if odd {
		if err := types.CheckUTF8(l); err != nil {
			return err
		}
	}
	if err := d.object(l); err != nil {
		return err
	}
	return d.end()
}

// object reads the fields of one line.
func (d *jsonDecoder) object(l []byte) error {
	i, s := 0, 0
	for {
		col := -1
		if s < len(d.steps) && d.steps[s].at(l, i) {
			i += len(d.steps[s].lit)
			col = d.steps[s].col
			s++
		} else {
			if i+1 == len(l) && i > 0 && l[i] == '}' {
				return nil
			}
			var done bool
			var err error
			if i, col, s, done, err = d.key(l, i, s); done || err != nil {
				return err
			}
		}
		var err error
		if col < 0 || d.cols[col].last == d.n {
			i, err = skipValue(l, i, 0)
		} else {
			i, err = d.value(d.cols[col], l, i)
		}
		if err != nil {
			return err
		}
	}
}

// key reads what stands between two values, at i: comma or bracket, key, colon, blanks; or the end of the object. It learns the step.
func (d *jsonDecoder) key(l []byte, i, s int) (at, col, step int, done bool, err error) {
	from := i
	i = skipBlank(l, i)
	switch {
	case i == len(l) && from == 0:
		return i, 0, s, true, errBlank
	case i == len(l):
		return i, 0, s, true, badJSON(l, i)
	case l[i] == '}' && from > 0:
		if i = skipBlank(l, i+1); i < len(l) {
			return i, 0, s, true, badJSON(l, i)
		}
		return i, 0, s, true, nil
	case l[i] != ',' && from > 0, l[i] != '{' && from == 0:
		return i, 0, s, true, badJSON(l, i)
	}
	i = skipBlank(l, i+1)
	if from == 0 && i < len(l) && l[i] == '}' {
		if i = skipBlank(l, i+1); i < len(l) {
			return i, 0, s, true, badJSON(l, i)
		}
		return i, 0, s, true, nil
	}
	if i == len(l) || l[i] != '"' {
		return i, 0, s, true, badJSON(l, i)
	}
	key, i, err := d.text(l, i)
	if err != nil {
		return i, 0, s, true, err
	}
	if i = skipBlank(l, i); i == len(l) || l[i] != ':' {
		return i, 0, s, true, badJSON(l, i)
	}
	if i = skipBlank(l, i+1); i == len(l) {
		return i, 0, s, true, badJSON(l, i)
	}
	col = d.find(key)
	return i, col, d.learn(l[from:i], s, col, from == 0), false, nil
}

// learn gives the step after the literal: where it is known already, or after it has been put in at s.
func (d *jsonDecoder) learn(lit []byte, s, col int, first bool) int {
	for j := range d.steps {
		if d.steps[j].lit == string(lit) {
			return j + 1
		}
	}
	if len(d.steps) == maxSteps || len(lit) > 256 {
		return s
	}
	d.steps = append(d.steps, jsonStep{})
	copy(d.steps[s+1:], d.steps[s:])
	d.steps[s] = jsonStep{string(lit), col, first}
	return s + 1
}

// find looks up a key: the column of that name, else the one of that name in lower case.
func (d *jsonDecoder) find(key []byte) int {
	if col, ok := d.names[string(key)]; ok {
		return col
	}
	col, ok := d.folds[strings.ToLower(string(key))]
	if !ok {
		col = -1
	}
	if len(d.names) < maxNames {
		d.names[string(key)] = col
	}
	return col
}
