package expr

import (
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// Type is the call's result type.
func (c *Call) Type() types.Type { return c.Typ }

// Eval evaluates the arguments and calls the kernel. A strict function of a constant NULL is NULL without a call; a function
// of constants only is called once, unless it is volatile.
func (c *Call) Eval(ctx *Ctx, b *types.Batch) (Vec, error) {
	var buf [4]Vec
	args := buf[:0]
	allConst := true
	for _, a := range c.Args {
		v, err := a.Eval(ctx, b)
		if err != nil {
			return Vec{}, err
		}
		allConst = allConst && v.Const
		args = append(args, v)
	}
	if !c.Fn.CalledOnNull {
		for _, a := range args {
			if a.Const && a.Arr.IsNull(0) {
				return nullVec(c.Typ), nil
			}
		}
	}
	n := b.N
	once := allConst && c.Fn.Vol != Volatile
	if once {
		n = 1
	}
	v, err := c.kernel()(ctx, n, args)
	if err != nil {
		return Vec{}, errPos(err, c.Pos)
	}
	if once {
		v.Const = true
	}
	return v, nil
}

func (c *Call) kernel() Kernel {
	if c.Fn.Bind == nil {
		return c.Fn.Kernel
	}
	ts := make([]types.Type, len(c.Args))
	for i, a := range c.Args {
		ts[i] = a.Type()
	}
	return c.Fn.Bind(ts, c.Typ)
}

// IsOperator says whether a function's name is an operator's symbol.
func IsOperator(name string) bool {
	return name != "" && strings.Trim(name, "+-*/<>=~!@#%^&|`?") == ""
}

func (c *Call) String() string {
	if IsOperator(c.Fn.Name) {
		if len(c.Args) == 1 {
			return "(" + c.Fn.Name + " " + c.Args[0].String() + ")"
		}
		if len(c.Args) == 2 {
			return "(" + c.Args[0].String() + " " + c.Fn.Name + " " + c.Args[1].String() + ")"
		}
	}
	if s, ok := deparseSpecial(c); ok {
		return s
	}
	return quoteIdent(c.Fn.Name) + "(" + join(c.Args) + ")"
}

// deparseSpecial prints the calls that PostgreSQL prints in the form of the SQL standard.
func deparseSpecial(c *Call) (string, bool) {
	a := c.Args
	switch {
	case c.Fn.Name == "extract" && len(a) == 2:
		if f, ok := a[0].(*Const); ok {
			return "EXTRACT(" + f.Text() + " FROM " + a[1].String() + ")", true
		}
	case c.Fn.Name == "timezone" && len(a) == 2:
		return "(" + a[1].String() + " AT TIME ZONE " + a[0].String() + ")", true
	case c.Fn.Name == "array_subscript" && len(a) == 2:
		return "(" + a[0].String() + ")[" + a[1].String() + "]", true
	case len(a) == 0 && strings.HasPrefix(c.Fn.Name, "current_"), len(a) == 0 && strings.HasSuffix(c.Fn.Name, "_user"):
		return strings.ToUpper(c.Fn.Name), true
	}
	return "", false
}

// Children are the arguments.
func (c *Call) Children() []Expr { return c.Args }

// WithChildren is the call with other arguments.
func (c *Call) WithChildren(x []Expr) Expr {
	n := *c
	n.Args = x
	return &n
}

func join(es []Expr) string {
	var b strings.Builder
	for i, e := range es {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(e.String())
	}
	return b.String()
}

// NewCall makes a call of a resolved function: the arguments are cast to what it takes.
func NewCall(r *Resolved, args []Expr, pos int) (Expr, error) {
	cast := make([]Expr, len(args))
	for i, a := range args {
		c, err := NewCast(a, r.ArgType[i], 'i', pos)
		if err != nil {
			return nil, err
		}
		cast[i] = c
	}
	return &Call{Fn: r.Fn, Args: cast, Typ: r.Ret, Pos: pos}, nil
}
