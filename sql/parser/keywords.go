package parser

import "strings"

// The key words of PostgreSQL 15, by what else than a key word each may be. They decide which words may be column names,
// function names and aliases, and what QuoteIdent quotes. Words that only streamsqld knows (STREAM, EMIT, WATERMARK ...) are in no list:
// they are identifiers that mean something in their one place.
const (
	// reservedWords: may only be a label (after AS, or bare after an expression).
	reservedWords = `
		all analyse analyze and any asc asymmetric both case cast check collate column constraint current_catalog current_date
		current_role current_time current_timestamp current_user default deferrable desc distinct do else end false foreign in
		initially lateral leading localtime localtimestamp not null only or placing primary references select session_user
		some symmetric table then trailing true unique user using variadic when`
	// reservedNoLabel: reserved, and no bare label either.
	reservedNoLabel = `
		array as create except fetch for from grant group having intersect into limit offset on order returning to union where
		window with`
	// typeFuncWords: may name a type or a function, not a column or table.
	typeFuncWords = `
		authorization binary collation concurrently cross current_schema freeze full ilike inner is join left like natural
		outer right similar tablesample verbose`
	// typeFuncNoLabel: as typeFuncWords, and no bare label.
	typeFuncNoLabel = `
		isnull notnull overlaps`
	// colNameWords: may name a column or table, not a function.
	colNameWords = `
		between bigint bit boolean coalesce dec decimal exists extract float greatest grouping inout int integer interval
		least national nchar none normalize nullif numeric out overlay position real row setof smallint substring time
		timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse
		xmlpi xmlroot xmlserialize xmltable`
	// colNameNoLabel: as colNameWords, and no bare label.
	colNameNoLabel = `
		char character precision`
	// unreservedWords: may name anything.
	unreservedWords = `
		abort absolute access action add admin after aggregate also alter always asensitive assertion assignment at atomic
		attach attribute backward before begin breadth by cache call called cascade cascaded catalog chain characteristics
		checkpoint class close cluster columns comment comments commit committed compression configuration conflict connection
		constraints content continue conversion copy cost csv cube current cursor cycle data database deallocate declare
		defaults deferred definer delete delimiter delimiters depends depth detach dictionary disable discard document domain
		double drop each enable encoding encrypted enum escape event exclude excluding exclusive execute explain expression
		extension external family finalize first following force forward function functions generated global granted groups
		handler header hold identity if immediate immutable implicit import include including increment index indexes inherit
		inherits inline input insensitive insert instead invoker isolation key label language large last leakproof level
		listen load local location lock locked logged mapping match matched materialized maxvalue merge method minvalue mode
		move name names new next nfc nfd nfkc nfkd no normalized nothing notify nowait nulls object of off oids old operator
		option options ordinality others overriding owned owner parallel parameter parser partial partition passing password
		plans policy preceding prepare prepared preserve prior privileges procedural procedure procedures program publication
		quote range read reassign recheck recursive ref referencing refresh reindex relative release rename repeatable replace
		replica reset restart restrict return returns revoke role rollback rollup routine routines rows rule savepoint schema
		schemas scroll search security sequence sequences serializable server session set sets share show simple skip snapshot
		sql stable standalone start statement statistics stdin stdout storage stored strict strip subscription support sysid
		system tables tablespace temp template temporary text ties transaction transform trigger truncate trusted type types
		uescape unbounded uncommitted unencrypted unknown unlisten unlogged until update vacuum valid validate validator value
		version view views volatile whitespace work wrapper write xml yes zone`
	// unreservedNoLabel: may name anything, but is no bare label.
	unreservedNoLabel = `
		day filter hour minute month over second varying within without year`
)

// wordClass is the category of a key word.
type wordClass uint8

const (
	plainWord wordClass = iota // not a key word
	unreserved
	colName
	typeFunc
	reserved
)

type keyword struct {
	class   wordClass
	noLabel bool
}

var keywords = buildKeywords()

func buildKeywords() map[string]keyword {
	m := make(map[string]keyword, 512)
	for _, l := range []struct {
		words string
		kw    keyword
	}{
		{reservedWords, keyword{reserved, false}}, {reservedNoLabel, keyword{reserved, true}},
		{typeFuncWords, keyword{typeFunc, false}}, {typeFuncNoLabel, keyword{typeFunc, true}},
		{colNameWords, keyword{colName, false}}, {colNameNoLabel, keyword{colName, true}},
		{unreservedWords, keyword{unreserved, false}}, {unreservedNoLabel, keyword{unreserved, true}},
	} {
		for _, w := range strings.Fields(l.words) {
			m[w] = l.kw
		}
	}
	return m
}

// QuoteIdent gives s as it must be written in SQL to mean exactly s: in double quotes unless it is lower case, plain, and
// no key word other than an unreserved one (PostgreSQL's quote_identifier).
func QuoteIdent(s string) string {
	plain := s != "" && (s[0] == '_' || s[0] >= 'a' && s[0] <= 'z')
	for i := 0; plain && i < len(s); i++ {
		c := s[i]
		plain = c == '_' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9'
	}
	if plain && keywords[s].class <= unreserved {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
