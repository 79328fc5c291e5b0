package pgcatalog

import (
	"strings"

	"github.com/streamsqld/streamsqld/types"
)

// measures are the size columns of information_schema.columns; nil: not for this type.
type measures struct{ chars, octets, precision, radix, scale, fraction any }

// measure gives the sizes of a type, as PostgreSQL's information_schema does.
func measure(t types.Type) measures {
	var m measures
	switch t.Base() {
	case types.Varchar, types.BPChar:
		m.octets = 1 << 30
		if t.Mod >= 0 {
			m.chars, m.octets = t.Mod-4, 4*(t.Mod-4)
		}
	case types.Bit, types.VarBit:
		if t.Mod >= 0 {
			m.chars = t.Mod
		}
	case types.Text:
		m.octets = 1 << 30
	case types.Int2:
		m.precision, m.radix, m.scale = 16, 2, 0
	case types.Int4:
		m.precision, m.radix, m.scale = 32, 2, 0
	case types.Int8:
		m.precision, m.radix, m.scale = 64, 2, 0
	case types.Float4:
		m.precision, m.radix = 24, 2
	case types.Float8:
		m.precision, m.radix = 53, 2
	case types.Numeric:
		m.radix = 10
		if t.Mod >= 0 {
			m.precision, m.scale = (t.Mod-4)>>16&0xffff, ((t.Mod-4)&0x7ff^1024)-1024
		}
	case types.Date:
		m.fraction = 0
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval:
		m.fraction = 6
		if t.Mod >= 0 {
			m.fraction = t.Mod & 0xffff
			if t.Mod&0xffff == 0xffff {
				m.fraction = 6
			}
		}
	}
	return m
}

// dataType is information_schema's data_type: the SQL name without modifier, ARRAY for arrays.
func dataType(t types.Type) string {
	if t.IsArray() && !strings.HasSuffix(t.Info().Name, "vector") {
		return "ARRAY"
	}
	if t.OID >= types.FirstUserOID {
		return "USER-DEFINED"
	}
	return t.Base().String()
}
