package wasm

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/tetratelabs/wazero/api"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// Func makes a function of the module's export: f has its name, types and volatility. A row with a NULL argument gives NULL without a call.
// Errors: 42P13 where the export does not fit the types, 0A000 for types that cannot be passed.
func (m *Module) Func(f expr.Func) (*expr.Func, error) {
	in, err := kindsOf(f.Args)
	if err != nil {
		return nil, err
	}
	out, err := kindOf(f.Ret)
	if err != nil {
		return nil, err
	}
	if err := m.check(m.opts.Export, params(in), []api.ValueType{out.wasm}); err != nil {
		return nil, err
	}
	needs := false
	for _, k := range in {
		needs = needs || k.text
	}
	c := &caller{m: m, in: in, out: out, export: m.opts.Export}
	if batch := m.opts.Export + "_batch"; m.code.ExportedFunctions()[batch] != nil && !needs && !out.text {
		if err := m.check(batch, c.batchParams(), nil); err != nil {
			return nil, err
		}
		c.batch, needs = batch, true
	}
	if needs {
		if err := m.needsAlloc(); err != nil {
			return nil, err
		}
	}
	if _, release, err := m.take(); err != nil { // it can be started
		return nil, err
	} else {
		release(nil)
	}
	f.CalledOnNull = true // the kernel skips rows with a NULL argument itself
	f.Kernel = c.kernel
	return &f, nil
}

// caller calls one export for batches of rows.
type caller struct {
	m      *Module
	in     []kind
	out    kind
	export string
	batch  string // the export that takes columns; "": there is none
}

func (c *caller) kernel(_ *expr.Ctx, n int, vs []expr.Vec) (v expr.Vec, err error) {
	args := make([]arrow.Array, len(vs))
	for i, x := range vs {
		args[i] = x.Array(n)
	}
	inst, release, err := c.m.take()
	if err != nil {
		return v, err
	}
	defer func() { release(err) }()
	null := make([]bool, n)
	for i := range null {
		null[i] = anyNull(args, i)
	}
	switch {
	case c.batch != "":
		v.Arr, err = c.callBatch(inst, n, args, null)
	case c.out.text:
		v.Arr, err = c.callBytes(inst, n, args, null)
	default:
		v.Arr, err = c.callNumbers(inst, n, args, null)
	}
	return v, err
}

func anyNull(cols []arrow.Array, i int) bool {
	for _, c := range cols {
		if c.IsNull(i) {
			return true
		}
	}
	return false
}

func (c *caller) callNumbers(i *instance, n int, args []arrow.Array, null []bool) (arrow.Array, error) {
	f := i.fn(c.export)
	vals := make([]uint64, n)
	for r := range n {
		if null[r] {
			continue
		}
		if err := c.m.push(i, nil, c.in, args, r); err != nil {
			return nil, err
		}
		if err := c.m.call(i, f); err != nil {
			return nil, err
		}
		vals[r], null[r] = i.stack[0], i.null
	}
	return c.out.column(c.m.opts.Name, vals, null)
}

func (c *caller) callBytes(i *instance, n int, args []arrow.Array, null []bool) (arrow.Array, error) {
	f := i.fn(c.export)
	b := types.NewBuilder(c.out.typ)
	for r := range n {
		if null[r] {
			b.AppendNull()
			continue
		}
		if err := c.m.push(i, nil, c.in, args, r); err != nil {
			return nil, err
		}
		if err := c.m.call(i, f); err != nil {
			return nil, err
		}
		if i.null {
			b.AppendNull()
			continue
		}
		v, err := c.m.bytesAt(i, i.stack[0])
		if err != nil {
			return nil, err
		}
		if err := c.out.appendBytes(b, v, c.m.opts.Name); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

// push puts the arguments of row r on the stack, behind those that are bytes from elsewhere, and their bytes into the module's memory.
func (m *Module) push(i *instance, before [][]byte, ks []kind, args []arrow.Array, r int) error {
	size := 0
	for _, b := range before {
		size += len(b)
	}
	for k := range ks {
		if ks[k].text {
			size += len(bytesOf(args[k], r))
		}
	}
	at, err := uint32(0), error(nil)
	if size > 0 {
		if at, err = m.reserve(i, uint32(size)); err != nil {
			return err
		}
	}
	k := 0
	put := func(b []byte) {
		i.mod.Memory().Write(at, b)
		i.stack[k], i.stack[k+1] = uint64(at), uint64(len(b))
		k, at = k+2, at+uint32(len(b))
	}
	for _, b := range before {
		put(b)
	}
	for j, kd := range ks {
		if kd.text {
			put(bytesOf(args[j], r))
		} else {
			i.stack[k] = kd.number(args[j], r)
			k++
		}
	}
	return nil
}
