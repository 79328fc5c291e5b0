package expr

import (
	"strings"
)

// operatorNames are the functions that stand for operators: name(types of the arguments).
var operatorNames = map[string]string{
	"!~":   "bpcharregexne(bpchar,text) nameregexne(name,text) textregexne(text,text)",
	"!~*":  "bpcharicregexne(bpchar,text) nameicregexne(name,text) texticregexne(text,text)",
	"!~~":  "bpcharnlike(bpchar,text) byteanlike(bytea,bytea) namenlike(name,text) textnlike(text,text)",
	"!~~*": "bpcharicnlike(bpchar,text) nameicnlike(name,text) texticnlike(text,text)",
	"#":    "bitxor(bit,bit) int2xor(int2,int2) int4xor(int4,int4) int8xor(int8,int8)",
	"%":    "int2mod(int2,int2) int4mod(int4,int4) int8mod(int8,int8) numeric_mod(numeric,numeric)",
	"&": "bitand(bit,bit) inetand(inet,inet) int2and(int2,int2) int4and(int4,int4) int8and(int8,int8) " +
		"macaddr_and(macaddr,macaddr)",
	"&&": "network_overlap(inet,inet)",
	"*": "float48mul(float4,float8) float4mul(float4,float4) float84mul(float8,float4) float8mul(float8,float8) " +
		"int2mul(int2,int2) int4mul(int4,int4) int8mul(int8,int8) interval_mul(interval,float8) mul_d_interval(float8,interval) " +
		"numeric_mul(numeric,numeric)",
	"+": "date_pl_interval(date,interval) date_pli(date,int4) datetime_pl(date,time) datetimetz_pl(date,timetz) " +
		"float48pl(float4,float8) float4pl(float4,float4) float4up(float4) float84pl(float8,float4) float8pl(float8,float8) " +
		"float8up(float8) inetpl(inet,int8) int2pl(int2,int2) int2up(int2) int4pl(int4,int4) int4up(int4) int8pl(int8,int8) " +
		"int8pl_inet(int8,inet) int8up(int8) integer_pl_date(int4,date) interval_pl(interval,interval) " +
		"interval_pl_date(interval,date) interval_pl_time(interval,time) interval_pl_timestamp(interval,timestamp) " +
		"interval_pl_timestamptz(interval,timestamptz) interval_pl_timetz(interval,timetz) numeric_add(numeric,numeric) " +
		"numeric_uplus(numeric) time_pl_interval(time,interval) timedate_pl(time,date) timestamp_pl_interval(timestamp,interval) " +
		"timestamptz_pl_interval(timestamptz,interval) timetz_pl_interval(timetz,interval) timetzdate_pl(timetz,date)",
	"-": "date_mi(date,date) date_mi_interval(date,interval) date_mii(date,int4) float48mi(float4,float8) float4mi(float4,float4) " +
		"float4um(float4) float84mi(float8,float4) float8mi(float8,float8) float8um(float8) inetmi(inet,inet) " +
		"inetmi_int8(inet,int8) int2mi(int2,int2) int2um(int2) int4mi(int4,int4) int4um(int4) int8mi(int8,int8) int8um(int8) " +
		"interval_mi(interval,interval) interval_um(interval) numeric_sub(numeric,numeric) numeric_uminus(numeric) " +
		"pg_catalog.jsonb_delete(jsonb,int4) pg_catalog.jsonb_delete(jsonb,_text) pg_catalog.jsonb_delete(jsonb,text) " +
		"time_mi_interval(time,interval) time_mi_time(time,time) timestamp_mi(timestamp,timestamp) " +
		"timestamp_mi_interval(timestamp,interval) timestamptz_mi(timestamptz,timestamptz) " +
		"timestamptz_mi_interval(timestamptz,interval) timetz_mi_interval(timetz,interval)",
	"->": "json_array_element(json,int4) json_object_field(json,text) jsonb_array_element(jsonb,int4) " +
		"jsonb_object_field(jsonb,text)",
	"->>": "json_array_element_text(json,int4) json_object_field_text(json,text) jsonb_array_element_text(jsonb,int4) " +
		"jsonb_object_field_text(jsonb,text)",
	"/": "float48div(float4,float8) float4div(float4,float4) float84div(float8,float4) float8div(float8,float8) " +
		"int2div(int2,int2) int4div(int4,int4) int8div(int8,int8) interval_div(interval,float8) numeric_div(numeric,numeric)",
	"<": "bitlt(bit,bit) boollt(bool,bool) bpcharlt(bpchar,bpchar) bytealt(bytea,bytea) charlt(char,char) date_lt(date,date) " +
		"float48lt(float4,float8) float4lt(float4,float4) float84lt(float8,float4) float8lt(float8,float8) int2lt(int2,int2) " +
		"int4lt(int4,int4) int8lt(int8,int8) interval_lt(interval,interval) jsonb_lt(jsonb,jsonb) macaddr_lt(macaddr,macaddr) " +
		"namelt(name,name) network_lt(inet,inet) numeric_lt(numeric,numeric) oidlt(oid,oid) text_lt(text,text) " +
		"time_lt(time,time) timestamp_lt(timestamp,timestamp) timestamptz_lt(timestamptz,timestamptz) timetz_lt(timetz,timetz) " +
		"uuid_lt(uuid,uuid) varbitlt(varbit,varbit)",
	"<<":  "bitshiftleft(bit,int4) int2shl(int2,int4) int4shl(int4,int4) int8shl(int8,int4) network_sub(inet,inet)",
	"<<=": "network_subeq(inet,inet)",
	"<=": "bitle(bit,bit) boolle(bool,bool) bpcharle(bpchar,bpchar) byteale(bytea,bytea) charle(char,char) date_le(date,date) " +
		"float48le(float4,float8) float4le(float4,float4) float84le(float8,float4) float8le(float8,float8) int2le(int2,int2) " +
		"int4le(int4,int4) int8le(int8,int8) interval_le(interval,interval) jsonb_le(jsonb,jsonb) macaddr_le(macaddr,macaddr) " +
		"namele(name,name) network_le(inet,inet) numeric_le(numeric,numeric) oidle(oid,oid) text_le(text,text) " +
		"time_le(time,time) timestamp_le(timestamp,timestamp) timestamptz_le(timestamptz,timestamptz) timetz_le(timetz,timetz) " +
		"uuid_le(uuid,uuid) varbitle(varbit,varbit)",
	"<>": "bitne(bit,bit) boolne(bool,bool) bpcharne(bpchar,bpchar) byteane(bytea,bytea) charne(char,char) date_ne(date,date) " +
		"float48ne(float4,float8) float4ne(float4,float4) float84ne(float8,float4) float8ne(float8,float8) int2ne(int2,int2) " +
		"int4ne(int4,int4) int8ne(int8,int8) interval_ne(interval,interval) jsonb_ne(jsonb,jsonb) macaddr_ne(macaddr,macaddr) " +
		"namene(name,name) network_ne(inet,inet) numeric_ne(numeric,numeric) oidne(oid,oid) textne(text,text) time_ne(time,time) " +
		"timestamp_ne(timestamp,timestamp) timestamptz_ne(timestamptz,timestamptz) timetz_ne(timetz,timetz) uuid_ne(uuid,uuid) " +
		"varbitne(varbit,varbit)",
	"=": "biteq(bit,bit) booleq(bool,bool) bpchareq(bpchar,bpchar) byteaeq(bytea,bytea) chareq(char,char) date_eq(date,date) " +
		"float48eq(float4,float8) float4eq(float4,float4) float84eq(float8,float4) float8eq(float8,float8) int2eq(int2,int2) " +
		"int4eq(int4,int4) int8eq(int8,int8) interval_eq(interval,interval) jsonb_eq(jsonb,jsonb) macaddr_eq(macaddr,macaddr) " +
		"nameeq(name,name) network_eq(inet,inet) numeric_eq(numeric,numeric) oideq(oid,oid) texteq(text,text) time_eq(time,time) " +
		"timestamp_eq(timestamp,timestamp) timestamptz_eq(timestamptz,timestamptz) timetz_eq(timetz,timetz) uuid_eq(uuid,uuid) " +
		"varbiteq(varbit,varbit)",
	">": "bitgt(bit,bit) boolgt(bool,bool) bpchargt(bpchar,bpchar) byteagt(bytea,bytea) chargt(char,char) date_gt(date,date) " +
		"float48gt(float4,float8) float4gt(float4,float4) float84gt(float8,float4) float8gt(float8,float8) int2gt(int2,int2) " +
		"int4gt(int4,int4) int8gt(int8,int8) interval_gt(interval,interval) jsonb_gt(jsonb,jsonb) macaddr_gt(macaddr,macaddr) " +
		"namegt(name,name) network_gt(inet,inet) numeric_gt(numeric,numeric) oidgt(oid,oid) text_gt(text,text) " +
		"time_gt(time,time) timestamp_gt(timestamp,timestamp) timestamptz_gt(timestamptz,timestamptz) timetz_gt(timetz,timetz) " +
		"uuid_gt(uuid,uuid) varbitgt(varbit,varbit)",
	">=": "bitge(bit,bit) boolge(bool,bool) bpcharge(bpchar,bpchar) byteage(bytea,bytea) charge(char,char) date_ge(date,date) " +
		"float48ge(float4,float8) float4ge(float4,float4) float84ge(float8,float4) float8ge(float8,float8) int2ge(int2,int2) " +
		"int4ge(int4,int4) int8ge(int8,int8) interval_ge(interval,interval) jsonb_ge(jsonb,jsonb) macaddr_ge(macaddr,macaddr) " +
		"namege(name,name) network_ge(inet,inet) numeric_ge(numeric,numeric) oidge(oid,oid) text_ge(text,text) " +
		"time_ge(time,time) timestamp_ge(timestamp,timestamp) timestamptz_ge(timestamptz,timestamptz) timetz_ge(timetz,timetz) " +
		"uuid_ge(uuid,uuid) varbitge(varbit,varbit)",
	">>":  "bitshiftright(bit,int4) int2shr(int2,int4) int4shr(int4,int4) int8shr(int8,int4) network_sup(inet,inet)",
	">>=": "network_supeq(inet,inet)",
	"@":   "float4abs(float4) float8abs(float8) int2abs(int2) int4abs(int4) int8abs(int8) numeric_abs(numeric)",
	"^":   "dpow(float8,float8) numeric_power(numeric,numeric)",
	"|":   "bitor(bit,bit) inetor(inet,inet) int2or(int2,int2) int4or(int4,int4) int8or(int8,int8) macaddr_or(macaddr,macaddr)",
	"|/":  "dsqrt(float8)",
	"||":  "bitcat(varbit,varbit) byteacat(bytea,bytea) textcat(text,text)",
	"||/": "dcbrt(float8)",
	"~": "bitnot(bit) bpcharregexeq(bpchar,text) inetnot(inet) int2not(int2) int4not(int4) int8not(int8) macaddr_not(macaddr) " +
		"nameregexeq(name,text) textregexeq(text,text)",
	"~*":   "bpcharicregexeq(bpchar,text) nameicregexeq(name,text) texticregexeq(text,text)",
	"~<=~": "text_pattern_le(text,text)",
	"~<~":  "text_pattern_lt(text,text)",
	"~>=~": "text_pattern_ge(text,text)",
	"~>~":  "text_pattern_gt(text,text)",
	"~~":   "bpcharlike(bpchar,text) bytealike(bytea,bytea) namelike(name,text) textlike(text,text)",
	"~~*":  "bpchariclike(bpchar,text) nameiclike(name,text) texticlike(text,text)",
}

// operatorFuncs makes the functions that stand for operators of the operators themselves.
func operatorFuncs(fs []*Func) []*Func {
	var out []*Func
	for _, f := range fs {
		for _, def := range strings.Fields(operatorNames[f.Name]) {
			name, list, _ := strings.Cut(strings.TrimSuffix(def, ")"), "(")
			if list != argList(f) {
				continue
			}
			g := *f
			g.Name, g.Doc = name, "the operator "+f.Name
			out = append(out, &g)
		}
	}
	return out
}

func argList(f *Func) string {
	names := make([]string, len(f.Args))
	for i, t := range f.Args {
		names[i] = t.Info().Name
	}
	return strings.Join(names, ",")
}
