package types

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// ParseText reads s as PostgreSQL's input function of t does, its modifier included, and appends the value to b, a builder of
// NewBuilder(t). A nil f stands for UTCFormat(0). On an error b is unchanged. Errors: 22P02, 22003, 22007, 22008, 22001, 0A000.
func ParseText(b array.Builder, s string, t Type, f *Format) error {
	switch c := b.(type) {
	case *array.StringBuilder:
		return parseString(c, s, t)
	case *array.BooleanBuilder:
		v, err := ParseBool(s)
		if err == nil {
			c.Append(v)
		}
		return err
	case *array.Int64Builder:
		v, err := ParseInt(s, 64)
		if err == nil {
			c.Append(v)
		}
		return err
	case *array.Int32Builder:
		v, err := ParseInt(s, 32)
		if err == nil {
			c.Append(int32(v))
		}
		return err
	case *array.Int16Builder:
		v, err := ParseInt(s, 16)
		if err == nil {
			c.Append(int16(v))
		}
		return err
	case *array.Uint32Builder:
		v, err := parseOID(s, t)
		if err == nil {
			c.Append(v)
		}
		return err
	case *array.Float64Builder:
		if t.OID >= FirstUserOID {
			return parseEnum(c, s, t)
		}
		v, err := ParseFloat(s, 64)
		if err == nil {
			c.Append(v)
		}
		return err
	case *array.Float32Builder:
		v, err := ParseFloat(s, 32)
		if err == nil {
			c.Append(float32(v))
		}
		return err
	case *ListBuilder:
		return parseList(c, s, t, f)
	}
	return parseTextOther(b, s, t, f)
}

func parseEnum(c *array.Float64Builder, s string, t Type) error {
	v, err := t.EnumOrder(s)
	if err == nil {
		c.Append(v)
	}
	return err
}

func parseTextOther(b array.Builder, s string, t Type, f *Format) error {
	switch c := b.(type) {
	case *array.BinaryBuilder:
		if t.IsRow() {
			return parseRecord(c, s, t, f)
		}
		if t.isNet() {
			v, err := parseNet(s, t)
			if err == nil {
				c.Append(v)
			}
			return err
		}
		if t.OID != Numeric.OID {
			v, err := ParseBytea(s)
			if err == nil {
				c.Append(v)
			}
			return err
		}
		d, err := ParseDec(s)
		if err == nil {
			d, err = d.ApplyMod(t.Mod)
		}
		if err == nil {
			AppendDec(c, d)
		}
		return err
	case *array.Date32Builder:
		v, err := ParseDate(s, f)
		if err == nil {
			c.Append(arrow.Date32(v))
		}
		return err
	case *array.TimestampBuilder:
		parse := ParseTimestamp
		if t.OID == TimestampTZ.OID {
			parse = ParseTimestampTZ
		}
		v, err := parse(s, f)
		if err == nil {
			c.Append(arrow.Timestamp(RoundTimestamp(v, t.Mod)))
		}
		return err
	case *array.Time64Builder:
		v, err := ParseTime(s, f)
		if err == nil {
			c.Append(arrow.Time64(RoundTime(v, t.Mod)))
		}
		return err
	case *array.FixedSizeBinaryBuilder:
		return parseFixed(c, s, t, f)
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "input of a value of type %s is not supported", t)
}

func parseFixed(c *array.FixedSizeBinaryBuilder, s string, t Type, f *Format) error {
	switch t.OID {
	case Interval.OID:
		style := ""
		if f != nil {
			style = f.IntervalStyle
		}
		v, err := ParseIntervalMod(s, style, t.Mod)
		if err == nil {
			AppendInterval(c, v)
		}
		return err
	case TimeTZ.OID:
		v, err := ParseTimeTZ(s, f)
		if err == nil {
			v.Micros = RoundTime(v.Micros, t.Mod)
			AppendTimeTZ(c, v)
		}
		return err
	}
	v, err := ParseUUID(s)
	if err == nil {
		c.Append(v[:])
	}
	return err
}

