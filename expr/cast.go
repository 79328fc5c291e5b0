package expr

import (
	"strings"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Type is the target type.
func (c *Cast) Type() types.Type { return c.Typ }

// Eval converts the operand's rows; errors get the cast's position.
func (c *Cast) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	x, err := c.X.Eval(ctx, b)
	if err != nil {
		return Vec{}, err
	}
	n := b.N
	if x.Const {
		if x.Arr.IsNull(0) {
			return nullVec(c.Typ), nil
		}
		n = 1
	}
	v, err := castKernel(c.X.Type(), c.Typ, c.Explicit)(ctx, n, []Vec{x})
	if err != nil {
		return Vec{}, errPos(err, c.Pos)
	}
	v.Const = x.Const
	return v, nil
}

func (c *Cast) String() string {
	s := c.X.String()
	if k, ok := c.X.(*Const); ok && k.Typ.Is(types.Unknown) {
		return s + "::" + c.Typ.String()
	}
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") && !strings.Contains(s, ") ") {
		return s + "::" + c.Typ.String()
	}
	return "(" + s + ")::" + c.Typ.String()
}

// Children is the operand.
func (c *Cast) Children() []Expr { return []Expr{c.X} }

// WithChildren is the cast of another operand.
func (c *Cast) WithChildren(x []Expr) Expr {
	n := *c
	n.X = x[0]
	return &n
}

// NewCast converts x to type to in the given context ('i', 'a', 'e'). It gives x itself where nothing is to do. A string literal
// (Unknown constant) becomes a typed constant at once, unless what it means depends on the session (see NewCastFormat).
// Errors: 42846; of a literal what its type's input gives (22P02 ...), with the position.
func NewCast(x Expr, to types.Type, context byte, pos int) (Expr, error) {
	return NewCastFormat(x, to, context, pos, nil)
}

// NewCastFormat is NewCast with the session's settings at hand, so that literals of timestamptz and the like become constants too.
func NewCastFormat(x Expr, to types.Type, context byte, pos int, f *types.Format) (Expr, error) {
	from := x.Type()
	if from == to || from.Is(to) && to.Mod < 0 {
		return x, nil
	}
	if c, ok := x.(*Const); ok {
		if c.IsNull() && (from.Is(types.Unknown) || CanCast(from, to, context)) {
			return ConstNull(to), nil
		}
		if from.Is(types.Unknown) {
			return castLiteral(c, to, context, pos, f)
		}
	}
	if p, ok := x.(*Param); ok && from.Is(types.Unknown) {
		return &Param{N: p.N, Typ: to.Base()}, nil
	}
	if !CanCast(from, to, context) {
		return nil, sqlerr.New(sqlerr.CannotCoerce, "cannot cast type %s to %s", from.Base(), to.Base()).At(pos)
	}
	if CastMethod(from, to) == 'r' {
		if err := rowCastError(from, to); err != nil {
			return nil, errPos(err, pos)
		}
	}
	base := to.Base()
	if CastMethod(from, to) == 'f' || CastMethod(from, to) == 'b' || to.Mod < 0 || from.Is(to) {
		if to.Mod >= 0 && !from.Is(to) && !(to.Is(types.Bit) && !from.Is(types.VarBit)) { // first the type, then the length
			x = &Cast{X: x, Typ: base, Explicit: context == 'e', Pos: pos}
		}
	}
	return foldConstCast(&Cast{X: x, Typ: to, Explicit: context == 'e', Pos: pos}), nil
}

// foldConstCast computes the immutable cast of a constant, unless it fails.
func foldConstCast(c *Cast) Expr {
	if in, ok := c.X.(*Cast); ok {
		n := *c
		n.X = foldConstCast(in)
		c = &n
	}
	if _, ok := c.X.(*Const); !ok || castVolatility(c.X.Type(), c.Typ) != Immutable {
		return c
	}
	if k, err := EvalConst(&Ctx{Format: types.UTCFormat(0)}, c); err == nil {
		return k
	}
	return c
}

// castLiteral gives an untyped literal its type.
func castLiteral(c *Const, to types.Type, context byte, pos int, f *types.Format) (Expr, error) {
	if to.Is(types.Unknown) {
		return c, nil
	}
	if pseudo(to) {
		return nil, sqlerr.New(sqlerr.CannotCoerce, "cannot cast type unknown to %s", to.Base()).At(pos)
	}
	text := c.Text()
	cast := &Cast{X: c, Typ: to, Explicit: context == 'e', Pos: pos}
	if needsCatalog(to) {
		return cast, nil
	}
	if to.Is(types.RegType) {
		oid, err := regIn(&Ctx{}, to, text)
		if err != nil {
			return cast, nil // a user's type, perhaps
		}
		return &Const{Arr: newFixed(to.Arrow(), []uint32{oid}, nil), Typ: to}, nil
	}
	parse := f
	if f == nil {
		parse = types.UTCFormat(0)
	}
	k, err := ConstOf(to.Base(), text, parse)
	if err != nil {
		return nil, errPos(err, pos)
	}
	if f == nil && literalUsesSession(to, text) {
		return cast, nil
	}
	if to.Mod < 0 {
		return k, nil
	}
	return foldConstCast(&Cast{X: k, Typ: to, Explicit: context == 'e', Pos: pos}), nil
}

func needsCatalog(t types.Type) bool {
	switch t.Base() {
	case types.RegClass, types.RegNS, types.RegRole, types.RegProc, types.RegProcedure:
		return true
	}
	return false
}

// literalUsesSession says whether a date or time literal is read in the light of the time zone, the date style or the clock.
func literalUsesSession(t types.Type, text string) bool {
	if t.IsArray() {
		t = t.Elem()
	}
	switch t.Base() {
	case types.TimestampTZ, types.TimeTZ:
		return true
	case types.Date, types.Timestamp, types.Time:
		l := strings.ToLower(text)
		return strings.ContainsAny(l, "/") || strings.Contains(l, "now") || strings.Contains(l, "to") || strings.Contains(l, "yes")
	}
	return false
}
