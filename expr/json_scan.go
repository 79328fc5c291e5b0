package expr

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The JSON functions work on the text of valid JSON: a part of a value is a slice of it.

func skipSpace(s string) string { return strings.TrimLeft(s, " \t\r\n") }

// jsonEnd is the length of the value that s begins with.
func jsonEnd(s string) int {
	switch s[0] {
	case '"':
		for i := 1; i < len(s); i++ {
			switch s[i] {
			case '\\':
				i++
			case '"':
				return i + 1
			}
		}
		return len(s)
	case '{', '[':
		depth := 0
		for i := 0; i < len(s); i++ {
			switch s[i] {
			case '"':
				i += jsonEnd(s[i:]) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
		}
		return len(s)
	}
	if i := strings.IndexAny(s, ",]} \t\r\n"); i >= 0 {
		return i
	}
	return len(s)
}

// jsonMembers calls f for each member of an object, its key decoded, or element of an array (key ""); f says whether to go on.
func jsonMembers(s string, f func(key, value string) bool) {
	s = skipSpace(s)
	if s == "" || s[0] != '{' && s[0] != '[' {
		return
	}
	object := s[0] == '{'
	s = skipSpace(s[1:])
	for s != "" && s[0] != '}' && s[0] != ']' {
		key := ""
		if object {
			n := jsonEnd(s)
			key = jsonString(s[:n])
			s = skipSpace(skipSpace(s[n:])[1:])
		}
		n := jsonEnd(s)
		if !f(key, s[:n]) {
			return
		}
		if s = skipSpace(s[n:]); s != "" && s[0] == ',' {
			s = skipSpace(s[1:])
		}
	}
}

// jsonString decodes a JSON string literal.
func jsonString(lit string) string {
	body := lit[1 : len(lit)-1]
	if strings.IndexByte(body, '\\') < 0 {
		return body
	}
	out := make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		c := body[i]
		if c != '\\' || i+1 >= len(body) {
			out = append(out, c)
			continue
		}
		i++
		switch body[i] {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			r, n := jsonRune(body[i+1:])
			out = utf8.AppendRune(out, r)
			i += n
		default:
			out = append(out, body[i])
		}
	}
	return unsafeString(out)
}

// jsonRune reads the four digits behind \u, and a second half of a surrogate pair.
func jsonRune(s string) (rune, int) {
	if len(s) < 4 {
		return utf8.RuneError, len(s)
	}
	v, err := strconv.ParseUint(s[:4], 16, 32)
	if err != nil {
		return utf8.RuneError, 4
	}
	r := rune(v)
	if utf16.IsSurrogate(r) && len(s) >= 10 && s[4:6] == `\u` {
		if w, err := strconv.ParseUint(s[6:10], 16, 32); err == nil {
			return utf16.DecodeRune(r, rune(w)), 10
		}
	}
	return r, 4
}

// appendJSONString appends a text as a JSON string literal.
func appendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, `\n`...)
		case c == '\t':
			dst = append(dst, `\t`...)
		case c == '\r':
			dst = append(dst, `\r`...)
		case c == '\b':
			dst = append(dst, `\b`...)
		case c == '\f':
			dst = append(dst, `\f`...)
		case c < 0x20:
			dst = append(dst, `\u00`...)
			dst = append(dst, hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// jsonField is the value of a key; of a key that stands twice the last one.
func jsonField(s, key string) (value string, ok bool) {
	s = skipSpace(s)
	if s == "" || s[0] != '{' {
		return "", false
	}
	jsonMembers(s, func(k, v string) bool {
		if k == key {
			value, ok = v, true
		}
		return true
	})
	return value, ok
}

// jsonItem is element n of an array, from 0, or from the end where n is negative.
func jsonItem(s string, n int) (value string, ok bool) {
	s = skipSpace(s)
	if s == "" || s[0] != '[' {
		return "", false
	}
	if n < 0 {
		n += jsonLen(s)
	}
	if n < 0 {
		return "", false
	}
	jsonMembers(s, func(_, v string) bool {
		if n == 0 {
			value, ok = v, true
		}
		n--
		return n >= 0
	})
	return value, ok
}

// jsonbItem is jsonItem of a jsonb, whose scalars count as arrays of one element.
func jsonbItem(s string, n int) (string, bool) {
	if k := jsonKind(s); k != "array" && k != "object" {
		return s, n == 0 || n == -1
	}
	return jsonItem(s, n)
}

func jsonLen(s string) int {
	n := 0
	jsonMembers(s, func(_, _ string) bool { n++; return true })
	return n
}

// jsonText is a value as ->> gives it: a string decoded, null as NULL.
func jsonText(v string) (string, error) {
	switch {
	case v == "null":
		return "", errNull
	case v != "" && v[0] == '"':
		return jsonString(v), nil
	}
	return v, nil
}

// jsonKind is what json_typeof says.
func jsonKind(s string) string {
	s = skipSpace(s)
	if s == "" {
		return "null"
	}
	switch s[0] {
	case '{':
		return "object"
	case '[':
		return "array"
	case '"':
		return "string"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	}
	return "number"
}
