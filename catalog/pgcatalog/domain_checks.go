package pgcatalog

import "github.com/streamsqld/streamsqld/catalog"

// domainCheckOID is the OID of a CHECK of a domain, in a range of its own; unique for OIDs below a million.
func domainCheckOID(d *catalog.UserType, i int) uint32 {
	return 3<<28 + uint32(i)<<20 + d.OID&(1<<20-1)
}

// findDomainCheck gives the domain and the place of its CHECK of this OID; nil: there is none.
func findDomainCheck(cat *catalog.Catalog, oid uint32) (*catalog.UserType, int) {
	if oid < 3<<28 || oid >= firstConstraint {
		return nil, 0
	}
	d, i := cat.UserType(oid&(1<<20-1)), int(oid-3<<28)>>20
	if d == nil || i >= len(d.Checks) {
		return nil, 0
	}
	return d, i
}

// domainConstraintRows are the rows of pg_constraint for the CHECKs of domains.
func domainConstraintRows(e *Env) [][]any {
	var rows [][]any
	for _, d := range e.Catalog.UserTypes() {
		for i, c := range d.Checks {
			rows = append(rows, []any{domainCheckOID(d, i), c.Name, namespaceOID(e, d.Schema), string(Check), false, false, !c.NotValid, 0, d.OID, 0, 0, 0,
				" ", " ", " ", true, 0, false, nil, nil, nil, nil, nil, nil, nil, e.Printer.Value(c.SQL, d.Base, e.texts().Style)})
		}
	}
	return rows
}
