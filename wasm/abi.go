package wasm

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/tetratelabs/wazero/api"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// kind is how a type goes into and out of a module.
type kind struct {
	typ  types.Type
	wasm api.ValueType // of numbers
	text bool          // bytes: two i32, address and length; as a result one i64
	utf8 bool          // and they must be text
}

// kindOf says how a type is passed; 0A000 where it is not.
func kindOf(t types.Type) (kind, error) {
	k := kind{typ: t}
	switch t.Base() {
	case types.Bool, types.Int2, types.Int4, types.Date:
		k.wasm = api.ValueTypeI32
	case types.Int8, types.Timestamp, types.TimestampTZ:
		k.wasm = api.ValueTypeI64
	case types.Float4:
		k.wasm = api.ValueTypeF32
	case types.Float8:
		k.wasm = api.ValueTypeF64
	case types.Text, types.Varchar, types.JSON:
		k.text, k.utf8, k.wasm = true, true, api.ValueTypeI64
	case types.Bytea:
		k.text, k.wasm = true, api.ValueTypeI64
	default:
		return k, sqlerr.New(sqlerr.FeatureNotSupported, "a WebAssembly function cannot take or return type %s", t).
			WithHint("It can take and return boolean, smallint, integer, bigint, real, double precision, date, timestamps, text, varchar, json and bytea.")
	}
	return k, nil
}

func kindsOf(ts []types.Type) ([]kind, error) {
	out := make([]kind, len(ts))
	for i, t := range ts {
		k, err := kindOf(t)
		if err != nil {
			return nil, err
		}
		out[i] = k
	}
	return out, nil
}

// params are the types of a module's function for arguments of these kinds.
func params(ks []kind) []api.ValueType {
	var out []api.ValueType
	for _, k := range ks {
		if k.text {
			out = append(out, api.ValueTypeI32, api.ValueTypeI32)
		} else {
			out = append(out, k.wasm)
		}
	}
	return out
}

// check finds an export and compares its type: 42P13 where it is missing or another.
func (m *Module) check(name string, in, out []api.ValueType) error {
	f, ok := m.code.ExportedFunctions()[name]
	if !ok {
		var have []string
		for n := range m.code.ExportedFunctions() {
			have = append(have, n)
		}
		slices.Sort(have)
		return invalid("the WebAssembly module does not export %q", name).WithDetail("It exports %s.", strings.Join(have, ", ")).
			WithHint("WITH (export = '...') names the exported function where it is not called as the SQL function is.")
	}
	if !slices.Equal(f.ParamTypes(), in) || !slices.Equal(f.ResultTypes(), out) {
		return invalid("the WebAssembly module's %s has other arguments or another result than the function", name).
			WithDetail("It is %s, and %s is needed.", signature(f.ParamTypes(), f.ResultTypes()), signature(in, out))
	}
	return nil
}

func signature(in, out []api.ValueType) string {
	list := func(ts []api.ValueType) string {
		names := make([]string, len(ts))
		for i, t := range ts {
			names[i] = api.ValueTypeName(t)
		}
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("(%s) -> (%s)", list(in), list(out))
}

// needsAlloc checks that a module that is given bytes says where to put them.
func (m *Module) needsAlloc() error {
	if _, ok := m.code.ExportedFunctions()["malloc"]; ok {
		return m.check("malloc", []api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32})
	}
	return m.check("alloc", []api.ValueType{api.ValueTypeI32}, []api.ValueType{api.ValueTypeI32})
}

// number reads a value as the module sees it.
func (k kind) number(a arrow.Array, i int) uint64 {
	switch a := a.(type) {
	case *array.Boolean:
		if a.Value(i) {
			return 1
		}
		return 0
	case *array.Int16:
		return api.EncodeI32(int32(a.Value(i)))
	case *array.Float32:
		return api.EncodeF32(a.Value(i))
	case *array.Float64:
		return api.EncodeF64(a.Value(i))
	}
	if k.wasm == api.ValueTypeI32 {
		return api.EncodeI32(types.Int32s(a)[i])
	}
	return uint64(types.Int64s(a)[i])
}

func bytesOf(a arrow.Array, i int) []byte {
	switch a := a.(type) {
	case *array.String:
		return []byte(a.Value(i))
	case *array.Binary:
		return a.Value(i)
	}
	return nil
}

// column makes a column of numbers of what calls returned; null has a 1 for NULL.
func (k kind) column(name string, vals []uint64, null []bool) (arrow.Array, error) {
	b := types.NewBuilder(k.typ)
	b.Reserve(len(vals))
	for i, v := range vals {
		if null[i] {
			b.AppendNull()
			continue
		}
		switch b := b.(type) {
		case *array.BooleanBuilder:
			b.Append(uint32(v) != 0)
		case *array.Int16Builder:
			n := api.DecodeI32(v)
			if n < math.MinInt16 || n > math.MaxInt16 {
				return nil, sqlerr.New(sqlerr.NumericValueOutOfRange, "smallint out of range").WithDetail("The function %s returned %d.", name, n)
			}
			b.Append(int16(n))
		case *array.Int32Builder:
			b.Append(api.DecodeI32(v))
		case *array.Date32Builder:
			b.Append(arrow.Date32(api.DecodeI32(v)))
		case *array.Int64Builder:
			b.Append(int64(v))
		case *array.TimestampBuilder:
			b.Append(arrow.Timestamp(v))
		case *array.Float32Builder:
			b.Append(api.DecodeF32(v))
		case *array.Float64Builder:
			b.Append(api.DecodeF64(v))
		default:
			return nil, sqlerr.New(sqlerr.InternalError, "a WebAssembly function cannot return %s", k.typ)
		}
	}
	return b.NewArray(), nil
}

// appendBytes puts returned bytes into a column.
func (k kind) appendBytes(b array.Builder, v []byte, name string) error {
	if k.utf8 {
		if err := types.CheckUTF8(v); err != nil {
			return sqlerr.New(sqlerr.CharacterNotInRepertoire, "the function %s returned bytes that are not text", name).WithDetail("%s", sqlerr.From(err).Message)
		}
	}
	switch b := b.(type) {
	case *array.StringBuilder:
		if k.typ.Is(types.JSON) {
			if err := types.CheckJSON(string(v)); err != nil {
				return err
			}
		}
		b.Append(string(v))
	case *array.BinaryBuilder:
		b.Append(v)
	default:
		return sqlerr.New(sqlerr.InternalError, "a WebAssembly function cannot return %s", k.typ)
	}
	return nil
}
