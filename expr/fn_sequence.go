package expr

import (
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// Sequences is what nextval and its like ask; the Session of a statement implements it.
type Sequences interface {
	// NextVals gives the next n numbers. Errors: 42809, 2200H, 25006.
	NextVals(oid uint32, n int) ([]int64, error)
	// CurrVal is the number that the session got last. Errors: 42809, 55000.
	CurrVal(oid uint32) (int64, error)
	// LastVal is the number that the session got last of any sequence. Error: 55000.
	LastVal() (int64, error)
	// SetVal makes v the last number, or where called is false the next one. Errors: 42809, 22003, 25006.
	SetVal(oid uint32, v int64, called bool) error
}

// sequenceFuncs are nextval, currval, lastval and setval.
func sequenceFuncs() []*Func {
	C, L, B := types.RegClass, types.Int8, types.Bool
	setval := func(ctx *Ctx, oid uint32, v int64, called bool) (int64, error) {
		q, err := sequencesOf(ctx, "setval")
		if err != nil {
			return 0, err
		}
		return v, q.SetVal(oid, v, called)
	}
	return []*Func{
		{Name: "nextval", Args: args(C), Ret: L, Vol: Volatile, Kernel: nextval, Doc: "next number of a sequence"},
		vol(Volatile, f1("currval", C, L, func(ctx *Ctx, oid uint32) (int64, error) {
			q, err := sequencesOf(ctx, "currval")
			if err != nil {
				return 0, err
			}
			return q.CurrVal(oid)
		}, "number that the session got last of a sequence")),
		vol(Volatile, f0("lastval", L, func(ctx *Ctx) (int64, error) {
			q, err := sequencesOf(ctx, "lastval")
			if err != nil {
				return 0, err
			}
			return q.LastVal()
		}, "number that the session got last")),
		vol(Volatile, f2("setval", C, L, L, func(ctx *Ctx, oid uint32, v int64) (int64, error) { return setval(ctx, oid, v, true) }, "sets a sequence")),
		vol(Volatile, f3("setval", C, L, B, L, setval, "sets a sequence, perhaps as not called yet")),
		vol(Stable, f2("pg_get_serial_sequence", types.Text, types.Text, types.Text, serialSequence, "sequence that a column owns")),
	}
}

// SequenceCatalog is what a Catalog may know of sequences besides.
type SequenceCatalog interface {
	// SerialSequence names the sequence that a column owns; "": none. Errors: 42P01, 42703.
	SerialSequence(table []string, column string, path []string) (string, error)
}

func serialSequence(ctx *Ctx, table, column string) (string, error) {
	c, ok := ctx.Catalog.(SequenceCatalog)
	if !ok {
		return "", errNull
	}
	names, err := SplitName(table)
	if err != nil {
		return "", err
	}
	name, err := c.SerialSequence(names, column, searchPath(ctx))
	if err == nil && name == "" {
		err = errNull
	}
	return name, err
}

func sequencesOf(ctx *Ctx, fn string) (Sequences, error) {
	if q, ok := ctx.Session.(Sequences); ok {
		return q, nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "%s is not supported in a continuous query", fn)
}

// nextval gives each row its own number; runs of one sequence ask once.
func nextval(ctx *Ctx, n int, vs []Vec) (Vec, error) {
	q, err := sequencesOf(ctx, "nextval")
	if err != nil {
		return Vec{}, err
	}
	valid := andValid(n, vs...)
	out, oid := make([]int64, n), read[uint32](vs[0])
	for i := 0; i < n; {
		if vs[0].IsNull(i) {
			i++
			continue
		}
		k := i + 1
		for k < n && !vs[0].IsNull(k) && oid(k) == oid(i) {
			k++
		}
		vals, err := q.NextVals(oid(i), k-i)
		if err != nil {
			return Vec{}, err
		}
		copy(out[i:], vals)
		i = k
	}
	return Vec{Arr: newFixed(types.Int8.Arrow(), out, valid)}, nil
}
