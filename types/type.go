package types

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// Type is a PostgreSQL type: its OID and its type modifier (-1: none; numeric(p,s) is ((p<<16)|s)+4, varchar(n) and
// char(n) are n+4, as in pg_attribute.atttypmod). Types compare with ==.
type Type struct {
	OID uint32
	Mod int32
}

// The types of the server. Their OIDs are PostgreSQL's.
var (
	Bool         = Type{16, -1}
	Bytea        = Type{17, -1}
	Char         = Type{18, -1} // "char", one byte
	Name         = Type{19, -1}
	Int8         = Type{20, -1}
	Int2         = Type{21, -1}
	Int4         = Type{23, -1}
	RegProc      = Type{24, -1}
	Text         = Type{25, -1}
	OID          = Type{26, -1}
	Xid          = Type{28, -1}
	JSON         = Type{114, -1}
	Float4       = Type{700, -1}
	Float8       = Type{701, -1}
	Unknown      = Type{705, -1} // a string literal or parameter whose type is not settled yet
	BPChar       = Type{1042, -1}
	Varchar      = Type{1043, -1}
	Date         = Type{1082, -1}
	Time         = Type{1083, -1}
	Timestamp    = Type{1114, -1}
	TimestampTZ  = Type{1184, -1}
	Interval     = Type{1186, -1}
	TimeTZ       = Type{1266, -1}
	CIDR         = Type{650, -1}
	MACAddr      = Type{829, -1}
	Inet         = Type{869, -1}
	Bit          = Type{1560, -1}
	VarBit       = Type{1562, -1}
	Numeric      = Type{1700, -1}
	RegProcedure = Type{2202, -1}
	RegClass     = Type{2205, -1}
	RegType      = Type{2206, -1}
	Record       = Type{2249, -1}
	Void         = Type{2278, -1}
	UUID         = Type{2950, -1}
	JSONB        = Type{3802, -1}
	JSONPath     = Type{4072, -1}
	RegNS        = Type{4089, -1}
	RegRole      = Type{4096, -1}
	// Pseudo types of signatures.
	Any         = Type{2276, -1}
	AnyArray    = Type{2277, -1}
	AnyElement  = Type{2283, -1}
	AnyNonArray = Type{2776, -1}
	AnyEnum     = Type{3500, -1}
	Int2Vector  = Type{22, -1}
	OIDVector   = Type{30, -1}
	PgNodeTree  = Type{194, -1}
	ACLItem     = Type{1033, -1}
	// Types that only rows of pg_proc name.
	CString  = Type{2275, -1}
	Trigger  = Type{2279, -1}
	Internal = Type{2281, -1}
)

// Category letters of pg_type.typcategory.
const (
	CatArray     = 'A'
	CatBits      = 'V'
	CatBool      = 'B'
	CatComposite = 'C'
	CatDateTime  = 'D'
	CatEnum      = 'E'
	CatNetwork   = 'I'
	CatNumeric   = 'N'
	CatPseudo    = 'P'
	CatString    = 'S'
	CatTimespan  = 'T'
	CatUser      = 'U'
	CatUnknown   = 'X'
	CatInternal  = 'Z'
)

// Info is the row of pg_type that the server needs to know of a type.
type Info struct {
	Type      Type
	Name      string // pg_type.typname
	SQLName   string // what format_type prints
	Array     uint32 // OID of the array type, 0: none
	Elem      uint32 // OID of the element type of an array, 0: not an array
	Category  byte
	Preferred bool
	Len       int16 // pg_type.typlen
	Arrow     arrow.DataType
	User      *User // of a type that users make, or of a relation's rows; of an array nil
}

var (
	fixed12     = &arrow.FixedSizeBinaryType{ByteWidth: 12}
	fixed16     = &arrow.FixedSizeBinaryType{ByteWidth: 16}
	timestamp   = &arrow.TimestampType{Unit: arrow.Microsecond}
	timestampTZ = &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	time64      = arrow.FixedWidthTypes.Time64us
	str         = arrow.BinaryTypes.String
	bin         = arrow.BinaryTypes.Binary
	u32         = arrow.PrimitiveTypes.Uint32
)

