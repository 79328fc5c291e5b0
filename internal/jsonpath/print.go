package jsonpath

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Append appends the expression as PostgreSQL writes it; num writes a number in its usual form.
func (p *Path) Append(dst []byte, num func(string) string) []byte {
	w := printer{dst, num}
	if p.Strict {
		w.add("strict ")
	}
	w.node(p.Expr, false, true)
	return w.dst
}

type printer struct {
	dst []byte
	num func(string) string
}

func (w *printer) add(ss ...string) {
	for _, s := range ss {
		w.dst = append(w.dst, s...)
	}
}

func (w *printer) quoted(s string) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) == nil {
		w.add(strings.TrimSuffix(b.String(), "\n"))
	}
}

func priority(o Op) int {
	switch o {
	case Or:
		return 0
	case And:
		return 1
	case Eq, Ne, Lt, Gt, Le, Ge, StartsWith:
		return 2
	case Add, Sub:
		return 3
	case Mul, Div, Mod:
		return 4
	case Plus, Minus:
		return 5
	}
	return 6
}

// operand writes an operand of n, in parentheses where it binds no closer.
func (w *printer) operand(n, x *Node) { w.node(x, false, priority(x.Op) <= priority(n.Op)) }

// node writes n and its accessors; key where it follows an accessor, brackets where operators want parentheses.
func (w *printer) node(n *Node, key, brackets bool) {
	if (brackets || n.Next != nil) && (n.IsPredicate() && n.Op != Not && n.Op != IsUnknown && n.Op != Exists || n.Op >= Add && n.Op <= Minus) {
		w.add("(")
		defer func() {
			w.add(")")
			w.next(n)
		}()
	} else {
		defer w.next(n)
	}
	switch n.Op {
	case Null:
		w.add("null")
	case Bool:
		w.add(n.Text)
	case Number:
		if n.Next != nil {
			w.add("(", w.num(n.Text), ")")
		} else {
			w.add(w.num(n.Text))
		}
	case String:
		w.quoted(n.Text)
	case Variable:
		w.add("$")
		w.quoted(n.Text)
	case Root:
		w.add("$")
	case Current:
		w.add("@")
	case Last:
		w.add("last")
	case Not:
		w.add("!(")
		w.node(n.Args[0], false, false)
		w.add(")")
	case IsUnknown:
		w.add("(")
		w.node(n.Args[0], false, false)
		w.add(") is unknown")
	case Exists:
		w.add("exists (")
		w.node(n.Args[0], false, false)
		w.add(")")
	case Plus, Minus:
		w.add(n.Op.Symbol())
		w.operand(n, n.Args[0])
	case LikeRegex:
		w.operand(n, n.Args[0])
		w.add(" like_regex ")
		w.quoted(n.Text)
		if n.Flags != "" {
			w.add(` flag "`)
			for _, c := range "ismxq" {
				if strings.ContainsRune(n.Flags, c) {
					w.add(string(c))
				}
			}
			w.add(`"`)
		}
	case Key, AnyKey, Any, AnyArray, Index, Filter, Method:
		w.accessor(n, key)
	default:
		w.operand(n, n.Args[0])
		w.add(" ", n.Op.Symbol(), " ")
		w.operand(n, n.Args[1])
	}
}

func (w *printer) next(n *Node) {
	if n.Next != nil {
		w.node(n.Next, true, true)
	}
}

func (w *printer) accessor(n *Node, key bool) {
	if key && (n.Op == Key || n.Op == AnyKey || n.Op == Any) {
		w.add(".")
	}
	switch n.Op {
	case Key:
		w.quoted(n.Text)
	case AnyKey:
		w.add("*")
	case AnyArray:
		w.add("[*]")
	case Any:
		w.add("**")
		switch {
		case n.From == 0 && n.To == -1:
		case n.From == n.To:
			w.add("{", level(n.From), "}")
		default:
			w.add("{", level(n.From), " to ", level(n.To), "}")
		}
	case Index:
		w.add("[")
		for i := 0; i < len(n.Args); i += 2 {
			if i > 0 {
				w.add(",")
			}
			w.node(n.Args[i], false, false)
			if n.Args[i+1] != nil {
				w.add(" to ")
				w.node(n.Args[i+1], false, false)
			}
		}
		w.add("]")
	case Filter:
		w.add("?(")
		w.node(n.Args[0], false, false)
		w.add(")")
	case Method:
		w.add(".", n.Text, "(")
		if len(n.Args) > 0 {
			w.quoted(n.Args[0].Text)
		}
		w.add(")")
	}
}

func level(n int) string {
	if n < 0 {
		return "last"
	}
	return strconv.Itoa(n)
}
