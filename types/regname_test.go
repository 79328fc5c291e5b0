package types

import (
	"fmt"
	"testing"
)

// TestRegName prints OIDs of reg types by Format.RegName, in arrays too, and all others as numbers.
func TestRegName(t *testing.T) {
	named := UTCFormat(0)
	named.RegName = func(t Type, oid uint32) string { return fmt.Sprintf("%s/%d", t, oid) }
	classes, _ := RegClass.Array()
	for _, c := range []struct {
		typ        Type
		in, out    string
		withoutMap string
	}{
		{RegClass, "1259", "regclass/1259", "1259"},
		{RegProc, "42", "regproc/42", "42"},
		{OID, "1259", "1259", "1259"},
		{classes, "{1,2}", "{regclass/1,regclass/2}", "{1,2}"},
	} {
		b := NewBuilder(c.typ)
		if err := ParseText(b, c.in, c.typ, named); err != nil {
			t.Fatal(err)
		}
		a := b.NewArray()
		if got := string(AppendText(nil, a, 0, c.typ, named)); got != c.out {
			t.Errorf("%s of %s: %q, want %q", c.typ, c.in, got, c.out)
		}
		if got := string(AppendText(nil, a, 0, c.typ, UTCFormat(0))); got != c.withoutMap {
			t.Errorf("%s of %s without names: %q, want %q", c.typ, c.in, got, c.withoutMap)
		}
	}
}
