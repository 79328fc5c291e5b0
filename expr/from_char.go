package expr

import (
	"math"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// inNode is one item of a to_date or to_timestamp template.
type inNode struct {
	key    string // the field in upper case, "" for text
	name   string // the field as it is written; of text, the character
	sep    bool   // text: a blank or a separator, which stands for any of them
	fill   bool   // FM
	suffix bool   // TH
}

var inFormats sync.Map // template → []inNode

// inTemplate parts a template; templates are few, so the result is kept.
func inTemplate(s string) []inNode {
	if n, ok := inFormats.Load(s); ok {
		return n.([]inNode)
	}
	nodes := scanInTemplate(s)
	inFormats.Store(strings.Clone(s), nodes)
	return nodes
}

func scanInTemplate(s string) []inNode {
	var out []inNode
	for s != "" {
		fill := false
		switch up := strings.ToUpper(s[:min(2, len(s))]); {
		case up == "FM":
			fill, s = true, s[2:]
		case up == "FX":
			out, s = append(out, inNode{key: "FX", name: s[:2]}), s[2:]
			continue
		case s[0] == '"':
			for s = s[1:]; s != "" && s[0] != '"'; {
				if s[0] == '\\' && len(s) > 1 {
					s = s[1:]
				}
				_, n := utf8.DecodeRuneInString(s)
				out, s = append(out, inNode{name: s[:n]}), s[n:]
			}
			s = strings.TrimPrefix(s, `"`)
			continue
		}
		if key := timeKeyAt(s); key != "" {
			n := inNode{key: key, name: s[:len(key)], fill: fill}
			s = s[len(key):]
			if len(s) > 1 && (s[:2] == "TH" || s[:2] == "th") {
				n.suffix, s = true, s[2:]
			} else if len(s) > 1 && strings.EqualFold(s[:2], "TM") {
				s = s[2:]
			}
			out = append(out, n)
			continue
		}
		if s == "" {
			break
		}
		if strings.HasPrefix(s, `\"`) {
			s = s[1:]
		}
		_, n := utf8.DecodeRuneInString(s)
		out, s = append(out, inNode{name: s[:n], sep: isSeparator(s[0])}), s[n:]
	}
	return out
}

// isSeparator says whether c is a blank or one of the ASCII characters that are neither letters nor digits.
func isSeparator(c byte) bool { return isBlank(c) || c > ' ' && c < 0x7f && !isAlnum(c) }

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// inCursor reads a text by a template.
type inCursor struct {
	src     string
	s       string // what is left of it
	fixed   bool   // FX
	strict  bool   // of jsonpath: the text must match to the letter
	skipped int    // blanks that were passed over without the template asking for it
	t       inTime
}

func (c *inCursor) blanks() {
	for c.s != "" && isBlank(c.s[0]) {
		c.s = c.s[1:]
		c.skipped++
	}
}

// inFields reads s by a template. Errors: 22007, 22008, 0A000.
func inFields(s, format string, strict bool) (*inTime, error) {
	nodes := inTemplate(format)
	c := &inCursor{src: s, s: s, fixed: strict, strict: strict}
	i := 0
	for ; i < len(nodes) && c.s != ""; i++ {
		n := &nodes[i]
		text := n.key == "" && !n.sep
		if !c.fixed && (!text || i == 0) {
			c.blanks()
		}
		switch {
		case n.key == "":
			if err := c.text(n); err != nil {
				return nil, err
			}
			continue
		case n.key == "FX":
			c.fixed = true
			continue
		}
		digits := i+1 < len(nodes) && !n.suffix && (digitKey(nodes[i+1].key) || nodes[i+1].key == "" && nodes[i+1].name[0] >= '0' && nodes[i+1].name[0] <= '9')
		if err := c.field(n, !digits || n.fill); err != nil {
			return nil, err
		}
		if n.suffix && digitKey(n.key) {
			c.s = c.s[min(2, len(c.s)):]
		}
		if !c.fixed {
			c.skipped = 0
			c.blanks()
		}
	}
	if strict && i < len(nodes) {
		return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "input string is too short for datetime format")
	}
	if strict && strings.TrimLeft(c.s, " \t\n\v\f\r") != "" {
		return nil, sqlerr.New(sqlerr.InvalidDatetimeFormat, "trailing characters remain in input string after datetime format")
	}
	return &c.t, nil
}

