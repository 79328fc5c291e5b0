package lawtest

import (
	"fmt"
	"strings"
)

// of gives the columns of a kind.
func of(cols []column, k kind) []column {
	var out []column
	for _, c := range cols {
		if c.kind == k {
			out = append(out, c)
		}
	}
	return out
}

// expr makes an expression of a kind over cols; it never fails at run time.
func (g *gen) expr(k kind, cols []column, depth int) string {
	if cs := of(cols, k); len(cs) > 0 && (depth <= 0 || g.n(2) == 0) {
		return cs[g.n(len(cs))].name
	}
	if depth <= -2 {
		return g.constant(k)
	}
	d := depth - 1
	e := func(k kind) string { return g.expr(k, cols, d) }
	if g.n(8) == 0 {
		switch g.n(3) {
		case 0:
			return fmt.Sprintf("coalesce(%s, %s)", e(k), g.constant(k))
		case 1:
			return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", e(kBool), e(k), e(k))
		default:
			return fmt.Sprintf("nullif(%s, %s)", e(k), g.constant(k))
		}
	}
	switch k {
	case kInt:
		return g.intExpr(e)
	case kNum:
		return g.numExpr(e)
	case kFloat:
		return pick(g.rng, "("+e(kInt)+")::float8", fmt.Sprintf("(%s + %s)", e(kFloat), e(kFloat)), fmt.Sprintf("abs(%s)", e(kFloat)), fmt.Sprintf("(%s * 0.5)", e(kFloat)), fmt.Sprintf("floor(%s)", e(kFloat)))
	case kText:
		return g.textExpr(e)
	case kBool:
		return g.boolExpr(cols, d)
	case kTime:
		return pick(g.rng, fmt.Sprintf("date_trunc('minute', %s)", e(kTime)), fmt.Sprintf("(%s + INTERVAL '5 seconds')", e(kTime)), fmt.Sprintf("date_bin('10 seconds', %s, TIMESTAMPTZ '2026-01-01 00:00:00Z')", e(kTime)), fmt.Sprintf("greatest(%s, %s)", e(kTime), e(kTime)))
	case kDate:
		return pick(g.rng, fmt.Sprintf("(%s)::date", e(kTime)), fmt.Sprintf("(%s + 1)", e(kDate)))
	}
	return g.constant(k)
}

func (g *gen) constant(k kind) string {
	switch k {
	case kInt:
		return fmt.Sprint(g.n(8))
	case kNum:
		return fmt.Sprintf("%d.%d", g.n(20), g.n(10))
	case kFloat:
		return fmt.Sprintf("%d.5::float8", g.n(20))
	case kText:
		return quote(pick(g.rng, "a", "b", "abc", ""))
	case kBool:
		return pick(g.rng, "true", "false")
	case kTime:
		return fmt.Sprintf("TIMESTAMPTZ '2026-01-01 00:00:%02dZ'", g.n(60))
	}
	return "DATE '2026-01-02'"
}

func (g *gen) intExpr(e func(kind) string) string {
	switch g.n(12) {
	case 11:
		return fmt.Sprintf(pick(g.rng, "law_i(%s)", "law_i(%s, 4)", "law_i(b => 1, a => %s)"), e(kInt))
	case 0:
		return fmt.Sprintf("(%s + %s)", e(kInt), e(kInt))
	case 1:
		return fmt.Sprintf("(%s - %s)", e(kInt), e(kInt))
	case 2:
		return fmt.Sprintf("(%s * %d)", e(kInt), g.n(4))
	case 3:
		return fmt.Sprintf("(%s %% %d)", e(kInt), g.n(4)+1)
	case 4:
		return fmt.Sprintf("(%s / %d)", e(kInt), g.n(4)+1)
	case 5:
		return fmt.Sprintf("abs(%s)", e(kInt))
	case 6:
		return fmt.Sprintf("length(%s)", e(kText))
	case 7:
		return fmt.Sprintf("extract(%s FROM %s)::int", pick(g.rng, "second", "minute", "hour", "day"), e(kTime))
	case 8:
		return fmt.Sprintf("greatest(%s, %s)", e(kInt), e(kInt))
	case 9:
		return fmt.Sprintf("(%s)::bigint", e(kNum))
	default:
		return fmt.Sprintf("(- %s)", e(kInt))
	}
}

