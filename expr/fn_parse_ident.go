package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// parseIdentFuncs are parse_ident(name [, strict]).
func parseIdentFuncs() []*Func {
	return []*Func{
		{Name: "parse_ident", Args: args(types.Text), Ret: textArray(), Vol: Immutable, Kernel: parseIdent, Doc: "parts of a qualified name"},
		{Name: "parse_ident", Args: args(types.Text, types.Bool), Ret: textArray(), Vol: Immutable, Kernel: parseIdent,
			Doc: "parts of a qualified name; what follows it is an error, or not"},
	}
}

func parseIdent(_ *Ctx, n int, vs []Vec) (Vec, error) {
	s := stringsOf(vs[0])
	valid := andValid(n, vs...)
	out := newTextLists(n, valid)
	for i := range n {
		if valid == nil || bitSet(valid, i) {
			parts, err := identParts(s.at(i), len(vs) < 2 || readBool(vs[1])(i))
			if err != nil {
				return Vec{}, err
			}
			for _, p := range parts {
				out.add(p)
			}
		}
		out.endRow()
	}
	return out.finish(), nil
}

const identSpace = " \t\n\r\f"

// identParts takes a name apart: words in quotes as they are, others in lower case. Errors: 22023.
func identParts(s string, strict bool) ([]string, error) {
	bad := func(detail string) error {
		err := sqlerr.New(sqlerr.InvalidParameterValue, `string is not a valid identifier: "%s"`, s)
		if detail != "" {
			err = err.WithDetail("%s", detail)
		}
		return err
	}
	var out []string
	rest, afterDot := strings.TrimLeft(s, identSpace), false
	for {
		part, tail, ok := quotedPart(rest)
		switch {
		case !ok:
			return nil, bad("String has unclosed double quotes.")
		case tail != rest && part == "":
			return nil, bad("Quoted identifier must not be empty.")
		case tail == rest:
			part, tail = plainPart(rest)
		}
		switch {
		case part != "":
		case strings.HasPrefix(rest, "."):
			return nil, bad(`No valid identifier before ".".`)
		case afterDot:
			return nil, bad(`No valid identifier after ".".`)
		default:
			return nil, bad("")
		}
		out = append(out, part)
		rest = strings.TrimLeft(tail, identSpace)
		if !strings.HasPrefix(rest, ".") {
			break
		}
		rest, afterDot = strings.TrimLeft(rest[1:], identSpace), true
	}
	if rest != "" && strict {
		return nil, bad("")
	}
	return out, nil
}

// quotedPart takes "a word in quotes"; tail is s where there is none, ok is false where it does not end.
func quotedPart(s string) (part, tail string, ok bool) {
	if !strings.HasPrefix(s, `"`) {
		return "", s, true
	}
	for end := 1; ; end += 2 {
		k := strings.IndexByte(s[end:], '"')
		if k < 0 {
			return "", s, false
		}
		if end += k; !strings.HasPrefix(s[end+1:], `"`) {
			return strings.ReplaceAll(s[1:end], `""`, `"`), s[end+1:], true
		}
	}
}

func plainPart(s string) (part, tail string) {
	end := 0
	for end < len(s) {
		c := s[end]
		letter := c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
		if !letter && (end == 0 || c != '$' && (c < '0' || c > '9')) {
			break
		}
		end++
	}
	return strings.ToLower(s[:end]), s[end:]
}
