package pgcatalog

import (
	"cmp"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/types"
)

// pgDescription is pg_catalog.pg_description: the comments on relations, columns, constraints, types, schemas and functions.
var pgDescription = pg("pg_description", 2609, false, descriptionRows, []col{
	{"objoid", types.OID}, {"classoid", types.OID}, {"objsubid", types.Int4}, {"description", types.Text},
})

// pgShdescription is pg_catalog.pg_shdescription: the comments on the database and the role.
var pgShdescription = pg("pg_shdescription", 2396, false, func(e *Env) [][]any {
	var rows [][]any
	for _, class := range []uint32{classDatabase, classRole} {
		oid := map[uint32]uint32{classDatabase: databaseOID, classRole: owner}[class]
		if text := e.Catalog.Note(class, oid); text != "" {
			rows = append(rows, []any{oid, class, text})
		}
	}
	return rows
}, []col{{"objoid", types.OID}, {"classoid", types.OID}, {"description", types.Text}})

// described is an object with a comment.
type described struct {
	oid, class uint32
	sub        int
	text       string
}

func descriptionRows(e *Env) [][]any {
	var list []described
	for _, s := range e.Catalog.Schemas() {
		list = append(list, described{s.OID, classNamespace, 0, s.Comment})
	}
	for _, r := range shown(e) {
		list = append(list, describedIn(r)...)
	}
	for _, t := range e.Catalog.UserTypes() {
		list = append(list, describedInType(t)...)
	}
	for _, p := range allProcs(e.Catalog) {
		list = append(list, described{p.oid, classProc, 0, p.doc})
	}
	var rows [][]any
	for _, d := range list {
		if d.text != "" {
			rows = append(rows, []any{d.oid, d.class, d.sub, d.text})
		}
	}
	return rows
}

// describedIn lists a relation, its columns, constraints and indexes, with their comments.
func describedIn(r *catalog.Relation) []described {
	list := []described{{r.OID, classClass, 0, r.Comment}}
	for i, c := range r.Columns {
		if !c.Hidden && !c.Dropped {
			list = append(list, described{r.OID, classClass, i + 1, c.Comment})
		}
	}
	if r.Comments == nil {
		return list
	}
	for _, c := range numbered(r) {
		if c.hasIndex() {
			list = append(list, described{c.OID, classClass, 0, r.Comments["index "+c.Name]})
		}
		if c.isConstraint() {
			list = append(list, described{c.OID, classConstraint, 0, r.Comments["constraint "+c.Name]})
		}
	}
	return list
}

// describedInType lists a type, its attributes and constraints, with their comments.
func describedInType(t *catalog.UserType) []described {
	list := []described{{t.OID, classType, 0, t.Comment}}
	for i, a := range t.Attrs {
		list = append(list, described{t.Rel, classClass, i + 1, a.Comment})
	}
	for i, c := range t.Checks {
		list = append(list, described{domainCheckOID(t, i), classConstraint, 0, c.Comment})
	}
	return list
}

// Description gives the comment on an object of a class (an OID of a catalog; 0: any); sub is the number of a column, 0: the object itself.
func Description(cat *catalog.Catalog, oid, class uint32, sub int) string {
	switch class {
	case classProc:
		text, _ := FunctionDoc(cat, oid)
		return text
	case classDatabase, classRole:
		return cat.Note(class, oid)
	case classNamespace:
		for _, s := range cat.Schemas() {
			if s.OID == oid {
				return s.Comment
			}
		}
		return ""
	}
	var list []described
	if r := cat.ByOID(oid); r != nil {
		list = describedIn(r)
	} else if _, r := find(cat, oid); r != nil {
		list = describedIn(r)
	} else if t, _ := findDomainCheck(cat, oid); t != nil {
		list = describedInType(t)
	} else {
		for _, t := range cat.UserTypes() {
			if t.OID == oid || t.Rel == oid {
				list = describedInType(t)
			}
		}
	}
	for _, d := range list {
		if d.oid == oid && d.class == cmp.Or(class, d.class) && d.sub == sub {
			return d.text
		}
	}
	return ""
}
