package parser

import (
	"strconv"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// maxDepth bounds the nesting of expressions and queries, so that no text can exhaust the stack.
const maxDepth = 2000

// parser walks over the tokens of one statement. Its methods leave by panic(bail) at the first error; run catches that.
type parser struct {
	q       string // the whole text
	toks    []token
	closing []int // of each opening bracket in toks its closing one, 0: none
	i       int
	base    int // where the statement begins in q: positions in the tree count from here
	out     []chunk
	islands []any // build, tableIsland, *selectIsland, *queryIsland, *cteIsland, *groupIsland, *joinIsland
	holes   []hole
	asides  []aside
	depth   int
	params  int
	// measure: in MEASURES, where RUNNING or FINAL may stand before a call; semantics is which, until the call takes it.
	measure   bool
	semantics string
}

// chunk is a piece of the text for TiDB and the place in q that it stands for. The brackets of pre are opened before it, last first.
type chunk struct {
	s   string
	pos int
	pre []string
}

// bail carries an error out of the walk.
type bail struct{ err error }

// run calls f and gives the error that f left with. A fault of the parser itself becomes XX000: no text may end the server.
func (p *parser) run(f func()) (err error) {
	defer func() {
		if x := recover(); x != nil {
			if b, ok := x.(bail); ok {
				err = b.err
				return
			}
			err = sqlerr.New(sqlerr.InternalError, "the parser failed: %v", x)
		}
	}()
	f()
	return nil
}

func (p *parser) cur() *token { return &p.toks[p.i] }

func (p *parser) peek(k int) *token { return &p.toks[min(p.i+k, len(p.toks)-1)] }

// pos is the position of the current token in the statement.
func (p *parser) pos() ast.Pos { return ast.Pos(p.cur().pos - p.base) }

// last is where the token before the current one ends.
func (p *parser) last() ast.Pos { return ast.Pos(p.toks[max(p.i-1, 0)].end - p.base) }

func (p *parser) at(words ...string) bool {
	for k, w := range words {
		if !p.peek(k).is(w) {
			return false
		}
	}
	return true
}

func (p *parser) atAny(words ...string) bool {
	for _, w := range words {
		if p.cur().is(w) {
			return true
		}
	}
	return false
}

// opt takes the words if they all come next.
func (p *parser) opt(words ...string) bool {
	if !p.at(words...) {
		return false
	}
	p.i += len(words)
	return true
}

func (p *parser) need(words ...string) {
	for _, w := range words {
		if !p.opt(w) {
			p.fail()
		}
	}
}

// oneOf takes one of the words and gives it, or fails.
func (p *parser) oneOf(words ...string) string {
	for _, w := range words {
		if p.opt(w) {
			return w
		}
	}
	p.fail()
	return ""
}

func (p *parser) done() bool { return p.cur().kind == tEOF }

// fail is the syntax error at the current token.
func (p *parser) fail() { p.failAt(p.cur()) }

func (p *parser) failAt(t *token) {
	if t.kind == tEOF {
		panic(bail{sqlerr.New(sqlerr.SyntaxError, "syntax error at end of input").At(t.pos)})
	}
	panic(bail{sqlerr.New(sqlerr.SyntaxError, `syntax error at or near "%s"`, p.q[t.pos:t.end]).At(t.pos)})
}

// refuse is any other error; pos is a place in the statement.
func (p *parser) refuse(pos ast.Pos, code, format string, args ...any) {
	panic(bail{sqlerr.New(code, format, args...).At(pos.Offset() + p.base)})
}

// missing refuses the name of something that there is not, without a position, as PostgreSQL does where it looks for it after parsing.
func (p *parser) missing(format string, args ...any) {
	panic(bail{sqlerr.New(sqlerr.UndefinedObject, format, args...)})
}

func (p *parser) unsupported(pos ast.Pos, what string) {
	p.refuse(pos, sqlerr.FeatureNotSupported, "%s is not supported", what)
}

// enter counts one level of nesting; leave ends it.
func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		panic(bail{sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").At(p.cur().pos).
			WithHint("The statement nests expressions or queries more than %d levels deep; write it with fewer brackets.", maxDepth)})
	}
}

func (p *parser) leave() { p.depth-- }

// ---- names ----

// name takes a word that may name a column or table (PostgreSQL's ColId).
func (p *parser) name() string {
	if !p.atName() {
		p.fail()
	}
	p.i++
	return p.toks[p.i-1].text
}

