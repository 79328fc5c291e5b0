package engine

import (
	"strconv"
	"strings"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/internal/sqlerr"
	"github.com/streamsqld/streamsqld/sql/ast"
)

// storageParam is a storage parameter of PostgreSQL's tables and indexes. They are checked, kept and shown, and have no effect here.
type storageParam struct {
	name     string
	of       string   // the access methods that know it, or "column"
	kind     string   // "bool", "int", "float" or "enum"
	min, max float64  // of numbers
	words    []string // of an enum
}

var storageParamTable = []storageParam{
	{name: "fillfactor", of: "heap btree hash gist spgist", kind: "int", min: 10, max: 100},
	{name: "toast_tuple_target", of: "heap", kind: "int", min: 128, max: 8160},
	{name: "parallel_workers", of: "heap", kind: "int", max: 1024},
	{name: "user_catalog_table", of: "heap", kind: "bool"},
	{name: "vacuum_index_cleanup", of: "heap", kind: "enum", words: []string{"auto", "on", "off", "true", "false", "yes", "no", "1", "0"}},
	{name: "vacuum_truncate", of: "heap", kind: "bool"},
	{name: "log_autovacuum_min_duration", of: "heap", kind: "int", min: -1, max: 2147483647},
	{name: "autovacuum_enabled", of: "heap", kind: "bool"},
	{name: "autovacuum_vacuum_threshold", of: "heap", kind: "int", max: 2147483647},
	{name: "autovacuum_vacuum_insert_threshold", of: "heap", kind: "int", min: -1, max: 2147483647},
	{name: "autovacuum_analyze_threshold", of: "heap", kind: "int", max: 2147483647},
	{name: "autovacuum_vacuum_scale_factor", of: "heap", kind: "float", max: 100},
	{name: "autovacuum_vacuum_insert_scale_factor", of: "heap", kind: "float", max: 100},
	{name: "autovacuum_analyze_scale_factor", of: "heap", kind: "float", max: 100},
	{name: "autovacuum_vacuum_cost_delay", of: "heap", kind: "float", max: 100},
	{name: "autovacuum_vacuum_cost_limit", of: "heap", kind: "int", min: 1, max: 10000},
	{name: "autovacuum_freeze_min_age", of: "heap", kind: "int", max: 1000000000},
	{name: "autovacuum_freeze_max_age", of: "heap", kind: "int", min: 100000, max: 2000000000},
	{name: "autovacuum_freeze_table_age", of: "heap", kind: "int", max: 2000000000},
	{name: "autovacuum_multixact_freeze_min_age", of: "heap", kind: "int", max: 1000000000},
	{name: "autovacuum_multixact_freeze_max_age", of: "heap", kind: "int", min: 10000, max: 2000000000},
	{name: "autovacuum_multixact_freeze_table_age", of: "heap", kind: "int", max: 2000000000},
	{name: "deduplicate_items", of: "btree", kind: "bool"},
	{name: "buffering", of: "gist", kind: "enum", words: []string{"auto", "on", "off"}},
	{name: "fastupdate", of: "gin", kind: "bool"},
	{name: "gin_pending_list_limit", of: "gin", kind: "int", min: 64, max: 2147483647},
	{name: "pages_per_range", of: "brin", kind: "int", min: 1, max: 131072},
	{name: "autosummarize", of: "brin", kind: "bool"},
	{name: "n_distinct", of: "column", kind: "float", min: -1, max: 1.7976931348623157e308},
	{name: "n_distinct_inherited", of: "column", kind: "float", min: -1, max: 1.7976931348623157e308},
}

// storageParams gives old with the storage parameters of a WITH or SET; of is the access method, or "column". Errors: 22023.
func storageParams(old catalog.Options, opts []ast.Option, of string) (catalog.Options, error) {
	for _, o := range opts {
		key := o.Key
		if of == "heap" {
			key = strings.TrimPrefix(key, "toast.")
		}
		if key == "oids" && of == "heap" {
			if v, _ := boolean(o.Value); v == "on" || !o.HasValue {
				return nil, sqlerr.New(sqlerr.FeatureNotSupported, "tables declared WITH OIDS are not supported")
			}
			continue
		}
		p := findParam(key, of)
		if p == nil {
			return nil, unknownParam(o, of)
		}
		value := o.Value
		if !o.HasValue {
			value = "true"
		}
		if err := p.check(value); err != nil {
			return nil, err
		}
		if key == o.Key { // those of toast tables are nowhere to be seen
			old = old.With(key, value)
		}
	}
	return old, nil
}

func findParam(key, of string) *storageParam {
	for i := range storageParamTable {
		p := &storageParamTable[i]
		for _, m := range strings.Fields(p.of) {
			if p.name == key && m == of {
				return p
			}
		}
	}
	return nil
}

func unknownParam(o ast.Option, of string) error {
	err := sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized parameter %q", o.Key)
	if of == "heap" {
		return err.WithHint("An input with a connector is a stream: CREATE STREAM.")
	}
	return err
}

func (p *storageParam) check(value string) error {
	var n float64
	switch p.kind {
	case "bool":
		if _, err := boolean(value); err != nil {
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for boolean option %q: %s", p.name, value)
		}
		return nil
	case "enum":
		for _, w := range p.words {
			if strings.EqualFold(w, value) {
				return nil
			}
		}
		return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for enum option %q: %s", p.name, value).WithDetail(`Valid values are "on", "off", and "auto".`)
	case "int":
		i, err := strconv.ParseInt(value, 10, 32)
		if err != nil {
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for integer option %q: %s", p.name, value)
		}
		n = float64(i)
	default:
		var err error
		if n, err = strconv.ParseFloat(value, 64); err != nil {
			return sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for floating point option %q: %s", p.name, value)
		}
	}
	if n >= p.min && n <= p.max {
		return nil
	}
	verb := 'f'
	places := 6
	if p.kind == "int" {
		places = 0
	}
	return sqlerr.New(sqlerr.InvalidParameterValue, "value %s out of bounds for option %q", value, p.name).
		WithDetail("Valid values are between \"%s\" and \"%s\".", strconv.FormatFloat(p.min, byte(verb), places, 64), strconv.FormatFloat(p.max, byte(verb), places, 64))
}

// withoutParams is old without the parameters that RESET names.
func withoutParams(old catalog.Options, opts []ast.Option) (catalog.Options, error) {
	var out catalog.Options
	for _, o := range opts {
		if o.HasValue {
			return nil, sqlerr.New(sqlerr.SyntaxError, "RESET must not include values for parameters")
		}
	}
	for _, have := range old {
		gone := false
		for _, o := range opts {
			gone = gone || o.Key == have.Key
		}
		if !gone {
			out = append(out, have)
		}
	}
	return out, nil
}