// infos lists the base types; arrays are added from them by init of the maps below.
var infos = []Info{
	{Bool, "bool", "boolean", 1000, 0, CatBool, true, 1, arrow.FixedWidthTypes.Boolean, nil},
	{Bytea, "bytea", "bytea", 1001, 0, CatUser, false, -1, bin, nil},
	{Char, "char", `"char"`, 1002, 0, CatInternal, false, 1, str, nil},
	{Name, "name", "name", 1003, 0, CatString, false, 64, str, nil},
	{Int8, "int8", "bigint", 1016, 0, CatNumeric, false, 8, arrow.PrimitiveTypes.Int64, nil},
	{Int2, "int2", "smallint", 1005, 0, CatNumeric, false, 2, arrow.PrimitiveTypes.Int16, nil},
	{Int4, "int4", "integer", 1007, 0, CatNumeric, false, 4, arrow.PrimitiveTypes.Int32, nil},
	{RegProc, "regproc", "regproc", 1008, 0, CatNumeric, false, 4, u32, nil},
	{Text, "text", "text", 1009, 0, CatString, true, -1, str, nil},
	{OID, "oid", "oid", 1028, 0, CatNumeric, true, 4, u32, nil},
	{Xid, "xid", "xid", 1011, 0, CatUser, false, 4, u32, nil},
	{JSON, "json", "json", 199, 0, CatUser, false, -1, str, nil},
	{Float4, "float4", "real", 1021, 0, CatNumeric, false, 4, arrow.PrimitiveTypes.Float32, nil},
	{Float8, "float8", "double precision", 1022, 0, CatNumeric, true, 8, arrow.PrimitiveTypes.Float64, nil},
	{Unknown, "unknown", "unknown", 0, 0, CatUnknown, false, -2, str, nil},
	{BPChar, "bpchar", "character", 1014, 0, CatString, false, -1, str, nil},
	{Varchar, "varchar", "character varying", 1015, 0, CatString, false, -1, str, nil},
	{Date, "date", "date", 1182, 0, CatDateTime, false, 4, arrow.FixedWidthTypes.Date32, nil},
	{Time, "time", "time without time zone", 1183, 0, CatDateTime, false, 8, time64, nil},
	{Timestamp, "timestamp", "timestamp without time zone", 1115, 0, CatDateTime, false, 8, timestamp, nil},
	{TimestampTZ, "timestamptz", "timestamp with time zone", 1185, 0, CatDateTime, true, 8, timestampTZ, nil},
	{Interval, "interval", "interval", 1187, 0, CatTimespan, true, 16, fixed16, nil},
	{TimeTZ, "timetz", "time with time zone", 1270, 0, CatDateTime, false, 12, fixed12, nil},
	{Numeric, "numeric", "numeric", 1231, 0, CatNumeric, false, -1, bin, nil},
	{CIDR, "cidr", "cidr", 651, 0, CatNetwork, false, -1, bin, nil},
	{MACAddr, "macaddr", "macaddr", 1040, 0, CatUser, false, 6, bin, nil},
	{Inet, "inet", "inet", 1041, 0, CatNetwork, true, -1, bin, nil},
	{Bit, "bit", "bit", 1561, 0, CatBits, false, -1, str, nil},
	{VarBit, "varbit", "bit varying", 1563, 0, CatBits, true, -1, str, nil},
	{RegProcedure, "regprocedure", "regprocedure", 2207, 0, CatNumeric, false, 4, u32, nil},
	{RegClass, "regclass", "regclass", 2210, 0, CatNumeric, false, 4, u32, nil},
	{RegType, "regtype", "regtype", 2211, 0, CatNumeric, false, 4, u32, nil},
	{Record, "record", "record", 2287, 0, CatPseudo, false, -1, bin, nil},
	{Void, "void", "void", 0, 0, CatPseudo, false, 4, str, nil},
	{UUID, "uuid", "uuid", 2951, 0, CatUser, false, 16, fixed16, nil},
	{JSONPath, "jsonpath", "jsonpath", 4073, 0, CatUser, false, -1, str, nil},
	{JSONB, "jsonb", "jsonb", 3807, 0, CatUser, false, -1, str, nil},
	{RegNS, "regnamespace", "regnamespace", 4090, 0, CatNumeric, false, 4, u32, nil},
	{RegRole, "regrole", "regrole", 4097, 0, CatNumeric, false, 4, u32, nil},
	{Any, "any", `"any"`, 0, 0, CatPseudo, false, 4, str, nil},
	{AnyArray, "anyarray", "anyarray", 0, 0, CatPseudo, false, -1, str, nil},
	{AnyElement, "anyelement", "anyelement", 0, 0, CatPseudo, false, 4, str, nil},
	{AnyNonArray, "anynonarray", "anynonarray", 0, 0, CatPseudo, false, 4, str, nil},
	{AnyEnum, "anyenum", "anyenum", 0, 0, CatPseudo, false, 4, str, nil},
	{Int2Vector, "int2vector", "int2vector", 1006, 21, CatArray, false, -1, arrow.ListOf(arrow.PrimitiveTypes.Int16), nil},
	{OIDVector, "oidvector", "oidvector", 1013, 26, CatArray, false, -1, arrow.ListOf(u32), nil},
	{PgNodeTree, "pg_node_tree", "pg_node_tree", 0, 0, CatInternal, false, -1, str, nil},
	{ACLItem, "aclitem", "aclitem", 1034, 0, CatUser, false, 12, str, nil},
	{CString, "cstring", "cstring", 0, 0, CatPseudo, false, -2, str, nil},
	{Trigger, "trigger", "trigger", 0, 0, CatPseudo, false, 4, str, nil},
	{Internal, "internal", "internal", 0, 0, CatPseudo, false, 8, str, nil},
}

