package expr

import "strings"

// prettyDef takes the outermost brackets off the condition of CHECK (...) or WHERE (...), as the pretty form of pg_get_constraintdef and pg_get_indexdef does.
func prettyDef(def string) string {
	if rest, ok := strings.CutPrefix(def, "CHECK (("); ok {
		if end := closing(rest); end >= 0 && strings.HasPrefix(rest[end:], "))") {
			return "CHECK (" + rest[:end] + rest[end+1:]
		}
		return def
	}
	at := strings.LastIndex(def, " WHERE (")
	if at < 0 {
		return def
	}
	rest := def[at+len(" WHERE ("):]
	if end := closing(rest); end == len(rest)-1 {
		return def[:at] + " WHERE " + rest[:end]
	}
	return def
}

// closing is where the bracket is closed that was opened before s; -1: nowhere.
func closing(s string) int {
	depth := 0
	var quote byte
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')' && depth == 0:
			return i
		case c == ')':
			depth--
		}
	}
	return -1
}
