package types

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// Dec is a numeric: coefficient * 10^-scale, NaN or an infinity. The scale is what PostgreSQL calls the display scale, so
// 1.0 and 1.00 are different Decs of equal value (Cmp gives 0). The zero Dec is 0. Decs are values; their big
// coefficients are never changed.
type Dec struct {
	coef  int64
	big   *big.Int // not nil: the coefficient, which does not fit in coef
	scale int32
	kind  decKind
}

type decKind uint8

const (
	decFinite decKind = iota
	decNaN
	decInf
	decNegInf
)

// The kinds in bits 14-15 of an encoded numeric's header.
const (
	encSmall   = 0
	encBig     = 1
	encSpecial = 2
)

const (
	maxDecScale     = 16383  // display scale of any numeric
	maxDecDigits    = 131072 // digits before the point
	minSigDigits    = 16     // NUMERIC_MIN_SIG_DIGITS
	maxDisplayScale = 1000   // NUMERIC_MAX_DISPLAY_SCALE
	maxResultScale  = 2000   // NUMERIC_MAX_RESULT_SCALE
)

// The special numerics.
var (
	DecNaN    = Dec{kind: decNaN}
	DecInf    = Dec{kind: decInf}
	DecNegInf = Dec{kind: decNegInf}
)

var pow10 = [20]uint64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19}

var bigPow = func() (t [64]*big.Int) {
	for i := range t {
		t[i] = new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(i)), nil)
	}
	return t
}()

// bigPow10 is 10^n; the caller must not change it.
func bigPow10(n int32) *big.Int {
	if int(n) < len(bigPow) {
		return bigPow[n]
	}
	return new(big.Int).Exp(bigPow[1], big.NewInt(int64(n)), nil)
}

// NewDec is coef * 10^-scale; scale is 0 to 16383.
func NewDec(coef int64, scale int32) Dec { return Dec{coef: coef, scale: scale} }

// NewDecBig is coef * 10^-scale; it keeps coef, which the caller must not change any more.
func NewDecBig(coef *big.Int, scale int32) Dec {
	if coef.IsInt64() {
		return Dec{coef: coef.Int64(), scale: scale}
	}
	return Dec{big: coef, scale: scale}
}

// FromInt64 is v with scale 0.
func FromInt64(v int64) Dec { return Dec{coef: v} }

// FromInt128 is the two's complement number hi*2^64 + lo, with the given scale.
func FromInt128(hi int64, lo uint64, scale int32) Dec {
	if hi == int64(lo)>>63 {
		return Dec{coef: int64(lo), scale: scale}
	}
	v := new(big.Int).Lsh(big.NewInt(hi), 64)
	return NewDecBig(v.Add(v, new(big.Int).SetUint64(lo)), scale)
}

// Small gives the coefficient when it fits in an int64; ok is false for larger ones and for NaN and the infinities.
func (d Dec) Small() (coef int64, scale int32, ok bool) {
	return d.coef, d.scale, d.kind == decFinite && d.big == nil
}

// Scale is the display scale.
func (d Dec) Scale() int32 { return d.scale }

// Coef is the coefficient as a big.Int that the caller must not change.
func (d Dec) Coef() *big.Int {
	if d.big != nil {
		return d.big
	}
	return big.NewInt(d.coef)
}

// IsNaN says whether d is NaN.
func (d Dec) IsNaN() bool { return d.kind == decNaN }

// IsInf says whether d is an infinity.
func (d Dec) IsInf() bool { return d.kind == decInf || d.kind == decNegInf }

// Finite says whether d is a number.
func (d Dec) Finite() bool { return d.kind == decFinite }

// Overflows says whether d has more digits than PostgreSQL's numeric can hold (22003, value overflows numeric format).
func (d Dec) Overflows() bool {
	if d.kind != decFinite {
		return false
	}
	if d.scale > maxDecScale {
		return true
	}
	return d.big != nil && d.big.BitLen() > 200000 && d.numDigits()-int(d.scale) > maxDecDigits
}

// Sign is -1, 0 or 1; 0 for NaN.
func (d Dec) Sign() int {
	switch d.kind {
	case decNaN:
		return 0
	case decInf:
		return 1
	case decNegInf:
		return -1
	}
	if d.big != nil {
		return d.big.Sign()
	}
	switch {
	case d.coef > 0:
		return 1
	case d.coef < 0:
		return -1
	}
	return 0
}

