package jsonpath

import (
	"cmp"
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// parser reads by recursive descent; tok is the token at hand.
type parser struct {
	lexer
	tok    token
	filter int // depth of ?(...), where @ has a meaning
	index  int // depth of [...], where last has one
	depth  int // of expressions in one another
}

// Parse reads an expression. Errors: 42601 for its syntax, 22P02 where it is empty.
func Parse(s string) (*Path, error) {
	p := &parser{lexer: lexer{in: s}}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == end {
		return nil, sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid input syntax for type %s: "%s"`, "jsonpath", s)
	}
	path := &Path{}
	if p.isWord("strict") || p.isWord("lax") {
		path.Strict = p.isWord("strict")
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	var err error
	if path.Expr, err = p.or(); err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.syntax(p.tok)
	}
	return path, nil
}

func (p *parser) advance() (err error) {
	p.tok, err = p.next()
	return err
}

func (p *parser) isWord(w string) bool   { return p.tok.kind == word && strings.EqualFold(p.tok.text, w) }
func (p *parser) isSymbol(s string) bool { return p.tok.kind == symbol && p.tok.text == s }

func (p *parser) expect(s string) error {
	if !p.isSymbol(s) {
		return p.syntax(p.tok)
	}
	return p.advance()
}

func (p *parser) expectWord(s string) error {
	if !p.isWord(s) {
		return p.syntax(p.tok)
	}
	return p.advance()
}

// predicate says that n, which began at t, must be a predicate (or must be none).
func (p *parser) want(n *Node, predicate bool, t token) error {
	if (n.IsPredicate() && n.Next == nil) != predicate {
		return p.syntax(t)
	}
	return nil
}

// logic reads operands of the next level joined by one operator.
func (p *parser) logic(sym string, op Op, operand func() (*Node, error)) (*Node, error) {
	defer func(depth int) { p.depth = depth }(p.depth)
	l, err := operand()
	for err == nil && p.isSymbol(sym) {
		at := p.tok
		if err = p.deeper(); err != nil {
			break
		}
		if err = p.want(l, true, at); err != nil {
			break
		}
		if err = p.advance(); err != nil {
			break
		}
		var r *Node
		if r, err = operand(); err == nil {
			err = p.want(r, true, p.tok)
		}
		l = &Node{Op: op, Args: []*Node{l, r}}
	}
	return l, err
}

// maxDepth bounds how deep expressions lie in one another.
const maxDepth = 5000

func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		return sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded")
	}
	return nil
}

func (p *parser) or() (*Node, error) {
	return p.logic("||", Or, p.and)
}

func (p *parser) and() (*Node, error) { return p.logic("&&", And, p.comparison) }

var comparisons = map[string]Op{"==": Eq, "!=": Ne, "<>": Ne, "<": Lt, ">": Gt, "<=": Le, ">=": Ge}

func (p *parser) comparison() (*Node, error) {
	l, err := p.sum()
	if err != nil {
		return nil, err
	}
	at := p.tok
	op, ok := comparisons[p.tok.text]
	switch {
	case ok && p.tok.kind == symbol:
		if err := p.want(l, false, at); err != nil {
			return nil, err
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
		r, err := p.sum()
		if err == nil {
			err = p.want(r, false, p.tok)
		}
		return &Node{Op: op, Args: []*Node{l, r}}, err
	case p.isWord("starts"):
		return p.startsWith(l)
	case p.isWord("like_regex"):
		return p.likeRegex(l)
	}
	return l, nil
}

func (p *parser) startsWith(l *Node) (*Node, error) {
	if err := p.want(l, false, p.tok); err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expectWord("with"); err != nil {
		return nil, err
	}
	r := &Node{Op: String, Text: p.tok.text}
	switch p.tok.kind {
	case text:
	case variable:
		r.Op = Variable
	default:
		return nil, p.syntax(p.tok)
	}
	return &Node{Op: StartsWith, Args: []*Node{l, r}}, p.advance()
}

func (p *parser) likeRegex(l *Node) (*Node, error) {
	if err := p.want(l, false, p.tok); err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != text {
		return nil, p.syntax(p.tok)
	}
	n := &Node{Op: LikeRegex, Args: []*Node{l}, Text: p.tok.text}
	if err := p.advance(); err != nil || !p.isWord("flag") {
		return n, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != text {
		return nil, p.syntax(p.tok)
	}
	for _, c := range p.tok.text {
		if !strings.ContainsRune("ismxq", c) {
			return nil, sqlerr.New(sqlerr.SyntaxError, "invalid input syntax for type %s", "jsonpath").
				WithDetail(`Unrecognized flag character "%c" in LIKE_REGEX predicate.`, c)
		}
	}
	if strings.Contains(p.tok.text, "x") && !strings.Contains(p.tok.text, "q") {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, `XQuery "x" flag (expanded regular expressions) is not implemented`)
	}
	n.Flags = p.tok.text
	return n, p.advance()
}

// chain reads operands joined by arithmetic operators of one level.
func (p *parser) chain(ops map[string]Op, operand func() (*Node, error)) (*Node, error) {
	defer func(depth int) { p.depth = depth }(p.depth)
	if err := p.deeper(); err != nil {
		return nil, err
	}
	l, err := operand()
	for err == nil {
		op, ok := ops[p.tok.text]
		if !ok || p.tok.kind != symbol {
			return l, nil
		}
		if err = p.want(l, false, p.tok); err != nil {
			break
		}
		if err = cmp.Or(p.deeper(), p.advance()); err != nil {
			break
		}
		var r *Node
		if r, err = operand(); err == nil {
			err = p.want(r, false, p.tok)
		}
		l = &Node{Op: op, Args: []*Node{l, r}}
	}
	return nil, err
}

func (p *parser) sum() (*Node, error) {
	return p.chain(map[string]Op{"+": Add, "-": Sub}, p.product)
}

func (p *parser) product() (*Node, error) {
	return p.chain(map[string]Op{"*": Mul, "/": Div, "%": Mod}, p.unary)
}

func (p *parser) unary() (*Node, error) {
	op := Plus
	switch {
	case p.isSymbol("-"):
		op = Minus
	case !p.isSymbol("+"):
		return p.accessors()
	}
	if err := p.deeper(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	x, err := p.unary()
	if err == nil {
		err = p.want(x, false, p.tok)
	}
	if err == nil && x.Op == Number && x.Next == nil { // a number with a sign is a number
		if op == Minus {
			x.Text = negated(x.Text)
		}
		return x, nil
	}
	return &Node{Op: op, Args: []*Node{x}}, err
}

func negated(number string) string {
	if rest, ok := strings.CutPrefix(number, "-"); ok {
		return rest
	}
	return "-" + number
}

// accessors reads a primary and what is applied to it.
func (p *parser) accessors() (*Node, error) {
	n, err := p.primary()
	if err != nil {
		return nil, err
	}
	last := n
	for last.Next != nil {
		last = last.Next
	}
	for {
		a, err := p.accessor()
		if err != nil || a == nil {
			return n, err
		}
		last.Next = a
		last = a
	}
}

func (p *parser) primary() (*Node, error) {
	t := p.tok
	n := &Node{Text: t.text}
	switch {
	case t.kind == text:
		n.Op = String
	case t.kind == number:
		n.Op = Number
	case t.kind == variable:
		n.Op = Variable
	case p.isSymbol("$"):
		n.Op = Root
	case p.isSymbol("@"):
		if n.Op = Current; p.filter == 0 {
			return nil, sqlerr.New(sqlerr.SyntaxError, "@ is not allowed in root expressions")
		}
	case p.isWord("last"):
		if n.Op = Last; p.index == 0 {
			return nil, sqlerr.New(sqlerr.SyntaxError, "LAST is allowed only in array subscripts")
		}
	case t.kind == word && (t.text == "true" || t.text == "false"):
		n.Op = Bool
	case t.kind == word && t.text == "null":
		n.Op = Null
	case p.isWord("exists"):
		return p.exists()
	case p.isSymbol("!"):
		return p.not()
	case p.isSymbol("("):
		return p.group()
	default:
		return nil, p.syntax(t)
	}
	return n, p.advance()
}

func (p *parser) exists() (*Node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	if err := p.want(x, false, p.tok); err != nil {
		return nil, err
	}
	return &Node{Op: Exists, Args: []*Node{x}}, p.expect(")")
}

func (p *parser) not() (*Node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.isSymbol("(") && !p.isWord("exists") {
		return nil, p.syntax(p.tok)
	}
	x, err := p.primary()
	if err != nil {
		return nil, err
	}
	return &Node{Op: Not, Args: []*Node{x}}, p.want(x, true, p.tok)
}

// group is an expression in parentheses; behind a predicate IS UNKNOWN may follow.
func (p *parser) group() (*Node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	x, err := p.or()
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil || !p.isWord("is") {
		return x, err
	}
	if err := p.want(x, true, p.tok); err != nil {
		return nil, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return &Node{Op: IsUnknown, Args: []*Node{x}}, p.expectWord("unknown")
}
