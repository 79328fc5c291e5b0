package lawtest

// words are expressions by type. $T is an expression of type T, @ the first of them again.
var words = map[string][]string{
	"int4": {"($int4 + $int4)", "($int4 - $int2)", "($int4 * $int2)", "($int4 / nullif($int4, 0))", "($int4 % 3)", "(- $int4)", "abs($int4)", "length($text)", "char_length($vc)",
		"octet_length($text)", "position($text in $text)", "strpos($text, $vc)", "ascii($text)", "($date - $date)", "coalesce($int4, $int4)", "nullif($int4, $int4)", "greatest($int4, $int2)",
		"least($int4, $int4, $int4)", "CASE WHEN $bool THEN $int4 WHEN $bool THEN $int4 ELSE $int4 END", "CASE $int4 WHEN $int4 THEN $int4 END", "($bool)::int4", "array_length($ia, 1)",
		"cardinality($ia)", "($ia)[1]", "array_position($ia, $int4)", "($int4 & $int4)", "($int4 | $int4)", "($int4 # $int4)", "(~ $int4)", "($int4 << 2)", "($int4 >> 1)", "num_nulls($int4, $text)",
		"num_nonnulls($date, $bool)", "($num)::int4", "($f8)::int4", "($int8)::int4", "mod($int4, 4)", "div($num, 3)::int", "(($jb)->>'a')::int", "array_upper($ta, 1)", "bit_length($text)", "width_bucket($int4, 0, 10, 3)"},
	"int8": {"($int8 + $int4)", "($int8 * $int2)", "($int4)::int8", "($int8 / nullif($int4, 0))", "mod($int8, 7)", "gcd($int8, $int8)", "coalesce($int8, $int4)", "CASE WHEN $bool THEN $int8 ELSE $int4 END", "($num)::int8", "(- $int8)", "greatest($int8, $int4)", "($int8 # $int8)", "abs($int8)"},
	"int2": {"($int2 + $int2)", "($int4 % 100)::int2", "coalesce($int2, $int2)", "abs($int2)", "(- $int2)", "nullif($int2, 1)"},
	"num": {"($num + $num)", "($num - $int4)", "($num * $num)", "($num / nullif($num, 0))", "($int4 / 2.0)", "round($num, 1)", "round($num)", "trunc($num, 1)", "ceil($num)", "floor($num)", "abs($num)", "(- $num)", "($int4)::numeric",
		"($num)::numeric(10,1)", "coalesce($num, $int4)", "CASE WHEN $bool THEN $num ELSE 1.50 END", "mod($num, 3)", "extract(day from $ts)", "extract(epoch from $iv)", "extract(year from $date)", "extract(dow from $date)", "extract(hour from $tz)",
		"greatest($num, $num, $int4)", "least($num, 2.5)", "nullif($num, 0)", "($int8 * 1.10)", "sign($num)", "sqrt(abs($num))", "($f8)::numeric", "power($int2, 2)::numeric", "scale($num)::numeric", "trim_scale($num)", "div($num, 2)", "extract(week from $date)", "extract(second from $ts)"},
	"f8": {"($f8 + $f8)", "($f8 * 2)", "($int4)::float8", "($num)::float8", "floor($f8)", "ceil($f8)", "round($f8)", "sqrt(abs($f8))", "($f8 / 4)", "date_part('hour', $ts)", "sign($f8)", "trunc($f8)", "($f8 - $int4)", "greatest($f8, $int4)", "coalesce($f8, 0)", "($f8 + $num)", "abs($f8)", "(- $f8)", "($int4 * 0.5::float8)", "power($int2, 2)", "degrees(0::float8)"},
	"text": {"($text || $text)", "($text || $int4)", "($text || $num)", "upper($text)", "lower($text)", "substr($text, 2)", "substring($text from 1 for 2)", "left($text, 2)", "right($text, -1)", "replace($text, 'a', 'xy')", "repeat($text, 2)", "trim(both 'a' from $text)",
		"ltrim($text)", "rtrim($text, 'b')", "lpad($text, 4, '*')", "rpad($text, 3)", "reverse($text)", "initcap($text)", "($int4)::text", "($num)::text", "($bool)::text", "($date)::text", "($ts)::text", "($iv)::text", "($tz)::text", "($f8)::text", "to_char($ts, 'YYYY-MM-DD HH24:MI Day')", "to_char(nullif($num, 'NaN'), 'FM9990.00')",
		"to_char($int4, 'S0999')", "coalesce($text, '-')", "concat($text, $int4, $bool)", "concat_ws('/', $text, $vc, $int4)", "md5($text)", "translate($text, 'ab', 'x')", "split_part($text, 'a', 1)", "overlay($text placing 'zz' from 1 for 1)", "quote_literal($text)", "quote_nullable($text)", "format('%s-%s|%L', $text, $int4, $vc)",
		"($ta)[1]", "array_to_string($ia, ',', '?')", "(($jb)->>'b')", "($vc)::text", "($ia)::text", "($ta)::text", "($jb)::text", "regexp_replace($text, '[a-c]', 'X', 'g')", "CASE WHEN $bool THEN $text ELSE $vc END", "nullif($text, 'a')", "greatest($text, $text)", "(CASE $text WHEN 'a' THEN 'A' WHEN 'b' THEN NULL ELSE 'other' END)", "substring($text from '.(.)')", "($ch)::text", "($ch || $text)", "pg_typeof($num)::text", "chr(65 + abs($int4 % 20))", "to_hex($int4)", "encode(($text)::bytea, 'hex')", "jsonb_typeof($jb)", "(least($text, $vc))"},
	"vc":   {"($text)::varchar(3)", "($text)::varchar", "coalesce($vc, $vc)", "($vc)::varchar(2)", "nullif($vc, 'a')", "CASE WHEN $bool THEN $vc END"},
	"ch":   {"($text)::char(3)", "coalesce($ch, $ch)", "($text)::char(1)"},
	"date": {"($date + $int2)", "($ts)::date", "($date - 1)", "greatest($date, $date)", "coalesce($date, DATE '2024-02-29')", "CASE WHEN $bool THEN $date END", "($tz)::date", "make_date(2024, 1 + abs($int4 % 12), 3)", "nullif($date, $date)"},
	"ts":   {"($date + $iv)", "($ts + $iv)", "($ts - $iv)", "($date)::timestamp", "date_trunc('month', $ts)", "date_trunc('hour', $ts)", "($tz at time zone 'UTC')", "coalesce($ts, $date)", "date_bin('15 minutes', $ts, TIMESTAMP '2024-01-01')", "greatest($ts, $date)", "($tz at time zone 'America/New_York')", "date_trunc('quarter', $ts)"},
	"tz":   {"($tz + $iv)", "($ts at time zone 'Europe/Berlin')", "($ts)::timestamptz", "date_trunc('day', $tz)", "coalesce($tz, $tz)", "least($tz, $tz)", "date_trunc('week', $tz, 'Asia/Tokyo')", "($date)::timestamptz"},
	"iv":   {"($ts - $ts)", "($iv + $iv)", "($iv * 2)", "($int2 * INTERVAL '1 day')", "age($ts, $ts)", "justify_days($iv)", "(- $iv)", "make_interval(days => $int4)", "coalesce($iv, INTERVAL '1 hour')", "($iv / 2)", "($tz - $tz)", "justify_hours($iv)", "greatest($iv, $iv)", "justify_interval($iv)", "age($date)-age($date)"},
	"ia":   {"ARRAY[$int4, $int4]", "($ia || $int4)", "($int4 || $ia)", "array_remove($ia, $int4)", "array_cat($ia, $ia)", "($ia)[1:2]", "array_append($ia, $int4)", "array_replace($ia, 1, $int4)", "coalesce($ia, '{}')", "('{' || abs($int2) || ',NULL}')::int[]", "CASE WHEN $bool THEN $ia END"},
	"ta":   {"ARRAY[$text, $text, NULL]", "string_to_array($text, 'a')", "regexp_split_to_array($text, 'b')", "($ta || $text)", "array_prepend($text, $ta)", "ARRAY[$vc, $text]", "regexp_match($text, '(a)(.)?')"},
	"jb":   {"jsonb_build_object('a', $int4, 'b', $text)", "jsonb_build_array($int4, $bool, $num)", "to_jsonb($int4)", "to_jsonb($text)", "($jb -> 'a')", "($jb || $jb)", "coalesce($jb, '{\"a\": 1, \"b\": [1, null]}')", "($jb #> '{b,0}')", "to_jsonb($ia)", "jsonb_strip_nulls($jb)", "($jb - 'a')", "to_jsonb($ts)"},
	"bool": {"($int4 < $int4)", "($int4 = $int8)", "($num >= $int4)", "($num <> $num)", "($text = $text)", "($text < $vc)", "($vc >= $vc)", "($date < $ts)", "($ts = $ts)", "($tz > $tz)", "($iv <= $iv)", "($f8 < $num)", "($f8 = $int4)", "($ch = $text)", "($ch = $ch)", "($bool = $bool)", "($bool < $bool)",
		"($bool AND $bool)", "($bool OR $bool)", "(NOT $bool)", "($bool AND $bool AND $bool)", "($bool OR ($bool AND $bool))", "($int4 IS NULL)", "($text IS NOT NULL)", "($bool IS TRUE)", "($bool IS NOT FALSE)", "($bool IS UNKNOWN)", "($int4 IS DISTINCT FROM $int8)", "($text IS NOT DISTINCT FROM $text)", "($int4 BETWEEN $int2 AND $int4)",
		"($num NOT BETWEEN $int4 AND $num)", "($int4 BETWEEN SYMMETRIC $int4 AND $int4)", "($int4 IN (1, 2, $int4))", "($int4 NOT IN (3, NULL, $int4))", "($int4 NOT IN (1, 2))", "($text IN ('a', $text))", "($text LIKE 'a%')", "($text NOT LIKE '%b_')", "($text ILIKE $text || '%')", "($text ~ '^[ab]+$')", "($text !~* 'B')", "($text SIMILAR TO '(a|b)%')",
		"($int4 = ANY ($ia))", "($int4 <> ALL ($ia))", "($int4 > ANY (ARRAY[1, NULL, $int4]))", "(($int4, $text) < ($int4, $text))", "(($int4, $int4) = ($int4, $int8))", "(($text, $date) IS DISTINCT FROM ($text, $date))", "($ia @> $ia)", "($ia && $ia)", "($ia = $ia)", "($ia < $ia)", "($jb @> $jb)", "($jb ? 'a')", "($jb = $jb)", "starts_with($text, $text)",
		"(($date, $date) OVERLAPS ($date, $iv))", "coalesce($bool, false)", "CASE WHEN $bool THEN $bool ELSE $bool END", "nullif($bool, true)", "($int4)::bool", "($jb)::text = '{}'", "($ta = $ta)", "isfinite($ts)", "(($int4, $text) IN ((1, 'a'), ($int4, $text)))", "(ROW($int4, NULL) IS NULL)", "(($int4, $text) IS NOT NULL)", "($text > 'a' AND $text <= 'bc')", "($int4 > 1 OR $int4 IS NULL)"},
}

