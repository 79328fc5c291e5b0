package wasm

import (
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/tetratelabs/wazero/api"

	"github.com/streamsqld/streamsqld/expr"
	"github.com/streamsqld/streamsqld/types"
)

// Agg makes an aggregate of the exports NAME_accumulate, NAME_merge and NAME_finish, and of NAME_init and NAME_retract where there are. a has its
// name and types. The state of a group is bytes, which the module gives and gets back. Errors: as of Func.
func (m *Module) Agg(a expr.Agg) (*expr.Agg, error) {
	in, err := kindsOf(a.Args)
	if err != nil {
		return nil, err
	}
	out, err := kindOf(a.Ret)
	if err != nil {
		return nil, err
	}
	i32, i64 := api.ValueTypeI32, []api.ValueType{api.ValueTypeI64}
	state := []api.ValueType{i32, i32}
	add := append(slices.Clone(state), params(in)...)
	need := []struct {
		what     string
		in, out  []api.ValueType
		optional bool
	}{{"accumulate", add, i64, false}, {"retract", add, i64, true}, {"merge", []api.ValueType{i32, i32, i32, i32}, i64, false},
		{"finish", state, []api.ValueType{out.wasm}, false}, {"init", nil, i64, true}}
	for _, n := range need {
		name := m.opts.Export + "_" + n.what
		if n.optional && m.code.ExportedFunctions()[name] == nil {
			continue
		}
		if err := m.check(name, n.in, n.out); err != nil {
			return nil, err
		}
		if n.what == "retract" {
			a.Invertible = true
		}
	}
	if err := m.needsAlloc(); err != nil {
		return nil, err
	}
	i, release, err := m.take() // it can be started
	if err != nil {
		return nil, err
	}
	initial, err := m.initial(i)
	if release(err); err != nil {
		return nil, err
	}
	a.New = func([]types.Type) expr.Accumulator { return &accumulator{m: m, in: in, out: out, initial: initial} }
	return &a, nil
}

// initial is the state of a group without rows.
func (m *Module) initial(i *instance) ([]byte, error) {
	f := i.fn(m.opts.Export + "_init")
	if f == nil {
		return []byte{}, nil
	}
	if err := m.call(i, f); err != nil {
		return nil, err
	}
	b, err := m.bytesAt(i, i.stack[0])
	return slices.Clone(b), err
}

// accumulator holds the states of an aggregate's groups.
type accumulator struct {
	m       *Module
	in      []kind
	out     kind
	initial []byte
	states  [][]byte // nil: no row yet
	bytes   int64
}

// Grow makes room for n groups.
func (a *accumulator) Grow(n int) {
	for len(a.states) < n {
		a.states = append(a.states, nil)
	}
}

func (a *accumulator) state(g uint32) []byte {
	if a.states[g] == nil {
		return a.initial
	}
	return a.states[g]
}

// put keeps what the module returned as the state of g.
func (a *accumulator) put(i *instance, g uint32) error {
	b, err := a.m.bytesAt(i, i.stack[0])
	if err != nil {
		return err
	}
	old := a.states[g]
	a.bytes += int64(len(b) - len(old))
	if old == nil || cap(old) < len(b) {
		old = make([]byte, 0, len(b))
	}
	a.states[g] = append(old[:0], b...)
	return nil
}

// Add gives the rows without NULL to accumulate, or those with negative weights to retract.
func (a *accumulator) Add(groups []uint32, args []arrow.Array, w []int64) (err error) {
	i, release, err := a.m.take()
	if err != nil {
		return err
	}
	defer func() { release(err) }()
	add, sub := i.fn(a.m.opts.Export+"_accumulate"), i.fn(a.m.opts.Export+"_retract")
	for r, g := range groups {
		if anyNull(args, r) {
			continue
		}
		f, times := add, int64(1)
		if w != nil {
			if times = w[r]; times < 0 {
				f, times = sub, -times
			}
		}
		for range times {
			if err = a.m.push(i, [][]byte{a.state(g)}, a.in, args, r); err != nil {
				return err
			}
			if err = a.m.call(i, f); err != nil {
				return err
			}
			if err = a.put(i, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// Result calls finish.
func (a *accumulator) Result(groups []uint32) (col arrow.Array, err error) {
	i, release, err := a.m.take()
	if err != nil {
		return nil, err
	}
	defer func() { release(err) }()
	f := i.fn(a.m.opts.Export + "_finish")
	vals, null := make([]uint64, len(groups)), make([]bool, len(groups))
	b := types.NewBuilder(a.out.typ)
	for k, g := range groups {
		if err = a.m.push(i, [][]byte{a.state(g)}, nil, nil, 0); err != nil {
			return nil, err
		}
		if err = a.m.call(i, f); err != nil {
			return nil, err
		}
		vals[k], null[k] = i.stack[0], i.null
		switch {
		case !a.out.text:
		case i.null:
			b.AppendNull()
		default:
			v, err := a.m.bytesAt(i, vals[k])
			if err != nil {
				return nil, err
			}
			if err := a.out.appendBytes(b, v, a.m.opts.Name); err != nil {
				return nil, err
			}
		}
	}
	if a.out.text {
		return b.NewArray(), nil
	}
	return a.out.column(a.m.opts.Name, vals, null)
}

// StateTypes is one column of bytes, NULL for a group without rows.
func (a *accumulator) StateTypes() []arrow.DataType {
	return []arrow.DataType{arrow.BinaryTypes.Binary}
}

// Save gives the states as the module made them.
func (a *accumulator) Save(groups []uint32) ([]arrow.Array, error) {
	b := types.NewBuilder(types.Bytea).(*array.BinaryBuilder)
	for _, g := range groups {
		if a.states[g] == nil {
			b.AppendNull()
		} else {
			b.Append(a.states[g])
		}
	}
	return []arrow.Array{b.NewArray()}, nil
}

// Load takes saved states.
func (a *accumulator) Load(groups []uint32, cols []arrow.Array) error {
	a.Reset(groups)
	for k, g := range groups {
		if !cols[0].IsNull(k) {
			a.states[g] = append([]byte{}, bytesOf(cols[0], k)...)
			a.bytes += int64(len(a.states[g]))
		}
	}
	return nil
}

// Merge calls merge with the state of the group and a saved one.
func (a *accumulator) Merge(groups []uint32, cols []arrow.Array) (err error) {
	i, release, err := a.m.take()
	if err != nil {
		return err
	}
	defer func() { release(err) }()
	f := i.fn(a.m.opts.Export + "_merge")
	for k, g := range groups {
		if cols[0].IsNull(k) {
			continue
		}
		if err = a.m.push(i, [][]byte{a.state(g), bytesOf(cols[0], k)}, nil, nil, 0); err != nil {
			return err
		}
		if err = a.m.call(i, f); err != nil {
			return err
		}
		if err = a.put(i, g); err != nil {
			return err
		}
	}
	return nil
}

// Reset forgets the states.
func (a *accumulator) Reset(groups []uint32) {
	for _, g := range groups {
		a.bytes -= int64(len(a.states[g]))
		a.states[g] = nil
	}
}

// Bytes counts the states.
func (a *accumulator) Bytes() int64 { return a.bytes + int64(cap(a.states))*24 }
