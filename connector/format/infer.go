package format

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// sampleRows is how many rows Infer looks at.
const sampleRows = 1000

// Infer takes columns from the beginning of a file: for json the fields in the order in which they first appear, for csv those of the
// header. Names are folded to lower case, where that leaves them different. A type that all values fit is taken, of bigint, double precision,
// boolean, date, timestamptz, jsonb (objects and arrays) and text. Errors: 42P16 where there is nothing to see.
func Infer(name string, sample []byte, opts catalog.Options) ([]catalog.Column, error) {
	g := &guesses{types: map[string]guess{}}
	switch name {
	case "text":
		if _, ok := opts.Get("pattern"); !ok {
			return []catalog.Column{{Name: "value", Type: types.Text}}, nil
		}
		return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "a stream with a pattern needs columns").WithHint("Declare a column for each group of the pattern.")
	case "csv":
		if !Header(name, opts) {
			return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "columns of csv can only be taken from a header").WithHint("Set header = true, or declare the columns.")
		}
		if err := g.csv(sample, opts); err != nil {
			return nil, err
		}
	default:
		g.json(sample)
	}
	if len(g.names) == 0 {
		return nil, sqlerr.New(sqlerr.InvalidTableDefinition, "no columns were found in the first file").WithHint("Declare the columns.")
	}
	return g.columns(), nil
}

// guess is the narrowest type that the values seen fit.
type guess uint8

const (
	nothing guess = iota
	isInt
	isFloat
	isBool
	isDate
	isStamp
	isNested
	isText
)

var guessed = [...]types.Type{types.Text, types.Int8, types.Float8, types.Bool, types.Date, types.TimestampTZ, types.JSONB, types.Text}

type guesses struct {
	names []string
	types map[string]guess
}

func (g *guesses) see(name string, x guess) {
	old, ok := g.types[name]
	if !ok {
		g.names = append(g.names, name)
	}
	switch {
	case old == nothing || x == nothing:
		x = max(old, x)
	case old != x && max(old, x) == isFloat:
		x = isFloat
	case old != x && min(old, x) == isDate && max(old, x) == isStamp:
		x = isStamp
	case old != x:
		x = isText
	}
	g.types[name] = x
}

func (g *guesses) columns() []catalog.Column {
	folded := map[string]int{}
	for _, n := range g.names {
		folded[strings.ToLower(n)]++
	}
	var cols []catalog.Column
	for _, n := range g.names {
		c := catalog.Column{Name: n, Type: guessed[g.types[n]]}
		if low := strings.ToLower(n); folded[low] == 1 {
			c.Name = low
		}
		cols = append(cols, c)
	}
	return cols
}

func (g *guesses) json(sample []byte) {
	sample = bytes.TrimPrefix(sample, []byte("\xef\xbb\xbf"))
	for n := 0; n < sampleRows && len(sample) > 0; n++ {
		line, rest, _ := bytes.Cut(sample, newline)
		sample = rest
		dec := json.NewDecoder(bytes.NewReader(line))
		if t, err := dec.Token(); err != nil || t != json.Delim('{') {
			continue
		}
		for dec.More() {
			key, err := dec.Token()
			var raw json.RawMessage
			if err != nil || dec.Decode(&raw) != nil {
				break
			}
			g.see(key.(string), guessJSON(raw))
		}
	}
}

func guessJSON(raw []byte) guess {
	switch raw[0] {
	case 'n':
		return nothing
	case 't', 'f':
		return isBool
	case '{', '[':
		return isNested
	case '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return isText
		}
		return guessTime(s)
	}
	return guessNumber(string(raw))
}

func guessTime(s string) guess {
	if _, _, ok := types.ParseTimestampISO([]byte(s)); !ok {
		return isText
	}
	if len(s) == 10 {
		return isDate
	}
	return isStamp
}

func guessNumber(s string) guess {
	if _, err := types.ParseInt(s, 64); err == nil {
		return isInt
	}
	if _, err := types.ParseFloat(s, 64); err == nil {
		return isFloat
	}
	return isText
}

func (g *guesses) csv(sample []byte, opts catalog.Options) error {
	head, rest, _ := bytes.Cut(sample, newline)
	d, err := newCSVDecoder(Config{Options: opts, Header: head})
	if err != nil {
		return err
	}
	names := d.Names(head)
	for _, n := range names {
		g.see(n, nothing)
	}
	d.quotes = true
	for n := 0; n < sampleRows && len(rest) > 0; n++ {
		end := d.recordEnd(rest, 0)
		line := bytes.TrimSuffix(rest[:end], []byte{'\r'})
		rest = rest[min(end+1, len(rest)):]
		for i, at := 0, 0; i < len(names) && at <= len(line); i++ {
			f, next, quoted, err := d.field(line, at)
			if err != nil {
				break
			}
			if quoted || string(f) != d.o.null {
				g.see(names[i], guessText(string(f)))
			}
			at = next
		}
	}
	return nil
}

func guessText(s string) guess {
	switch s {
	case "true", "false", "TRUE", "FALSE", "True", "False":
		return isBool
	}
	if x := guessNumber(s); x != isText {
		return x
	}
	return guessTime(s)
}