// Append appends the encoding of d that numeric columns hold: a little-endian uint16 with the display scale in bits 0-13 and the
// kind in bits 14-15, then for kind 0 the coefficient as a little-endian int64, for kind 1 a sign byte (1: negative) and the
// coefficient's magnitude in big-endian, for kind 2 (scale field 0 NaN, 1 infinity, 2 -infinity) nothing.
func (d Dec) Append(dst []byte) []byte {
	if d.kind != decFinite {
		return binary.LittleEndian.AppendUint16(dst, encSpecial<<14|uint16(d.kind-decNaN))
	}
	if d.big == nil {
		dst = binary.LittleEndian.AppendUint16(dst, uint16(d.scale))
		return binary.LittleEndian.AppendUint64(dst, uint64(d.coef))
	}
	dst = binary.LittleEndian.AppendUint16(dst, encBig<<14|uint16(d.scale))
	sign := byte(0)
	if d.big.Sign() < 0 {
		sign = 1
	}
	dst = append(dst, sign)
	n, size := len(dst), (d.big.BitLen()+7)/8
	dst = append(dst, make([]byte, size)...)
	d.big.FillBytes(dst[n:])
	return dst
}

// DecodeDec reads an encoded numeric; b must be what Append made.
func DecodeDec(b []byte) Dec {
	h := binary.LittleEndian.Uint16(b)
	switch h >> 14 {
	case encSmall:
		return Dec{coef: int64(binary.LittleEndian.Uint64(b[2:])), scale: int32(h)}
	case encBig:
		v := new(big.Int).SetBytes(b[3:])
		if b[2] == 1 {
			v.Neg(v)
		}
		return Dec{big: v, scale: int32(h & 0x3fff)}
	}
	return Dec{kind: decNaN + decKind(h&0x3fff)}
}

// NumericAt is the numeric of row i, which is not null.
func NumericAt(a *array.Binary, i int) Dec { return DecodeDec(a.Value(i)) }

// AppendDec appends d to a numeric column.
func AppendDec(b *array.BinaryBuilder, d Dec) {
	var buf [64]byte
	b.Append(d.Append(buf[:0]))
}

// Canonical is d with the smallest scale that holds its value: of equal numerics it is the same.
func (d Dec) Canonical() Dec {
	if d.kind != decFinite || d.scale == 0 {
		return d
	}
	if d.big != nil {
		c, s := new(big.Int).Set(d.big), d.scale
		q, r := new(big.Int), new(big.Int)
		for s > 0 {
			if q.QuoRem(c, bigPow[1], r); r.Sign() != 0 {
				break
			}
			c, q = q, c
			s--
		}
		return NewDecBig(c, s)
	}
	if d.coef == 0 {
		return Dec{}
	}
	for d.scale > 0 && d.coef%10 == 0 {
		d.coef /= 10
		d.scale--
	}
	return d
}

// AppendCanonicalDec appends the encoding of the canonical form of the encoded numeric b.
func AppendCanonicalDec(dst, b []byte) []byte { return DecodeDec(b).Canonical().Append(dst) }

// Cmp orders numerics as PostgreSQL does: -infinity, numbers, infinity, NaN; NaN equals NaN.
func (d Dec) Cmp(e Dec) int {
	if d.kind != decFinite || e.kind != decFinite {
		return int(d.rank()) - int(e.rank())
	}
	if d.big == nil && e.big == nil {
		if d.scale == e.scale {
			return cmpOrdered(d.coef, e.coef)
		}
		if s, t := d.Sign(), e.Sign(); s != t {
			return cmpOrdered(s, t)
		}
		if diff := d.scale - e.scale; diff > -20 && diff < 20 {
			return cmpSmall(d, e, diff)
		}
	}
	a, b := align(d, e)
	return a.Cmp(b)
}

// cmpSmall compares two small numerics of the same sign whose scales differ by diff, in 128 bits.
func cmpSmall(d, e Dec, diff int32) int {
	sign := d.Sign()
	dh, dl := uint64(0), absInt64(d.coef)
	eh, el := uint64(0), absInt64(e.coef)
	if diff > 0 {
		eh, el = bits.Mul64(el, pow10[diff])
	} else {
		dh, dl = bits.Mul64(dl, pow10[-diff])
	}
	if dh != eh {
		return sign * cmpOrdered(dh, eh)
	}
	return sign * cmpOrdered(dl, el)
}

func (d Dec) rank() int8 {
	switch d.kind {
	case decNegInf:
		return 0
	case decFinite:
		return 1
	case decInf:
		return 2
	}
	return 3
}

// align gives the coefficients of both at the larger of their scales; they must not be changed.
func align(d, e Dec) (a, b *big.Int) {
	a, b = d.Coef(), e.Coef()
	switch {
	case d.scale < e.scale:
		a = new(big.Int).Mul(a, bigPow10(e.scale-d.scale))
	case d.scale > e.scale:
		b = new(big.Int).Mul(b, bigPow10(d.scale-e.scale))
	}
	return a, b
}

func absInt64(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// scaleUp is v * 10^k where that fits.
func scaleUp(v int64, k int32) (int64, bool) {
	if k >= 19 {
		return 0, v == 0
	}
	hi, lo := bits.Mul64(absInt64(v), pow10[k])
	if hi != 0 || lo > math.MaxInt64 {
		return 0, false
	}
	if v < 0 {
		return -int64(lo), true
	}
	return int64(lo), true
}