// totals are aggregates by type.
var totals = map[string][]string{
	"int4": {"min($int4)", "max($int4)", "percentile_disc(0.5) WITHIN GROUP (ORDER BY $int4)", "mode() WITHIN GROUP (ORDER BY $int4)", "bit_or($int4)", "bit_and($int4)", "bit_xor($int4)", "count(*)::int4"},
	"int8": {"count(*)", "count($int4)", "count($text)", "count(DISTINCT $int4)", "count(DISTINCT $text)", "sum($int4)", "sum($int2)", "sum(DISTINCT $int4)", "max($int8)", "rank(2) WITHIN GROUP (ORDER BY $int4)", "count(*) FILTER (WHERE $bool)", "sum($int4) FILTER (WHERE $bool)", "regr_count($f8, $f8)"},
	"int2": {"min($int2)", "max($int2)"},
	"num":  {"sum($int8)", "sum($num)", "avg($int4)", "avg($num)", "avg($int8)", "variance($int4)", "stddev_pop($num)", "max(trim_scale($num))", "min(trim_scale($num))", "sum(DISTINCT $num)", "avg(DISTINCT $int4)", "var_pop($int8)", "sum($num) FILTER (WHERE $bool)"},
	"f8":   {"sum($f8)", "avg($f8)", "min($f8)", "max($f8)", "percentile_cont(0.25) WITHIN GROUP (ORDER BY $f8)", "percentile_cont(0.5) WITHIN GROUP (ORDER BY $int4)", "percent_rank(1) WITHIN GROUP (ORDER BY $int4)", "cume_dist(1) WITHIN GROUP (ORDER BY $int4)", "stddev($f8)"},
	"text": {"min($text)", "max($text)", "string_agg($text, ',' ORDER BY @)", "string_agg(DISTINCT $text, '' ORDER BY @ DESC)", "min($vc)::text", "string_agg($int4::text, '+' ORDER BY @ NULLS FIRST)", "percentile_disc(0.75) WITHIN GROUP (ORDER BY $text)"},
	"vc":   {"max($vc)::varchar"},
	"ch":   {"min($ch)"},
	"bool": {"bool_and($bool)", "bool_or($bool)", "every($bool)", "(count(*) > 1)", "(min($int4) = max($int4))"},
	"date": {"min($date)", "max($date)"},
	"ts":   {"min($ts)", "max($ts)"},
	"tz":   {"min($tz)", "max($tz)"},
	"iv":   {"sum($iv)", "max($iv)", "avg($iv)"},
	"ia":   {"array_agg($int4 ORDER BY @)", "array_agg(DISTINCT $int4 ORDER BY @ DESC)", "array_agg($int4 ORDER BY @ NULLS FIRST) FILTER (WHERE $bool)"},
	"ta":   {"array_agg($text ORDER BY @)"},
	"jb":   {"jsonb_agg($int4 ORDER BY @)", "jsonb_agg($text ORDER BY @ DESC)"},
}

