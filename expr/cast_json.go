package expr

import (
	"math"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// castJSONB takes the number or boolean out of a jsonb scalar.
func castJSONB(to types.Type) Kernel {
	switch to {
	case types.Bool:
		return row1(to, func(_ *Ctx, s string) (bool, error) {
			if s != "true" && s != "false" {
				return false, jsonbCastError(s, to)
			}
			return s == "true", nil
		})
	case types.Numeric:
		return row1(to, func(_ *Ctx, s string) (types.Dec, error) { return jsonbNumber(s, to) })
	case types.Int2:
		return jsonbInt[int16](to, math.MinInt16, math.MaxInt16)
	case types.Int4:
		return jsonbInt[int32](to, math.MinInt32, math.MaxInt32)
	case types.Int8:
		return jsonbInt[int64](to, math.MinInt64, math.MaxInt64)
	case types.Float4:
		return row1(to, func(_ *Ctx, s string) (float32, error) {
			d, err := jsonbNumber(s, to)
			if err != nil {
				return 0, err
			}
			return toFloat4(d.ToFloat64())
		})
	case types.Float8:
		return row1(to, func(_ *Ctx, s string) (float64, error) {
			d, err := jsonbNumber(s, to)
			return d.ToFloat64(), err
		})
	}
	return nil
}

func jsonbInt[T ints](to types.Type, lo, hi int64) Kernel {
	return row1(to, func(_ *Ctx, s string) (T, error) {
		d, err := jsonbNumber(s, to)
		if err != nil {
			return 0, err
		}
		x, err := d.ToInt(to.String(), lo, hi)
		return T(x), err
	})
}

func jsonbNumber(s string, to types.Type) (types.Dec, error) {
	if s == "" || s[0] != '-' && (s[0] < '0' || s[0] > '9') {
		return types.Dec{}, jsonbCastError(s, to)
	}
	return types.ParseDec(s)
}

func jsonbCastError(s string, to types.Type) error {
	kind := "numeric"
	if s != "" {
		switch s[0] {
		case '{':
			kind = "object"
		case '[':
			kind = "array"
		case '"':
			kind = "string"
		case 't', 'f':
			kind = "boolean"
		case 'n':
			kind = "null"
		}
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot cast jsonb %s to type %s", kind, to)
}
