package wasm

import (
	"encoding/binary"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/tetratelabs/wazero/api"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// maxBatch is how many rows go into one call of a batch entry.
const maxBatch = 4096

// batchParams are the arguments of a batch entry: the number of rows, the address of each argument's column, and that of the result's.
func (c *caller) batchParams() []api.ValueType {
	return slices.Repeat([]api.ValueType{api.ValueTypeI32}, len(c.in)+2)
}

func (k kind) width() uint32 {
	if k.wasm == api.ValueTypeI32 || k.wasm == api.ValueTypeF32 {
		return 4
	}
	return 8
}

// callBatch calls the batch entry with columns of numbers, little endian and one after another; where an argument is NULL they hold a 0.
func (c *caller) callBatch(i *instance, n int, args []arrow.Array, null []bool) (arrow.Array, error) {
	f := i.fn(c.batch)
	vals := make([]uint64, n)
	for from := 0; from < n; from += maxBatch {
		rows := min(n-from, maxBatch)
		if err := c.batchCall(i, f, from, rows, args, vals); err != nil {
			return nil, err
		}
	}
	return c.out.column(c.m.opts.Name, vals, null)
}

func (c *caller) batchCall(i *instance, f api.Function, from, rows int, args []arrow.Array, vals []uint64) error {
	room := uint32(8) // to begin at a multiple of 8
	for _, k := range append(slices.Clone(c.in), c.out) {
		room += (k.width()*uint32(rows) + 7) &^ 7
	}
	at, err := c.m.reserve(i, room)
	if err != nil {
		return err
	}
	at = (at + 7) &^ 7
	i.stack[0] = uint64(rows)
	mem := i.mod.Memory()
	for j, k := range c.in {
		size := k.width() * uint32(rows)
		view, ok := mem.Read(at, size)
		if !ok {
			return c.m.outOfMemory()
		}
		for r := range rows {
			var v uint64
			if !args[j].IsNull(from + r) {
				v = k.number(args[j], from+r)
			}
			if k.width() == 4 {
				binary.LittleEndian.PutUint32(view[4*r:], uint32(v))
			} else {
				binary.LittleEndian.PutUint64(view[8*r:], v)
			}
		}
		i.stack[j+1] = uint64(at)
		at += (size + 7) &^ 7
	}
	i.stack[len(c.in)+1] = uint64(at)
	if err := c.m.call(i, f); err != nil {
		return err
	}
	view, ok := i.mod.Memory().Read(at, c.out.width()*uint32(rows))
	if !ok {
		return sqlerr.New(sqlerr.ExternalRoutineException, "the function %s returned bytes outside of its memory", c.m.opts.Name)
	}
	for r := range rows {
		if c.out.width() == 4 {
			vals[from+r] = uint64(binary.LittleEndian.Uint32(view[4*r:]))
		} else {
			vals[from+r] = binary.LittleEndian.Uint64(view[8*r:])
		}
	}
	return nil
}