// text passes over what a character of the template stands for.
func (c *inCursor) text(n *inNode) error {
	_, size := utf8.DecodeRuneInString(c.s)
	switch {
	case c.strict && c.s[:size] != n.name:
		what := "character"
		if n.sep {
			what = "separator"
		}
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, "unmatched format %s \"%s\"", what, n.name)
	case c.fixed:
		c.s = c.s[size:]
	case n.sep:
		c.skipped--
		if c.s != "" && isSeparator(c.s[0]) {
			c.s = c.s[1:]
			c.skipped++
		}
	case c.skipped > 0:
		c.skipped--
	default:
		c.s = c.s[size:]
	}
	return nil
}

// digitKey says whether a field is a number.
func digitKey(key string) bool {
	switch key {
	case "", "FX", "MONTH", "MON", "DAY", "DY", "AM", "PM", "A.M.", "P.M.", "AD", "BC", "A.D.", "B.C.", "TZH", "TZ", "OF", "RM":
		return false
	}
	return true
}

const fixedWidthHint = `If your source string is not fixed-width, try using the "FM" modifier.`

// number reads a number: as long as it is where no digits follow, else of just so many digits. n is how many characters it has.
func (c *inCursor) number(width int, n *inNode, free bool) (v, used int, err error) {
	first := strings.TrimLeft(c.s, " \t\n\v\f\r")
	word := first[:min(width, len(first))]
	bad := func(detail string, args ...any) error {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, `invalid value "%s" for "%s"`, word, n.name).WithDetail(detail, args...)
	}
	from := word
	if free {
		from = first
	}
	k := 0
	if k < len(from) && (from[k] == '-' || from[k] == '+') {
		k++
	}
	start := k
	for k < len(from) && from[k] >= '0' && from[k] <= '9' {
		k++
	}
	if !free && len(word) < width {
		return 0, 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, `source string too short for "%s" formatting field`, n.name).
			WithDetail("Field requires %d characters, but only %d remain.", width, len(word)).WithHint(fixedWidthHint)
	}
	if k == start {
		return 0, 0, bad("Value must be an integer.")
	}
	if !free && k < width {
		e := sqlerr.From(bad("Field requires %d characters, but only %d could be parsed.", width, k))
		return 0, 0, e.WithHint(fixedWidthHint)
	}
	x, err := strconv.ParseInt(from[:k], 10, 32)
	if err != nil {
		return 0, 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, `value for "%s" in source string is out of range`, n.name).
			WithDetail("Value must be in the range %d to %d.", math.MinInt32, math.MaxInt32)
	}
	used = len(c.s) - len(first) + k
	c.s = first[k:]
	return int(x), used, nil
}

// put sets a field, which must not contradict an earlier one.
func (n *inNode) put(at *int, v int) error {
	if *at != 0 && *at != v {
		return sqlerr.New(sqlerr.InvalidDatetimeFormat, `conflicting values for "%s" field in formatting string`, n.name).
			WithDetail("This value contradicts a previous setting for the same field type.")
	}
	*at = v
	return nil
}

// word reads one of several words, whatever their case.
func (c *inCursor) word(list []string, n *inNode) (int, error) {
	for i, w := range list {
		if len(c.s) >= len(w) && strings.EqualFold(c.s[:len(w)], w) {
			c.s = c.s[len(w):]
			return i, nil
		}
	}
	w, _, _ := strings.Cut(c.s, " ")
	return 0, sqlerr.New(sqlerr.InvalidDatetimeFormat, `invalid value "%s" for "%s"`, w, n.name).
		WithDetail("The given value did not match any of the allowed values for this field.")
}
