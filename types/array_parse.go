package types

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// arrayItem is an element of an array literal.
type arrayItem struct {
	text string
	null bool
}

// parseArray reads an array literal as array_in does and gives its elements, in order, and its shape. Errors: 22P02, 2202E, 54000.
func parseArray(s string) ([]arrayItem, Shape, error) {
	p := arrayParser{all: s, s: trimSpace(s)}
	bounds, err := p.bounds()
	if err != nil {
		return nil, nil, err
	}
	if p.peek() != '{' {
		if bounds != nil {
			return nil, nil, p.bad("Array contents must start with \"{\".")
		}
		return nil, nil, p.bad(`Array value must start with "{" or dimension information.`)
	}
	p.pos++
	if err := p.level(0); err != nil {
		return nil, nil, err
	}
	if p.skip(); p.pos < len(p.s) {
		return nil, nil, p.bad("Junk after closing right brace.")
	}
	dims := make([]Dim, 0, len(p.lens))
	for _, n := range p.lens {
		dims = append(dims, Dim{int32(n), 1})
	}
	if bounds != nil {
		same := len(bounds) == len(dims)
		for k := 0; same && k < len(dims); k++ {
			same = bounds[k].Len == dims[k].Len
		}
		if !same {
			return nil, nil, p.bad("Specified array dimensions do not match array contents.")
		}
		dims = bounds
	}
	if len(p.items) == 0 {
		return nil, nil, nil
	}
	shape, err := NewShape(dims)
	return p.items, shape, err
}

type arrayParser struct {
	all, s string
	pos    int
	items  []arrayItem
	lens   []int // of the dimensions, as the first sub-array of each shows it; -1: not yet known
	leaf   bool  // an element was seen, so that there are no more dimensions
}

func (p *arrayParser) bad(detail string) error {
	return sqlerr.New(sqlerr.InvalidTextRepresentation, `malformed array literal: "%s"`, p.all).WithDetail("%s", detail)
}

// bounds reads a decoration [2:3][1:4]=, nil without one.
func (p *arrayParser) bounds() ([]Dim, error) {
	var dims []Dim
	for p.skip(); p.peek() == '['; p.skip() {
		if len(dims) == MaxDims {
			return nil, sqlerr.New(sqlerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", MaxDims+1, MaxDims)
		}
		p.pos++
		lo, hi := int64(1), int64(0)
		n, ok := p.number()
		if !ok {
			return nil, p.bad(`"[" must introduce explicitly-specified array dimensions.`)
		}
		if hi = n; p.peek() == ':' {
			p.pos++
			lo = n
			if hi, ok = p.number(); !ok {
				return nil, p.bad("Missing array dimension value.")
			}
		}
		if p.peek() != ']' {
			return nil, p.bad(`Missing "]" after array dimensions.`)
		}
		p.pos++
		if hi < lo {
			return nil, sqlerr.New(sqlerr.ArraySubscriptError, "upper bound cannot be less than lower bound")
		}
		dims = append(dims, Dim{int32(hi - lo + 1), int32(lo)})
	}
	if dims == nil {
		return nil, nil
	}
	if p.peek() != '=' {
		return nil, p.bad(`Missing "=" after array dimensions.`)
	}
	p.pos++
	p.skip()
	return dims, nil
}

func (p *arrayParser) number() (int64, bool) {
	from := p.pos
	for c := p.peek(); c >= '0' && c <= '9' || c == '-' || c == '+'; c = p.peek() {
		p.pos++
	}
	n, err := strconv.ParseInt(p.s[from:p.pos], 10, 32)
	return n, err == nil
}

func (p *arrayParser) skip() {
	for p.pos < len(p.s) && isSpace(p.s[p.pos]) {
		p.pos++
	}
}

func (p *arrayParser) peek() byte {
	if p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

func (p *arrayParser) unequal() error {
	return p.bad("Multidimensional arrays must have sub-arrays with matching dimensions.")
}

// level reads what stands between the braces of a dimension, of which the first has been read, and the closing one.
func (p *arrayParser) level(depth int) error {
	if depth >= MaxDims {
		return sqlerr.New(sqlerr.ProgramLimitExceeded, "number of array dimensions (%d) exceeds the maximum allowed (%d)", depth+1, MaxDims)
	}
	if depth == len(p.lens) {
		if p.leaf {
			return p.bad(`Unexpected "{" character.`)
		}
		p.lens = append(p.lens, -1)
	}
	n := 0
	p.skip()
	if p.peek() == '}' {
		if depth > 0 {
			return p.bad(`Unexpected "}" character.`)
		}
		p.pos++
	} else {
		for done := false; !done; n++ {
			var err error
			if done, err = p.member(depth); err != nil {
				return err
			}
		}
	}
	if p.lens[depth] < 0 {
		p.lens[depth] = n
	}
	if p.lens[depth] != n {
		return p.unequal()
	}
	return nil
}

// member reads a sub-array or an element and the comma or brace behind it; done: it was the brace.
func (p *arrayParser) member(depth int) (done bool, err error) {
	if p.skip(); p.peek() != '{' {
		it, err := p.item()
		if err != nil {
			return false, err
		}
		if depth+1 < len(p.lens) {
			return false, p.bad("Unexpected array element.")
		}
		p.items, p.leaf = append(p.items, it), true
		return p.s[p.pos-1] == '}', nil
	}
	p.pos++
	if err := p.level(depth + 1); err != nil {
		return false, err
	}
	p.skip()
	c := p.peek()
	p.pos++
	switch c {
	case ',', '}':
		return c == '}', nil
	case 0:
		return false, p.bad("Unexpected end of input.")
	}
	return false, p.bad("Unexpected array element.")
}

// item reads an element and the comma or brace behind it.
func (p *arrayParser) item() (arrayItem, error) {
	p.skip()
	var buf []byte
	quoted, keep := false, 0
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		p.pos++
		switch {
		case c == '"':
			if quoted || len(buf) > 0 {
				return arrayItem{}, p.bad("Unexpected array element.")
			}
			quoted = true
			var ok bool
			if buf, ok = p.quoted(); !ok {
				return arrayItem{}, p.bad("Unexpected end of input.")
			}
			keep = len(buf)
			p.skip()
			if d := p.peek(); d != ',' && d != '}' {
				return arrayItem{}, p.bad("Unexpected array element.")
			}
		case c == '{':
			return arrayItem{}, p.bad(`Unexpected "{" character.`)
		case c == ',' || c == '}':
			text := string(buf[:keep])
			if text == "" && !quoted {
				return arrayItem{}, p.bad(`Unexpected "` + string(c) + `" character.`)
			}
			return arrayItem{text, !quoted && strings.EqualFold(text, "null")}, nil
		case c == '\\':
			if p.pos == len(p.s) {
				return arrayItem{}, p.bad("Unexpected end of input.")
			}
			buf = append(buf, p.s[p.pos])
			keep = len(buf)
			p.pos++
		default:
			if buf = append(buf, c); !isSpace(c) {
				keep = len(buf)
			}
		}
	}
	return arrayItem{}, p.bad("Unexpected end of input.")
}

// quoted reads up to the closing quote.
func (p *arrayParser) quoted() ([]byte, bool) {
	buf := []byte{}
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		p.pos++
		switch {
		case c == '"':
			return buf, true
		case c == '\\' && p.pos < len(p.s):
			c = p.s[p.pos]
			p.pos++
		}
		buf = append(buf, c)
	}
	return nil, false
}
