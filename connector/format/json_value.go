package format

import (
	"strconv"
	"unsafe"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/types"
)

// value reads the value at i into c and gives the place after it.
func (d *jsonDecoder) value(c *column, l []byte, i int) (int, error) {
	switch b := l[i]; {
	case b == '"':
		return d.stringValue(c, l, i)
	case b == '-' || b-'0' <= 9:
		return d.numberValue(c, l, i)
	case b == '{' || b == '[':
		return d.nestedValue(c, l, i)
	case b == 'n' && len(l)-i >= 4 && string(l[i:i+4]) == "null":
		c.setNull(d.n, d.cap)
		if c.def.NotNull && c.def.Default == "" {
			return i, sqlerr.New(sqlerr.NotNullViolation, "null value in column %q violates not-null constraint", c.def.Name)
		}
		d.put++
		return i + 4, nil
	}
	end, err := skipValue(l, i, 0)
	if err != nil {
		return i, err
	}
	return end, d.set(c, l[i:end])
}

// set puts the text of a value.
func (d *jsonDecoder) set(c *column, text []byte) error {
	if err := c.setString(d.n, text); err != nil {
		return inField(c, err)
	}
	c.last = d.n
	d.put++
	return nil
}

func (d *jsonDecoder) stringValue(c *column, l []byte, i int) (int, error) {
	if c.typ.OID == types.JSON.OID || c.typ.OID == types.JSONB.OID {
		end, err := skipString(l, i)
		if err != nil {
			return i, err
		}
		return end, d.set(c, l[i:end])
	}
	s, end, err := d.text(l, i)
	if err != nil {
		return i, err
	}
	if c.kind == kindText {
		c.setText(d.n, s)
		c.last = d.n
		d.put++
		return end, nil
	}
	return end, d.set(c, s)
}

// numberValue reads integers on the way; a fraction, an exponent or more than 18 digits take the long way.
func (d *jsonDecoder) numberValue(c *column, l []byte, i int) (int, error) {
	if c.kind != kindInt64 && c.kind != kindInt32 {
		return d.otherNumber(c, l, i)
	}
	at := i
	if l[at] == '-' {
		at++
	}
	from, v := at, int64(0)
	for at < len(l) && l[at]-'0' <= 9 {
		v = v*10 + int64(l[at]-'0')
		at++
	}
	n := at - from
	if n == 0 || n > 18 || n > 1 && l[from] == '0' || at < len(l) && (l[at] == '.' || l[at]|0x20 == 'e') {
		return d.otherNumber(c, l, i)
	}
	if from > i {
		v = -v
	}
	if c.kind == kindInt64 {
		c.i64[d.n] = v
	} else if c.i32[d.n] = int32(v); int64(int32(v)) != v {
		return i, inField(c, sqlerr.New(sqlerr.NumericValueOutOfRange, "value \"%d\" is out of range for type integer", v))
	}
	c.last = d.n
	d.put++
	return at, nil
}

func (d *jsonDecoder) otherNumber(c *column, l []byte, i int) (int, error) {
	end, err := skipNumber(l, i)
	if err != nil {
		return i, err
	}
	text := l[i:end]
	switch c.kind {
	case kindFloat64:
		v, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
		if err != nil {
			return i, d.set(c, text)
		}
		c.f64[d.n] = v
	case kindStamp, kindStampTZ:
		v, err := epoch(text)
		if err != nil {
			return i, inField(c, err)
		}
		c.i64[d.n] = v
		if c.typ.Mod >= 0 {
			c.i64[d.n] = types.RoundTimestamp(v, c.typ.Mod)
		}
	case kindInt64, kindInt32, kindInt16:
		return end, d.set(c, integral(text))
	default:
		return end, d.set(c, text)
	}
	c.last = d.n
	d.put++
	return end, nil
}

// integral writes a number like 1.0 or 2e3 as an integer, where it is one.
func integral(text []byte) []byte {
	dec, err := types.ParseDec(string(text))
	if err != nil || dec.Cmp(dec.Trunc(0)) != 0 || dec.Overflows() {
		return text
	}
	return dec.Trunc(0).AppendText(nil)
}

// epoch reads a timestamp given as a number since 1970: seconds below 1e11 (the year 5138), milliseconds below 1e14, microseconds below 1e17,
// else nanoseconds; a fraction counts.
func epoch(text []byte) (int64, error) {
	if v, err := strconv.ParseInt(unsafe.String(unsafe.SliceData(text), len(text)), 10, 64); err == nil {
		switch m := max(v, -v); {
		case m < 1e11:
			return v * 1e6, nil
		case m < 1e14:
			return v * 1e3, nil
		case m < 1e17:
			return v, nil
		case v < 0:
			return -((-v + 500) / 1000), nil
		}
		return (v + 500) / 1000, nil
	}
	dec, err := types.ParseDec(string(text))
	if err != nil {
		return 0, err
	}
	m := dec.Abs().ToFloat64()
	if m >= 1e20 {
		return 0, sqlerr.New(sqlerr.DatetimeFieldOverflow, "timestamp out of range: %q", text)
	}
	scale := types.NewDec(1, 0)
	switch {
	case m < 1e11:
		scale = types.NewDec(1e6, 0)
	case m < 1e14:
		scale = types.NewDec(1e3, 0)
	case m >= 1e17:
		scale = types.NewDec(1, 3)
	}
	return dec.Mul(scale).Round(0).ToInt64()
}

// inField says in which column a value is wrong.
func inField(c *column, err error) error {
	e := *sqlerr.From(err)
	e.Message = "column " + c.def.Name + ": " + e.Message
	return &e
}
