package expr

import "strings"

// QuoteIdent is quoteIdent for other packages.
func QuoteIdent(s string) string { return quoteIdent(s) }

// quoteIdent is a name as it has to be written in SQL: in double quotes unless it is lower case letters, digits and _.
func quoteIdent(s string) string {
	plain := s != "" && !reserved[s]
	for i, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c == '_' || i > 0 && (c >= '0' && c <= '9' || c == '$')) {
			plain = false
		}
	}
	if plain {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

// quoteIdents quotes the parts of a name with dots, such as the "t.col" of a Column.
func quoteIdents(s string) string {
	parts := strings.Split(s, ".")
	for i, p := range parts {
		parts[i] = quoteIdent(p)
	}
	return strings.Join(parts, ".")
}

// reserved are the words that PostgreSQL's quote_ident puts in quotes.
var reserved = wordSet(`all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean
	both case cast char character check coalesce collate collation column concurrently constraint create cross current_catalog
	current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc
	distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping
	having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading least left like
	limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or
	order out outer overlaps overlay placing position precision primary real references returning right row select
	session_user setof similar smallint some substring symmetric table tablesample then time timestamp to trailing treat trim
	true union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement
	xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable`)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
