package types

import (
	"math/rand"
	"testing"
)

// TestRandomInput feeds garbage made of telling pieces to every input function: they may refuse it, but not panic, and what they
// take must read back.
func TestRandomInput(t *testing.T) {
	seed := int64(99)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	pieces := []string{"1", "20", "2020", "-", "+", ":", ".", "/", " ", "T", "P", "jan", "bc", "am", "pm", "Z", "day", "mon", "ago", "e", "nan",
		"inf", "{", "}", "[", "]", "\"", ",", "\\", "u12", "null", "true", "0", "00", "59", "9999999999", "europe/berlin", "j", "now", "é", "\xff",
		"=", "x", "year", "-1", ":30", "99", "H", "M", "S", "W", "D", "t", "dst"}
	for range 8000 {
		s := ""
		for range 1 + r.Intn(8) {
			s += pieces[r.Intn(len(pieces))]
		}
		for _, smp := range samples {
			b := NewBuilder(smp.typ)
			if err := ParseText(b, s, smp.typ, nil); err != nil {
				if b.Len() != 0 {
					t.Fatalf("%s %q: %v left a value", smp.typ, s, err)
				}
				continue
			}
			out := texts(b.NewArray(), smp.typ)[0]
			again := NewBuilder(smp.typ)
			if err := ParseText(again, out, smp.typ, nil); err != nil {
				t.Fatalf("%s %q gives %q, which is refused: %v", smp.typ, s, out, err)
			}
			if got := texts(again.NewArray(), smp.typ)[0]; got != out {
				t.Fatalf("%s %q gives %q and then %q", smp.typ, s, out, got)
			}
		}
	}
}

// TestRandomBytes feeds random bytes to the binary input functions: none may panic.
func TestRandomBytes(t *testing.T) {
	seed := int64(7)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	for range 3000 {
		data := make([]byte, r.Intn(40))
		for i := range data {
			data[i] = byte(r.Intn(256) & r.Intn(256) & r.Intn(256))
		}
		for _, smp := range samples {
			b := NewBuilder(smp.typ)
			if ParseBinary(b, data, smp.typ) == nil {
				texts(b.NewArray(), smp.typ)
			}
		}
	}
}
