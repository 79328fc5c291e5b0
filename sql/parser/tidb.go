package parser

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	tparser "github.com/pingcap/tidb/pkg/parser"
	tast "github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver" // makes the literals of the tree

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

var tidbPool = sync.Pool{New: func() any {
	p := tparser.New()
	p.SetSQLMode(mysql.ModeNoBackslashEscapes | mysql.ModeIgnoreSpace)
	return p
}}

// rendered is the text for TiDB and the way back from its offsets.
type rendered struct {
	sql     string
	at, pos []int // chunk k begins at at[k] of sql, and stands for pos[k] of the client's text
}

func (p *parser) render() *rendered {
	r := &rendered{at: make([]int, 0, len(p.out)), pos: make([]int, 0, len(p.out))}
	var b strings.Builder
	b.Grow(len(p.q)*2 + 8*len(p.out))
	for k := range p.out {
		c := &p.out[k]
		for _, s := range slices.Backward(c.pre) {
			b.WriteString(s)
		}
		r.at = append(r.at, b.Len())
		r.pos = append(r.pos, c.pos)
		b.WriteString(c.s)
		b.WriteByte(' ')
	}
	r.sql = b.String()
	return r
}

// source gives the place in the client's text for an offset in the text for TiDB.
func (r *rendered) source(o int) int {
	return r.pos[max(0, sort.SearchInts(r.at, o+1)-1)]
}

// convert parses the text and gives the tree of each of its fields.
func (p *parser) convert() []ast.Expr {
	r := p.render()
	t := tidbPool.Get().(*tparser.Parser)
	stmts, _, err := t.Parse(r.sql, "", "")
	defer tidbPool.Put(t) // the statements are in its memory
	if err != nil || len(stmts) != 1 {
		panic(bail{p.tidbError(r, err)})
	}
	sel, ok := stmts[0].(*tast.SelectStmt)
	if !ok {
		panic(bail{p.tidbError(r, nil)})
	}
	c := &converter{p: p, r: r}
	xs := make([]ast.Expr, len(sel.Fields.Fields))
	for k, f := range sel.Fields.Fields {
		xs[k] = c.expr(f.Expr)
	}
	return xs
}

// tidbError turns an error of TiDB's into a syntax error at the token it stands for. Its message ends with the text from the
// offending token on.
func (p *parser) tidbError(r *rendered, err error) error {
	if err != nil {
		if _, tail, ok := strings.Cut(err.Error(), `near "`); ok {
			tail = strings.TrimRight(tail, " ")
			tail = strings.TrimSuffix(tail, `"`)
			if k := strings.LastIndex(r.sql, tail); tail != "" && k >= 0 {
				pos := r.source(k)
				t := p.tokenAt(pos)
				return sqlerr.New(sqlerr.SyntaxError, `syntax error at or near "%s"`, p.q[t.pos:t.end]).At(t.pos)
			}
		}
		return sqlerr.Wrap(err, sqlerr.SyntaxError, "syntax error").At(p.base)
	}
	return sqlerr.New(sqlerr.SyntaxError, "syntax error").At(p.base)
}

// tokenAt gives the token that begins at pos.
func (p *parser) tokenAt(pos int) *token {
	k := sort.Search(len(p.toks), func(k int) bool { return p.toks[k].pos >= pos })
	return &p.toks[min(k, len(p.toks)-1)]
}

// converter reads TiDB's tree together with the islands.
type converter struct {
	p *parser
	r *rendered
}

// lost is a form of TiDB's that our text cannot have brought about.
func (c *converter) lost(what string) {
	panic(bail{sqlerr.New(sqlerr.InternalError, "unexpected %s in the parser's tree", what)})
}

// island gives the record that a name such as $12 stands for.
func (c *converter) island(name string) any {
	k, err := strconv.Atoi(strings.TrimPrefix(name, "$"))
	if err != nil || name[0] != '$' || k >= len(c.p.islands) {
		c.lost("name " + name)
	}
	return c.p.islands[k]
}

func (c *converter) pos(n tast.ExprNode) ast.Pos {
	return ast.Pos(c.r.source(n.OriginTextPosition()) - c.p.base)
}

// open is the place of the bracket before a sub-select, where there is one.
func (c *converter) open(pos ast.Pos) ast.Pos {
	k := sort.Search(len(c.p.toks), func(k int) bool { return c.p.toks[k].pos >= pos.Offset()+c.p.base })
	if k > 0 && k < len(c.p.toks) && !c.p.toks[k].is("(") && c.p.toks[k-1].is("(") {
		return ast.Pos(c.p.toks[k-1].pos - c.p.base)
	}
	return pos
}

func (c *converter) exprs(list []tast.ExprNode) *operands {
	a := &operands{x: make([]ast.Expr, len(list))}
	for k, n := range list {
		a.x[k] = c.expr(n)
	}
	return a
}

func (c *converter) expr(n tast.ExprNode) ast.Expr {
	switch n := n.(type) {
	case *tast.ColumnNameExpr:
		x := &ast.ColumnRef{Pos: c.pos(n)}
		for _, s := range []string{n.Name.Schema.O, n.Name.Table.O, n.Name.Name.O} {
			if s != "" {
				x.Names = append(x.Names, s)
			}
		}
		return x
	case *tast.FuncCallExpr:
		b, ok := c.island(n.FnName.O).(build)
		if !ok {
			c.lost("call")
		}
		return b(c.exprs(n.Args))
	case *tast.SubqueryExpr:
		return &ast.Subquery{Pos: c.open(c.pos(n)), Query: c.query(n.Query)}
	case *tast.ParenthesesExpr:
		return c.expr(n.Expr)
	case tast.ValueExpr:
		pos := c.pos(n)
		lit, ok := literalOf(c.p.tokenAt(pos.Offset()+c.p.base), pos)
		if ok {
			return lit
		}
		if t := c.p.tokenAt(pos.Offset() + c.p.base); t.kind == tParam {
			num, _ := strconv.Atoi(t.text)
			return &ast.Param{Pos: pos, N: num}
		}
	}
	c.lost("expression")
	return nil
}
