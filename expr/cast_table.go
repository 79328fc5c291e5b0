package expr

import (
	"strings"
	"sync"

	"github.com/streamsqld/streamsqld/types"
)

// castRows is pg_cast: source type, then target:context method; context i(mplicit), a(ssignment), e(xplicit); method f(unction),
// b(inary, the same bytes), i(nput/output by text).
const castRows = `
cidr bpchar:af inet:ib text:af varchar:af
inet bpchar:af cidr:af text:af varchar:af
bit int4:ef int8:ef varbit:ib
varbit bit:ib
bool int4:ef text:af bpchar:af varchar:af
char int4:ef text:if bpchar:af varchar:af
name text:if bpchar:af varchar:af
int8 bit:ef int2:af int4:af regproc:if oid:if float4:if float8:if numeric:if regprocedure:if regclass:if regtype:if regnamespace:if regrole:if
int2 int8:if int4:if regproc:if oid:if float4:if float8:if numeric:if regprocedure:if regclass:if regtype:if regnamespace:if regrole:if
int4 bit:ef bool:ef char:ef int8:if int2:af regproc:if oid:if float4:if float8:if numeric:if regprocedure:if regclass:if regtype:if regnamespace:if regrole:if
regproc int8:af int4:af oid:ib regprocedure:ib
text char:af name:if bpchar:ib varchar:ib regclass:if
oid int8:af int4:af regproc:ib regprocedure:ib regclass:ib regtype:ib regnamespace:ib regrole:ib
json jsonb:ai
pg_node_tree text:ib
float4 int8:af int2:af int4:af float8:if numeric:af
float8 int8:af int2:af int4:af float4:af numeric:af
bpchar char:af name:if text:if varchar:if
varchar char:af name:if text:ib bpchar:ib regclass:if
date timestamp:if timestamptz:if
time interval:if timetz:if
timestamp date:af time:af timestamptz:if
timestamptz date:af time:af timestamp:af timetz:af
interval time:af
timetz time:af
numeric int8:af int2:af int4:af float4:if float8:if
regprocedure int8:af int4:af regproc:ib oid:ib
regclass int8:af int4:af oid:ib
regtype int8:af int4:af oid:ib
jsonb bool:ef int8:ef int2:ef int4:ef json:ai float4:ef float8:ef numeric:ef
regnamespace int8:af int4:af oid:ib
regrole int8:af int4:af oid:ib
`

type castKey struct{ from, to uint32 }

type castEntry struct{ context, method byte }

var castTable = sync.OnceValue(func() map[castKey]castEntry {
	m := map[castKey]castEntry{}
	for _, line := range strings.Split(strings.TrimSpace(castRows), "\n") {
		words := strings.Fields(line)
		from, _ := types.Lookup(words[0])
		for _, w := range words[1:] {
			name, how, _ := strings.Cut(w, ":")
			to, _ := types.Lookup(name)
			m[castKey{from.OID, to.OID}] = castEntry{how[0], how[1]}
		}
	}
	return m
})

// castOf finds how from becomes to: the context it needs and the method; method 0: not at all.
func castOf(from, to types.Type) castEntry {
	if from.Is(to) {
		return castEntry{'i', 'b'}
	}
	if from.Is(types.Unknown) {
		return castEntry{'i', 'i'}
	}
	if c, ok := castTable()[castKey{from.OID, to.OID}]; ok {
		return c
	}
	switch {
	case from.IsRow() && to.Is(types.Record):
		return castEntry{'i', 'b'}
	case from.Is(types.Record) && to.IsRow():
		return castEntry{'i', 'r'}
	}
	if from.IsArray() && to.IsArray() {
		if c := castOf(from.Elem(), to.Elem()); c.method != 0 {
			return castEntry{c.context, 'a'}
		}
	}
	switch {
	case to.Category() == types.CatString && !pseudo(from):
		return castEntry{'a', 'i'}
	case from.Category() == types.CatString && !pseudo(to):
		return castEntry{'e', 'i'}
	}
	return castEntry{}
}

func pseudo(t types.Type) bool { return t.Category() == types.CatPseudo && !t.Is(types.Record) }

// CastMethod is how an explicit cast is done: 'b' (the same bytes), 'f' (a function), 'i' (by text), 'a' (element by element), 'r' (field by field); 0: there is none.
func CastMethod(from, to types.Type) byte { return castOf(from, to).method }

// CanCast says whether from can become to in a context: 'i' implicit, 'a' assignment, 'e' explicit (what pg_cast allows, and text
// conversions). The modifiers do not matter.
func CanCast(from, to types.Type, context byte) bool {
	c := castOf(from, to)
	if c.method == 0 {
		return false
	}
	return c.context == 'i' || context == 'e' || c.context == 'a' && context == 'a'
}

// castVolatility is Stable where the result depends on the session (time zone, date style, catalog).
func castVolatility(from, to types.Type) Volatility {
	if from.IsArray() && to.IsArray() {
		return castVolatility(from.Elem(), to.Elem())
	}
	f, t := from.Base(), to.Base()
	zone := func(a types.Type) bool { return a == types.TimestampTZ || a == types.TimeTZ }
	local := func(a types.Type) bool { return a == types.Timestamp || a == types.Date || a == types.Time }
	switch {
	case f == t:
		return Immutable
	case zone(f) && t != types.Time && !(f == types.TimestampTZ && t == types.TimestampTZ):
		return Stable
	case zone(t) && local(f), zone(f) && local(t):
		return Stable
	case CastMethod(f, t) == 'i' && (usesSession(f) || usesSession(t)):
		return Stable
	case t.Is(types.RegClass) && f.Category() == types.CatString:
		return Stable
	}
	return Immutable
}

// usesSession says whether a type's text depends on the session.
func usesSession(t types.Type) bool {
	if t.IsArray() {
		t = t.Elem()
	}
	switch t.Base() {
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval,
		types.RegClass, types.RegType, types.RegNS, types.RegRole, types.RegProc, types.RegProcedure, types.Bytea:
		return true
	}
	return false
}

// castCanFail is false only for conversions that take every value.
func castCanFail(from, to types.Type) bool {
	if to.Mod >= 0 && to.Mod != from.Mod {
		return true
	}
	switch CastMethod(from, to) {
	case 'b':
		return false
	case 'i':
		return to.Category() != types.CatString
	case 'a':
		return castCanFail(from.Elem(), to.Elem())
	}
	return castOf(from, to).context != 'i' || to.Is(types.RegClass) || from.Is(types.Numeric) || to.Is(types.OID) ||
		from.Category() == types.CatDateTime
}
