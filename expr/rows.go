package expr

import (
	"errors"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/streamsqld/streamsqld/types"
)

// errNull is what the function of a row gives to make its result NULL; it never leaves this package.
var errNull = errors.New("null")

// read gives a reader of the rows of v as Go values of type T, which must fit the column's layout: bool, int16, int32, int64
// (also dates, times and timestamps), uint32, float32, float64, string (also bytea), types.Dec, types.IntervalValue,
// [16]byte (uuid), [12]byte (timetz), list (arrays).
func read[T any](v Vec) func(int) T {
	var f any
	switch any(*new(T)).(type) {
	case bool:
		f = readBool(v)
	case int16:
		f = readFixed[int16](v)
	case int32:
		f = readFixed[int32](v)
	case int64:
		f = readFixed[int64](v)
	case uint32:
		f = readFixed[uint32](v)
	case float32:
		f = readFixed[float32](v)
	case float64:
		f = readFixed[float64](v)
	case [12]byte:
		f = readFixed[[12]byte](v)
	case [16]byte:
		f = readFixed[[16]byte](v)
	case string:
		s := stringsOf(v)
		f = s.at
	case types.IntervalValue:
		f = readInterval(v)
	case types.Dec:
		f = readDec(v)
	case list:
		f = readList(v)
	}
	return f.(func(int) T)
}

func readFixed[T fixed](v Vec) func(int) T {
	vals := values[T](v.Arr)
	if v.Const {
		x := vals[0]
		return func(int) T { return x }
	}
	return func(i int) T { return vals[i] }
}

func readBool(v Vec) func(int) bool {
	b := boolBitsOf(v.Arr)
	if v.Const {
		x := bitSet(b, 0)
		return func(int) bool { return x }
	}
	return func(i int) bool { return bitSet(b, i) }
}

// write makes a column of type t of n rows, f giving the value of each row that is set in valid (nil: every row). It keeps valid.
func write[R any](t types.Type, n int, valid []byte, f func(int) (R, error)) (Vec, error) {
	var a arrow.Array
	var err error
	switch f := any(f).(type) {
	case func(int) (bool, error):
		a, err = writeBool(n, valid, f)
	case func(int) (int16, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) (int32, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) (int64, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) (uint32, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) (float32, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) (float64, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) ([12]byte, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) ([16]byte, error):
		a, err = writeFixed(t, n, valid, f)
	case func(int) (string, error):
		a, err = appendRows(t, n, valid, func(dst []byte, i int) ([]byte, error) {
			s, err := f(i)
			return append(dst, s...), err
		})
	case func(int) (types.IntervalValue, error):
		a, err = writeFixed(t, n, valid, func(i int) ([16]byte, error) {
			iv, err := f(i)
			return iv.Bytes(), err
		})
	case func(int) (types.Dec, error):
		a, err = appendRows(t, n, valid, func(dst []byte, i int) ([]byte, error) {
			d, err := f(i)
			if err != nil {
				return dst, err
			}
			return d.Append(dst), nil
		})
	default:
		panic("expr: no writer for this result type")
	}
	return Vec{Arr: a}, err
}

// each calls f for the rows set in valid; a row that gives errNull is cleared there (ensure makes the bitmap where it is nil).
func each(n int, valid []byte, f func(i int) error) ([]byte, error) {
	for i := range n {
		if valid != nil && !bitSet(valid, i) {
			continue
		}
		if err := f(i); err != nil {
			if err != errNull {
				return valid, err
			}
			if valid == nil {
				valid = allBits(n)
			}
			clearBit(valid, i)
		}
	}
	return valid, nil
}

func writeFixed[R fixed](t types.Type, n int, valid []byte, f func(int) (R, error)) (arrow.Array, error) {
	out := make([]R, n)
	valid, err := each(n, valid, func(i int) (err error) {
		out[i], err = f(i)
		return err
	})
	if err != nil {
		return nil, err
	}
	return newFixed(t.Arrow(), out, valid), nil
}

func writeBool(n int, valid []byte, f func(int) (bool, error)) (arrow.Array, error) {
	out := newBits(n)
	valid, err := each(n, valid, func(i int) error {
		x, err := f(i)
		if x {
			setBit(out, i)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return newBool(n, out, valid), nil
}

// appendRows makes a column of strings or byte strings; f appends the value of row i.
func appendRows(t types.Type, n int, valid []byte, f func(dst []byte, i int) ([]byte, error)) (arrow.Array, error) {
	offs := make([]int32, n+1)
	var data []byte
	for i := range n {
		if valid == nil || bitSet(valid, i) {
			d, err := f(data, i)
			switch {
			case err == errNull:
				if valid == nil {
					valid = allBits(n)
				}
				clearBit(valid, i)
			case err != nil:
				return nil, err
			default:
				data = d
			}
		}
		offs[i+1] = int32(len(data))
		if i == 63 && n > 128 {
			data = append(make([]byte, 0, len(data)*(n/64+1)*5/4), data...)
		}
	}
	return newBinary(t.Arrow(), offs, data, valid), nil
}

// The makers of kernels over rows: the function of one row's values makes the kernel. A function without an error result
// cannot fail. They are for everything that is not on a hot path.

func row1[A, R any](t types.Type, f func(*Ctx, A) (R, error)) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		a := read[A](args[0])
		return write(t, n, andValid(n, args...), func(i int) (R, error) { return f(ctx, a(i)) })
	}
}

func row2[A, B, R any](t types.Type, f func(*Ctx, A, B) (R, error)) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		a, b := read[A](args[0]), read[B](args[1])
		return write(t, n, andValid(n, args...), func(i int) (R, error) { return f(ctx, a(i), b(i)) })
	}
}

func row3[A, B, C, R any](t types.Type, f func(*Ctx, A, B, C) (R, error)) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		a, b, c := read[A](args[0]), read[B](args[1]), read[C](args[2])
		return write(t, n, andValid(n, args...), func(i int) (R, error) { return f(ctx, a(i), b(i), c(i)) })
	}
}

func row4[A, B, C, D, R any](t types.Type, f func(*Ctx, A, B, C, D) (R, error)) Kernel {
	return func(ctx *Ctx, n int, args []Vec) (Vec, error) {
		a, b, c, d := read[A](args[0]), read[B](args[1]), read[C](args[2]), read[D](args[3])
		return write(t, n, andValid(n, args...), func(i int) (R, error) { return f(ctx, a(i), b(i), c(i), d(i)) })
	}
}