func (g *gen) numExpr(e func(kind) string) string {
	switch g.n(7) {
	case 0:
		return fmt.Sprintf("(%s)::numeric", e(kInt))
	case 1:
		return fmt.Sprintf("(%s + %s)", e(kNum), e(kNum))
	case 2:
		return fmt.Sprintf("(%s * %d.%d)", e(kNum), g.n(4), g.n(10))
	case 3:
		return fmt.Sprintf("round(%s, %d)", e(kNum), g.n(3))
	case 4:
		return fmt.Sprintf("(%s / %d)", e(kNum), g.n(6)+1)
	case 5:
		return fmt.Sprintf("(%s - %s)", e(kNum), e(kInt))
	default:
		return fmt.Sprintf("extract(epoch FROM %s)", e(kTime))
	}
}

func (g *gen) textExpr(e func(kind) string) string {
	switch g.n(10) {
	case 9:
		return fmt.Sprintf("law_t(%s)", e(kText))
	case 0:
		return fmt.Sprintf("upper(%s)", e(kText))
	case 1:
		return fmt.Sprintf("(%s || %s)", e(kText), e(kText))
	case 2:
		return fmt.Sprintf("substr(%s, 1, %d)", e(kText), g.n(3))
	case 3:
		return fmt.Sprintf("(%s)::text", e(pick(g.rng, kInt, kNum, kBool, kDate)))
	case 4:
		return fmt.Sprintf("to_char(%s, 'HH24:MI')", e(kTime))
	case 5:
		return fmt.Sprintf("replace(%s, 'a', %s)", e(kText), e(kText))
	case 6:
		return fmt.Sprintf("concat(%s, '-', %s)", e(kText), e(kInt))
	case 7:
		return fmt.Sprintf("left(%s, 1)", e(kText))
	default:
		return fmt.Sprintf("lower(%s)", e(kText))
	}
}

func (g *gen) boolExpr(cols []column, d int) string {
	e := func(k kind) string { return g.expr(k, cols, d) }
	op := pick(g.rng, "=", "<>", "<", "<=", ">", ">=", "=")
	switch g.n(11) {
	case 0:
		return fmt.Sprintf("(%s AND %s)", e(kBool), e(kBool))
	case 1:
		return fmt.Sprintf("(%s OR %s)", e(kBool), e(kBool))
	case 2:
		return fmt.Sprintf("(NOT %s)", e(kBool))
	case 3:
		return fmt.Sprintf("(%s LIKE %s)", e(kText), quote(pick(g.rng, "a%", "%b%", "_", "%", "A_")))
	case 4:
		return fmt.Sprintf("(%s IS %sNULL)", e(pick(g.rng, kInt, kText, kNum)), pick(g.rng, "", "NOT "))
	case 5:
		k := pick(g.rng, kInt, kText)
		return fmt.Sprintf("(%s IS %sDISTINCT FROM %s)", e(k), pick(g.rng, "", "NOT "), e(k))
	case 6:
		return fmt.Sprintf("(%s %sIN (%s))", e(kInt), pick(g.rng, "", "NOT "), strings.Join([]string{g.constant(kInt), g.constant(kInt), pick(g.rng, "NULL", "3")}, ", "))
	case 7:
		return fmt.Sprintf("(%s BETWEEN %s AND %s)", e(kInt), g.constant(kInt), e(kInt))
	case 8:
		return fmt.Sprintf("(%s %s %s)", e(kText), op, e(kText))
	case 9:
		return fmt.Sprintf("(%s %s %s)", e(kNum), op, e(pick(g.rng, kNum, kInt)))
	default:
		return fmt.Sprintf("(%s %s %s)", e(kInt), op, e(kInt))
	}
}

