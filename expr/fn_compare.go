package expr

import "github.com/streamsqld/streamsqld/types"

// comparableTypes lists the types that have the six comparison operators; the others compare as one of these.
var comparableTypes = []types.Type{types.Bool, types.Int2, types.Int4, types.Int8, types.OID, types.Float4, types.Float8,
	types.Numeric, types.Text, types.BPChar, types.Name, types.Char, types.Bytea, types.Bit, types.VarBit, types.Inet, types.MACAddr, types.Date, types.Time, types.TimeTZ, types.Timestamp,
	types.TimestampTZ, types.Interval, types.UUID, types.JSONB, types.AnyArray, types.AnyEnum, types.Record}

// compareFuncs are the comparison operators.
func compareFuncs() []*Func {
	var fs []*Func
	for _, t := range comparableTypes {
		for op, name := range cmpNames {
			f := &Func{Name: name, Args: args(t, t), Ret: types.Bool, Vol: Immutable, Safe: true, Doc: "comparison"}
			if t == types.Record {
				f.Bind = func(ts []types.Type, _ types.Type) Kernel { return compareRows(ts, cmpOp(op)) }
			} else if isPoly(t) {
				f.Bind = func(ts []types.Type, _ types.Type) Kernel { return compareKernel(ts[0], cmpOp(op)) }
			} else {
				f.Kernel = compareKernel(t, cmpOp(op))
			}
			fs = append(fs, f)
			if t == types.Float8 {
				fs = append(fs, widened(f, types.Float4, t), widened(f, t, types.Float4))
			}
		}
	}
	for _, name := range []string{"=", "<>"} {
		op := opEQ
		if name == "<>" {
			op = opNE
		}
		fs = append(fs, &Func{Name: name, Args: args(types.Xid, types.Xid), Ret: types.Bool, Vol: Immutable, Safe: true,
			Kernel: compareKernel(types.Xid, op), Doc: "comparison"})
	}
	fs = append(fs, patternCompare("~<~", opLT), patternCompare("~<=~", opLE), patternCompare("~>~", opGT), patternCompare("~>=~", opGE))
	return append(fs, extreme("greatest", opGT), extreme("least", opLT))
}

// patternCompare compares the bytes of texts.
func patternCompare(name string, op cmpOp) *Func {
	return &Func{Name: name, Args: args(types.Text, types.Text), Ret: types.Bool, Vol: Immutable, Safe: true, Kernel: compareKernel(types.Text, op), Doc: "comparison by bytes"}
}

// extreme is GREATEST or LEAST: of arguments of one type (the binder casts them), NULLs left out.
func extreme(name string, op cmpOp) *Func {
	return &Func{Name: name, Args: args(types.AnyElement), Variadic: true, Ret: types.AnyElement, CalledOnNull: true, Vol: Immutable, Safe: true,
		Doc:  name + " of the arguments that are not NULL",
		Bind: func(ts []types.Type, ret types.Type) Kernel { return extremeKernel(ret, op) }}
}

func extremeKernel(t types.Type, op cmpOp) Kernel {
	compare := types.NewComparer(t)
	return func(_ *Ctx, n int, args []Vec) (Vec, error) {
		p := &pieces{idx: make([]int32, n)}
		base := make([]int32, len(args))
		for i, a := range args {
			base[i] = p.base
			p.add(a, nil, false)
		}
		for i := range n {
			top := 0
			for k := 1; k < len(args); k++ {
				a, b := args[k], args[top]
				if !a.IsNull(i) && (b.IsNull(i) || op.holds(compare(a.Arr, a.Idx(i), b.Arr, b.Idx(i)))) {
					top = k
				}
			}
			p.idx[i] = base[top] + int32(args[top].Idx(i))
		}
		a, err := p.finish(t)
		return Vec{Arr: a}, err
	}
}
