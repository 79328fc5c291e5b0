package format

import (
	"bytes"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

func skipBlank(l []byte, i int) int {
	for i < len(l) && (l[i] == ' ' || l[i] == '\t' || l[i] == '\r' || l[i] == '\n') {
		i++
	}
	return i
}

// skipValue gives the place after the value at i, which it checks but for what stands inside strings.
func skipValue(l []byte, i, depth int) (int, error) {
	if i >= len(l) {
		return i, badJSON(l, i)
	}
	switch b := l[i]; {
	case b == '"':
		return skipString(l, i)
	case b == '-' || b-'0' <= 9:
		return skipNumber(l, i)
	case b == '{' || b == '[':
		return skipNested(l, i, depth)
	}
	for _, w := range []string{"null", "true", "false"} {
		if len(l)-i >= len(w) && string(l[i:i+len(w)]) == w {
			return i + len(w), nil
		}
	}
	return i, badJSON(l, i)
}

// skipString gives the place after the string whose quote is at i.
func skipString(l []byte, i int) (int, error) {
	for at := i + 1; ; {
		n := bytes.IndexByte(l[at:], '"')
		if n < 0 {
			return i, badJSON(l, len(l))
		}
		if n == 0 || l[at+n-1] != '\\' {
			return at + n + 1, nil
		}
		k := at + n - 1 // the quote may be escaped: count the backslashes before it
		for k > i && l[k-1] == '\\' {
			k--
		}
		at += n + 1
		if (at-1-k)%2 == 0 {
			return at, nil
		}
	}
}

func skipNumber(l []byte, i int) (int, error) {
	if l[i] == '-' {
		i++
	}
	from := i
	i = skipDigits(l, i)
	if i == from || i-from > 1 && l[from] == '0' {
		return i, badJSON(l, i)
	}
	if i < len(l) && l[i] == '.' {
		from, i = i+1, skipDigits(l, i+1)
		if i == from {
			return i, badJSON(l, i)
		}
	}
	if i < len(l) && l[i]|0x20 == 'e' {
		if i++; i < len(l) && (l[i] == '+' || l[i] == '-') {
			i++
		}
		from, i = i, skipDigits(l, i)
		if i == from {
			return i, badJSON(l, i)
		}
	}
	return i, nil
}

func skipDigits(l []byte, i int) int {
	for i < len(l) && l[i]-'0' <= 9 {
		i++
	}
	return i
}

func skipNested(l []byte, i, depth int) (int, error) {
	if depth > maxDepth {
		return i, sqlerr.New(sqlerr.StatementTooComplex, "JSON is nested too deeply")
	}
	object, end := l[i] == '{', l[i]+2 // ']' and '}' follow their opening brackets by two
	if i = skipBlank(l, i+1); i < len(l) && l[i] == end {
		return i + 1, nil
	}
	for {
		var err error
		if object {
			if i = skipBlank(l, i); i >= len(l) || l[i] != '"' {
				return i, badJSON(l, i)
			}
			if i, err = skipString(l, i); err != nil {
				return i, err
			}
			if i = skipBlank(l, i); i >= len(l) || l[i] != ':' {
				return i, badJSON(l, i)
			}
			i++
		}
		if i, err = skipValue(l, skipBlank(l, i), depth+1); err != nil {
			return i, err
		}
		if i = skipBlank(l, i); i >= len(l) {
			return i, badJSON(l, i)
		}
		switch l[i] {
		case ',':
			i++
		case end:
			return i + 1, nil
		default:
			return i, badJSON(l, i)
		}
	}
}

// badJSON says where a line stops being JSON.
func badJSON(l []byte, i int) error {
	if i >= len(l) {
		return sqlerr.New(sqlerr.InvalidTextRepresentation, "invalid JSON: the line ends too early")
	}
	return sqlerr.New(sqlerr.InvalidTextRepresentation, "invalid JSON at byte %d: unexpected %q", i+1, l[i])
}