// aggregate makes an aggregate call and the kind of its result.
func (g *gen) aggregate(cols []column) (string, kind) {
	e := func(k kind) string { return g.expr(k, cols, 1) }
	call, k := "count(*)", kInt
	switch g.n(28) {
	case 0, 1:
	case 2:
		call = fmt.Sprintf("count(%s)", e(pick(g.rng, kInt, kText, kNum)))
	case 3, 4:
		call, k = fmt.Sprintf("sum(%s)", e(kInt)), kNum
	case 5:
		call, k = fmt.Sprintf("sum(%s)", e(kNum)), kNum
	case 6:
		call, k = fmt.Sprintf("avg(%s)", e(pick(g.rng, kInt, kNum))), kNum
	case 7, 8:
		k = pick(g.rng, kInt, kNum, kText, kTime, kFloat, kDate)
		call = fmt.Sprintf("%s(%s)", pick(g.rng, "min", "max"), e(k))
	case 9:
		call, k = fmt.Sprintf("%s(%s)", pick(g.rng, "bool_and", "bool_or", "every"), e(kBool)), kBool
	case 10:
		t := e(kText)
		call, k = fmt.Sprintf("string_agg(%s, ',' ORDER BY %s%s)", t, t, pick(g.rng, "", " DESC", " NULLS FIRST")), kText
	case 11:
		i := e(kInt)
		call, k = fmt.Sprintf("array_agg(%s ORDER BY %s%s)::text", i, i, pick(g.rng, "", " DESC")), kText
	case 12, 13:
		call = fmt.Sprintf("count(DISTINCT %s)", e(pick(g.rng, kInt, kText, kNum)))
	case 14:
		call, k = fmt.Sprintf("%s(DISTINCT %s)", pick(g.rng, "sum", "avg"), e(kInt)), kNum
	case 15:
		call, k = fmt.Sprintf("%s(%s)", pick(g.rng, "stddev_samp", "var_pop", "stddev", "variance"), e(pick(g.rng, kInt, kNum))), kNum
	case 16:
		call = fmt.Sprintf("%s(%s)", pick(g.rng, "bit_and", "bit_or"), e(kInt))
	case 17:
		call, k = fmt.Sprintf("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", e(kFloat)), kFloat
	case 18:
		call = fmt.Sprintf("percentile_disc(0.5) WITHIN GROUP (ORDER BY %s)", e(kInt))
	case 19:
		call, k = fmt.Sprintf("%s(%s)", pick(g.rng, "sum", "avg", "var_samp"), e(kFloat)), kFloat
	case 20:
		call, k = fmt.Sprintf("string_agg(DISTINCT %s, '|')", of2(cols, kText, "''")), kText
	case 22:
		k = pick(g.rng, kInt, kText, kBool, kDate)
		call = fmt.Sprintf("mode() WITHIN GROUP (ORDER BY %s%s)", e(k), pick(g.rng, "", " DESC"))
	case 23:
		x := e(pick(g.rng, kInt, kText, kBool))
		call, k = fmt.Sprintf("%s(%s%s ORDER BY %s)%s::text", pick(g.rng, "json_agg", "jsonb_agg", "array_agg"), pick(g.rng, "", "DISTINCT "), x, x, g.filterText(cols)), kText
		call = strings.Replace(call, "json_agg(DISTINCT", "jsonb_agg(DISTINCT", 1)
	case 24: // of equal keys the last counts, so the order is by the value
		i := e(kInt)
		call, k = fmt.Sprintf("jsonb_object_agg(coalesce(%s, '-'), %s ORDER BY %s)%s::text", e(kText), i, i, g.filterText(cols)), kText
	case 25:
		call, k = fmt.Sprintf("percentile_disc(ARRAY[0.25, 0.9]) WITHIN GROUP (ORDER BY %s)::text", e(kInt)), kText
	case 26:
		call = fmt.Sprintf("%s(%s) WITHIN GROUP (ORDER BY %s)", pick(g.rng, "rank", "dense_rank"), g.constant(kInt), e(kInt))
	case 27:
		call, k = fmt.Sprintf("count(DISTINCT %s) FILTER (WHERE %s)", e(kText), e(kBool)), kInt
		return call, k
	case 21:
		call, k = fmt.Sprintf("%s(%s, %s)", pick(g.rng, "corr", "regr_slope", "covar_pop", "regr_count"), e(kFloat), e(kFloat)), kFloat
	}
	if k == kText && strings.HasSuffix(call, "::text") {
		return call, k
	}
	if g.n(4) == 0 {
		call += fmt.Sprintf(" FILTER (WHERE %s)", g.expr(kBool, cols, 1))
	}
	return call, k
}

func (g *gen) filterText(cols []column) string {
	if g.n(4) > 0 {
		return ""
	}
	return fmt.Sprintf(" FILTER (WHERE %s)", g.expr(kBool, cols, 1))
}

func of2(cols []column, k kind, none string) string {
	if cs := of(cols, k); len(cs) > 0 {
		return cs[0].name
	}
	return none
}
