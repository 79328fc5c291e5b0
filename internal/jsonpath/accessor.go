package jsonpath

import (
	"strconv"
	"strings"
)

// accessor reads one accessor; nil where there is none.
func (p *parser) accessor() (*Node, error) {
	switch {
	case p.isSymbol("."):
		if err := p.advance(); err != nil {
			return nil, err
		}
		return p.member()
	case p.isSymbol("["):
		return p.subscript()
	case p.isSymbol("?"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		if err := p.expect("("); err != nil {
			return nil, err
		}
		p.filter++
		x, err := p.or()
		p.filter--
		if err != nil {
			return nil, err
		}
		if err := p.want(x, true, p.tok); err != nil {
			return nil, err
		}
		return &Node{Op: Filter, Args: []*Node{x}}, p.expect(")")
	}
	return nil, nil
}

var methods = map[string]bool{"abs": true, "size": true, "type": true, "floor": true, "double": true, "ceiling": true, "keyvalue": true, "datetime": true}

// member is what follows a dot: a key, *, ** or a method.
func (p *parser) member() (*Node, error) {
	t := p.tok
	switch {
	case p.isSymbol("*"):
		return &Node{Op: AnyKey}, p.advance()
	case p.isSymbol("**"):
		return p.levels()
	case t.kind != word && t.kind != text:
		return nil, p.syntax(t)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if t.kind == text || !p.isSymbol("(") {
		return &Node{Op: Key, Text: t.text}, nil
	}
	name := strings.ToLower(t.text)
	if !methods[name] {
		return nil, p.syntax(p.tok)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	n := &Node{Op: Method, Text: name}
	if name == "datetime" && p.tok.kind == text {
		n.Args = []*Node{{Op: String, Text: p.tok.text}}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	return n, p.expect(")")
}

// levels is ** with its levels: none, one, or from one to another.
func (p *parser) levels() (*Node, error) {
	n := &Node{Op: Any, To: -1}
	if err := p.advance(); err != nil || !p.isSymbol("{") {
		return n, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err error
	if n.From, err = p.level(); err != nil {
		return nil, err
	}
	n.To = n.From
	if p.isWord("to") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if n.To, err = p.level(); err != nil {
			return nil, err
		}
	}
	return n, p.expect("}")
}

func (p *parser) level() (int, error) {
	if p.isWord("last") {
		return -1, p.advance()
	}
	n, err := strconv.Atoi(p.tok.text)
	if p.tok.kind != number || err != nil {
		return 0, p.syntax(p.tok)
	}
	return n, p.advance()
}

// subscript is [*] or a list of subscripts and spans.
func (p *parser) subscript() (*Node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.isSymbol("*") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		return &Node{Op: AnyArray}, p.expect("]")
	}
	p.index++
	defer func() { p.index-- }()
	n := &Node{Op: Index}
	for {
		from, err := p.sum()
		if err != nil {
			return nil, err
		}
		var to *Node
		if p.isWord("to") {
			if err := p.advance(); err != nil {
				return nil, err
			}
			if to, err = p.sum(); err != nil {
				return nil, err
			}
		}
		n.Args = append(n.Args, from, to)
		if !p.isSymbol(",") {
			return n, p.expect("]")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}
