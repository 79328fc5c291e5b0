package types

import (
	"math"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
)

// FirstUserOID is the first OID of objects that users make, as in PostgreSQL.
const FirstUserOID = 16384

// Kinds of types that users make, as pg_type.typtype.
const (
	KindComposite = 'c'
	KindDomain    = 'd'
	KindEnum      = 'e'
)

// User is what there is to know of a type that users make. It must not change once the type is registered.
type User struct {
	Kind   byte
	Schema string
	Labels []Label // of an enum, in their order
	Fields []Field // of a composite type
	Base   Type    // of a domain

	orders map[string]float64
}

// Label is a value of an enum. Order is its place among the others, which is what columns hold: labels that come later may have any
// place between two, and a renamed one keeps its place.
type Label struct {
	OID   uint32
	Name  string
	Order float64
	Old   []string `json:",omitempty"` // the names it had before: they stand in values of row types
}

// enumLayout carries the Order of a label.
var enumLayout = arrow.PrimitiveTypes.Float64

// users has the *Info of each type that is not built in, by OID. Types are known by their OIDs in the whole process, so no two catalogs
// of one process may give the same OID to different types. A dropped type stays: what was planned with it may still run.
var users sync.Map

// Register makes a type known by its OID and, where array is not 0, the array type over it; an older one of its OID gives way.
func Register(t Type, array uint32, name string, u *User) {
	in := &Info{Type: t, Name: name, SQLName: sqlName(u.Schema, name), Array: array, User: u}
	switch u.Kind {
	case KindEnum:
		in.Category, in.Len, in.Arrow = CatEnum, 4, enumLayout
		u.orders = make(map[string]float64, len(u.Labels))
		for _, l := range u.Labels {
			u.orders[l.Name] = l.Order
		}
	case KindComposite:
		in.Category, in.Len, in.Arrow = CatComposite, -1, bin
	case KindDomain:
		base := u.Base.Info()
		in.Category, in.Len, in.Arrow = base.Category, base.Len, base.Arrow
	}
	users.Store(t.OID, in)
	if array != 0 {
		users.Store(array, &Info{Type: Type{array, -1}, Name: "_" + name, SQLName: in.SQLName + "[]", Elem: t.OID, Category: CatArray, Len: -1, Arrow: arrow.ListOf(in.Arrow)})
	}
}

// sqlName is how SQL names a type: with its schema where that is not searched by default.
func sqlName(schema, name string) string {
	if schema == "public" {
		return quoteName(name)
	}
	return quoteName(schema) + "." + quoteName(name)
}

// quoteName puts quotes around a name that is no plain word.
func quoteName(name string) string {
	for i, c := range []byte(name) {
		if c != '_' && (c < 'a' || c > 'z') && (i == 0 || c < '0' || c > '9') {
			return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
	}
	if name == "" {
		return `""`
	}
	return name
}

func infoOf(oid uint32) *Info {
	if in := byOID[oid]; in != nil {
		return in
	}
	if in, ok := users.Load(oid); ok {
		return in.(*Info)
	}
	return nil
}

// IsEnum says whether t is an enum.
func (t Type) IsEnum() bool {
	u := t.user()
	return u != nil && u.Kind == KindEnum
}

// Domain gives the type under a domain; ok is false for other types. Values never have a domain as their type: a cast to one checks the
// value, whose type stays the one below.
func (t Type) Domain() (base Type, ok bool) {
	u := t.user()
	if u == nil || u.Kind != KindDomain {
		return t, false
	}
	return u.Base, true
}

// user is what there is to know of a type that is not built in, else nil.
func (t Type) user() *User {
	if t.OID < FirstUserOID {
		return nil
	}
	return t.Info().User
}

// Labels are the labels of an enum, in their order; nil: t is none. The caller must not change them.
func (t Type) Labels() []Label {
	if u := t.user(); u != nil {
		return u.Labels
	}
	return nil
}

// EnumLabel is the name of the label with this place; "" where there is none.
func (t Type) EnumLabel(order float64) string {
	ls := t.Labels()
	i := sort.Search(len(ls), func(i int) bool { return ls[i].Order >= order })
	if i == len(ls) || ls[i].Order != order {
		return ""
	}
	return ls[i].Name
}

// oldOrder is the place of a label by a name that it has or once had.
func (t Type) oldOrder(name string) float64 {
	u := t.user()
	if o, ok := u.orders[name]; ok {
		return o
	}
	for _, l := range u.Labels {
		if slices.Contains(l.Old, name) {
			return l.Order
		}
	}
	return math.NaN()
}

// EnumOrder is the place of a label. Errors: 22P02.
func (t Type) EnumOrder(name string) (float64, error) {
	if u := t.user(); u != nil {
		if o, ok := u.orders[name]; ok {
			return o, nil
		}
	}
	return math.NaN(), sqlerr.New(sqlerr.InvalidTextRepresentation, `invalid input value for enum %s: "%s"`, t, name)
}
