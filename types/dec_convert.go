package types

import (
	"errors"
	"math"
	"strconv"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// FromFloat64 is f with 15 significant digits, as PostgreSQL casts double precision to numeric.
func FromFloat64(f float64) Dec { return fromFloat(f, 15, 64) }

// FromFloat32 is f with 6 significant digits, as PostgreSQL casts real to numeric.
func FromFloat32(f float32) Dec { return fromFloat(float64(f), 6, 32) }

func fromFloat(f float64, digits, size int) Dec {
	switch {
	case math.IsNaN(f):
		return DecNaN
	case math.IsInf(f, 1):
		return DecInf
	case math.IsInf(f, -1):
		return DecNegInf
	case f == math.Trunc(f) && math.Abs(f) < 1e6:
		return FromInt64(int64(f))
	}
	var buf [40]byte
	b := strconv.AppendFloat(buf[:0], f, 'e', digits-1, size)
	coef, i, neg := int64(0), 0, b[0] == '-'
	if neg {
		i = 1
	}
	for ; b[i] != 'e'; i++ {
		if b[i] != '.' {
			coef = coef*10 + int64(b[i]-'0')
		}
	}
	exp, err := strconv.Atoi(string(b[i+1:]))
	if err != nil {
		return DecNaN
	}
	scale := digits - 1 - exp
	for coef != 0 && coef%10 == 0 && scale > 0 {
		coef /= 10
		scale--
	}
	if neg {
		coef = -coef
	}
	if scale < 0 {
		return unshift(Dec{coef: coef}, int32(scale))
	}
	return Dec{coef: coef, scale: int32(scale)}
}

// ToInt64 rounds half away from zero. Errors: 22003 bigint out of range; 0A000 for NaN and the infinities.
func (d Dec) ToInt64() (int64, error) { return d.ToInt("bigint", math.MinInt64, math.MaxInt64) }

// ToInt rounds half away from zero to an integer of the named type between lo and hi. Errors: 22003, 0A000.
func (d Dec) ToInt(typ string, lo, hi int64) (int64, error) {
	switch {
	case d.kind == decNaN:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert NaN to %s", typ)
	case d.kind != decFinite:
		return 0, sqlerr.New(sqlerr.FeatureNotSupported, "cannot convert infinity to %s", typ)
	}
	r := d.Round(0)
	if r.big != nil || r.coef < lo || r.coef > hi {
		return 0, sqlerr.New(sqlerr.NumericValueOutOfRange, "%s out of range", typ)
	}
	return r.coef, nil
}

// ToFloat64 is the nearest double; numbers too large give an infinity, which PostgreSQL's cast refuses with 22003.
func (d Dec) ToFloat64() float64 {
	switch d.kind {
	case decNaN:
		return math.NaN()
	case decInf:
		return math.Inf(1)
	case decNegInf:
		return math.Inf(-1)
	}
	if d.big == nil && d.scale <= 22 && absInt64(d.coef) < 1<<53 {
		return float64(d.coef) / floatPow10[d.scale]
	}
	var buf [64]byte
	f, err := strconv.ParseFloat(string(d.AppendText(buf[:0])), 64)
	if err != nil && !isRange(err) {
		return math.NaN()
	}
	return f
}

var floatPow10 = [23]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
	1e19, 1e20, 1e21, 1e22}

func isRange(err error) bool { return errors.Is(err, strconv.ErrRange) }
