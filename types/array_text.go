package types

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// AppendArrayText appends the array of row i as array_out does ("{1,2,NULL}"); of int2vector and oidvector as their own output does.
func AppendArrayText(dst []byte, a *array.List, i int, t Type, f *Format) []byte {
	from, to := a.ValueOffsets(i)
	vals, elem := a.ListValues(), t.Elem()
	if isVector(t) {
		for e := from; e < to; e++ {
			if e > from {
				dst = append(dst, ' ')
			}
			dst = AppendText(dst, vals, int(e), elem, f)
		}
		return dst
	}
	quotable := mayNeedQuotes(elem)
	return AppendNested(dst, ShapeOf(a, i), int(from), int(to), '{', '}', func(dst []byte, e int) []byte {
		if vals.IsNull(e) {
			return append(dst, "NULL"...)
		}
		n := len(dst)
		if dst = AppendText(dst, vals, e, elem, f); quotable {
			dst = quoteElement(dst, n)
		}
		return dst
	})
}

// AppendNested appends the elements from (inclusive) to (exclusive) of an array of this shape between brackets, those of more dimensions in brackets of
// their own, and, before braces, its bounds where a lower one is not 1.
func AppendNested(dst []byte, s Shape, from, to int, open, end byte, elem func(dst []byte, e int) []byte) []byte {
	if open == '{' && slices.ContainsFunc(s, func(d Dim) bool { return d.Lower != 1 }) {
		dst = append(DimsText(dst, s), '=')
	}
	return appendLevel(dst, s, from, to, open, end, elem)
}

func appendLevel(dst []byte, s Shape, from, to int, open, end byte, elem func(dst []byte, e int) []byte) []byte {
	dst = append(dst, open)
	step := 1
	if len(s) > 1 {
		step = s[1:].Size()
	}
	for e := from; e < to; e += step {
		if e > from {
			dst = append(dst, ',')
		}
		if len(s) > 1 {
			dst = appendLevel(dst, s[1:], e, e+step, open, end, elem)
		} else {
			dst = elem(dst, e)
		}
	}
	return append(dst, end)
}

func isVector(t Type) bool { return t.OID == Int2Vector.OID || t.OID == OIDVector.OID }

// mayNeedQuotes says whether the text of a type can hold what array_out quotes.
func mayNeedQuotes(t Type) bool {
	switch t.Category() {
	case CatNumeric, CatBool:
		return false
	}
	return t.OID != UUID.OID
}

// quoteElement puts the text from n on into quotes where array_out would.
func quoteElement(dst []byte, n int) []byte {
	text := dst[n:]
	quote := len(text) == 0 || strings.EqualFold(string(text), "null")
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			quote = true
		case c == '{' || c == '}' || c == ',' || isSpace(c):
			quote = true
		}
	}
	if !quote {
		return dst
	}
	old := string(text)
	dst = append(dst[:n], '"')
	for k := range len(old) {
		if old[k] == '"' || old[k] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, old[k])
	}
	return append(dst, '"')
}

// vectorShape is the shape of an int2vector or oidvector of n elements: their subscripts begin at 0.
func vectorShape(n int) Shape {
	if n == 0 {
		return nil
	}
	return Shape{{int32(n), 0}}
}
