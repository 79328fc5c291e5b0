package expr

import (
	"bytes"
	"cmp"
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// cmpOp is a comparison operator.
type cmpOp byte

const (
	opEQ cmpOp = iota
	opNE
	opLT
	opLE
	opGT
	opGE
)

var cmpNames = [...]string{"=", "<>", "<", "<=", ">", ">="}

// swapped is the operator with its sides changed.
func (op cmpOp) swapped() cmpOp { return [...]cmpOp{opEQ, opNE, opGT, opGE, opLT, opLE}[op] }

// holds says whether the operator holds for a three-way comparison.
func (op cmpOp) holds(c int) bool {
	switch op {
	case opEQ:
		return c == 0
	case opNE:
		return c != 0
	case opLT:
		return c < 0
	case opLE:
		return c <= 0
	case opGT:
		return c > 0
	}
	return c >= 0
}

// compareKernel makes the kernel of a comparison of two columns of type t.
func compareKernel(t types.Type, op cmpOp) Kernel {
	switch t.Base() {
	case types.Int2:
		return cmpInts[int16](op)
	case types.Int4, types.Date:
		return cmpInts[int32](op)
	case types.Int8, types.Timestamp, types.TimestampTZ, types.Time:
		return cmpInts[int64](op)
	case types.OID, types.RegClass, types.RegType, types.RegNS, types.RegRole, types.RegProc, types.RegProcedure, types.Xid:
		return cmpInts[uint32](op)
	case types.Float4:
		return cmpFloats[float32](op)
	case types.Float8:
		return cmpFloats[float64](op)
	case types.Text, types.Varchar, types.Name, types.Char, types.Bytea, types.Bit, types.VarBit, types.Inet, types.CIDR, types.MACAddr, types.Unknown:
		return cmpStrings(op)
	case types.BPChar:
		return cmpRows(op, func(a, b string) int { return strings.Compare(strings.TrimRight(a, " "), strings.TrimRight(b, " ")) })
	case types.Bool:
		return cmpRows(op, func(a, b bool) int { return int(b2u(a)) - int(b2u(b)) })
	case types.UUID:
		return cmpRows(op, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	case types.Numeric:
		return cmpNumerics(op)
	}
	return cmpAny(t, op)
}

// cmpAny compares by the order of the type: intervals, timetz, jsonb, arrays.
func cmpAny(t types.Type, op cmpOp) Kernel {
	compare := types.NewComparer(t)
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		l, r := args[0], args[1]
		out := newBits(n)
		valid := andValid(n, l, r)
		for i := range n {
			if (valid == nil || bitSet(valid, i)) && op.holds(compare(l.Arr, l.Idx(i), r.Arr, r.Idx(i))) {
				setBit(out, i)
			}
		}
		return Vec{Arr: newBool(n, out, valid)}, nil
	}
}

// cmpRows compares row by row.
func cmpRows[T any](op cmpOp, compare func(a, b T) int) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		a, b := read[T](args[0]), read[T](args[1])
		out := newBits(n)
		valid := andValid(n, args...)
		for i := range n {
			if (valid == nil || bitSet(valid, i)) && op.holds(compare(a(i), b(i))) {
				setBit(out, i)
			}
		}
		return Vec{Arr: newBool(n, out, valid)}, nil
	}
}

type ints interface{ int16 | int32 | int64 | uint32 }

func cmpInts[T ints](op cmpOp) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		l, r, op := args[0], args[1], op
		if l.Const && !r.Const {
			l, r, op = r, l, op.swapped()
		}
		out := newBits(n)
		if a := values[T](l.Arr); r.Const {
			cmpIntsConst(op, a, values[T](r.Arr)[0], out)
		} else {
			cmpIntsCols(op, a, values[T](r.Arr), out)
		}
		if op == opNE || op == opGE || op == opLE {
			notBits(out, n)
		}
		return Vec{Arr: newBool(n, out, andValid(n, l, r))}, nil
	}
}