func parseString(c *array.StringBuilder, s string, t Type) error {
	var err error
	switch t.OID {
	case Varchar.OID, BPChar.OID:
		s, err = FitChars(s, t, false)
	case Bit.OID, VarBit.OID:
		if s, err = ParseBits(s); err == nil {
			s, err = FitBits(s, t, false)
		}
	case Name.OID:
		s = ClipName(s)
	case Char.OID:
		s = ParseChar(s)
	case JSON.OID:
		err = CheckJSON(s)
	case JSONPath.OID:
		s, err = canonicalPath(s)
	case JSONB.OID:
		var buf []byte
		if buf, err = AppendJSONB(make([]byte, 0, len(s)+16), s); err == nil {
			c.BinaryBuilder.Append(buf)
		}
		return err
	}
	if err == nil {
		c.Append(s)
	}
	return err
}

// ClipName cuts s to the 63 bytes of a name, not inside a character.
func ClipName(s string) string {
	if len(s) < 64 {
		return s
	}
	n := 63
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// ParseChar makes a "char" of a text: its first byte, or what \ and three octal digits stand for; the byte 0 is the empty text.
func ParseChar(s string) string {
	if len(s) == 4 && s[0] == '\\' {
		if b, err := strconv.ParseUint(s[1:], 8, 16); err == nil {
			if byte(b) == 0 {
				return ""
			}
			return string([]byte{byte(b)})
		}
	}
	return s[:min(len(s), 1)]
}

// AppendChar appends a "char" as text: \ and three octal digits for what is no ASCII character.
func AppendChar(dst []byte, s string) []byte {
	if s != "" && s[0] >= 0x80 {
		return append(dst, '\\', '0'+s[0]>>6, '0'+s[0]>>3&7, '0'+s[0]&7)
	}
	return append(dst, s...)
}

// FitChars makes s fit varchar(n) or character(n): character is padded with blanks, too many blanks at the end are cut, and too many
// other characters are too, where the cast is explicit. Errors: 22001.
func FitChars(s string, t Type, explicit bool) (string, error) {
	limit := int(t.Mod) - 4
	if t.Mod < 4 {
		return s, nil
	}
	if n := utf8.RuneCountInString(s); n <= limit {
		if t.OID == BPChar.OID {
			s += strings.Repeat(" ", limit-n)
		}
		return s, nil
	}
	cut := 0
	for range limit {
		_, size := utf8.DecodeRuneInString(s[cut:])
		cut += size
	}
	if !explicit && strings.Trim(s[cut:], " ") != "" {
		return "", sqlerr.New(sqlerr.StringDataRightTruncation, "value too long for type %s", t)
	}
	return s[:cut], nil
}

// parseList reads an array. The elements are tried first, so that an error leaves b as it was.
func parseList(b *ListBuilder, s string, t Type, f *Format) error {
	items, shape, err := arrayItems(s, t)
	if err != nil {
		return err
	}
	elem, vb := t.Elem(), b.ValueBuilder()
	if elem.Arrow().ID() != arrow.STRING || elem.Mod >= 0 || elem.Category() == CatUser {
		try := NewBuilder(elem)
		for _, it := range items {
			if it.null {
				continue
			}
			if err := ParseText(try, it.text, elem, f); err != nil {
				return err
			}
		}
	}
	b.Append(true)
	b.SetShape(shape)
	for _, it := range items {
		if it.null {
			vb.AppendNull()
		} else if err := ParseText(vb, it.text, elem, f); err != nil {
			return err
		}
	}
	return nil
}

func arrayItems(s string, t Type) ([]arrayItem, Shape, error) {
	if !isVector(t) {
		return parseArray(s)
	}
	var items []arrayItem
	for _, it := range strings.Fields(s) {
		items = append(items, arrayItem{text: it})
	}
	return items, vectorShape(len(items)), nil
}
