package types

import (
	"encoding/binary"
	"math"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// Field is a field of a record or composite type.
type Field struct {
	Name string
	Type Type
}

// shapes are the records without a type of their own that were met so far: a type record with modifier n has the fields shapes.list[n].
// They live as long as the process and mean nothing outside it.
var shapes struct {
	sync.RWMutex
	byKey map[string]int32
	list  [][]Field
}

// RecordOf is type record with these fields.
func RecordOf(fields []Field) Type {
	var key strings.Builder
	for _, f := range fields {
		key.WriteString(f.Name)
		key.Write(binary.BigEndian.AppendUint32([]byte{0}, f.Type.OID))
		key.Write(binary.BigEndian.AppendUint32(nil, uint32(f.Type.Mod)))
	}
	shapes.Lock()
	defer shapes.Unlock()
	n, ok := shapes.byKey[key.String()]
	if !ok {
		if shapes.byKey == nil {
			shapes.byKey = map[string]int32{}
		}
		n = int32(len(shapes.list))
		shapes.byKey[key.String()] = n
		shapes.list = append(shapes.list, fields)
	}
	return Type{Record.OID, n}
}

// IsRow says whether t is record or a composite type.
func (t Type) IsRow() bool {
	if t.OID == Record.OID {
		return true
	}
	u := t.user()
	return u != nil && u.Kind == KindComposite
}

// Fields are the fields of a composite type or of a record whose fields are known; nil for others. The caller must not change them.
func (t Type) Fields() []Field {
	if t.OID == Record.OID {
		shapes.RLock()
		defer shapes.RUnlock()
		if t.Mod >= 0 && int(t.Mod) < len(shapes.list) {
			return shapes.list[t.Mod]
		}
		return nil
	}
	if u := t.user(); u != nil {
		return u.Fields
	}
	return nil
}

// A value of a row type is PostgreSQL's binary form of it: the number of fields, and for each its type, its size (-1: NULL) and its binary form.

// AppendRecord appends the value made of row at[k] of each column, of the given types.
func AppendRecord(dst []byte, cols []arrow.Array, at []int, ts []Type) ([]byte, error) {
	be := binary.BigEndian
	dst = be.AppendUint32(dst, uint32(len(cols)))
	for k, a := range cols {
		dst = be.AppendUint32(dst, ts[k].OID)
		if a.IsNull(at[k]) {
			dst = be.AppendUint32(dst, math.MaxUint32)
			continue
		}
		from := len(dst)
		var err error
		if dst, err = AppendBinary(append(dst, 0, 0, 0, 0), a, at[k], ts[k]); err != nil {
			return dst, err
		}
		be.PutUint32(dst[from:], uint32(len(dst)-from-4))
	}
	return dst, nil
}

// RecordField is one field of a value of a row type. Data is nil where it is NULL.
type RecordField struct {
	OID  uint32
	Data []byte
}

// RecordLen is the number of fields of a value.
func RecordLen(v []byte) int {
	if len(v) < 4 {
		return 0
	}
	return int(binary.BigEndian.Uint32(v))
}

// nextField takes the first field off what follows the number of fields.
func nextField(v []byte) (f RecordField, rest []byte, ok bool) {
	if len(v) < 8 {
		return f, nil, false
	}
	f.OID = binary.BigEndian.Uint32(v)
	n := int32(binary.BigEndian.Uint32(v[4:]))
	v = v[8:]
	if n < 0 {
		return f, v, n == -1
	}
	if int(n) > len(v) {
		return f, nil, false
	}
	f.Data = v[:n:n]
	return f, v[n:], true
}

// RecordFieldAt gives field i of a value; the zero field where there are not so many.
func RecordFieldAt(v []byte, i int) RecordField {
	if i >= RecordLen(v) {
		return RecordField{}
	}
	rest := v[4:]
	for ; ; i-- {
		f, r, ok := nextField(rest)
		if !ok {
			return RecordField{}
		}
		if i == 0 {
			return f
		}
		rest = r
	}
}

// RecordFields lists the fields of a value.
func RecordFields(v []byte) []RecordField {
	out := make([]RecordField, 0, RecordLen(v))
	rest := v[min(4, len(v)):]
	for range cap(out) {
		f, r, ok := nextField(rest)
		if !ok {
			return out
		}
		out, rest = append(out, f), r
	}
	return out
}

// AppendField appends a field's value to b, a builder of NewBuilder(t), t being the field's type.
func AppendField(b array.Builder, f RecordField, t Type) error {
	if f.Data == nil {
		b.AppendNull()
		return nil
	}
	return appendStored(b, f.Data, t)
}

// appendStored is ParseBinary for what this process wrote itself: rows need no check, and may be of any fields.
func appendStored(b array.Builder, data []byte, t Type) error {
	switch c := b.(type) {
	case *array.Float64Builder:
		if t.IsEnum() { // the label may have another name since
			c.Append(t.oldOrder(string(data)))
			return nil
		}
	case *array.BinaryBuilder:
		if t.IsRow() {
			c.Append(data)
			return nil
		}
	case *ListBuilder:
		return parseArrayBinary(c, data, t, appendStored)
	}
	return ParseBinary(b, data, t)
}

// column puts fields of one type into a column.
func fieldColumn(t Type, fs ...RecordField) (arrow.Array, error) {
	b := NewBuilder(t)
	for _, f := range fs {
		if err := AppendField(b, f, t); err != nil {
			return nil, err
		}
	}
	return b.NewArray(), nil
}

func (f RecordField) typ() Type {
	if t, ok := ByOID(f.OID); ok {
		return t
	}
	return Bytea
}

// AppendRecordText appends the text of a value: (1,abc,"a b").
func AppendRecordText(dst, v []byte, fm *Format) []byte {
	dst = append(dst, '(')
	for i, f := range RecordFields(v) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if f.Data == nil {
			continue
		}
		from := len(dst)
		t := f.typ()
		switch {
		case plainText(t):
			dst = append(dst, f.Data...)
		default:
			if a, err := fieldColumn(t, f); err == nil {
				dst = AppendText(dst, a, 0, t, fm)
			}
		}
		dst = quoteField(dst, from)
	}
	return append(dst, ')')
}