var (
	byOID  = map[uint32]*Info{}
	byName = map[string]*Info{}
	all    []*Info
)

func init() {
	for i := range infos {
		add(&infos[i])
	}
	for i := range infos {
		if in := &infos[i]; in.Array != 0 && in.Elem == 0 {
			add(&Info{Type{in.Array, -1}, "_" + in.Name, in.SQLName + "[]", 0, in.Type.OID, CatArray, false, -1, arrow.ListOf(in.Arrow), nil})
		}
	}
	for alias, name := range aliases {
		byName[alias] = byName[name]
	}
}

func add(in *Info) {
	byOID[in.Type.OID] = in
	byName[in.Name] = in
	all = append(all, in)
}

// aliases are the further spellings that PostgreSQL's grammar or habit knows, folded to lower case, words joined by one blank.
var aliases = map[string]string{
	"boolean": "bool", "smallint": "int2", "integer": "int4", "int": "int4", "bigint": "int8",
	"real": "float4", "double precision": "float8", "float": "float8", "decimal": "numeric", "dec": "numeric",
	"bit varying": "varbit", "character varying": "varchar", "char varying": "varchar", "character": "bpchar", "string": "text",
	"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz",
	"time without time zone": "time", "time with time zone": "timetz",
}

// All lists every type, base types first. The caller must not change it.
func All() []*Info { return all }

// Lookup finds a type by its name as it stands in pg_type or as PostgreSQL's grammar spells it ("int4", "integer",
// "double precision", "_int4"; not "char", which the grammar turns into bpchar). ok is false where there is none.
func Lookup(name string) (t Type, ok bool) {
	in := byName[name]
	if in == nil {
		return Type{}, false
	}
	return in.Type, true
}

// ByOID gives the type with this OID.
func ByOID(oid uint32) (t Type, ok bool) {
	in := infoOf(oid)
	if in == nil {
		return Type{}, false
	}
	return in.Type, true
}

// Info gives the type's row; it panics for an OID that is not in the table, which is a bug.
func (t Type) Info() *Info {
	in := infoOf(t.OID)
	if in == nil {
		panic(fmt.Sprintf("types: unknown type OID %d", t.OID))
	}
	return in
}

// Base is the type without its modifier.
func (t Type) Base() Type { return Type{t.OID, -1} }

// Is says whether t is u, modifiers aside.
func (t Type) Is(u Type) bool { return t.OID == u.OID }

// Arrow is the layout of a column of this type.
func (t Type) Arrow() arrow.DataType { return t.Info().Arrow }

// IsArray says whether t is an array type.
func (t Type) IsArray() bool { return t.Info().Elem != 0 }

// Elem is the element type of an array type.
func (t Type) Elem() Type { return Type{t.Info().Elem, t.Mod} }

// Array is the array type over t; ok is false where there is none.
func (t Type) Array() (a Type, ok bool) {
	in := t.Info()
	mod := int32(-1)
	if t.Is(Record) { // the elements keep their fields
		mod = t.Mod
	}
	return Type{in.Array, mod}, in.Array != 0 && !isVector(t)
}

// Category is the letter of pg_type.typcategory.
func (t Type) Category() byte { return t.Info().Category }

// Preferred says whether t is the preferred type of its category.
func (t Type) Preferred() bool { return t.Info().Preferred }

// String is the type's name as format_type prints it: "numeric(12,2)", "character varying(10)", "integer[]".
func (t Type) String() string {
	in := t.Info()
	if in.Elem != 0 && !strings.HasSuffix(in.Name, "vector") {
		return Type{in.Elem, t.Mod}.String() + "[]"
	}
	if t.Mod < 0 {
		return in.SQLName
	}
	switch t.Base() {
	case Numeric:
		return fmt.Sprintf("numeric(%d,%d)", (t.Mod-4)>>16&0xffff, ((t.Mod-4)&0x7ff^1024)-1024)
	case Varchar, BPChar:
		return fmt.Sprintf("%s(%d)", in.SQLName, t.Mod-4)
	case Bit, VarBit:
		return fmt.Sprintf("%s(%d)", in.SQLName, t.Mod)
	case Timestamp, TimestampTZ, Time, TimeTZ:
		w := strings.SplitN(in.SQLName, " ", 2)
		return fmt.Sprintf("%s(%d) %s", w[0], t.Mod, w[1])
	case Interval:
		return in.SQLName + intervalModText(t.Mod)
	}
	return in.SQLName
}

// NumericMod is the modifier of numeric(precision, scale).
func NumericMod(precision, scale int) int32 { return int32(precision<<16|scale&0x7ff) + 4 }
