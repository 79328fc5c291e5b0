package lawtest

import (
	"strings"
	"time"
)

// tree is a piece of SQL with pieces inside, so that it can be made smaller: what stands in the place of a piece is of the same category.
type tree struct {
	cat    string // a type, or what a clause is
	parts  []any  // string or *tree
	simple string // the simplest piece of the category; "": none
	drop   bool   // it may be left out

	constant bool // a literal, which may become a parameter
}

func (t *tree) String() string {
	var b strings.Builder
	t.write(&b)
	return b.String()
}

func (t *tree) write(b *strings.Builder) {
	for _, p := range t.parts {
		switch p := p.(type) {
		case string:
			b.WriteString(p)
		case *tree:
			p.write(b)
		}
	}
}

// pieces lists t and all below it, the large ones first.
func (t *tree) pieces() []*tree {
	out := []*tree{t}
	for i := 0; i < len(out); i++ {
		for _, p := range out[i].parts {
			if k, ok := p.(*tree); ok {
				out = append(out, k)
			}
		}
	}
	return out
}

// shrinkTree makes t smaller while fails says that it fails in the same way, for a while.
func shrinkTree(t *tree, fails func() bool, limit time.Duration) {
	deadline := time.Now().Add(limit)
	for again := true; again; {
		again = false
		for _, p := range t.pieces() {
			old := *p
			try := func(n tree) bool {
				if time.Now().After(deadline) {
					return false
				}
				before := t.String()
				*p = n
				if t.String() != before && len(t.String()) <= len(before) && fails() {
					old, again = n, true
					return true
				}
				*p = old
				return false
			}
			if len(old.parts) == 0 {
				continue
			}
			if old.drop && try(tree{cat: old.cat}) || old.simple != "" && try(tree{cat: old.cat, parts: []any{old.simple}}) {
				continue
			}
			for _, k := range (&tree{parts: old.parts}).pieces()[1:] {
				if k.cat == old.cat && !k.drop && try(*k) {
					break
				}
			}
		}
	}
}
