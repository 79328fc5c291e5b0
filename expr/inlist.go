package expr

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// Type is boolean.
func (*InList) Type() types.Type { return types.Bool }

// Eval looks the rows up in a set where the list is constant, else compares with each item. NULL in the list makes what is not
// found NULL.
func (e *InList) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	x, err := e.X.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	n := b.N
	items := make([]Vec, len(e.List))
	once := x.Const
	for i, it := range e.List {
		if items[i], err = it.Eval(ctx, b); err != nil {
			return Vec{}, err
		}
		once = once && items[i].Const
	}
	if once {
		n = 1
	}
	t, f, ok := e.lookup(x, items, n)
	if !ok {
		if t, f, err = e.compare(ctx, x, items, n); err != nil {
			return Vec{}, err
		}
	}
	if e.Not {
		t, f = f, t
	}
	r := boolVec(n, t, f)
	r.Const = once
	return r, nil
}

// lookup answers by a set; ok is false where an item is not constant, or the type has no set.
func (e *InList) lookup(x Vec, items []Vec, n int) (t, f []byte, ok bool) {
	hasNull := false
	var keep []arrow.Array
	for _, it := range items {
		if !it.Const {
			return nil, nil, false
		}
		if it.Arr.IsNull(0) {
			hasNull = true
			continue
		}
		keep = append(keep, it.Arr)
	}
	var hit []byte
	switch e.X.Type().Base() {
	case types.Int4, types.Date:
		hit = inFixed[int32](x, keep, n)
	case types.Int8, types.Timestamp, types.TimestampTZ:
		hit = inFixed[int64](x, keep, n)
	case types.OID, types.RegClass:
		hit = inFixed[uint32](x, keep, n)
	case types.Text, types.Varchar, types.Name, types.Char:
		hit = inStrings(x, keep, n)
	default:
		return nil, nil, false
	}
	valid := andValid(n, x)
	f = newBits(n)
	if !hasNull {
		f = copyBits(hit, 0, n)
		notBits(f, n)
	}
	if valid != nil {
		andInto(hit, valid)
		andInto(f, valid)
	}
	return hit, f, true
}

func inFixed[T ints](x Vec, items []arrow.Array, n int) []byte {
	out := newBits(n)
	set := make(map[T]struct{}, len(items))
	list := make([]T, len(items))
	for i, it := range items {
		list[i] = values[T](it)[0]
		set[list[i]] = struct{}{}
	}
	vals := values[T](x.Arr)[:n]
	if len(list) <= 8 {
		for i, v := range vals {
			hit := false
			for _, w := range list {
				hit = hit || v == w
			}
			out[i>>3] |= b2u(hit) << (i & 7)
		}
		return out
	}
	for i, v := range vals {
		_, hit := set[v]
		out[i>>3] |= b2u(hit) << (i & 7)
	}
	return out
}

func inStrings(x Vec, items []arrow.Array, n int) []byte {
	out := newBits(n)
	set := make(map[string]struct{}, len(items))
	for _, it := range items {
		s := stringsOf(Vec{Arr: it, Const: true})
		set[s.at(0)] = struct{}{}
	}
	s := stringsOf(x)
	for i := range n {
		_, hit := set[s.at(i)]
		out[i>>3] |= b2u(hit) << (i & 7)
	}
	return out
}

// compare is the general way: = with each item, joined by OR.
func (e *InList) compare(ctx *Ctx, x Vec, items []Vec, n int) (t, f []byte, err error) {
	t, f = newBits(n), allBits(n)
	eq := compareKernel(e.X.Type(), opEQ)
	for _, it := range items {
		if x.Const && x.Arr.IsNull(0) || it.Const && it.Arr.IsNull(0) {
			f = newBits(n)
			continue
		}
		rows := n
		if x.Const && it.Const {
			rows = 1
		}
		v, err := eq(ctx, rows, []Vec{x, it})
		if err != nil {
			return nil, nil, err
		}
		v.Const = rows < n
		vt, vf := truth(v, n)
		orInto(t, vt)
		andInto(f, vf)
	}
	return t, f, nil
}

// String prints as PostgreSQL does: X = ANY (array) where the list is constant.
func (e *InList) String() string {
	op, word := " = ", "ANY"
	if e.Not {
		op, word = " <> ", "ALL"
	}
	for _, it := range e.List {
		if _, ok := it.(*Const); !ok {
			return "(" + e.X.String() + op + word + " (ARRAY[" + join(e.List) + "]))"
		}
	}
	var body []byte
	for i, it := range e.List {
		if i > 0 {
			body = append(body, ',')
		}
		body = appendArrayItem(body, it.(*Const))
	}
	return "(" + e.X.String() + op + word + " (" + quoteLit("{"+string(body)+"}") + "::" + e.X.Type().Base().String() + "[]))"
}

// Children are X and the items.
func (e *InList) Children() []Expr { return append([]Expr{e.X}, e.List...) }

// WithChildren is the test over other operands.
func (e *InList) WithChildren(x []Expr) Expr { return &InList{X: x[0], List: x[1:], Not: e.Not} }