func (p *parser) atName() bool { return isColID(p.cur()) }

func isColID(t *token) bool {
	return t.kind == tQuoted || t.kind == tIdent && keywords[t.text].class <= colName
}

// label takes any word (ColLabel).
func (p *parser) label() string {
	if t := p.cur(); t.kind != tIdent && t.kind != tQuoted {
		p.fail()
	}
	p.i++
	return p.toks[p.i-1].text
}

// names takes a dotted name (qualified_name, any_name).
func (p *parser) names() []string {
	n := []string{p.name()}
	for p.opt(".") {
		n = append(n, p.label())
	}
	return n
}

// nameList takes name, name ...
func (p *parser) nameList() []string {
	n := []string{p.name()}
	for p.opt(",") {
		n = append(n, p.name())
	}
	return n
}

// bracketNames takes (name, ...) if a bracket comes next.
func (p *parser) bracketNames() []string {
	if !p.opt("(") {
		return nil
	}
	n := p.nameList()
	p.need(")")
	return n
}

// str takes a string literal.
func (p *parser) str() string {
	if p.cur().kind != tString {
		p.fail()
	}
	p.i++
	return p.toks[p.i-1].text
}

// integer takes an integer constant, perhaps signed.
func (p *parser) integer() int64 {
	sign := int64(1)
	if p.opt("-") {
		sign = -1
	} else {
		p.opt("+")
	}
	n, err := strconv.ParseInt(p.cur().text, 0, 64)
	if p.cur().kind != tNumber || err != nil {
		p.fail()
	}
	p.i++
	return sign * n
}

// ---- text for TiDB ----

func (p *parser) put(s string) {
	if p.out == nil {
		p.out = make([]chunk, 0, len(p.toks)+16)
	}
	p.out = append(p.out, chunk{s: s, pos: p.cur().pos})
}

func (p *parser) island(x any) int {
	p.islands = append(p.islands, x)
	return len(p.islands) - 1
}

func islandName(k int) string { return "`$" + strconv.Itoa(k) + "`" }

// build makes an expression of the operands of an island, in the order in which they were written.
type build func(a *operands) ast.Expr

// operands are the converted operands of an island, read one by one.
type operands struct {
	x []ast.Expr
	i int
}

func (a *operands) next() ast.Expr {
	a.i++
	return a.x[a.i-1]
}

// take reads n operands.
func (a *operands) take(n int) []ast.Expr {
	if n == 0 {
		return nil
	}
	a.i += n
	return a.x[a.i-n : a.i : a.i]
}

func (a *operands) query() *ast.Query { return a.next().(*ast.Subquery).Query }

// wrap makes what was written since from, perhaps several operands with commas, the operands of an island.
func (p *parser) wrap(from int, b build) {
	k := p.island(b)
	p.before(from, islandName(k)+"(")
	p.put(")")
}

// before puts s in front of the chunk from.
func (p *parser) before(from int, s string) { p.out[from].pre = append(p.out[from].pre, s) }

// moveBack moves what was written since mark to where hole is.
func (p *parser) moveBack(hole, mark int) {
	tail := append([]chunk(nil), p.out[mark:]...)
	copy(p.out[hole+len(tail):], p.out[hole:mark])
	copy(p.out[hole:], tail)
}

// leaf writes an island without operands.
func (p *parser) leaf(x ast.Expr) {
	k := p.island(build(func(*operands) ast.Expr { return x }))
	p.put(islandName(k) + "()")
}

// writer writes the operands of one island.
type writer struct {
	p *parser
	k int
	n int
}

// open begins an island whose operands follow through the writer.
func (p *parser) open() *writer {
	k := p.island(nil)
	p.put(islandName(k) + "(")
	return &writer{p: p, k: k}
}

// operand begins one more operand, which the caller writes.
func (w *writer) operand() {
	if w.n > 0 {
		w.p.put(",")
	}
	w.n++
}

func (w *writer) expr() {
	w.operand()
	w.p.expr()
}

// exprs writes x, x ... and says how many.
func (w *writer) exprs() int {
	w.expr()
	n := 1
	for w.p.opt(",") {
		w.expr()
		n++
	}
	return n
}

// query writes a sub-select; the client's brackets are the caller's.
func (w *writer) query() {
	w.operand()
	w.p.subquery()
}

// close ends the operands; island is what reads them.
func (w *writer) close(island any) {
	w.p.put(")")
	w.p.islands[w.k] = island
}
