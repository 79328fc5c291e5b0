package expr

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// populateFuncs make values of SQL types of JSON. The sets and the columns in FROM are made of these by the binder.
func populateFuncs() []*Func {
	var fs []*Func
	for _, j := range []types.Type{types.JSON, types.JSONB} {
		name := j.Info().Name + "_populate_record"
		fs = append(fs, &Func{Name: name, Args: args(types.AnyElement, j), Ret: types.AnyElement, CalledOnNull: true, Vol: Stable,
			Doc:  "row of a JSON object; what is missing there is taken from the first argument",
			Bind: func(_ []types.Type, ret types.Type) Kernel { return populateRows(name, ret) }})
		fs = append(fs, &Func{Name: "streamsql_" + j.Info().Name + "_value", Args: args(types.AnyElement, j), Ret: types.AnyElement, CalledOnNull: true, Vol: Stable,
			Doc:  "value of the first argument's type of a JSON value",
			Bind: func(_ []types.Type, ret types.Type) Kernel { return populateRows("", ret) }})
	}
	return fs
}

// populateRows is the kernel of a function; without a name the type need not be that of a row.
func populateRows(name string, t types.Type) Kernel {
	return func(ctx *Ctx, n int, vs []Vec) (Vec, error) {
		if name != "" && t.Is(types.Record) && t.Fields() == nil {
			return Vec{}, sqlerr.New(sqlerr.FeatureNotSupported, "could not determine row type for result of %s", name).
				WithHint("Provide a non-null record argument, or call the function in the FROM clause using a column definition list.")
		}
		if name != "" && t.Fields() == nil {
			return Vec{}, sqlerr.New(sqlerr.DatatypeMismatch, "first argument of %s must be a row type", name)
		}
		b := types.NewBuilder(t)
		s := stringsOf(vs[1])
		for i := range n {
			var base []types.RecordField
			if t.IsRow() && !vs[0].IsNull(i) {
				base = types.RecordFields(vs[0].Arr.(*array.Binary).Value(vs[0].Idx(i)))
			}
			var err error
			switch {
			case vs[1].IsNull(i) && base != nil:
				b.(*array.BinaryBuilder).Append(vs[0].Arr.(*array.Binary).Value(vs[0].Idx(i)))
			case vs[1].IsNull(i):
				b.AppendNull()
			case name != "" && jsonKind(s.at(i)) != "object":
				return Vec{}, populateError(jsonKind(s.at(i)))
			default:
				err = populate(ctx, b, s.at(i), t, base)
			}
			if err != nil {
				return Vec{}, err
			}
		}
		return Vec{Arr: b.NewArray()}, nil
	}
}

func populateError(kind string) error {
	if kind == "array" {
		return sqlerr.New(sqlerr.InvalidParameterValue, "cannot call populate_composite on an array")
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot call populate_composite on a scalar")
}

// populate appends the value of type t that a JSON text stands for. base are the fields that a row has where the object lacks them; nil: NULLs.
func populate(ctx *Ctx, b array.Builder, text string, t types.Type, base []types.RecordField) error {
	kind := jsonKind(text)
	switch {
	case kind == "null":
		b.AppendNull()
		return nil
	case t.Is(types.JSON) || t.Is(types.JSONB):
		return types.ParseText(b, text, t, ctx.Format)
	case t.IsArray() && kind == "array":
		return populateArray(ctx, b.(*types.ListBuilder), text, t.Elem())
	case t.IsRow() && kind == "object":
		return populateRow(ctx, b.(*array.BinaryBuilder), text, t, base)
	}
	if kind == "string" {
		s, err := jsonText(text)
		if err != nil {
			return err
		}
		text = s
	}
	return types.ParseText(b, text, t, ctx.Format)
}

// populateArray appends the array that a JSON array stands for: JSON arrays within are further dimensions.
func populateArray(ctx *Ctx, b *types.ListBuilder, text string, elem types.Type) error {
	b.Append(true)
	p := arrayPopulator{ctx: ctx, b: b.ValueBuilder(), elem: elem}
	if err := p.level(text, 0); err != nil {
		return err
	}
	dims := make([]types.Dim, len(p.lens))
	for k, n := range p.lens {
		dims[k] = types.Dim{Len: n, Lower: 1}
	}
	s, err := types.NewShape(dims)
	b.SetShape(s)
	return err
}

type arrayPopulator struct {
	ctx  *Ctx
	b    array.Builder
	elem types.Type
	lens []int32 // of the dimensions, as their first arrays show them; -1: not yet known
	leaf bool    // an element was seen, so that there are no more dimensions
}

func (p *arrayPopulator) level(text string, depth int) (err error) {
	if depth == len(p.lens) {
		p.lens = append(p.lens, -1)
	}
	n := int32(0)
	jsonMembers(text, func(_, value string) bool {
		n++
		switch nested := jsonKind(value) == "array"; {
		case nested && p.leaf && depth+1 == len(p.lens):
			err = unequalJSON()
		case nested:
			err = p.level(value, depth+1)
		case depth+1 < len(p.lens):
			err = sqlerr.New(sqlerr.InvalidTextRepresentation, "expected JSON array")
		default:
			p.leaf = true
			err = populate(p.ctx, p.b, value, p.elem, nil)
		}
		return err == nil
	})
	if p.lens[depth] < 0 {
		p.lens[depth] = n
	}
	if err == nil && p.lens[depth] != n {
		err = unequalJSON()
	}
	return err
}

func unequalJSON() error {
	return sqlerr.New(sqlerr.InvalidTextRepresentation, "malformed JSON array").WithDetail("Multidimensional arrays must have sub-arrays with matching dimensions.")
}

func populateRow(ctx *Ctx, b *array.BinaryBuilder, text string, t types.Type, base []types.RecordField) error {
	fields := t.Fields()
	given := map[string]string{}
	jsonMembers(text, func(key, value string) bool {
		given[key] = value
		return true
	})
	cols, at, ts := make([]arrow.Array, len(fields)), make([]int, len(fields)), make([]types.Type, len(fields))
	for i, f := range fields {
		ts[i] = f.Type
		fb := types.NewBuilder(f.Type)
		value, ok := given[f.Name]
		var err error
		switch {
		case ok:
			err = populate(ctx, fb, value, f.Type, nil)
		case i < len(base):
			err = types.AppendField(fb, base[i], f.Type)
		default:
			fb.AppendNull()
		}
		if err != nil {
			return err
		}
		cols[i] = fb.NewArray()
	}
	v, err := types.AppendRecord(nil, cols, at, ts)
	if err == nil {
		b.Append(v)
	}
	return err
}
