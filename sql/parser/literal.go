package parser

import (
	"math/big"
	"strings"

	"github.com/streamsqld/streamsqld/sql/ast"
)

// literalOf gives the constant that a token is.
func literalOf(t *token, pos ast.Pos) (*ast.Literal, bool) {
	switch t.kind {
	case tNumber:
		kind, text := numberOf(t.text)
		return &ast.Literal{Pos: pos, Kind: kind, Text: text}, true
	case tString:
		return &ast.Literal{Pos: pos, Kind: ast.LitString, Text: t.text}, true
	case tIdent:
		switch t.text {
		case "null":
			return &ast.Literal{Pos: pos, Kind: ast.LitNull}, true
		case "true", "false":
			return &ast.Literal{Pos: pos, Kind: ast.LitBool, Text: t.text}, true
		}
	}
	return nil, false
}

// numberOf gives a number's text without underscores; 0x, 0o and 0b forms in decimal.
func numberOf(s string) (ast.LitKind, string) {
	if strings.IndexByte(s, '_') >= 0 {
		s = strings.ReplaceAll(s, "_", "")
	}
	if len(s) > 2 && s[0] == '0' && s[1] > '9' && s[1]|0x20 != 'e' {
		if n, ok := new(big.Int).SetString(s, 0); ok {
			return ast.LitInt, n.String()
		}
	}
	if strings.ContainsAny(s, ".eE") {
		return ast.LitNum, s
	}
	return ast.LitInt, s
}
