package types

import (
	"bytes"
	"sort"
	"strings"

	"github.com/zeebo/xxh3"
)

// AppendJSONB appends the canonical text of the JSON s, as jsonb prints it: keys by length and then bytes, of equal keys the last,
// numbers exact, one blank behind : and the commas. Errors: 22P02, 22P05, 54001.
func AppendJSONB(dst []byte, s string) ([]byte, error) {
	n, err := parseJSON(s, true)
	if err != nil {
		return dst, err
	}
	return n.append(dst, false), nil
}

// sortKeys orders the members of an object by length and bytes of their keys and keeps the last of equal ones.
func (n *jsonNode) sortKeys() {
	ascending := true
	for i := 1; i < len(n.keys); i++ {
		ascending = ascending && keyLess(n.keys[i-1], n.keys[i])
	}
	if ascending {
		return
	}
	sort.Stable((*byKey)(n))
	keep := 0
	for i := range n.keys {
		if i+1 < len(n.keys) && n.keys[i] == n.keys[i+1] {
			continue
		}
		n.keys[keep], n.vals[keep] = n.keys[i], n.vals[i]
		keep++
	}
	n.keys, n.vals = n.keys[:keep], n.vals[:keep]
}

func keyLess(a, b string) bool {
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return a < b
}

type byKey jsonNode

func (o *byKey) Len() int           { return len(o.keys) }
func (o *byKey) Less(i, j int) bool { return keyLess(o.keys[i], o.keys[j]) }
func (o *byKey) Swap(i, j int) {
	o.keys[i], o.keys[j] = o.keys[j], o.keys[i]
	o.vals[i], o.vals[j] = o.vals[j], o.vals[i]
}

// append appends the text of n; plain writes numbers in their canonical form, so that equal values have equal text.
func (n *jsonNode) append(dst []byte, plain bool) []byte {
	switch n.kind {
	case '"':
		return AppendJSONString(dst, n.text)
	case '0':
		if plain {
			return n.num.Canonical().AppendText(dst)
		}
		return n.num.AppendText(dst)
	case 't':
		return append(dst, "true"...)
	case 'f':
		return append(dst, "false"...)
	case 'n':
		return append(dst, "null"...)
	}
	dst = append(dst, n.kind)
	for i := range n.vals {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if n.kind == '{' {
			dst = append(AppendJSONString(dst, n.keys[i]), ": "...)
		}
		dst = n.vals[i].append(dst, plain)
	}
	return append(dst, n.kind+2) // ] and } come two behind their opening
}

// AppendJSONString appends s as a JSON string, escaped as PostgreSQL does.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		if at := strings.IndexByte("\"\\\b\f\n\r\t", c); at >= 0 {
			dst = append(dst, '\\', `"\bfnrt`[at])
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(dst, s[start:]...), '"')
}

// hashJSONB hashes the one text that stands for all equal values.
func hashJSONB(b []byte) uint64 {
	if bytes.IndexByte(b, '.') < 0 {
		return xxh3.Hash(b)
	}
	return xxh3.Hash(AppendCanonicalJSONB(make([]byte, 0, len(b)), b))
}

// AppendCanonicalJSONB appends the one text that stands for all values equal to b, which is a jsonb as it is kept: only decimal fractions can
// be equal in more than one writing, 1.0 and 1.
func AppendCanonicalJSONB(dst, b []byte) []byte {
	if bytes.IndexByte(b, '.') < 0 {
		return append(dst, b...)
	}
	n, err := parseJSON(string(b), true)
	if err != nil {
		return append(dst, b...)
	}
	return n.append(dst, true)
}

// compareJSONB is jsonb's order: object, array, boolean, number, string, null, from large to small; containers by their number of
// members first. An empty array at the top comes before all, as in PostgreSQL.
func compareJSONB(v, w string) int {
	if v == w {
		return 0
	}
	a, err1 := parseJSON(v, true)
	b, err2 := parseJSON(w, true)
	if err1 != nil || err2 != nil {
		return strings.Compare(v, w)
	}
	aEmpty, bEmpty := a.kind == '[' && len(a.vals) == 0, b.kind == '[' && len(b.vals) == 0
	if aEmpty != bEmpty {
		return boolInt(bEmpty) - boolInt(aEmpty)
	}
	return a.cmp(&b)
}

func (n *jsonNode) rank() int { return strings.IndexByte(`n"0ft[{`, n.kind) }

func (n *jsonNode) cmp(o *jsonNode) int {
	if n.kind != o.kind {
		return cmpOrdered(n.rank(), o.rank())
	}
	switch n.kind {
	case '"':
		return strings.Compare(n.text, o.text)
	case '0':
		return n.num.Cmp(o.num)
	}
	if len(n.vals) != len(o.vals) {
		return cmpOrdered(len(n.vals), len(o.vals))
	}
	for i := range n.vals {
		if n.kind == '{' && n.keys[i] != o.keys[i] {
			return strings.Compare(n.keys[i], o.keys[i])
		}
		if c := n.vals[i].cmp(&o.vals[i]); c != 0 {
			return c
		}
	}
	return 0
}
