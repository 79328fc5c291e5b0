package types

import (
	"encoding/binary"
	"math"
	"math/bits"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// IntervalValue is an interval: months, days and microseconds, each with its own sign.
type IntervalValue struct {
	Micros       int64
	Days, Months int32
}

// IntervalAt is the interval of row i, which is not null.
func IntervalAt(a *array.FixedSizeBinary, i int) IntervalValue { return decodeInterval(a.Value(i)) }

func decodeInterval(b []byte) IntervalValue {
	return IntervalValue{
		Micros: int64(binary.LittleEndian.Uint64(b)),
		Days:   int32(binary.LittleEndian.Uint32(b[8:])),
		Months: int32(binary.LittleEndian.Uint32(b[12:])),
	}
}

// Bytes is the encoding of iv in interval columns.
func (iv IntervalValue) Bytes() (b [16]byte) {
	binary.LittleEndian.PutUint64(b[:], uint64(iv.Micros))
	binary.LittleEndian.PutUint32(b[8:], uint32(iv.Days))
	binary.LittleEndian.PutUint32(b[12:], uint32(iv.Months))
	return b
}

// AppendInterval appends iv to an interval column.
func AppendInterval(b *array.FixedSizeBinaryBuilder, iv IntervalValue) {
	buf := iv.Bytes()
	b.Append(buf[:])
}

// span is the length of iv in microseconds, with months of 30 days, in 128 bits.
func (iv IntervalValue) span() (hi int64, lo uint64) {
	days := int64(iv.Days) + int64(iv.Months)*30
	h, l := bits.Mul64(absInt64(days), uint64(Day))
	if days < 0 {
		var borrow uint64
		l, borrow = bits.Sub64(0, l, 0)
		h, _ = bits.Sub64(0, h, borrow)
	}
	lo, carry := bits.Add64(l, uint64(iv.Micros), 0)
	h, _ = bits.Add64(h, uint64(iv.Micros>>63), carry)
	return int64(h), lo
}

// Cmp orders intervals by their length, with months of 30 days and days of 24 hours, as PostgreSQL.
func (iv IntervalValue) Cmp(o IntervalValue) int {
	h, l := iv.span()
	oh, ol := o.span()
	if h != oh {
		return cmpOrdered(h, oh)
	}
	return cmpOrdered(l, ol)
}

// Add is iv + o. Errors: 22008.
func (iv IntervalValue) Add(o IntervalValue) (IntervalValue, error) {
	r := IntervalValue{iv.Micros + o.Micros, iv.Days + o.Days, iv.Months + o.Months}
	if (r.Micros > iv.Micros) != (o.Micros > 0) && o.Micros != 0 || (r.Days > iv.Days) != (o.Days > 0) && o.Days != 0 ||
		(r.Months > iv.Months) != (o.Months > 0) && o.Months != 0 {
		return r, intervalRange()
	}
	return r, nil
}

// Neg is -iv. Errors: 22008.
func (iv IntervalValue) Neg() (IntervalValue, error) {
	if iv.Micros == math.MinInt64 || iv.Days == math.MinInt32 || iv.Months == math.MinInt32 {
		return iv, intervalRange()
	}
	return IntervalValue{-iv.Micros, -iv.Days, -iv.Months}, nil
}

// Sub is iv - o. Errors: 22008.
func (iv IntervalValue) Sub(o IntervalValue) (IntervalValue, error) {
	n, err := o.Neg()
	if err != nil {
		return n, err
	}
	return iv.Add(n)
}

// Mul is iv * f; what is left of months goes to days and of days to time, as PostgreSQL. Errors: 22008.
func (iv IntervalValue) Mul(f float64) (IntervalValue, error) {
	months, days := float64(iv.Months)*f, float64(iv.Days)*f
	return spread(months, days, float64(iv.Micros)*f)
}

// Div is iv / f, as Mul. Errors: 22012, 22008.
func (iv IntervalValue) Div(f float64) (IntervalValue, error) {
	if f == 0 {
		return iv, divByZero()
	}
	return spread(float64(iv.Months)/f, float64(iv.Days)/f, float64(iv.Micros)/f)
}

// spread makes an interval of fractional months and days, cascading the fractions down.
func spread(months, days, micros float64) (IntervalValue, error) {
	if !fits(months, math.MaxInt32) || !fits(days, math.MaxInt32) {
		return IntervalValue{}, intervalRange()
	}
	r := IntervalValue{Months: int32(months), Days: int32(days)}
	restDays := roundMicro((months - float64(r.Months)) * 30)
	secs := roundMicro((days - float64(r.Days) + restDays - math.Trunc(restDays)) * 86400)
	if math.Abs(secs) >= 86400 {
		r.Days += int32(secs / 86400)
		secs -= math.Trunc(secs/86400) * 86400
	}
	total := float64(r.Days) + math.Trunc(restDays)
	micros = math.RoundToEven(micros + secs*1e6)
	if !fits(total, math.MaxInt32) || !fits(micros, math.MaxInt64) {
		return r, intervalRange()
	}
	r.Days, r.Micros = int32(total), int64(micros)
	return r, nil
}

// roundMicro is PostgreSQL's TSROUND: to six digits.
func roundMicro(f float64) float64 { return math.RoundToEven(f*1e6) / 1e6 }

func fits(f, limit float64) bool { return f > -limit-1 && f < limit+1 }

func intervalRange() error { return sqlerr.New(sqlerr.DatetimeFieldOverflow, "interval out of range") }

func timestampRange() error {
	return sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range")
}

// TimestampAddInterval is ts + iv. Months keep the day of the month or take the month's last; months and days count by the clocks
// of loc (nil for timestamp, the session's zone for timestamptz). Infinities stay. Errors: 22008.
func TimestampAddInterval(ts int64, iv IntervalValue, loc *time.Location) (int64, error) {
	if ts == TimestampInf || ts == TimestampNegInf {
		return ts, nil
	}
	if iv.Months != 0 || iv.Days != 0 {
		days, micros := SplitTimestamp(ToLocal(ts, loc))
		if iv.Months != 0 {
			days = addMonths(days, int(iv.Months))
		}
		days += int(iv.Days)
		if days < minDate || int64(days) >= endTimestamp/Day {
			return 0, timestampRange()
		}
		ts = FromLocal(int64(days)*Day+micros, loc)
	}
	r := ts + iv.Micros
	if iv.Micros > 0 && r < ts || iv.Micros < 0 && r > ts || r < minTimestamp || r >= endTimestamp {
		return 0, timestampRange()
	}
	return r, nil
}

func addMonths(days, months int) int {
	y, m, d := CivilFromDays(days)
	m += months - 1
	y += floorDiv(m, 12)
	m -= floorDiv(m, 12) * 12
	m++
	return DaysFromCivil(y, m, min(d, DaysInMonth(y, m)))
}

// JustifyHours turns every 24 hours into a day, keeping one sign. Errors: 22008.
func (iv IntervalValue) JustifyHours() (IntervalValue, error) {
	days := int64(iv.Days) + iv.Micros/Day
	iv.Micros %= Day
	if days > 0 && iv.Micros < 0 {
		iv.Micros += Day
		days--
	} else if days < 0 && iv.Micros > 0 {
		iv.Micros -= Day
		days++
	}
	if days != int64(int32(days)) {
		return iv, intervalRange()
	}
	iv.Days = int32(days)
	return iv, nil
}
