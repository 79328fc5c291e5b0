package types

import "time"

// Format is what conversions from and to text depend on: the session's settings. A continuous query and a generated
// column use UTCFormat.
type Format struct {
	Loc           *time.Location // TimeZone
	DateStyle     string         // "ISO, MDY" and the like; output is always ISO, input reads MDY/DMY/YMD
	IntervalStyle string         // postgres, postgres_verbose, iso_8601, sql_standard
	ExtraFloat    int            // extra_float_digits; > 0: shortest exact form
	ByteaEscape   bool           // bytea_output = escape
	Now           int64          // µs since 1970: what 'now', 'today' stand for

	// RegName gives the text of an OID of a type such as regclass or regproc; nil: its number.
	RegName func(t Type, oid uint32) string
}

// UTCFormat is the format of everything that must not depend on a session.
func UTCFormat(now int64) *Format {
	return &Format{Loc: time.UTC, DateStyle: "ISO, MDY", IntervalStyle: "postgres", ExtraFloat: 1, Now: now}
}