// constants of each type.
var literals = map[string][]string{
	"int4": {"0", "1", "2", "-1", "3", "10", "'5'::int4", "NULL::int4", "100"},
	"int8": {"0::int8", "5::int8", "3000000000", "-2::bigint", "NULL::int8"},
	"int2": {"1::int2", "2::int2", "'-3'::int2", "NULL::int2"},
	"num":  {"1.5", "0.00", "-2.25", "10.0", "NULL::numeric", "1e3", "0.001", "'NaN'::numeric"},
	"f8":   {"0.5::float8", "-1.25::float8", "2::float8", "NULL::float8", "'Infinity'::float8", "'NaN'::float8"},
	"text": {"'a'::text", "'b'::text", "''::text", "'abc'::text", "NULL::text", "'Ab c'::text", "'zß'::text"},
	"vc":   {"'a'::varchar", "'bc'::varchar(5)", "NULL::varchar"},
	"ch":   {"'a'::char(2)", "'ab '::char(3)", "NULL::char(3)"},
	"bool": {"true", "false", "NULL::bool"},
	"date": {"DATE '2024-02-29'", "DATE '2023-12-31'", "DATE '1999-01-01'", "NULL::date"},
	"ts":   {"TIMESTAMP '2024-02-29 12:34:56.789'", "TIMESTAMP '2024-01-01'", "NULL::timestamp"},
	"tz":   {"TIMESTAMPTZ '2024-03-31 01:30:00Z'", "TIMESTAMPTZ '2024-10-27 00:30:00+02'", "NULL::timestamptz"},
	"iv":   {"INTERVAL '1 day'", "INTERVAL '-2 hours 30 minutes'", "INTERVAL '1 month'", "INTERVAL '0'", "NULL::interval", "INTERVAL '40 days 25:00'"},
	"ia":   {"'{1,2}'::int[]", "'{}'::int[]", "ARRAY[3, NULL]", "NULL::int[]"},
	"ta":   {"'{a,b}'::text[]", "'{}'::text[]", "NULL::text[]", "ARRAY['x', NULL, '']"},
	"jb":   {"'{\"a\": 1, \"b\": \"x\"}'::jsonb", "'[1, 2]'::jsonb", "'null'::jsonb", "NULL::jsonb", "'{\"a\": null}'::jsonb"},
}

// exact are the types that have one text for equal values, or whose order tells all apart: only by these may rows be cut.
var exact = []string{"int4", "int8", "int2", "text", "bool", "date", "ts", "vc", "tz"}