// plainText says whether the binary form of t is its text.
func plainText(t Type) bool {
	switch t.OID {
	case Text.OID, Varchar.OID, BPChar.OID, Name.OID, JSON.OID, Unknown.OID:
		return true
	}
	return false
}

// quoteField puts quotes around what stands behind from, if it needs them.
func quoteField(dst []byte, from int) []byte {
	s := string(dst[from:])
	if s != "" && !strings.ContainsAny(s, "\"\\(), \t\n\r\v\f") {
		return dst
	}
	dst = append(dst[:from], '"')
	for k := range len(s) {
		if s[k] == '"' || s[k] == '\\' {
			dst = append(dst, s[k])
		}
		dst = append(dst, s[k])
	}
	return append(dst, '"')
}

// parseRecord reads the text of a value of a composite type.
func parseRecord(b *array.BinaryBuilder, s string, t Type, fm *Format) error {
	if t.OID == Record.OID {
		return sqlerr.New(sqlerr.FeatureNotSupported, "input of anonymous composite types is not implemented")
	}
	fields := t.Fields()
	texts, nulls, err := splitRecord(s, len(fields))
	if err != nil {
		return err
	}
	v := binary.BigEndian.AppendUint32(nil, uint32(len(fields)))
	for i, f := range fields {
		bld := NewBuilder(f.Type)
		if nulls[i] {
			bld.AppendNull()
		} else if err := ParseText(bld, texts[i], f.Type, fm); err != nil {
			return err
		}
		one, err := AppendRecord(nil, []arrow.Array{bld.NewArray()}, []int{0}, []Type{f.Type})
		if err != nil {
			return err
		}
		v = append(v, one[4:]...)
	}
	b.Append(v)
	return nil
}

// splitRecord cuts the text of a composite value into want fields.
func splitRecord(s string, want int) (texts []string, nulls []bool, err error) {
	bad := func(detail string) ([]string, []bool, error) {
		return nil, nil, sqlerr.New(sqlerr.InvalidTextRepresentation, `malformed record literal: "%s"`, s).WithDetail("%s", detail)
	}
	p := trimSpace(s)
	if !strings.HasPrefix(p, "(") {
		return bad("Missing left parenthesis.")
	}
	p = p[1:]
	if want == 0 && strings.HasPrefix(p, ")") {
		if trimSpace(p[1:]) != "" {
			return bad("Junk after right parenthesis.")
		}
		return nil, nil, nil
	}
	for {
		var text strings.Builder
		quoted, any := false, false
		for {
			if p == "" {
				return bad("Unexpected end of input.")
			}
			c := p[0]
			if !quoted && (c == ',' || c == ')') {
				break
			}
			p = p[1:]
			switch {
			case c == '\\':
				if p == "" {
					return bad("Unexpected end of input.")
				}
				text.WriteByte(p[0])
				p = p[1:]
			case c == '"' && quoted && strings.HasPrefix(p, `"`):
				text.WriteByte('"')
				p = p[1:]
			case c == '"':
				quoted = !quoted
			default:
				text.WriteByte(c)
			}
			any = true
		}
		texts, nulls = append(texts, text.String()), append(nulls, !any)
		c := p[0]
		p = p[1:]
		if c == ')' {
			break
		}
		if len(texts) == want {
			return bad("Too many columns.")
		}
	}
	switch {
	case len(texts) < want:
		return bad("Too few columns.")
	case len(texts) > want:
		return bad("Too many columns.")
	case trimSpace(p) != "":
		return bad("Junk after right parenthesis.")
	}
	return texts, nulls, nil
}

// checkRecordBinary checks a value of a composite type that a client sent. Errors: 22P03, 42804, those of the values.
func checkRecordBinary(data []byte, t Type) error {
	if t.OID == Record.OID {
		return sqlerr.New(sqlerr.FeatureNotSupported, "input of anonymous composite types is not implemented")
	}
	want, fs := t.Fields(), RecordFields(data)
	if RecordLen(data) != len(want) || len(fs) != len(want) {
		return sqlerr.New(sqlerr.DatatypeMismatch, "wrong number of columns: %d, expected %d", RecordLen(data), len(want))
	}
	for i, f := range fs {
		if f.OID != want[i].Type.OID {
			return sqlerr.New(sqlerr.DatatypeMismatch, "binary data has type %d (%s) instead of expected %d (%s) in record column %d",
				f.OID, f.typ(), want[i].Type.OID, want[i].Type.Base(), i+1)
		}
		if f.Data == nil {
			continue
		}
		if err := ParseBinary(NewBuilder(want[i].Type), f.Data, want[i].Type); err != nil {
			return err
		}
	}
	return nil
}