// cmpIntsConst sets the bits of a = c, a < c or a > c; <>, >=, <= are those with the bits to be flipped.
func cmpIntsConst[T cmp.Ordered](op cmpOp, a []T, c T, out []byte) {
	n := len(a) &^ 7
	switch op {
	case opEQ, opNE:
		for i := 0; i < n; i += 8 {
			v := a[i : i+8 : i+8]
			out[i>>3] = b2u(v[0] == c) | b2u(v[1] == c)<<1 | b2u(v[2] == c)<<2 | b2u(v[3] == c)<<3 |
				b2u(v[4] == c)<<4 | b2u(v[5] == c)<<5 | b2u(v[6] == c)<<6 | b2u(v[7] == c)<<7
		}
		for i := n; i < len(a); i++ {
			out[i>>3] |= b2u(a[i] == c) << (i & 7)
		}
	case opLT, opGE:
		for i := 0; i < n; i += 8 {
			v := a[i : i+8 : i+8]
			out[i>>3] = b2u(v[0] < c) | b2u(v[1] < c)<<1 | b2u(v[2] < c)<<2 | b2u(v[3] < c)<<3 |
				b2u(v[4] < c)<<4 | b2u(v[5] < c)<<5 | b2u(v[6] < c)<<6 | b2u(v[7] < c)<<7
		}
		for i := n; i < len(a); i++ {
			out[i>>3] |= b2u(a[i] < c) << (i & 7)
		}
	default:
		for i := 0; i < n; i += 8 {
			v := a[i : i+8 : i+8]
			out[i>>3] = b2u(v[0] > c) | b2u(v[1] > c)<<1 | b2u(v[2] > c)<<2 | b2u(v[3] > c)<<3 |
				b2u(v[4] > c)<<4 | b2u(v[5] > c)<<5 | b2u(v[6] > c)<<6 | b2u(v[7] > c)<<7
		}
		for i := n; i < len(a); i++ {
			out[i>>3] |= b2u(a[i] > c) << (i & 7)
		}
	}
}

// cmpIntsCols is cmpIntsConst over two columns.
func cmpIntsCols[T cmp.Ordered](op cmpOp, a, b []T, out []byte) {
	switch op {
	case opEQ, opNE:
		for i, x := range a {
			out[i>>3] |= b2u(x == b[i]) << (i & 7)
		}
	case opGT, opLE:
		for i, x := range a {
			out[i>>3] |= b2u(x > b[i]) << (i & 7)
		}
	default:
		for i, x := range a {
			out[i>>3] |= b2u(x < b[i]) << (i & 7)
		}
	}
}

// cmpFloats compares as PostgreSQL does: NaN equals NaN and is greater than all else.
func cmpFloats[T float32 | float64](op cmpOp) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		l, r, op := args[0], args[1], op
		if l.Const && !r.Const {
			l, r, op = r, l, op.swapped()
		}
		out := newBits(n)
		a, b := values[T](l.Arr), values[T](r.Arr)
		step := 1
		if r.Const {
			step = 0
		}
		for i, x := range a {
			y := b[i*step]
			var hit bool
			switch op {
			case opEQ, opNE:
				hit = x == y || x != x && y != y
			case opLT, opGE:
				hit = x < y || y != y && x == x
			default:
				hit = x > y || x != x && y == y
			}
			out[i>>3] |= b2u(hit) << (i & 7)
		}
		if op == opNE || op == opGE || op == opLE {
			notBits(out, n)
		}
		return Vec{Arr: newBool(n, out, andValid(n, l, r))}, nil
	}
}

func cmpStrings(op cmpOp) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		a, b := stringsOf(args[0]), stringsOf(args[1])
		out := newBits(n)
		valid := andValid(n, args...)
		for i := range n {
			x, y := a.at(i), b.at(i)
			var hit bool
			switch op {
			case opEQ, opNE:
				hit = x == y
			case opLT, opGE:
				hit = x < y
			default:
				hit = x > y
			}
			out[i>>3] |= b2u(hit) << (i & 7)
		}
		if op == opNE || op == opGE || op == opLE {
			notBits(out, n)
		}
		return Vec{Arr: newBool(n, out, valid)}, nil
	}
}

// cmpNumerics compares coefficients of one scale directly.
func cmpNumerics(op cmpOp) Kernel {
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		l, r := stringsOf(args[0]), stringsOf(args[1])
		out := newBits(n)
		valid := andValid(n, args...)
		for i := range n {
			if valid != nil && !bitSet(valid, i) {
				continue
			}
			x, y := l.bytes(i), r.bytes(i)
			a, sa, oka := isSmall(x)
			b, sb, okb := isSmall(y)
			var c int
			if oka && okb && sa == sb {
				c = int(b2u(a > b)) - int(b2u(a < b))
			} else {
				c = types.DecodeDec(x).Cmp(types.DecodeDec(y))
			}
			out[i>>3] |= b2u(op.holds(c)) << (i & 7)
		}
		return Vec{Arr: newBool(n, out, valid)}, nil
	}
}
